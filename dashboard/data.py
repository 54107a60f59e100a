"""What pages read: one lake and one ledger a process, results cached by lake snapshot and ledger version.

A read never locks anything: DuckLake gives readers the last committed snapshot while a flow writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.guard import NoLakeError
from dashboard.registry_queries import THERE
from insights.alarms.incidents import KINDS as INCIDENT_KINDS
from insights.alarms.incidents import Incident, fold_incidents
from insights.alerts import KINDS as ALERT_KINDS
from insights.calendar import Team, load_teams
from insights.cases import Case, Rules, fold_cases, load_rules
from insights.errors import LakeError
from insights.irritants.now import VIEW, Sight
from insights.irritants.registry import CORRECTED, Registry, fold
from insights.lake import Lake, open_lake
from insights.ledger import Event, Ledger, open_ledger
from insights.settings import Settings
from insights.steps.resolved import sight_of
from insights.steps.window import analysis_day

LAST_GOOD: dict[str, int] = {}  # lake folder -> last snapshot that answered


@st.cache_resource(show_spinner=False, max_entries=4)
def _lake(folder: str, catalog_id: int, _settings: Settings) -> Lake:
    """`catalog_id` (the file's inode) makes a lake that was deleted and made anew a new lake."""
    return open_lake(_settings, read_only=True)


@st.cache_resource(show_spinner=False, max_entries=4)
def _ledger(place: str, _settings: Settings) -> Ledger:
    return open_ledger(_settings)


@st.cache_data(show_spinner=False, max_entries=500)
def _rows(place: str, snapshot: int, sql: str, params: dict[str, Any], _lake: Lake) -> pd.DataFrame:
    return _lake.read(sql, **params)


@st.cache_data(show_spinner=False, max_entries=500)
def _rows_now(
    place: str, snapshot: int, ledger: str, registry: int, sql: str, params: dict[str, Any], _lake: Lake, _sight: Sight
) -> pd.DataFrame:
    """`registry` is the version the irritants are seen at: an edit asks anew, another event does not."""
    return _lake.seen_through(_sight).read(sql, **params)


@st.cache_resource(show_spinner=False, max_entries=4)
def _sight(place: str, version: int, _ledger: Ledger, _registry: Registry) -> Sight:
    return sight_of(_ledger, _registry)


@st.cache_data(show_spinner=False, max_entries=20)
def _day(place: str, snapshot: int, business_day: date, _lake: Lake) -> date:
    return analysis_day(_lake)


@st.cache_resource(show_spinner=False, max_entries=8)
def _events(place: str, version: int, kinds: tuple[str, ...], _ledger: Ledger) -> list[Event]:
    return _ledger.events(kinds=kinds)


@st.cache_resource(show_spinner=False, max_entries=4)
def _registry(place: str, version: int, _ledger: Ledger) -> Registry:
    return fold(_events(place, version, ("irritant.",), _ledger))


@st.cache_data(show_spinner=False, ttl=60)
def _reference(folder: str, _settings: Settings) -> tuple[dict[str, Team], Rules]:
    """Teams and case rules, read anew every minute: people edit these files."""
    teams = load_teams(_settings.reference_dir / "teams.yaml")
    return teams, load_rules(_settings.reference_dir / "case_rules.yaml", _settings, teams)


@st.cache_resource(show_spinner=False, max_entries=4)
def _cases(place: str, version: int, _ledger: Ledger) -> dict[str, Case]:
    return fold_cases(_events(place, version, ("case.",), _ledger))


@st.cache_resource(show_spinner=False, max_entries=4)
def _incidents(place: str, version: int, _ledger: Ledger) -> dict[str, Incident]:
    return fold_incidents(_events(place, version, INCIDENT_KINDS, _ledger))


@dataclass(frozen=True)
class Store:
    """The lake at one snapshot and the ledger at one version, for one rendering of one page."""

    settings: Settings
    lake: Lake
    ledger: Ledger
    snapshot: int
    version: int
    problem: str | None = None  # the lake does not answer now: what is shown is the last good snapshot

    @property
    def place(self) -> str:
        return str(self.settings.data_dir)

    def rows(self, sql: str, **params: Any) -> pd.DataFrame:
        """Rows of one of `dashboard/queries.py`."""
        if VIEW in sql:
            now = _sight(ledger_place(self.settings), self.registry.version, self.ledger, self.registry)
            place, ledger = self.place, ledger_place(self.settings)
            return _rows_now(place, self.snapshot, ledger, now.version, sql, params, self.lake, now)
        return _rows(self.place, self.snapshot, sql, params, self.lake)

    def has(self, table: str) -> bool:
        """Whether the lake has a table: one written by an older version has it after its next run."""
        return bool(self.rows(THERE, name=table)["n"].iloc[0])

    @property
    def teams(self) -> Mapping[str, Team]:
        return _reference(str(self.settings.reference_dir), self.settings)[0]

    @property
    def rules(self) -> Rules:
        return _reference(str(self.settings.reference_dir), self.settings)[1]

    @property
    def day(self) -> date:
        """The day on which windows end."""
        return _day(self.place, self.snapshot, self.settings.business_day(), self.lake)

    @property
    def registry(self) -> Registry:
        """The irritants as they stand at this ledger version. Shared between sessions: never changed."""
        return _registry(ledger_place(self.settings), self.version, self.ledger)

    @property
    def registry_events(self) -> list[Event]:
        """The events the registry is folded from, in order. Shared between sessions: never changed."""
        return _events(ledger_place(self.settings), self.version, ("irritant.",), self.ledger)

    @property
    def corrections(self) -> list[Event]:
        """What people said of texts and did not take back, oldest first."""
        return [one for one in self.registry_events if one.kind == CORRECTED and one.event_id in self.registry.placing]

    @property
    def alerts(self) -> list[Event]:
        """The events of alerts, in order. Shared between sessions: never changed."""
        return _events(ledger_place(self.settings), self.version, ALERT_KINDS, self.ledger)

    @property
    def digests(self) -> list[Event]:
        """The events of digests and of what their readers answered, in order. Shared between sessions: never changed."""
        return _events(ledger_place(self.settings), self.version, ("digest.",), self.ledger)

    @property
    def incidents(self) -> dict[str, Incident]:
        """The incidents as they stand at this ledger version. Shared between sessions: never changed."""
        return _incidents(ledger_place(self.settings), self.version, self.ledger)

    @property
    def cases(self) -> dict[str, Case]:
        """The callback cases as they stand at this ledger version. Shared between sessions: never changed."""
        return _cases(ledger_place(self.settings), self.version, self.ledger)


def ledger_place(settings: Settings) -> str:
    """What tells one ledger from another in the caches."""
    return settings.ledger_url or str(settings.data_dir)


def open_store(settings: Settings) -> Store:
    """Open what the pages read. Raises NoLakeError before the first run, LakeError when the lake does not answer."""
    catalog = settings.lake_dir / "catalog.sqlite"
    if not catalog.is_file():
        raise NoLakeError(f"There is no lake at {settings.lake_dir}.")
    place = str(settings.data_dir)
    ledger = _ledger(ledger_place(settings), settings)
    lake = _lake(place, catalog.stat().st_ino, settings)
    try:
        snapshot, problem = lake.snapshot_id(), None
        LAST_GOOD[place] = snapshot
    except LakeError as error:
        if place not in LAST_GOOD:
            raise
        snapshot, problem = LAST_GOOD[place], str(error)
    return Store(settings, lake, ledger, snapshot, ledger.version(), problem)
