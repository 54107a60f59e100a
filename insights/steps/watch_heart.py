"""Whether alarms can be trusted now: calm, alarm, or « collecte interrompue » with since when. Never calm when blind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from insights.alarms import collection_state
from insights.alarms.incidents import Incident
from insights.intake.health import WAITING_SECONDS
from insights.intake.pulse import STOPPED, Pulse, read_pulse, read_pulse_file
from insights.ledger import Ledger
from insights.ledger.cursors import feed_id, saved_at
from insights.ledger.inbox import backlog
from insights.settings import Settings
from insights.sources.options import load_options
from insights.steps.pull import pullable

CALM, ALARM, BLIND = "calm", "alarm", "blind"
PINNED, WATCH, INTAKE, BACKLOG, INGEST = "pinned", "watch", "intake", "backlog", "ingest"
WATCH_GAP = timedelta(seconds=20)  # a round of the watch and its pause
INTAKE_GAP = timedelta(seconds=20)  # the worker's sign of life, also in the midst of a batch
PULL_GAP = timedelta(minutes=15)  # as often as `pull` asks a source
INGEST_GAP = timedelta(minutes=5)  # the flow `ingest` asks its sources every minute
LAST_INGEST = "SELECT max(started_at) AS last_at FROM run WHERE step IN ('ingest', 'pull')"


class Readable(Protocol):
    """A lake, or a reader of one."""

    def read(self, sql: str, **params: Any) -> pd.DataFrame: ...


@dataclass(frozen=True)
class Outlook:
    """`state`: calm, alarm, blind. `since`: of an alarm the first rise, of blindness the last sign; None: never seen.

    `blind`: codes of what is not seen (PINNED, WATCH, INTAKE, BACKLOG, INGEST); also told during an alarm.
    """

    state: str
    since: datetime | None = None
    blind: tuple[str, ...] = ()


def watch_pulse_path(settings: Settings) -> Path:
    """Where the watch writes its sign of life."""
    return settings.data_dir / "alarms" / "watch.json"


def outlook(
    settings: Settings, ledger: Ledger, lake: Readable, known: Mapping[str, Incident], now: datetime | None = None
) -> Outlook:
    """The state at this moment. `now`: the wall clock; a pinned business day is blind, as nothing is collected then."""
    at = now or datetime.now(UTC)
    open_ones = [one for one in known.values() if one.is_open]
    blind, since = _blind(settings, ledger, lake, at)
    if open_ones:
        return Outlook(ALARM, min(one.started_at for one in open_ones), blind)
    return Outlook(BLIND, since, blind) if blind else Outlook(CALM)


def _blind(
    settings: Settings, ledger: Ledger, lake: Readable, now: datetime
) -> tuple[tuple[str, ...], datetime | None]:
    """What is not seen, and since when the first of it."""
    if settings.as_of is not None:
        return (PINNED,), settings.business_now()
    seen, gaps = _collectors(settings, ledger, lake, now)
    state = collection_state(seen, gaps, now)
    found = [(one.source, one.last_seen_at) for one in state.sources if one.state == "blind"]
    oldest = backlog(ledger).oldest_received_at
    if oldest is not None and (now - oldest).total_seconds() > WAITING_SECONDS:
        found.append((BACKLOG, oldest))
    known = [at for _, at in found if at is not None]
    return tuple(code for code, _ in found), min(known, default=None)


def _collectors(
    settings: Settings, ledger: Ledger, lake: Readable, now: datetime
) -> tuple[dict[str, datetime | None], dict[str, timedelta]]:
    """Last signs by collector, and how often each should give one. Where no intake was ever started, files are asked."""
    seen: dict[str, datetime | None] = {WATCH: _looking(read_pulse_file(watch_pulse_path(settings)))}
    gaps = {WATCH: WATCH_GAP}
    worker = read_pulse(settings)
    if worker is not None:
        seen[INTAKE], gaps[INTAKE] = _alive(worker), INTAKE_GAP
    last = lake.read(LAST_INGEST)["last_at"]
    if worker is None or settings.pull_tokens:
        known = len(last) and not last.isna().iloc[0]
        seen[INGEST], gaps[INGEST] = (last.iloc[0].to_pydatetime() if known else None), INGEST_GAP
    asked = _pulled(settings, ledger)
    silent = [at for at in asked.values() if at is None or now - at > 3 * PULL_GAP]
    if silent:  # one that fails is enough: what is said there is not heard
        seen[INGEST], gaps[INGEST] = (None if None in silent else min(at for at in silent if at)), PULL_GAP
    return seen, gaps


def _pulled(settings: Settings, ledger: Ledger) -> dict[str, datetime | None]:
    """When each source that is asked last answered, by name; None: never."""
    options = load_options(settings.reference_dir)
    return {name: saved_at(ledger, name, feed_id(options[name].url)) for name in pullable(settings)}


def _looking(pulse: Pulse | None) -> datetime | None:
    """The last sign of a watch that could look; one that waits for a store sees nothing."""
    at = _alive(pulse)
    return at - timedelta(hours=1) if at is not None and pulse is not None and pulse.problem else at


def _alive(pulse: Pulse | None) -> datetime | None:
    """The last sign of a process that runs; of one that has stopped, so long ago that it is missed at once."""
    if pulse is None or not pulse.at:
        return None
    at = datetime.fromisoformat(pulse.at)
    return at - timedelta(hours=1) if pulse.state == STOPPED else at
