"""Callbacks: signals of the last days become cases with a due time, and cases leave by signed webhook."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from math import ceil

import pandas as pd

from insights.calendar import load_teams
from insights.cases import Planning, cases_frame, feedback_signals, fold_cases, load_rules, open_cases, risk_signals
from insights.cases.capacity import load_capacity
from insights.cases.config import Rules
from insights.cases.decision import Opened
from insights.cases.model import Signal
from insights.cases.moments import moment_signals
from insights.cases.signals import Reach
from insights.contactability import barring
from insights.lake import Lake
from insights.ledger import Ledger
from insights.outbox.report import told
from insights.privacy.objection import marked, objectors
from insights.settings import Settings
from insights.steps.arms import SCORES, arms
from insights.steps.contact_facts import contact_rules, wishes
from insights.steps.deliver import deliver_all, read_outcomes, tell_all
from insights.steps.effect import refresh_effects
from insights.steps.endings import do_not_contact, end_cases
from insights.steps.jira import read_states
from insights.steps.loop import refresh_loop
from insights.steps.mentioned import tell_all_mentioned
from insights.steps.promises import refresh_promises
from insights.steps.reminders import notices, remind
from insights.steps.resolved import seen
from insights.steps.run_log import StepReport, recorded
from insights.steps.sending import is_dry
from insights.steps.uplift import avoided_by_customer, refresh_uplift
from insights.steps.window import analysis_day
from insights.uplift.reading import measured_cut

LOOKED_AT = 50  # customers looked at for one call: many of the best are called already, quiet, or withheld
EFFECTS = "SELECT * FROM callback_effect"
CUSTOMERS = """
WITH newest AS (
    -- the newest picture as a whole: who is not in it has left
    SELECT * FROM customer_snapshot
    WHERE as_of = (SELECT max(as_of) FROM customer_snapshot WHERE as_of <= $day)
),
said AS (
    SELECT customer_id, recontact FROM feedback
    WHERE customer_id IS NOT NULL AND recontact IN ('yes', 'no') AND kind = 'survey'
    QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY occurred_at DESC) = 1
)
SELECT n.*, coalesce(s.recontact, 'not_asked') AS recontact FROM newest n LEFT JOIN said s USING (customer_id)
"""
RECENT = """feedback_id IN (
    SELECT feedback_id FROM feedback
    WHERE occurred_at >= $since AND occurred_at <= $now AND suspect_wave IS NULL
)"""


def callbacks(lake: Lake, ledger: Ledger, *, run_id: str, dry_run: bool | None = None) -> StepReport:
    """Open the cases the rules ask for and deliver what is due; `dry_run` overrides the setting."""
    settings = lake.settings
    dry = is_dry(ledger, settings, dry_run)
    with recorded(lake, run_id, "callbacks") as report:
        outcomes = [] if dry else [*read_outcomes(ledger, settings), *read_states(ledger, settings)]
        ended = end_cases(lake, ledger)
        opened = open_due_cases(lake, ledger)
        report.n_in = len(opened.cases) + len(opened.joined) + len(opened.refused)
        report.n_out = ledger.append_many([draft.row() for draft in opened.events()])
        report.note = {"opened": len(opened.cases), "joined": len(opened.joined), "refused": opened.refusals()}
        report.note |= _told(opened) | ended | remind(ledger, settings)
        report.note |= {"outcomes": outcomes} if outcomes else {}
        report.note |= tell_all(ledger, settings, notices(ledger), dry).note()
        tell_all_mentioned(ledger, settings, dry)
        report.note["delivery"] = told(deliver_all(ledger, settings, dry))
        if refresh_effects(lake, ledger) is not None:  # what is only read comes after what is owed
            report.note |= refresh_uplift(lake, ledger)
        refresh_loop(lake, ledger)
        if report.n_out or ended:
            refresh_promises(lake, ledger)
    return report


def open_due_cases(lake: Lake, ledger: Ledger) -> Opened:
    """What the rules decide on the signals of the look-back; nothing is written."""
    settings = lake.settings
    teams = load_teams(settings.reference_dir / "teams.yaml")
    rules = load_rules(settings.reference_dir / "case_rules.yaml", settings, teams)
    day = analysis_day(lake)
    customers = unreachable(marked(lake.read(CUSTOMERS, day=day), objectors(ledger)), do_not_contact(ledger))
    scores = lake.read(SCORES, day=day)
    cut = measured_cut(lake.read(EFFECTS))
    n_best = LOOKED_AT * max(settings.daily_calls, 1)
    saved = avoided_by_customer(lake)
    reach = Reach(n_best, ceil(n_best * rules.proactive.random_share), settings.seed, cut, saved)
    risks = risk_of(scores) if rules.asks_risk else {}
    said = _said(lake, ledger, rules)  # the lake first: a case the intake opens meanwhile is then known below
    known = fold_cases(ledger.events(("case.",)))
    now = settings.business_now()
    seen_signals = {signal for case in known.values() for signal in case.signals}
    moments = moment_signals(customers, rules.moments, now, seen_signals, settings.timezone)
    return open_cases(
        [*said, *risk_signals(scores, rules, now, customers, reach), *moments],
        known,
        customers,
        rules=rules,
        calendars={team_id: team.calendar for team_id, team in teams.items()},
        now=now,
        risks=risks,
        planning=Planning(
            load_capacity(settings.reference_dir / "teams.yaml", teams),
            arms(lake, ledger, day, customers, scores, known, rules),
            cut,
            settings.seed,
            saved,
            barring(contact_rules(settings), wishes(ledger), now),
        ),
    )


def unreachable(customers: pd.DataFrame, who: Collection[str]) -> pd.DataFrame:
    """CUSTOMERS rows with `recontact` "no" for those who told us so outside a survey too."""
    return customers.assign(recontact=customers["recontact"].mask(customers["customer_id"].isin(list(who)), "no"))


def risk_of(scores: pd.DataFrame) -> dict[str, float]:
    """Probability to leave by customer, of CHURN_SCORE rows of one day that have one."""
    fitted = scores[scores["probability"].notna()]
    return {str(key): float(p) for key, p in zip(fitted["customer_id"], fitted["probability"], strict=True)}


def _told(opened: Opened) -> dict[str, float]:
    """What the day's proactive list is worth, for the run's note."""
    planned = [case.plan for case in opened.cases if case.plan]
    worth = sum(plan["net_eur"] or 0.0 for plan in planned)
    at_random = sum(bool(plan["explored"]) for plan in planned)
    return {"proactive": len(planned), "at_random": at_random, "net_eur": round(worth, 2)} if planned else {}


def _said(lake: Lake, ledger: Ledger, rules: Rules) -> list[Signal]:
    now = lake.settings.business_now()
    window = {"since": now - timedelta(days=rules.lookback_days), "now": now}
    feedback = lake.read(f"SELECT * FROM feedback WHERE {RECENT}", **window)
    answers = lake.read(f"SELECT * FROM answer WHERE {RECENT}", **window)
    mentions = lake.read(f"SELECT * FROM mention WHERE {RECENT}", **window)
    assigned = seen(lake, ledger).read(
        f"SELECT i.* FROM irritant_now i JOIN mention m USING (mention_id) WHERE m.{RECENT}", **window
    )
    return feedback_signals(feedback, answers, mentions, assigned, rules=rules, now=now)


def case_table(ledger: Ledger, settings: Settings) -> pd.DataFrame:
    """All cases, most pressing first, for people."""
    return cases_frame(fold_cases(ledger.events(("case.",))), settings.business_now())
