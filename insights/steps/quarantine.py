"""Quarantine: what the border refused, and a second try once its cause was mended. Trying twice changes no count.

A row that gets through leaves the quarantine in the transaction that brings it into the lake; one that fails again
stays, with the reason of today and the day of removal it always had.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from insights.border import Border
from insights.errors import LakeError, LedgerError, SourceError
from insights.keys import KeyRing
from insights.lake import Lake, Writer
from insights.ledger import Ledger
from insights.redaction import Redactor
from insights.settings import Settings
from insights.sources.base import RecordSource, registry
from insights.sources.tables import TableSource
from insights.sources.tables_query import source_of
from insights.steps.quarantine_read import Again, Row, through_border, through_table
from insights.steps.redacting import redactor_for
from insights.steps.run_log import recorded
from insights.steps.screen import screen

RETRIED = "quarantine.retried"
STEPS = ("open", "read", "write")
Tell = Callable[[str], None]
CHOSEN = """
SELECT * FROM quarantine
WHERE source = $source AND ($reason = '' OR reason = $reason)
    AND (len($ids::VARCHAR[]) = 0 OR source_id IN (SELECT unnest($ids::VARCHAR[])))
ORDER BY file, line, source_id, reason
"""
OF_FILES = "SELECT * FROM quarantine WHERE source = $source AND file IN (SELECT unnest($files::VARCHAR[]))"
BATCHES = """
SELECT source, reason, count(*) AS n, count(DISTINCT file) AS n_files, min(detail) AS detail,
    min(seen_at) AS first_at, max(seen_at) AS last_at, min(expires_on) AS expires_on
FROM quarantine GROUP BY source, reason ORDER BY n DESC, source, reason
"""


@dataclass
class Retried:
    """What a second try gave: rows asked, through, and refused again; what came of those that got through."""

    source: str
    n_asked: int = 0
    n_through: int = 0
    n_new: int = 0
    again: dict[str, int] = field(default_factory=dict)  # rows refused again, by reason

    @property
    def n_again(self) -> int:
        return self.n_asked - self.n_through

    def sentence(self) -> str:
        """One line for people."""
        told = f"{self.source}: {self.n_asked} tried again, {self.n_through} through ({self.n_new} new in the lake)"
        why = ", ".join(f"{reason} {n}" for reason, n in sorted(self.again.items()))
        return f"{told}, {self.n_again} stay: {why}" if why else told


def batches(lake: Lake) -> pd.DataFrame:
    """What waits, one row a source and reason: n, n_files, detail, first_at, last_at, expires_on (the first to go)."""
    return lake.read(BATCHES)


def retry(
    lake: Lake,
    ledger: Ledger,
    source: str,
    *,
    actor: str,
    reason: str = "",
    source_ids: Sequence[str] = (),
    mapping: Path | None = None,
    tell: Tell = lambda _step: None,
) -> Retried:
    """Try the rows of a source again: all of them, those of one reason, or some by id. Recorded with who asked.

    Equal rows of one file are tried together, as they are told apart by their order. `tell` hears each of STEPS.
    Raises SourceError where nothing waits, or where no source reads these rows any more.
    """
    tell("open")
    rows = _chosen(lake, ledger.keys, source, reason, source_ids)
    reader = reader_of(lake.settings, source, mapping)
    told = Retried(source, len(rows))
    with recorded(lake, f"retry-{uuid.uuid4()}", "retry") as report:
        _try_again(lake, ledger, reader, rows, told, tell)
        report.n_in, report.n_out, report.n_quarantined = told.n_asked, told.n_through, told.n_again
        report.note = {"source": source, "reason": reason}
    if isinstance(reader, RecordSource):
        screen(lake)
    payload = {"reason": reason, "n_asked": told.n_asked, "n_through": told.n_through, "again": told.again}
    key = f"{RETRIED}:{report.run_id}"
    ledger.append(RETRIED, source, payload, actor=actor, at=lake.settings.business_now(), key=key)
    return told


def _try_again(
    lake: Lake, ledger: Ledger, reader: RecordSource | TableSource, rows: list[Row], told: Retried, tell: Tell
) -> None:
    settings = lake.settings
    if isinstance(reader, TableSource):
        border = Border.of(ledger, settings, Redactor(settings.brands), datetime.now(UTC))  # it only seals
        tell("read")
        again = through_table(ledger, border, reader, rows)
        tell("write")
        with lake.write() as writer:
            _leave(writer, rows, again.frame)
            told.n_new += writer.insert_new(reader.table, again.table)
    else:
        with redactor_for(ledger, settings) as redactor:
            border = Border.of(ledger, settings, redactor, datetime.now(UTC))
            tell("read")
            again = through_border(ledger, border, reader, rows)
        tell("write")
        with lake.write() as writer:
            _leave(writer, rows, again.frame)
            told.n_new += again.write(writer, border, reader.name)
    told.n_through, told.again = _counted(rows, again)


def _counted(rows: Sequence[Row], again: Again) -> tuple[int, dict[str, int]]:
    reasons: dict[str, int] = {}
    for reason in again.failed.values():
        reasons[reason] = reasons.get(reason, 0) + 1
    return len(rows) - len(again.failed), reasons


def _leave(writer: Writer, rows: Iterable[Row], again: pd.DataFrame) -> None:
    """Take the rows out and put those back that failed. Raises LakeError when one has left meanwhile: nothing is written."""
    for row in rows:
        same = "source = $source AND source_id = $source_id AND reason = $reason"
        key = {"source": row.source, "source_id": row.source_id, "reason": row.reason}
        if not writer.execute(f"SELECT count(*) FROM quarantine WHERE {same}", **key)[0][0]:
            raise LakeError("Some of these rows left the quarantine meanwhile: nothing was changed. Look again.")
        writer.execute(f"DELETE FROM quarantine WHERE {same}", **key)
    writer.insert_new("quarantine", again)


def _chosen(lake: Lake, keys: KeyRing, source: str, reason: str, ids: Sequence[str]) -> list[Row]:
    """The rows asked for and, of the same files, the rows equal to one of them."""
    asked = lake.read(CHOSEN, source=source, reason=reason, ids=list(ids))
    if asked.empty:
        raise SourceError(f"Nothing of {source!r} waits in quarantine with this reason or id.")
    beside = lake.read(OF_FILES, source=source, files=sorted(set(asked["file"].dropna())))
    opened = [_opened(keys, told) for told in asked.to_dict("records")]
    wanted = {(row.file, json.dumps(row.data, sort_keys=True, default=str)) for row in opened}
    known = {row.key for row in opened}
    for told in beside.to_dict("records"):
        row = _opened(keys, told)
        if row.key not in known and (row.file, json.dumps(row.data, sort_keys=True, default=str)) in wanted:
            opened.append(row)
    return sorted(opened, key=lambda row: (row.file, row.line, row.source_id))


def _opened(keys: KeyRing, told: Mapping[Any, Any]) -> Row:
    try:
        data = json.loads(keys.unseal(str(told["raw_encrypted"])))
    except (LedgerError, ValueError) as error:
        place = f"{told['file']}, line {told['line']}"
        raise SourceError(f"{place}: the kept row cannot be opened, so it cannot be tried again.") from error
    return Row(
        str(told["source"]), str(told["source_id"]), str(told["reason"]), str(told["file"] or ""),
        int(told["line"] or 0), data, told["seen_at"], told["expires_on"],
    )  # fmt: skip


def reader_of(settings: Settings, source: str, mapping: Path | None = None) -> RecordSource | TableSource:
    """The source that reads these rows now: the given mapping, one of ours, or a mapping of the drop folder."""
    if mapping is not None:
        return source_of(mapping)
    if found := registry().get(source):
        return found
    for path in sorted(settings.drop_dir.glob("*/mapping.yaml")):
        try:
            one = source_of(path)
        except SourceError:
            continue
        if one.name == source:
            return one
    raise SourceError(
        f"No source and no mapping of {settings.drop_dir} is called {source!r}: put its mapping.yaml there, or run "
        f"`voc quarantine retry {source} --mapping FILE`."
    )
