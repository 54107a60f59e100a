"""Cases and incidents: what an open incident explains is marked, what only repeats it waits behind one answer for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from insights.alarms.holding import Reach, customers_in, marks
from insights.alarms.incidents import Incident
from insights.alarms.model import POOLED
from insights.calendar import load_teams
from insights.cases import Case
from insights.cases.fold import apply
from insights.contracts import UNCLASSIFIED
from insights.ledger import Ledger
from insights.settings import Settings
from insights.steps.fresh import Fresh
from insights.steps.watch_posts import Posts
from insights.steps.watch_record import incident_posts

CASE_EVENTS, PRIVACY_EVENTS = "case.", "privacy."


class CaseBook:
    """The cases, folded as events come in; started anew when an erasure has rewritten events."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._cases: dict[str, Case] = {}
        self._seen = 0

    def cases(self) -> dict[str, Case]:
        """As they stand now."""
        news = self.ledger.events((CASE_EVENTS, PRIVACY_EVENTS), after=self._seen)
        if self._seen and any(event.kind.startswith(PRIVACY_EVENTS) for event in news):
            self._cases, self._seen = {}, 0
            news = self.ledger.events((CASE_EVENTS, PRIVACY_EVENTS))
        for event in news:
            self._seen = event.event_id
            after = apply(self._cases.get(event.subject), event) if event.kind.startswith(CASE_EVENTS) else None
            if after is not None:
                self._cases[event.subject] = after
        return self._cases


class Holding:
    """Marks, holds and gives back cases each round; without an open incident and a held case it costs one count."""

    def __init__(self, ledger: Ledger, posts: Posts, settings: Settings) -> None:
        self.ledger, self.posts, self.settings = ledger, posts, settings
        self.book = CaseBook(ledger)
        path = settings.reference_dir / "teams.yaml"
        self._teams = Fresh([path], lambda: load_teams(path))

    def apply(self, known: Mapping[str, Incident], now: datetime) -> dict[str, int]:
        """Record what `marks` asks for; counts by kind of event, for the run's note."""
        cases = self.book.cases()
        live = [one for one in known.values() if one.is_open and one.lead != POOLED]
        if not live and not any(case.held_by for case in cases.values()):
            return {}
        reaches = {one.incident_id: self.reach(one, now) for one in live}
        calendars = {team_id: team.calendar for team_id, team in self._teams.get().items()}
        drafts = marks(cases.values(), known, reaches, calendars, now)
        self.ledger.append_many([draft.row() for draft in drafts])
        return dict(Counter(f"cases_{draft.kind.partition('.')[2]}" for draft in drafts))

    def reach(self, one: Incident, now: datetime) -> Reach:
        """Whom an incident has reached so far."""
        rows = incident_posts(one, self.posts, now)
        said = frozenset(rows["feedback_id"])
        heard = self.posts.between(one.started_at - timedelta(minutes=1), min(one.ended_at, now))
        other = ~heard["series"].isin([*one.series, UNCLASSIFIED]) & heard["feedback_id"].isin(said)
        return Reach(said, customers_in(rows["customer_id"].tolist()), frozenset(heard.loc[other, "feedback_id"]))
