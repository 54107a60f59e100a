"""The lake and the ledger as they stood at one instant, whatever is written meanwhile."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from insights.irritants.now import VIEW, Sight, sight
from insights.irritants.registry import Registry, fold
from insights.lake import Lake
from insights.lake.connect import ALIAS
from insights.lake.lake import Reader
from insights.ledger import Ledger
from insights.ledger.ledger import Event
from insights.ledger.placements import placements
from insights.steps.resolved import KINDS
from insights.steps.window import analysis_day

KNOWN_BY = {
    "feedback": "feedback_id NOT IN ({late})",
    "turn": "feedback_id NOT IN ({late})",
    "mention": "feedback_id NOT IN ({late})",
    "mention_irritant": "mention_id NOT IN (SELECT mention_id FROM {mention} WHERE feedback_id IN ({late}))",
}  # which rows of a table were known before the feedback that is too late


@dataclass(frozen=True)
class Pins:
    """What a computing rests on: a snapshot of the lake, the last event of the ledger, the business instant and day.

    `known_until`: feedback ingested later is not seen, whichever snapshot is read.
    """

    snapshot_id: int
    ledger_version: int
    at: datetime
    day: date
    known_until: datetime | None = None


def pins_now(lake: Lake, ledger: Ledger) -> Pins:
    """Where lake and ledger stand now."""
    snapshot, last = lake.snapshot_id(), lake.scalar("SELECT max(ingested_at) FROM feedback")
    return Pins(snapshot, ledger.version(), lake.settings.business_now(), analysis_day(lake), last)


def events_until(ledger: Ledger, pins: Pins, kinds: Sequence[str]) -> list[Event]:
    """Events of these kinds up to the pin."""
    return [event for event in ledger.events(kinds) if event.event_id <= pins.ledger_version]


def registry_at(ledger: Ledger, pins: Pins) -> Registry:
    """The registry at the pin."""
    return fold(events_until(ledger, pins, KINDS))


@dataclass(frozen=True)
class PinnedReader(Reader):
    """Reads of one snapshot. Each query sees the tables it names as that snapshot held them."""

    tables: tuple[str, ...] = ()
    snapshot_id: int = field(default=0)
    known_until: datetime | None = None

    def read_arrow(self, sql: str, **params: Any) -> pa.Table:
        """All rows of a query, as `Lake.read_arrow`."""
        return self.lake._answer(sql, params, self._sight(sql))

    def scalar(self, sql: str, **params: Any) -> Any:
        """First value of the first row."""
        return self.lake._answer(sql, params, self._sight(sql)).column(0)[0].as_py()

    def _sight(self, sql: str) -> Sight:
        """The views a query needs: making one takes longer than reading a small table."""
        views = self.sight.views if VIEW in sql else ()
        named = [name for name in self.tables if re.search(rf"\b{name}\b", " ".join((sql, *views)))]
        past = (f'CREATE TEMP VIEW "{name}" AS SELECT * FROM {self._then(name)}{self._known(name)}' for name in named)
        return replace(self.sight, tables=self.sight.tables if views else {}, views=(*past, *views))

    def _then(self, name: str) -> str:
        return f'{ALIAS}."{name}" AT (VERSION => {self.snapshot_id})'

    def _known(self, name: str) -> str:
        """What was known at the pin: of later feedback neither the row nor its clauses."""
        if self.known_until is None or name not in KNOWN_BY:
            return ""
        late = f"SELECT feedback_id FROM {self._then('feedback')} WHERE ingested_at > '{self.known_until.isoformat()}'"
        return f" WHERE {KNOWN_BY[name].format(late=late, mention=self._then('mention'))}"


def reader_at(lake: Lake, ledger: Ledger, pins: Pins, known: Registry, tables: Sequence[str]) -> PinnedReader:
    """A reader that sees these tables as the snapshot held them, irritants as the registry at the pin names them."""
    seen = sight(known, placements(ledger, known.placing) if known.placing else ())
    return PinnedReader(lake, seen, tuple(tables), int(pins.snapshot_id), pins.known_until)
