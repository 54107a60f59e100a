"""Cases of the hot path: the rules of `callbacks`, asked about a few feedback, on cases folded as events come in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from insights.calendar import load_teams
from insights.cases import Case, Rules, feedback_signals, load_rules, open_cases
from insights.cases.decision import Opened
from insights.cases.fold import apply
from insights.lake import Lake
from insights.ledger import Ledger
from insights.ledger.staged import CASES_REST_ON
from insights.privacy.objection import marked, objectors
from insights.questionnaires import FILE as QUESTIONNAIRES
from insights.steps.callbacks import CUSTOMERS, risk_of
from insights.steps.fresh import Fresh
from insights.steps.keep import later
from insights.steps.window import analysis_day

CASE_EVENTS, PRIVACY_EVENTS = CASES_REST_ON
OF_THESE = f"SELECT * FROM ({CUSTOMERS}) WHERE customer_id IN (SELECT unnest($ids))"
NEWEST_SCORES = """
SELECT customer_id, probability FROM churn_score
WHERE customer_id IN (SELECT unnest($ids)) AND scored_on = (SELECT max(scored_on) FROM churn_score)
"""
STORED = """
SELECT feedback_id, revised_at FROM feedback WHERE feedback_id IN (SELECT unnest($ids))
UNION ALL BY NAME
SELECT feedback_id, TIMESTAMPTZ '9999-01-01' AS revised_at FROM tombstone WHERE feedback_id IN (SELECT unnest($ids))
"""


class CaseDesk:
    """Decides on cases. Keeps the folded cases between calls, and starts anew when an erasure has rewritten events."""

    def __init__(self, lake: Lake, ledger: Ledger) -> None:
        self.lake, self.ledger, self.settings = lake, ledger, lake.settings
        self._cases: dict[str, Case] = {}
        self._seen = 0
        self._day: tuple[date, date] | None = None
        folder = self.settings.reference_dir
        self._teams = Fresh([folder / "teams.yaml"], lambda: load_teams(folder / "teams.yaml"))
        files = ("case_rules.yaml", "teams.yaml", "complaints.yaml", "moments.yaml", QUESTIONNAIRES)
        self._rules = Fresh([folder / name for name in files], self._load_rules)

    def decide(self, tables: Mapping[str, pd.DataFrame]) -> tuple[Opened, int]:
        """What the rules say of these feedback, and the ledger version it was said on. Nothing is written."""
        version = self.ledger.version(CASES_REST_ON)
        rules, now = self._rules.get(), self.settings.business_now()
        feedback = self._current(tables["feedback"])
        signals = feedback_signals(
            feedback, tables["answer"], tables["mention"], tables["mention_irritant"], rules=rules, now=now
        )
        if not signals:
            return Opened(now), version
        customers = {signal.customer_id for signal in signals}
        opened = open_cases(
            signals,
            {
                key: case
                for key, case in self._known().items()
                if case.customer_id in customers or not case.customer_known
            },
            marked(self.lake.read(OF_THESE, day=self._analysis_day(), ids=sorted(customers)), objectors(self.ledger)),
            rules=rules,
            calendars={team_id: team.calendar for team_id, team in self._teams.get().items()},
            now=now,
            risks=self._risks(customers) if rules.asks_risk else {},
        )
        return opened, version

    def _risks(self, customers: set[str]) -> dict[str, float]:
        """Newest probabilities to leave of these customers."""
        return risk_of(self.lake.read(NEWEST_SCORES, ids=sorted(customers)))

    def _current(self, feedback: pd.DataFrame) -> pd.DataFrame:
        """The rows the lake will take: not deleted at their source, and no older version of one it has."""
        if feedback.empty:
            return feedback
        stored = self.lake.read(STORED, ids=list(feedback["feedback_id"]))
        revised = dict(zip(stored["feedback_id"], stored["revised_at"], strict=True))
        return feedback[
            [
                key not in revised or later(given, revised[key])
                for key, given in zip(feedback["feedback_id"], feedback["revised_at"], strict=True)
            ]
        ]

    def _load_rules(self) -> Rules:
        return load_rules(self.settings.reference_dir / "case_rules.yaml", self.settings, self._teams.get())

    def _known(self) -> dict[str, Case]:
        """Cases by id as of now; only the events since the last call are read."""
        news = self.ledger.events((CASE_EVENTS, PRIVACY_EVENTS), after=self._seen)
        if any(event.kind.startswith(PRIVACY_EVENTS) for event in news):
            self._cases, self._seen = {}, 0
            news = self.ledger.events((CASE_EVENTS, PRIVACY_EVENTS))
        for event in news:
            self._seen = event.event_id
            if event.kind.startswith(CASE_EVENTS):
                case = apply(self._cases.get(event.subject), event)
                if case is not None:
                    self._cases[event.subject] = case
        return self._cases

    def _analysis_day(self) -> date:
        """Computed once a business day: it reads the whole column of instants."""
        today = self.settings.business_day()
        if self._day is None or self._day[0] != today:
            self._day = (today, analysis_day(self.lake))
        return self._day[1]
