"""`voc cases dry-run`: the rules of today on the lake's last month; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from insights.calendar import Team, load_teams
from insights.cases import Planning, Rules, Signal, feedback_signals, load_rules, open_cases, risk_signals
from insights.cases.capacity import load_capacity
from insights.cases.decision import Opened
from insights.cases.model import Case
from insights.cases.moments import moment_signals
from insights.cases.rehearsal import Rehearsal, month_days, rehearse
from insights.cases.signals import Reach
from insights.contactability import barring
from insights.errors import SettingsError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.privacy.objection import marked, objectors
from insights.steps.callbacks import CUSTOMERS, LOOKED_AT, RECENT, risk_of, unreachable
from insights.steps.contact_facts import contact_rules, wishes
from insights.steps.endings import do_not_contact
from insights.steps.resolved import seen
from insights.steps.window import analysis_day

WHOLE_MONTH = 40  # days, a month and the day before
READ = ("feedback", "answer", "mention")
SCORES = """
SELECT * FROM churn_score WHERE scored_on = (SELECT max(scored_on) FROM churn_score WHERE scored_on <= $day)
"""


class Rehearser:
    """One rehearsal of a month on a lake."""

    def __init__(self, lake: Lake, ledger: Ledger) -> None:
        self.lake, self.ledger, self.settings = lake, ledger, lake.settings
        folder = self.settings.reference_dir
        self.teams: dict[str, Team] = load_teams(folder / "teams.yaml")
        self.rules: Rules = load_rules(folder / "case_rules.yaml", self.settings, self.teams)
        self.capacity = load_capacity(folder / "teams.yaml", self.teams)
        self.calendars = {team_id: team.calendar for team_id, team in self.teams.items()}
        self._objectors, self._do_not = objectors(ledger), do_not_contact(ledger)
        self._wishes = wishes(ledger)

    def month(self, month: date) -> Rehearsal:
        """What the rules would have opened in the month. Raises SettingsError when it lies after the data."""
        today = analysis_day(self.lake)
        days = [day for day in month_days(month) if day <= today]
        if not days:
            raise SettingsError(f"{month:%Y-%m} lies after the data, which end on {today}: choose an earlier month.")
        return rehearse(self._said(days[0], days[-1]), days, self._decide, self.settings.timezone)

    def _said(self, first: date, last: date) -> list[Signal]:
        """All signals in what customers said from the look-back of the first day on."""
        zone = ZoneInfo(self.settings.timezone)
        end = datetime.combine(last + timedelta(days=1), time(), tzinfo=zone)
        begin = datetime.combine(first, time(), tzinfo=zone) - timedelta(days=1)
        window: dict[str, Any] = {"since": begin, "now": end}
        feedback, answers, mentions = (
            self.lake.read(f"SELECT * FROM {name} WHERE {RECENT}", **window) for name in READ
        )
        assigned = seen(self.lake, self.ledger).read(
            f"SELECT i.* FROM irritant_now i JOIN mention m USING (mention_id) WHERE m.{RECENT}", **window
        )
        found = feedback_signals(
            feedback, answers, mentions, assigned, rules=replace(self.rules, lookback_days=WHOLE_MONTH), now=end
        )
        return [one for one in found if begin <= one.at]

    def _decide(self, now: datetime, signals: Sequence[Signal], known: Mapping[str, Case]) -> Opened:
        day = now.astimezone(ZoneInfo(self.settings.timezone)).date()
        customers = unreachable(marked(self.lake.read(CUSTOMERS, day=day), self._objectors), self._do_not)
        scores = self.lake.read(SCORES, day=day)
        n_best = LOOKED_AT * max(self.settings.daily_calls, 1)
        reach = Reach(n_best, ceil(n_best * self.rules.proactive.random_share), self.settings.seed)
        told = {signal for case in known.values() for signal in case.signals}
        moments = moment_signals(customers, self.rules.moments, now, told, self.settings.timezone)
        since = now - timedelta(days=self.rules.lookback_days)
        fresh = [one for one in signals if one.at >= since and one.signal_id not in told]
        return open_cases(
            [*fresh, *risk_signals(scores, self.rules, now, customers, reach), *moments],
            known,
            customers,
            rules=self.rules,
            calendars=self.calendars,
            now=now,
            planning=Planning(
                self.capacity, seed=self.settings.seed, barred=barring(contact_rules(self.settings), self._wishes, now)
            ),
            risks=risk_of(scores) if self.rules.asks_risk else {},
        )
