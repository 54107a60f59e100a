"""Watch: complaints as they come in ring an alarm, the alarm opens an incident, and who is on call is told within a minute.

The first run plays history again, marks what it finds as replayed and tells nobody. From then on each round looks at
the last minutes, in the lake and in what the hot path has staged.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from insights.alarms import Alarm
from insights.errors import LakeError, VocError
from insights.intake.pulse import STARTING, STOPPED, WORKING, Heart
from insights.lake import Lake, open_lake
from insights.ledger import Ledger, open_ledger
from insights.settings import Settings
from insights.steps.run_log import StepReport, recorded
from insights.steps.sending import is_dry
from insights.steps.watch_cases import Holding
from insights.steps.watch_engine import Engine
from insights.steps.watch_heart import watch_pulse_path
from insights.steps.watch_posts import Posts
from insights.steps.watch_record import alert_rows, counted_by_incident, incidents, missing, parents_of, record, write
from insights.steps.watch_tell import EVIDENCE, Bell, evidence_by_incident

FRESH = timedelta(hours=2)  # an alarm raised before that is history when it is found
DONE_BEFORE = "SELECT count(*) FROM run WHERE step = 'watch'"
POLL_SECONDS = 5.0
LOCK_SECONDS = 2.0  # then the row is written at a later round: a ring never waits for the lake


class Watch:
    """The watch of one installation, with everything loaded once."""

    def __init__(self, lake: Lake, ledger: Ledger) -> None:
        self.lake, self.ledger, self.settings = lake, ledger, lake.settings
        self.posts = Posts(lake, ledger)
        self.engine = Engine(self.posts, self.settings)
        self.bell = Bell(lake, ledger, self.posts)
        self.holding = Holding(ledger, self.posts, self.settings)
        self._written: set[str] = set()

    def first(self, now: datetime) -> dict[str, Any]:
        """Play history once, where no run has done it; counts for the run's note."""
        if self.lake.scalar(DONE_BEFORE):
            return {}
        return {"replayed": 1} | self._record(self.engine.replay(now), now, None, wait=True)

    def round(self, now: datetime, dry_run: bool) -> dict[str, Any]:
        """One look; counts of what was done, empty in a quiet round. The ledger never waits for the lake."""
        known = incidents(self.ledger)
        try:
            note = self._record(self.engine.alarms(now, known.values()), now, dry_run, wait=False)
            if "alerts_wait" not in note:
                self.engine.settle()
        finally:  # a held case is given back in time, whatever else fails
            held = self.holding.apply(incidents(self.ledger), now)
        return note | held

    def _record(self, alarms: list[Alarm], now: datetime, dry_run: bool | None, *, wait: bool) -> dict[str, Any]:
        """`dry_run` None: nobody is told."""
        counted = counted_by_incident(self.lake, incidents(self.ledger)) if alarms else {}
        done, of = record(self.ledger, alarms, parents_of(self.posts), now, counted, replayed_before=now - FRESH)
        known = incidents(self.ledger)
        fresh = missing(self.lake, [one for one in alarms if one.alarm_id in of and one.alarm_id not in self._written])
        frames = alert_rows(fresh, of, known, self.posts, now)
        note: dict[str, Any] = {"opened": len(done.opened), "joined": done.n_joined, "alarms": len(fresh)}
        if dry_run is not None and any(one.is_open for one in known.values()):
            stored = self.lake.read(EVIDENCE).to_dict("records")
            evidence = evidence_by_incident([*stored, *frames["alert"].to_dict("records")])
            note |= self.bell.ring(known, evidence, now, dry_run)
        try:
            write(self.lake, frames)
            self._written |= set(of)
        except LakeError:
            if wait:
                raise
            note["alerts_wait"] = len(fresh)
        return {name: n for name, n in note.items() if n}


def watch(lake: Lake, ledger: Ledger, *, run_id: str, dry_run: bool | None = None) -> StepReport:
    """One round, after the replay of history if there was none yet; as a step of the chain."""
    settings = lake.settings
    dry = is_dry(ledger, settings, dry_run)
    with recorded(lake, run_id, "watch") as report:
        now, one = settings.business_now(), Watch(lake, ledger)
        first = one.first(now)
        note = Counter({key: n for key, n in first.items() if isinstance(n, int)})
        note.update(one.round(now, dry))
        report.note = dict(note)
        report.n_out = int(report.note.get("opened", 0)) + int(report.note.get("joined", 0))
        report.n_in = int(report.note.get("alarms", 0))
    return report


@contextmanager
def open_watch(settings: Settings) -> Iterator[tuple[Lake, Ledger]]:
    """Both stores for a watch that lives long: the lake is asked for its lock for a moment only."""
    open_lake(settings).close()  # made and brought to this version first
    with Lake(settings, read_only=False, lock_seconds=LOCK_SECONDS) as lake, open_ledger(settings) as ledger:
        yield lake, ledger


def keep_watching(
    lake: Lake,
    ledger: Ledger,
    *,
    dry_run: bool | None = None,
    every_seconds: float = POLL_SECONDS,
    rounds: int | None = None,
    say: Callable[[str], None] = lambda _: None,
    pause: Callable[[float], None] = time.sleep,
) -> Counter[str]:
    """Look again and again, `rounds` times or until interrupted, with a sign of life each time; totals by what was done.

    A store that does not answer is told by the sign of life and asked again; nothing is lost, as each round finds the
    last minutes anew.
    """
    settings = lake.settings
    dry = is_dry(ledger, settings, dry_run)
    heart, total, left = Heart(watch_pulse_path(settings)), Counter[str](), rounds
    heart.beat(STARTING)
    try:
        if not lake.scalar(DONE_BEFORE):
            watch(
                lake, ledger, run_id=f"watch-{uuid.uuid4()}", dry_run=dry
            )  # plays history once, and keeps that it did
        one = Watch(lake, ledger)
        one.bell.warm_up(dry)
        while left is None or left > 0:
            problem = _look(one, dry, total, say)
            heart.beat(WORKING, problem)
            left = None if left is None else left - 1
            if left is None or left > 0:
                pause(every_seconds)
    finally:
        heart.beat(STOPPED if rounds is None else heart.pulse.state, heart.pulse.problem)
    return total


def _look(one: Watch, dry_run: bool, total: Counter[str], say: Callable[[str], None]) -> str:
    """One round; the sentence of what stood in its way, empty when nothing did."""
    try:
        note = one.round(one.settings.business_now(), dry_run)
    except (VocError, OSError, SQLAlchemyError) as error:
        say(f"The watch waits: {error}")
        return f"The watch waits for a store ({type(error).__name__})."
    total.update(note)
    if note:
        say(", ".join(f"{key} {n}" for key, n in note.items()))
    return ""
