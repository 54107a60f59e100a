"""What pages read: one lake and one ledger a process, results cached by lake snapshot and ledger version.

A read never locks anything: DuckLake gives readers the last committed snapshot while a flow writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Protocol
from uuid import uuid4

import pandas as pd
import streamlit as st

from dashboard import timing
from dashboard.guard import NoLakeError, NotYoursError
from dashboard.kept import MB, Kept, frozen
from insights.access import EVERYTHING, RowRights, limited
from insights.alarms.incidents import KINDS as INCIDENT_KINDS
from insights.alarms.incidents import Incident, fold_incidents
from insights.alerts import KINDS as ALERT_KINDS
from insights.calendar import Team, load_teams
from insights.cases import Case, Rules, cases_frame, fold_cases, load_rules
from insights.errors import LakeError, LedgerError, VocError
from insights.irritants.now import SLIM_VIEW, VIEW, Sight, as_today
from insights.irritants.registry import CORRECTED, Registry, fold
from insights.lake import Lake, open_lake
from insights.lake.changes import Stamps
from insights.lake.place import catalog_file, lake_id, there
from insights.ledger import Event, Ledger, open_ledger
from insights.settings import Settings
from insights.steps.resolved import sight_of
from insights.steps.window import analysis_day

CUSTOMERS = "SELECT DISTINCT customer_id FROM customer_snapshot"
KNOWN = "SELECT 1 FROM customer_snapshot WHERE customer_id = $customer LIMIT 1"


class Reads(Protocol):
    """The lake, or the lake behind a reader's views."""

    def read(self, sql: str, **params: Any) -> pd.DataFrame: ...


LAST_GOOD: dict[str, Stamps] = {}  # lake folder -> last snapshot that answered


@st.cache_resource(show_spinner=False, max_entries=4)
def _lake(folder: str, catalog_id: int, _settings: Settings) -> Lake:
    """`catalog_id` (the file's inode) makes a lake that was deleted and made anew a new lake."""
    if not there(_settings):
        raise NoLakeError(f"There is no lake at {folder}.")
    lake = open_lake(_settings, read_only=True)
    lake.keep_slim(_settings.page_mirror_rows)
    return lake


@st.cache_resource(show_spinner=False, max_entries=4)
def _ledger(place: str, _settings: Settings) -> Ledger:
    return open_ledger(_settings)


@st.cache_resource(show_spinner=False)
def _kept(most_mb: int) -> Kept:
    return Kept(most_mb * MB)


@st.cache_data(show_spinner=False)
def _epoch() -> str:
    """Another one after `st.cache_data.clear()`: an erased person stands in no cache."""
    return uuid4().hex


@st.cache_resource(show_spinner=False, max_entries=100)
def _cut(rights: str, seen: tuple[str, int], sql: str, _rights: RowRights, _sight: Sight | None) -> Sight | None:
    """One object for the same rights and registry: the lake keeps a cursor with its views."""
    return limited(_rights, _sight, sql)


def _timed(reader: Reads, sql: str, params: dict[str, Any]) -> pd.DataFrame:
    with timing.lake_read():
        return reader.read(sql, **params)


@st.cache_resource(show_spinner=False, max_entries=4)
def _sight(place: str, version: int, _ledger: Ledger, _registry: Registry) -> Sight:
    return sight_of(_ledger, _registry)


@st.cache_data(show_spinner=False, max_entries=20)
def _day(place: str, catalog_id: int, changed: int, business_day: date, _lake: Lake) -> date:
    return analysis_day(_lake)


@st.cache_resource(show_spinner=False, max_entries=50)
def _last(place: str, version: int, kinds: tuple[str, ...], _ledger: Ledger) -> int:
    """The last event of these kinds: what was folded of them stands as long as no other follows."""
    return _ledger.version(kinds)


@st.cache_resource(show_spinner=False, max_entries=8)
def _events(place: str, version: int, kinds: tuple[str, ...], _ledger: Ledger) -> list[Event]:
    return _ledger.events(kinds=kinds)


@st.cache_resource(show_spinner=False, max_entries=4)
def _registry(place: str, version: int, _ledger: Ledger) -> Registry:
    return fold(_events(place, version, ("irritant.",), _ledger))


@st.cache_resource(show_spinner=False, ttl=60, max_entries=4)
def _reference(folder: str, _settings: Settings) -> tuple[dict[str, Team], Rules]:
    """Teams and case rules, read anew every minute: people edit these files. Shared between sessions: never changed."""
    teams = load_teams(_settings.reference_dir / "teams.yaml")
    return teams, load_rules(_settings.reference_dir / "case_rules.yaml", _settings, teams)


@st.cache_resource(show_spinner=False, max_entries=4)
def _cases(place: str, version: int, _ledger: Ledger) -> dict[str, Case]:
    return fold_cases(_events(place, version, ("case.",), _ledger))


@st.cache_resource(show_spinner=False, max_entries=8)
def _case_table(place: str, version: int, names: str, now: datetime, _cases: Mapping[str, Case]) -> pd.DataFrame:
    return cases_frame(_cases, now)


@st.cache_resource(show_spinner=False, max_entries=4)
def _incidents(place: str, version: int, _ledger: Ledger) -> dict[str, Incident]:
    return fold_incidents(_events(place, version, INCIDENT_KINDS, _ledger))


@dataclass(frozen=True)
class Store:
    """The lake at one snapshot and the ledger at one version, for one rendering of one page: each fold is asked for once."""

    settings: Settings
    whole_lake: Lake
    ledger: Ledger
    snapshot: int
    version: int
    rights: RowRights = EVERYTHING
    problem: str | None = None  # the lake does not answer now: what is shown is the last good snapshot
    stamps: Stamps | None = None  # without them everything may change with each snapshot
    catalog_id: int = 0  # tells a lake from the one that stood there before it

    @property
    def place(self) -> str:
        return self.settings.catalog_url or str(self.settings.data_dir)

    @property
    def lake(self) -> Lake:
        """The lake for steps that read it themselves. They know no rights: a limited reader is refused."""
        if self.rights.limited:
            raise NotYoursError("This reads the whole company, and your rights cover a part of it.")
        return self.whole_lake

    def rows(self, sql: str, **params: Any) -> pd.DataFrame:
        """Rows of one of `dashboard/queries.py`, cut to the reader's rights."""
        timing.asked()
        before, seen = self._seen(sql)
        reader = self._reader(before)
        at = self.changed(sql, *(before.views if before else ()))
        key = (self.place, self.catalog_id, at, self.rights.key, seen, sql, frozen(params))
        return _kept(self.settings.page_cache_mb).get(key, lambda: _timed(reader, sql, params), _epoch())

    def rows_once(self, sql: str, **params: Any) -> pd.DataFrame:
        """The same for an answer too long to be kept: the caller keeps what it makes of it."""
        return _timed(self._reader(self._seen(sql)[0]), sql, params)

    def _reader(self, before: Sight | None) -> Reads:
        return self.whole_lake.seen_through(before) if before else self.whole_lake

    def today(self, assigned: pd.DataFrame) -> pd.DataFrame:
        """A few rows of `mention_irritant` (with `text_sha`) with each irritant as it stands at this ledger version."""
        sight = _sight(ledger_place(self.settings), self.registry.version, self.ledger, self.registry)
        return as_today(assigned, sight)

    def _seen(self, sql: str) -> tuple[Sight | None, tuple[str, int]]:
        """What the reader's rights and the registry put before the lake for a query, and the registry's version."""
        sight, seen = None, ("", 0)
        if VIEW in sql or SLIM_VIEW in sql:
            sight = _sight(ledger_place(self.settings), self.registry.version, self.ledger, self.registry)
            seen = (ledger_place(self.settings), sight.version)
        return (_cut(self.rights.key, seen, sql, self.rights, sight) if self.rights.limited else sight), seen

    def sees(self, customer_id: str) -> bool:
        """Whether the reader's rights cover this customer, by their last picture."""
        return not self.rights.of_customers or bool(len(self.rows(KNOWN, customer=customer_id)))

    def lake_of(self, customer_id: str) -> Lake:
        """The lake for steps that read one customer. Raises NotYoursError for one outside the rights."""
        if not self.sees(customer_id):
            raise NotYoursError("This customer is outside your rights.")
        return self.whole_lake

    def changed(self, *queries: str) -> int:
        """The last snapshot that changed a table named in these queries: what caches of their answers are keyed by."""
        return self.stamps.of(*queries) if self.stamps else self.snapshot

    def has(self, table: str) -> bool:
        """Whether the lake has a table: one written by an older version has it after its next run."""
        return table in (self.stamps or self.whole_lake.stamps()).tables

    @cached_property
    def teams(self) -> Mapping[str, Team]:
        return _reference(str(self.settings.reference_dir), self.settings)[0]

    @cached_property
    def rules(self) -> Rules:
        return _reference(str(self.settings.reference_dir), self.settings)[1]

    @cached_property
    def day(self) -> date:
        """The day on which windows end."""
        return _day(
            self.place, self.catalog_id, self.changed("feedback"), self.settings.business_day(), self.whole_lake
        )

    def last_event(self, *kinds: str) -> int:
        """The last event of these kinds: what caches of what was folded from them are keyed by."""
        return _last(ledger_place(self.settings), self.version, kinds, self.ledger)

    @cached_property
    def registry(self) -> Registry:
        """The irritants as they stand at this ledger version. Shared between sessions: never changed."""
        return _registry(ledger_place(self.settings), self.last_event("irritant."), self.ledger)

    @cached_property
    def registry_events(self) -> list[Event]:
        """The events the registry is folded from, in order. Shared between sessions: never changed."""
        return _events(ledger_place(self.settings), self.last_event("irritant."), ("irritant.",), self.ledger)

    @cached_property
    def corrections(self) -> list[Event]:
        """What people said of texts and did not take back, oldest first."""
        return [one for one in self.registry_events if one.kind == CORRECTED and one.event_id in self.registry.placing]

    @cached_property
    def alerts(self) -> list[Event]:
        """The events of alerts, in order. Shared between sessions: never changed."""
        return _events(ledger_place(self.settings), self.last_event(*ALERT_KINDS), ALERT_KINDS, self.ledger)

    @cached_property
    def digests(self) -> list[Event]:
        """The events of digests and of what their readers answered, in order. Shared between sessions: never changed."""
        return _events(ledger_place(self.settings), self.last_event("digest."), ("digest.",), self.ledger)

    @cached_property
    def incidents(self) -> dict[str, Incident]:
        """The incidents as they stand at this ledger version. Shared between sessions: never changed."""
        return _incidents(ledger_place(self.settings), self.last_event(*INCIDENT_KINDS), self.ledger)

    @cached_property
    def cases(self) -> dict[str, Case]:
        """The callback cases as they stand at this ledger version. Shared between sessions: never changed."""
        found = _cases(ledger_place(self.settings), self.last_event("case."), self.ledger)
        if not self.rights.limited:
            return found
        theirs = set(self.rows(CUSTOMERS)["customer_id"]) if self.rights.of_customers else None
        return {
            name: case
            for name, case in found.items()
            if self.rights.covers_team(case.owner_team) and (theirs is None or case.customer_id in theirs)
        }

    def case_table(self, now: datetime) -> pd.DataFrame:
        """`cases_frame` of the reader's cases, by the minute."""
        minute = now.replace(second=0, microsecond=0)
        seen = self.rights.key and f"{self.rights.key} {self.changed(CUSTOMERS)}"
        found = _case_table(ledger_place(self.settings), self.last_event("case."), seen, minute, self.cases)
        return found.copy()


def reopened(settings: Settings, error: VocError) -> None:
    """The lake or the ledger is opened anew at the next read where it answers nobody any more; what answers is left to its
    other readers, with all that is kept of it."""
    if isinstance(error, LakeError) and (settings.catalog_url or catalog_file(settings).is_file()):
        key = lake_id(settings)
        _unless(lambda: _lake(*key, settings).snapshot_id(), lambda: _lake.clear(*key, settings))
    elif isinstance(error, LedgerError):
        place = ledger_place(settings)
        _unless(lambda: _ledger(place, settings).version(), lambda: _ledger.clear(place, settings))


def _unless(answers: Callable[[], object], forget: Callable[[], None]) -> None:
    try:
        answers()
    except Exception:  # of any driver
        forget()


def ledger_place(settings: Settings) -> str:
    """What tells one ledger from another in the caches."""
    return settings.ledger_url or str(settings.data_dir)


def open_store(settings: Settings, rights: RowRights = EVERYTHING) -> Store:
    """Open what the pages read. Raises NoLakeError before the first run, LakeError when the lake does not answer."""
    try:
        place, catalog_id = lake_id(settings)
    except FileNotFoundError:
        raise NoLakeError(f"There is no lake at {settings.lake_dir}.") from None
    ledger = _ledger(ledger_place(settings), settings)
    lake = _lake(place, catalog_id, settings)
    try:
        stamps, problem = lake.stamps(), None
        LAST_GOOD[place] = stamps
    except LakeError as error:
        if place not in LAST_GOOD:
            raise
        stamps, problem = LAST_GOOD[place], str(error)
    return Store(settings, lake, ledger, stamps.snapshot, ledger.version(), rights, problem, stamps, catalog_id)
