"""Kept raw rows read again, by the source as it is today: what passes, and what is refused once more."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd

from insights.border import Border, BorderBatch, Rejected
from insights.contracts import BY_NAME
from insights.errors import RowError, SetAside, SourceError
from insights.lake import Writer
from insights.ledger import Ledger
from insights.ledger.inbox import event_key_of
from insights.sources.base import Item, RawRecord, RecordSource
from insights.sources.options import NO_OPTIONS, Options, load_options
from insights.sources.tables import TableSource, convert, day_in
from insights.steps.files import FileReport
from insights.steps.hot import BAD_SHAPE, with_event_id
from insights.steps.ingest import lawful, parse_all, quarantine_rows, write_batch

HOOK = "hook-"  # how files of posted events are named
EVENT_REFUSED, PAYLOAD = "event_refused", "payload"
Key = tuple[str, str, str]
Place = tuple[str, int]  # file and line


@dataclass(frozen=True)
class Row:
    """One row of the quarantine, opened. `data`: the raw record, or the whole body of a refused event."""

    source: str
    source_id: str
    reason: str
    file: str
    line: int
    data: Any
    seen_at: Any
    expires_on: Any

    @property
    def key(self) -> Key:
        return self.source, self.source_id, self.reason

    @property
    def body(self) -> Any:
        """The body of an event that was refused as a whole; None for a row of its own."""
        if self.reason == EVENT_REFUSED:
            return self.data
        whole = self.file.startswith(HOOK) and isinstance(self.data, dict) and set(self.data) == {PAYLOAD}
        return self.data[PAYLOAD] if whole else None


@dataclass
class Again:
    """A second reading. `failed`: rows refused once more with today's reason; `frame`: how they go back."""

    failed: dict[Key, str] = field(default_factory=dict)
    frame: pd.DataFrame = field(default_factory=pd.DataFrame)
    batches: list[BorderBatch] = field(default_factory=list)
    table: pd.DataFrame = field(default_factory=pd.DataFrame)

    def write(self, writer: Writer, border: Border, source: str) -> int:
        """Write what passed, in an open transaction; returns the feedback that is new in the lake."""
        report = FileReport("quarantine", source)
        for batch in self.batches:
            write_batch(writer, border, source, batch, report)
        return report.n_new


def through_border(ledger: Ledger, border: Border, source: RecordSource, rows: Sequence[Row]) -> Again:
    """Rows of feedback through today's parsing and the border, file by file as they came. Writes nothing."""
    options = load_options(border.settings.reference_dir).get(source.name, NO_OPTIONS)
    again = Again()
    rejected: list[tuple[Row, Rejected]] = []
    for file, of_file in groupby(rows, key=lambda row: row.file):
        batch, refused = _file(ledger, border, source, options, file, list(of_file))
        again.batches.append(batch)
        rejected += refused
    _note(again, border, source.name, rejected)
    return again


def _file(
    ledger: Ledger, border: Border, source: RecordSource, options: Options, file: str, rows: Sequence[Row]
) -> tuple[BorderBatch, list[tuple[Row, Rejected]]]:
    owner: dict[Place, Row] = {}
    rejected: list[Rejected] = []
    records: list[RawRecord] = []
    for row in rows:
        found, refused = _records(source, row)
        records += found
        rejected += refused
        owner |= {(one.file, one.line): row for one in found} | {
            (one.record.file, one.record.line): row for one in refused
        }
    items, refused, _aside = parse_all(source, records, options)
    batch = border.pass_items(source.name, list(_identified(ledger, source, file, items)), Counter())
    rejected += [*refused, *batch.rejected]
    batch.rejected = []
    return batch, [(owner[one.record.file, one.record.line], one) for one in rejected]


def _records(source: RecordSource, row: Row) -> tuple[list[RawRecord], list[Rejected]]:
    """The raw records in a row: itself, or those of a posted body."""
    if row.body is None:
        return [RawRecord(row.file, row.line, row.data)], []
    whole = RawRecord(row.file, row.line, {PAYLOAD: row.body})
    if source.hook is None:
        raise SourceError(f"There is no webhook source {source.name!r} any more: these events cannot be read.")
    try:
        found = source.hook.records(row.body)
        return [RawRecord(row.file, line, data) for line, data in enumerate(found, start=1)], []
    except SetAside:
        return [], []
    except RowError as error:
        code, _, detail = str(error).partition(": ")
        return [], [Rejected(row.source_id, code, detail, whole)]
    except BAD_SHAPE as error:
        return [], [Rejected(row.source_id, "bad_shape", type(error).__name__, whole)]


def _identified(
    ledger: Ledger, source: RecordSource, file: str, items: Sequence[tuple[Item, RawRecord]]
) -> Iterator[tuple[Item, RawRecord]]:
    """The items; those of an event without an id of their own take the event's, as on the day they were posted."""
    if not file.startswith(HOOK):
        yield from items
        return
    prefix = file.removeprefix(HOOK)
    event_key = event_key_of(ledger, source.name, prefix) or prefix
    yield from ((with_event_id(item, event_key, record), record) for item, record in items)


def _note(again: Again, border: Border, source: str, rejected: Sequence[tuple[Row, Rejected]]) -> None:
    """Keep what failed, sealed anew, with the days it had: a second try never makes a row stay longer."""
    frames = [
        quarantine_rows(border, source, [one]).assign(seen_at=row.seen_at, expires_on=row.expires_on)
        for row, one in rejected
    ]
    again.failed |= {row.key: one.reason for row, one in rejected}
    if frames:
        again.frame = pd.concat(frames, ignore_index=True).drop_duplicates(["source", "source_id", "reason"])


def through_table(ledger: Ledger, border: Border, source: TableSource, rows: Sequence[Row]) -> Again:
    """Rows of a table converted by today's mapping; the identities of those that pass are remembered."""
    again = Again()
    rejected: list[tuple[Row, Rejected]] = []
    good: list[pd.DataFrame] = []
    for file, group in groupby(rows, key=lambda row: row.file):
        of_file = list(group)
        raw = pd.DataFrame([_cells(row.data) for row in of_file])
        batch = convert(source, raw, file, _day(source, border, file))
        by_place = {place + 2: row for place, row in enumerate(of_file)}  # convert counts the header
        for told in batch.rejected.to_dict("records"):
            row = by_place[int(told["line"])]
            record = RawRecord(row.file, row.line, row.data)
            rejected.append((row, Rejected(row.source_id, told["reason"], told["detail"], record)))
        batch, _n_erased = lawful(batch, source.table, border)
        ledger.remember_identities(batch.identities)
        good.append(batch.rows)
    _note(again, border, source.name, rejected)
    key = list(BY_NAME[source.table].key)  # two pictures may hold the same row: the first stays, as in an ingest
    again.table = pd.concat(good, ignore_index=True).drop_duplicates(key) if good else pd.DataFrame()
    return again


def _cells(data: Any) -> dict[str, Any]:
    """The cells of a kept row: its JSON, or what a query put around it."""
    inner = data.get("row", data) if isinstance(data, dict) else data
    found = json.loads(inner) if isinstance(inner, str) else inner
    return dict(found)


def _day(source: TableSource, border: Border, file: str) -> date:
    return day_in(Path(file)) if source.as_of == "file" else border.settings.business_day()
