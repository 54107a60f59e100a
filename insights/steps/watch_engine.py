"""The engine on real data: fitted once a week, wound back a little each round so that posts that come late still count.

Each round plays the minutes since the kept state again, the running minute included; the kept state follows
LAG_MINUTES behind. The same posts give the same alarms whenever the process was started.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pandas as pd

from insights.alarms import Alarm, WatchModel, advance, fit_watch, public_holidays, start_watch
from insights.alarms.incidents import Incident, masked
from insights.alarms.settings import Rule
from insights.contracts import UNCLASSIFIED
from insights.irritants.registry import Registry
from insights.settings import Settings
from insights.steps.watch_posts import Posts
from insights.steps.watch_state import Kept, kept_path, load_kept, save_kept

WEEKS = 8  # of history a baseline rests on: METHODS 3
REFIT = timedelta(days=7)
LAG = timedelta(minutes=20)
STEP = timedelta(minutes=10)  # how far the kept state may fall behind before it is moved on
REPLAY_REFIT = timedelta(weeks=26)  # a fit takes over a second; the level of the day follows in between
REPLAY_WEEKS = 60  # a year, and the weeks the first baseline rests on


class Engine:
    """Baseline, state and posts of one installation. `alarms` may be asked as often as wanted."""

    def __init__(self, posts: Posts, settings: Settings) -> None:
        self.posts, self.settings = posts, settings
        self.kept: Kept | None = load_kept(settings, posts.ledger.keys)
        self._moved: Kept | None = None

    def alarms(self, now: datetime, known: Iterable[Incident]) -> list[Alarm]:
        """What rings between the kept state and `now`, old and new; the caller knows which it has told.

        The baseline is fitted anew where it is a week old or missing.
        """
        kept = self._fresh(now, list(known))
        if now - kept.state.at > LAG + STEP:
            rows = self._rows(kept, now - LAG)
            state, old = advance(kept.model, kept.state, rows, now - LAG)
            self._moved = Kept(kept.model, state)
            return old + self._since(self._moved, now)
        return self._since(kept, now)

    def settle(self) -> None:
        """Keep how far `alarms` came, once what it found is recorded; until then the next look finds it again."""
        if self._moved is not None:
            self._keep(self._moved)
            self._moved = None

    def _since(self, kept: Kept, now: datetime) -> list[Alarm]:
        """Alarms after the kept state, the running minute too; nothing of this is kept."""
        return advance(kept.model, kept.state, self._rows(kept, now), now + timedelta(minutes=1))[1]

    def _rows(self, kept: Kept, until: datetime) -> pd.DataFrame:
        return watched(self.posts.between(kept.state.at - timedelta(minutes=kept.model.rule.late_minutes), until))

    def _fresh(self, now: datetime, known: list[Incident]) -> Kept:
        if self.kept is None or not kept_path(self.settings).exists():  # an erasure took the file: nothing of it stays
            self._moved = None
            self._keep(Kept(self.fit(now, known), start_watch(now - LAG)))
        elif now - self.kept.model.fitted_until > REFIT:
            self._keep(Kept(self.fit(now, known), self.kept.state))
        assert self.kept is not None
        return self.kept

    def _keep(self, kept: Kept) -> None:
        self.kept = kept
        save_kept(self.settings, self.posts.ledger.keys, kept)

    def fit(self, until: datetime, known: Iterable[Incident]) -> WatchModel:
        """The baseline on the weeks before `until`; incidents that were no false alarm are no part of it."""
        rows = self.posts.history(until - timedelta(weeks=WEEKS), until)
        return fitted(rows, until, known, self.posts.registry, self.settings)

    def replay(self, now: datetime) -> list[Alarm]:
        """The alarms of history as they would have rung, at most REPLAY_WEEKS back; the state then stands at `now`.

        Each baseline rests on the weeks before it alone, and leaves out the alarms found so far.
        """
        rows = self.posts.read_all(now - timedelta(weeks=REPLAY_WEEKS), now)
        if rows.empty:
            return []
        at = rows["at"].min().to_pydatetime().astimezone(UTC) + timedelta(weeks=WEEKS)
        state, found, model = start_watch(min(at, now)), list[Alarm](), None
        while at < now or model is None:
            model = fitted(_since(rows, at), min(at, now), _as_incidents(found), self.posts.registry, self.settings)
            until = min(at + REPLAY_REFIT, now)
            part = rows[(rows["at"] > state.at - timedelta(hours=1)) & (rows["at"] <= until)]
            state, rang = advance(model, state, watched(part), until)
            found, at = found + rang, at + REPLAY_REFIT
        if state.at < now - LAG:
            state = start_watch(now - LAG)
        self._keep(Kept(model, state))
        return found


def watched(posts: pd.DataFrame) -> pd.DataFrame:
    """Columns of the engine; a complaint that fits no irritant counts among all together only."""
    columns = ["series", "author", "at", "feedback_id", "text", "suspect_wave"]
    rows = posts[columns]
    return rows.assign(series=rows["series"].astype(object).where(rows["series"] != UNCLASSIFIED, None))


def fitted(
    rows: pd.DataFrame, until: datetime, known: Iterable[Incident], registry: Registry, settings: Settings
) -> WatchModel:
    """A baseline on rows that end before `until`."""
    parents = {key: one.parent for key, one in registry.irritants.items() if one.parent}
    first = (until - timedelta(weeks=WEEKS)).date()
    holidays = public_holidays(first, (until + timedelta(weeks=5)).date(), settings.country)
    living = [one.irritant_id for one in registry.living()]
    return fit_watch(
        watched(rows), until, holidays=holidays, masked=masked(known), rule=Rule(zone=settings.timezone), parents=parents,
        series=living, seed=settings.seed,
    )  # fmt: skip


def _since(rows: pd.DataFrame, until: datetime) -> pd.DataFrame:
    return rows[(rows["at"] > until - timedelta(weeks=WEEKS)) & (rows["at"] <= until)]


def _as_incidents(alarms: Iterable[Alarm]) -> list[Incident]:
    """Alarms of a replay as what is to be left out of the next baseline."""
    return [
        Incident(
            one.alarm_id, (one.series,), (one.alarm_id,), one.started_at, one.raised_at, one.raised_at, one.n_authors,
            one.expected,
        )
        for one in alarms
    ]  # fmt: skip
