"""Erase one person from everything that is stored, prove it, and leave a receipt.

Every step may be done twice: after a crash anywhere, the same command goes on where it stopped. The request is written
down first (the border refuses the person from then on), the word `done` last.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from insights.errors import LedgerError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.privacy import work as works
from insights.privacy.digest_files import stale_digests
from insights.privacy.files import delete_all, dropped_with, files_with, unreadable
from insights.privacy.held import Held, counts, find
from insights.privacy.index_files import segments_with, torn
from insights.privacy.lake_rows import erase_lake_rows, quarantined
from insights.privacy.ledger_rows import ACTOR, erase_ledger_rows, pseudonym
from insights.privacy.log import DONE, REQUESTED, Entry, ErasureLog, customer_hash, feedback_hash
from insights.privacy.proof import After, Control, after, control, with_index
from insights.privacy.scrub import scrub_lake, scrub_ledger
from insights.privacy.terms import fingerprints, given
from insights.privacy.work import Work
from insights.steps.index import alone, brought_up

LOG = logging.getLogger("voc.erase")
STEPS = ("look", "control", "ledger", "lake", "files", "scrub", "after")
Tell = Callable[[str], None]
EVENT_REQUESTED, EVENT_DONE = "privacy.erasure_requested", "privacy.erased"


@dataclass(frozen=True)
class Receipt:
    """What was erased and how it was shown: counts and keyed hashes, no id and no word of the person."""

    customer: str
    requested_at: str
    finished_at: str
    erased_on: str
    lake: dict[str, int]
    ledger: dict[str, int]
    n_files: int
    snapshot_before: int
    snapshot_after: int
    terms: list[str]
    control: Control
    after: After
    warnings: list[str] = field(default_factory=list)
    path: str = ""

    @property
    def complete(self) -> bool:
        """Nothing of the person was found afterwards."""
        return self.after.n_found == 0

    @property
    def proven(self) -> bool:
        """Complete, and the same search had found every term before."""
        return self.complete and self.control.valid

    def sentences(self) -> list[str]:
        """What to tell people."""
        lines = [
            f"Lake: {_told(self.lake)}. Ledger: {_told(self.ledger)}. Files deleted: {self.n_files}.",
            f"Control search before: {self.control.n_found} of {self.control.n_required} terms found.",
            f"Search after: {self.after.n_found} of {self.after.n_terms} terms found in "
            f"{self.after.read.get('values', 0)} values, {self.after.read.get('parquet_files', 0)} Parquet files and "
            f"{self.after.read.get('raw_bytes', 0)} bytes of pages and files.",
        ]
        if not self.complete:
            lines.append(f"NOT COMPLETE: still found in {_told(self.after.places)}. Run `voc erase` again.")
        elif not self.control.valid:
            lines.append("The proof is VOID: the control search did not find every term, so nothing is claimed.")
        else:
            lines.append("Proven: everything that was found before is found nowhere now.")
        return [*lines, *self.warnings, f"Receipt: {self.path}"]


@dataclass(frozen=True)
class Preview:
    """What an erasure would take out; nothing is changed."""

    lake: dict[str, int]
    ledger: dict[str, int]
    files: list[str]

    def sentences(self) -> list[str]:
        """What to tell people."""
        return [
            f"Would leave the lake: {_told(self.lake)}.",
            f"Would leave the ledger or be rewritten: {_told(self.ledger)}.",
            f"Would be deleted: {', '.join(self.files) or 'no file'}.",
            "Nothing was changed (dry run).",
        ]


def preview(lake: Lake, ledger: Ledger, customer_id: str, extra: Iterable[str] = ()) -> Preview:
    """What `erase` would do. Raises LedgerError when nothing is held on the customer."""
    held = find(lake, ledger, customer_id)
    terms = held.terms(lake, ledger) + given(extra)
    rows = counts(lake, held)
    sealed = len(quarantined(lake, held, terms, ledger.keys))
    in_lake = rows | ({"quarantine": sealed} if sealed else {})
    in_ledger = erase_ledger_rows(ledger, held, terms, dry_run=True)
    files = [path.name for path in files_with(lake.settings, terms, ledger.keys, customer_id)]
    if not (in_lake or in_ledger or files):
        raise LedgerError(f"Nothing is held on customer {customer_id}: check the id, nothing was changed.")
    return Preview(in_lake, in_ledger, files)


def erase(
    lake: Lake,
    ledger: Ledger,
    customer_id: str,
    *,
    extra: Iterable[str] = (),
    until: date | None = None,
    more: Iterable[str] = (),
    erased_on: date | None = None,
    tell: Tell = lambda _step: None,
) -> Receipt:
    """Erase a customer. `extra`: e-mails, phones and names to search for as well.

    `until` takes out only what is dated on or before that day (a restored backup of somebody who came back); `more`
    are feedback ids known to be theirs; `erased_on` is the day of an earlier erasure that is done again. `tell` hears
    each of STEPS as it begins. Raises LedgerError when nothing is held on the customer.
    """
    tell("look")
    work = _begun(lake, ledger, customer_id, list(extra), until, list(more), erased_on or until)
    tell("control")
    if work.control is None:
        work = _kept(ledger, work, control=control(lake.settings, ledger, work.terms, customer_id))
    tell("ledger")
    rows = erase_ledger_rows(ledger, work.held, work.terms)  # first: rows that wait there must not reach the lake
    work = _kept(ledger, work, ledger_rows=_added(work.ledger_rows, rows))
    tell("lake")
    with alone(lake, lake.settings.search_dir):
        work, found = _taken_out(lake, ledger, work, tell)
    warnings = _searched_again(lake)
    if work.held.until is None:
        ledger.keys.forget(customer_id)
    return _ended(lake, ledger, work, found, warnings)


def _taken_out(lake: Lake, ledger: Ledger, work: Work, tell: Tell) -> tuple[Work, After]:
    """Rows and files are gone, and what the search after saw; nobody builds the search index meanwhile."""
    settings, customer_id = lake.settings, work.held.customer_id
    rows = erase_lake_rows(lake, work.held, work.terms, ledger.keys)
    work = _kept(ledger, work, lake_rows=_added(work.lake_rows, rows))
    tell("files")
    n_files = delete_all(files_with(settings, work.terms, ledger.keys, customer_id))
    n_files += delete_all([*unreadable(settings), *stale_digests(lake)])
    n_files += delete_all(segments_with(lake, work.held.feedback_ids))
    work = _kept(ledger, work, n_files=work.n_files + n_files)
    tell("scrub")
    scrub_lake(settings)
    scrub_ledger(ledger)
    tell("after")
    return work, searched_after(lake, ledger, work)


def searched_after(lake: Lake, ledger: Ledger, work: Work) -> After:
    """The search after: every store, and the search index by its keys, as it holds words as numbers."""
    found = after(lake.settings, ledger, work.terms, work.held.customer_id)
    return with_index(found, len(segments_with(lake, work.held.feedback_ids)))


def _searched_again(lake: Lake) -> list[str]:
    """The search of the others goes on, after a crash too; where it cannot, that is a warning and no failed erasure."""
    folder = lake.settings.search_dir
    if not torn(folder):
        return []
    try:
        brought_up(lake, folder)
    except Exception as error:
        LOG.exception("the search index was not brought up")
        return [f"The search is slow until the next run: its index could not be written ({type(error).__name__})."]
    return []


def _begun(
    lake: Lake,
    ledger: Ledger,
    customer_id: str,
    extra: list[str],
    until: date | None,
    more: list[str],
    erased_on: date | None,
) -> Work:
    """The work that a crash left, with what has come since; or a new one, written down before anything else."""
    left = works.load(ledger.keys, customer_id)
    if left:
        until, more = left.held.until, [*left.held.feedback_ids, *more]
    elif not more:
        preview(lake, ledger, customer_id, extra)
    held = find(lake, ledger, customer_id, until=until, more=more)
    terms = (*(left.terms if left else ()), *held.terms(lake, ledger), *given(extra))
    if left:
        held = _joined(left.held, held)
        work = replace(left, held=held, terms=tuple(dict.fromkeys(terms)))
    else:
        day = (erased_on or lake.settings.business_day()).isoformat()
        work = Work(held, tuple(dict.fromkeys(terms)), datetime.now(UTC).isoformat(), day, lake.snapshot_id())
    works.save(ledger.keys, work)
    _log(ledger, work, REQUESTED)
    _event(ledger, work, EVENT_REQUESTED, {})
    return work


def _joined(before: Held, now: Held) -> Held:
    names = ("feedback_ids", "source_ids", "mention_ids", "text_shas", "identities", "texts")
    both: dict[str, Any] = {name: tuple(dict.fromkeys((*getattr(before, name), *getattr(now, name)))) for name in names}
    return replace(before, **both)


def _kept(ledger: Ledger, work: Work, **changes: Any) -> Work:
    changed = replace(work, **changes)
    works.save(ledger.keys, changed)
    return changed


def _ended(lake: Lake, ledger: Ledger, work: Work, found: After, warnings: list[str]) -> Receipt:
    """The receipt, and the word done when nothing was left."""
    keys, settings = ledger.keys, lake.settings
    dropped = dropped_with(settings, work.terms, keys, work.held.customer_id)
    if dropped:
        warnings = [f"Still in your own drop folder, delete it there: {', '.join(dropped)}.", *warnings]
    if work.control is None:
        raise LedgerError("The erasure has no control search: run `voc erase` again.")
    told = Receipt(
        pseudonym(keys, work.held.customer_id), work.requested_at, datetime.now(UTC).isoformat(), work.erased_on,
        work.lake_rows or {}, work.ledger_rows or {}, work.n_files, work.snapshot_before, lake.snapshot_id(),
        fingerprints(work.terms, keys), work.control, found, warnings,
    )  # fmt: skip
    receipt = replace(told, path=str(_written(settings.out_dir / "erasures", told)))
    if receipt.complete:
        digest = hashlib.sha256(Path(receipt.path).read_bytes()).hexdigest()
        _event(ledger, work, EVENT_DONE, {"receipt_sha256": digest, "proven": receipt.proven})
        _log(ledger, work, DONE, digest)
        works.path_of(keys, work.held.customer_id).unlink(missing_ok=True)
    return receipt


def _written(folder: Path, receipt: Receipt) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    stamp = receipt.requested_at[:19].replace(":", "")
    path = folder / f"{stamp}-{receipt.customer}.json"
    told = asdict(receipt) | {"complete": receipt.complete, "proven": receipt.proven}
    del told["path"]
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def _log(ledger: Ledger, work: Work, state: str, receipt: str = "") -> None:
    keys, held = ledger.keys, work.held
    ErasureLog(keys).append(
        Entry(
            customer_hash(keys, held.customer_id),
            state,
            datetime.now(UTC).isoformat(),
            work.erased_on,
            tuple(feedback_hash(keys, one) for one in held.feedback_ids),
            held.identities,
            receipt,
        )
    )


def _event(ledger: Ledger, work: Work, kind: str, payload: dict[str, Any]) -> None:
    subject = pseudonym(ledger.keys, work.held.customer_id)
    key = f"{kind}:{subject}:{work.requested_at}"
    ledger.append(kind, subject, payload, actor=ACTOR, at=datetime.fromisoformat(work.requested_at), key=key)


def _added(before: dict[str, int] | None, now: dict[str, int]) -> dict[str, int]:
    return {name: (before or {}).get(name, 0) + now.get(name, 0) for name in sorted({*(before or {}), *now})}


def _told(rows: dict[str, int]) -> str:
    return ", ".join(f"{name} {n}" for name, n in rows.items()) or "nothing"
