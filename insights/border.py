"""The privacy border: nothing enters the lake before it has been redacted, linked by keyed hash, and dated for removal.

Takes items as sources give them and returns frames of the contracts, with what was refused set apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, Self

import pandas as pd

from insights.advisers import shown_team, team_sizes
from insights.keys import KeyRing
from insights.language import LANGUAGES, detect
from insights.privacy.log import Erased, ErasureLog
from insights.redaction import residual_scan
from insights.redaction.known import name_hash, name_words
from insights.retention import TRANSCRIPTS, Policy, load_policy
from insights.settings import Settings
from insights.sources.base import KEY_PREFIX, ROW_PREFIX, Item, RawRecord, feedback_id

if TYPE_CHECKING:
    from insights.ledger import Ledger

_NEVER = datetime.min.replace(tzinfo=UTC)


class Redacts(Protocol):
    """What the border needs of a redactor."""

    def redact(
        self, texts: Sequence[str | None], languages: Sequence[str], known: Sequence[frozenset[str]] | None = None
    ) -> list[Any]: ...


@dataclass(frozen=True)
class Rejected:
    """A row for quarantine."""

    source_id: str
    reason: str
    detail: str
    record: RawRecord


@dataclass
class BorderBatch:
    """Frames ready for the lake, and what is not."""

    feedback: pd.DataFrame
    answer: pd.DataFrame
    turn: pd.DataFrame
    rejected: list[Rejected] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)  # feedback the source has taken out
    withdrawn: list[str] = field(default_factory=list)  # feedback whose consent is refused by now
    n_refused: int = 0
    n_erased: int = 0  # of people who have been erased: an old export brings nobody back
    n_redacted: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Border:
    """The border of one run; `Border.of` makes it from the ledger.

    `customers_of` finds customer ids by e-mail or phone, `names_of` the hashed words of customers' names; `ingested_at`
    is the wall clock.
    """

    settings: Settings
    keys: KeyRing
    redactor: Redacts
    customers_of: Callable[[Sequence[str]], Mapping[str, str]]
    ingested_at: datetime
    names_of: Callable[[Sequence[str]], Mapping[str, frozenset[str]]] = lambda _: {}

    @classmethod
    def of(cls, ledger: Ledger, settings: Settings, redactor: Redacts, ingested_at: datetime) -> Self:
        """The border that asks this ledger who is who."""
        return cls(settings, ledger.keys, redactor, ledger.customers_of, ingested_at, ledger.names_of)

    @cached_property
    def policy(self) -> Policy:
        """How long rows are kept."""
        return load_policy(self.settings)

    @cached_property
    def team_sizes(self) -> Mapping[str, int]:
        """Advisers by team: a small team is never named."""
        return team_sizes(self.settings.reference_dir)

    def pass_items(self, source: str, items: Sequence[tuple[Item, RawRecord]], seen: Counter[str]) -> BorderBatch:
        """Redact, pseudonymise and date a batch, one row a feedback. `seen` counts rows without an id over the file.

        Of several versions of one feedback the last stays. A call or chat whose recording was refused leaves a row
        without words; any other item without consent leaves nothing, nor does what an erased person said before their
        erasure. All are counted.
        """
        pairs = self._latest(source, items, seen)
        deleted = [key for key, (item, _) in pairs.items() if item.deleted]
        wanted = {key: pair for key, pair in pairs.items() if not pair[0].deleted}
        withdrawn = [key for key, (item, _) in wanted.items() if item.feedback.get("consent") == "no"]
        kept = {key: (_wordless(item), record) for key, (item, record) in wanted.items() if _may_stay(item)}
        known = self.customers_of([value for item, _ in kept.values() for value in (*item.emails, *item.phones)])
        erased = ErasureLog(self.keys).erased()
        gone = {key for key, (item, _) in kept.items() if self._is_erased(key, item, known, erased)}
        kept = {key: pair for key, pair in kept.items() if key not in gone}
        feedback = [self._feedback_row(source, key, item, known) for key, (item, _) in kept.items()]
        turns = [{"feedback_id": key, **turn} for key, (item, _) in kept.items() for turn in item.turns]
        n_redacted = self._redact(feedback, turns, self._names(feedback, [item for item, _ in kept.values()]))
        batch = BorderBatch(
            pd.DataFrame(feedback),
            pd.DataFrame(_answer_rows(feedback, [item for item, _ in kept.values()])),
            pd.DataFrame(turns),
            deleted=deleted,
            withdrawn=withdrawn,
            n_refused=len(withdrawn),
            n_erased=len(gone),
            n_redacted=n_redacted,
        )
        return _without_residue(batch, {key: record for key, (_, record) in kept.items()})

    def _latest(
        self, source: str, items: Sequence[tuple[Item, RawRecord]], seen: Counter[str]
    ) -> dict[str, tuple[Item, RawRecord]]:
        """The items by feedback_id; of several versions of one the last revised, the first where none says."""
        found: dict[str, tuple[Item, RawRecord]] = {}
        for item, record in items:
            key = feedback_id(source, self._source_id(item, seen))
            known = found.get(key)
            if known is None or item.deleted or (not known[0].deleted and _revised(item) > _revised(known[0])):
                found[key] = (item, record)
        return found

    def _source_id(self, item: Item, seen: Counter[str]) -> str:
        if not item.source_id.startswith((KEY_PREFIX, ROW_PREFIX)):
            return item.source_id
        hashed = self.keys.row_hash(item.source_id)
        if item.source_id.startswith(KEY_PREFIX):
            return hashed
        seen[hashed] += 1
        return f"{hashed}-{seen[hashed]}"

    def _feedback_row(self, source: str, key: str, item: Item, known: Mapping[str, str]) -> dict[str, Any]:
        row = dict(item.feedback)
        anonymous = bool(row.get("anonymous"))
        customer = None if anonymous or row["kind"] == "employee" else _customer(item, known)
        country = row.get("country") or self.settings.country
        today = self.settings.business_day()
        return row | {
            "feedback_id": key,
            "source": source,
            "source_id": self._kept_source_id(item, key),
            "customer_id": customer,
            "author_key": self.keys.lasting_hash(f"{source}:{item.author}") if item.author else None,
            "available_basis": row.get("available_basis") or "source",
            "ingested_at": self.ingested_at,
            "retention_until": self.policy.until(row, source, country, customer is not None, today),
            "country": country,
            "consent": row.get("consent") or "not_asked",
            "recontact": row.get("recontact") or "not_asked",
            "anonymous": anonymous,
            "revised_at": row.get("revised_at"),
            "agent_team": shown_team(row.get("agent_team"), self.team_sizes, self.settings.min_advisers),
        }

    def _is_erased(self, key: str, item: Item, known: Mapping[str, str], erased: Erased) -> bool:
        """Whether an erased person said this on or before the day of their erasure."""
        if not erased:
            return False
        if erased.has_feedback(key):
            return True
        customer = _customer(item, known)
        days = (customer and erased.customer_day(customer), erased.identity_day((*item.emails, *item.phones)))
        said: date = item.feedback["occurred_at"].date()
        return any(day and said <= day for day in days)

    def _names(self, feedback: Sequence[Mapping[str, Any]], items: Sequence[Item]) -> dict[str, frozenset[str]]:
        """Hashed words of the names that belong to each feedback: the customer's in the CRM, and what the item says."""
        by_customer = self.names_of([row["customer_id"] for row in feedback if row["customer_id"]])
        given = [name for item in items for name in item.names]
        hashes = {name: {name_hash(self.keys.name_key(), word) for word in name_words(name)} for name in given}
        return {
            row["feedback_id"]: by_customer.get(row["customer_id"], frozenset()).union(
                *(hashes[name] for name in item.names)
            )
            for row, item in zip(feedback, items, strict=True)
        }

    def _kept_source_id(self, item: Item, key: str) -> str:
        return key if item.source_id.startswith((KEY_PREFIX, ROW_PREFIX)) else item.source_id

    def _redact(
        self, feedback: list[dict[str, Any]], turns: list[dict[str, Any]], names: Mapping[str, frozenset[str]]
    ) -> Counter[str]:
        """Replace every text in place by its redacted form and set each feedback's language."""
        spoken: dict[str, str] = {}
        for turn in turns:  # where no role is known there is no verbatim, and still a language
            spoken[turn["feedback_id"]] = f"{spoken.get(turn['feedback_id'], '')} {turn['text'] or ''}"
        with_turns = spoken.keys()
        languages = dict(
            zip(
                (row["feedback_id"] for row in feedback),
                detect(
                    [row.get("verbatim") or spoken.get(row["feedback_id"], "") for row in feedback],
                    default=self.settings.language,
                ),
                strict=True,
            )
        )
        languages |= {row["feedback_id"]: row["language"] for row in feedback if row.get("language") in LANGUAGES}
        own = [row for row in feedback if row["feedback_id"] not in with_turns]
        texts = [row.get("verbatim") for row in own] + [turn["text"] for turn in turns]
        of = [languages[row["feedback_id"]] for row in own] + [languages[turn["feedback_id"]] for turn in turns]
        known = [names[row["feedback_id"]] for row in (*own, *turns)]
        results = self.redactor.redact(texts, of, known) if any(known) else self.redactor.redact(texts, of)
        for row, result in zip([*own, *turns], results, strict=True):
            row["text" if "turn_no" in row else "verbatim"] = result.text
        said: dict[str, list[str]] = {}
        for turn in turns:
            if turn["speaker"] == "customer" and turn["text"]:
                said.setdefault(turn["feedback_id"], []).append(turn["text"])
        for row in feedback:
            row["language"] = languages[row["feedback_id"]] if row.get("verbatim") else "und"
            if row["feedback_id"] in with_turns:
                row["verbatim"] = "\n".join(said.get(row["feedback_id"], [])) or None
        return sum((Counter(result.counts) for result in results), Counter())


def _customer(item: Item, known: Mapping[str, str]) -> str | None:
    """The customer the item names, else the one its e-mail or phone belongs to."""
    given = (known[value] for value in (*item.emails, *item.phones) if value in known)
    return item.feedback.get("customer_id") or next(given, None)


def _revised(item: Item) -> datetime:
    return item.feedback.get("revised_at") or _NEVER


def _may_stay(item: Item) -> bool:
    return item.feedback.get("consent") != "no" or item.feedback.get("kind") in TRANSCRIPTS


def _wordless(item: Item) -> Item:
    """The item, without a word of it where recording was refused."""
    if item.feedback.get("consent") != "no":
        return item
    return replace(item, feedback={**item.feedback, "verbatim": None}, turns=(), answers=())


def _answer_rows(feedback: Sequence[Mapping[str, Any]], items: Sequence[Item]) -> list[dict[str, Any]]:
    shared = ("feedback_id", "occurred_at", "available_at", "customer_id")
    return [
        {"touchpoint": row.get("touchpoint"), **answer, **{name: row.get(name) for name in shared}}
        for row, item in zip(feedback, items, strict=True)
        for answer in item.answers
    ]


def _without_residue(batch: BorderBatch, records: Mapping[str, RawRecord]) -> BorderBatch:
    """Set apart every feedback in which the residual scan still finds an identifier: it stays out of the lake."""
    if batch.feedback.empty:
        return batch
    texts = [text if isinstance(text, str) else "" for text in batch.feedback["verbatim"]]
    ids = list(batch.feedback["feedback_id"])
    if not batch.turn.empty:
        texts += list(batch.turn["text"])
        ids += list(batch.turn["feedback_id"])
    found = {ids[finding.row]: finding.entity for finding in residual_scan(texts)}
    for key, entity in found.items():
        detail = f"the residual scan still finds {entity} after redaction"
        batch.rejected.append(Rejected(key, "residual_personal_data", detail, records[key]))
    for name in ("feedback", "answer", "turn"):
        frame = getattr(batch, name)
        if found and not frame.empty:
            setattr(batch, name, frame[~frame["feedback_id"].isin(found)])
    return batch
