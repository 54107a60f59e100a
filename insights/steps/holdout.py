"""The hold-out of proactive calls: a director switches it on and off; what it needs, when that will be, what it showed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any

import pandas as pd

from insights.calendar import load_teams
from insights.cases import fold_cases, load_rules, risk_signals
from insights.cases.capacity import calls_a_week, load_capacity
from insights.cases.holdout import CALL, OFF, ON, SUBJECT, Experiment, band_edges, signed_text, strata, thresholds
from insights.cases.signals import Reach
from insights.errors import LedgerError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.privacy.objection import OBJECTED, WITHDRAWN, marked, objectors
from insights.settings import Settings
from insights.steps import arms
from insights.steps.horizons import horizon_days
from insights.steps.window import analysis_day
from insights.uplift.sizes import QUARTER_DAYS, RELATIVE_CUT, Forecast, Size, forecast, needed

PACE_DAYS = 28
EFFECTS = "SELECT * FROM callback_effect WHERE experiment_id = $id ORDER BY outcome, segment"
HIGHEST_SHARE = 0.5
# CUSTOMERS and SCORES of `callbacks` and `arms`, without the columns that nobody asks for here
POOL = """
WITH said AS (
    SELECT customer_id, arg_max(recontact, occurred_at) AS recontact FROM feedback
    WHERE customer_id IS NOT NULL AND recontact IN ('yes', 'no') AND kind = 'survey' GROUP BY customer_id
)
SELECT n.customer_id, n.account_id, n.segment, n.objection, n.leaving, n.margin_eur_year,
    coalesce(s.recontact, 'not_asked') AS recontact
FROM customer_snapshot n LEFT JOIN said s USING (customer_id)
WHERE n.as_of = (SELECT max(as_of) FROM customer_snapshot WHERE as_of <= $day)
"""
SCORES = 'SELECT customer_id, scored_on, probability, "index" FROM churn_score WHERE scored_on = $day'
READS = (POOL, SCORES, arms.PROTECTED, EFFECTS)
TOLD_BY = (
    *arms.KINDS,
    *arms.ENTRY_KINDS,
    OBJECTED,
    WITHDRAWN,
)  # a case taken or ended changes the forecast's pool a little


@dataclass(frozen=True)
class Status:
    """What people are told of the hold-out. `base`: share expected to leave of those to be called; None when unknown."""

    experiment: Experiment | None
    running: bool
    n_called: int
    n_held: int
    share: float
    base: float | None
    horizon_days: int
    forecast: Forecast | None
    effects: pd.DataFrame
    n_forged: int


@dataclass(frozen=True)
class Outlook:
    """The next quarter of calls, from today's scores and the teams' calls. `per_week`: customers called, all told."""

    day: date
    now: datetime
    calls_a_week: float
    base: float | None
    pool: int
    horizon_days: int
    customers: pd.DataFrame
    score: pd.Series


def status(lake: Lake, ledger: Ledger) -> Status:
    """The hold-out as it stands. Nothing is written."""
    found = arms.experiments(ledger)
    last = found[-1] if found else None
    on = last is not None and last.off_at is None
    inside = arms.entered(ledger, last.experiment_id if last else "")
    n_called = int((inside["arm"] == CALL).sum())
    ahead = outlook(lake, ledger)
    share, base = (last.share, last.base) if last and on else (lake.settings.holdout_share, ahead.base)
    size = Size(last.n_called, last.n_held) if last and on and last.n_called else _needed(base, share)
    pace = _pace(inside, ahead, share)
    seen = len(inside) if on else 0
    when = forecast(size, seen, pace, ahead.day, ahead.horizon_days, ahead.pool) if size else None
    effects = lake.read(EFFECTS, id=last.experiment_id if last else "")
    return Status(
        *(last, on, n_called, len(inside) - n_called, share, base, ahead.horizon_days, when, effects),
        n_forged=arms.forged(ledger),
    )


def _needed(base: float | None, share: float) -> Size | None:
    return needed(base, RELATIVE_CUT, share) if base and 0 < share < 1 else None


def _pace(inside: pd.DataFrame, ahead: Outlook, share: float) -> float:
    """Customers who enter in a week: as seen over the last four, once there are four; else as the teams' calls allow."""
    if inside.empty or (ahead.now - inside["entered_at"].min()).days < PACE_DAYS:
        return ahead.calls_a_week / (1 - share)
    return float((inside["entered_at"] > ahead.now - timedelta(days=PACE_DAYS)).sum()) * 7 / PACE_DAYS


def outlook(lake: Lake, ledger: Ledger) -> Outlook:
    """Whom the next quarter's calls will be for, as far as today's scores tell."""
    settings, day, now = lake.settings, analysis_day(lake), lake.settings.business_now()
    teams = load_teams(settings.reference_dir / "teams.yaml")
    rules = load_rules(settings.reference_dir / "case_rules.yaml", settings, teams)
    capacity = load_capacity(settings.reference_dir / "teams.yaml", teams)
    customers = marked(lake.read(POOL, day=day), objectors(ledger))
    safe = arms.protected(lake, day, fold_cases(ledger.events(("case.",))), rules)
    customers = customers[~customers["customer_id"].isin(list(safe))]
    scores = lake.read(SCORES, day=day)
    calendars = {team_id: team.calendar for team_id, team in teams.items()}
    a_week = calls_a_week(capacity, settings.daily_calls, calendars, day + timedelta(days=1))
    reach = Reach(n_best=max(ceil(a_week * QUARTER_DAYS / 7), 1))
    next_calls = [one for one in risk_signals(scores, rules, now, customers, reach) if one.is_probability]
    base = sum(one.score for one in next_calls) / len(next_calls) if next_calls else None
    called = customers["customer_id"].isin([one.customer_id for one in next_calls])
    segments = set(customers.loc[called, "segment"].dropna())
    n_callable = int(customers["customer_id"].isin(scores["customer_id"].tolist()).sum())
    return Outlook(
        *(day, now, a_week, base, n_callable, _longest(settings, segments), customers), score=arms.probabilities(scores)
    )


def _longest(settings: Settings, segments: set[str]) -> int:
    """Days after which the departures of all those called are known."""
    return max((horizon_days(settings, segment) for segment in sorted(segments)), default=horizon_days(settings, None))


def switch_on(
    lake: Lake, ledger: Ledger, *, actor: str, share: float | None = None, read_on: date | None = None
) -> Experiment:
    """Start withholding: draw, strata, size and the day of reading are fixed and signed before the first call.

    Without `read_on` the result is read on the day enough customers are expected, or, where that is never or further than
    a year, after a quarter of calls; in both cases once the last horizon is over. Raises LedgerError when a hold-out runs
    already, when nobody has been scored, and for a share or a day that makes no sense.
    """
    share = lake.settings.holdout_share if share is None else share
    if not actor.strip():
        raise LedgerError("A hold-out is switched on by a person: say who decides.")
    if arms.running(ledger):
        raise LedgerError("A hold-out is on already: switch it off before you start another.")
    if not 0 < share <= HIGHEST_SHARE:
        raise LedgerError(f"A share of {share:g} cannot be held out: give more than 0 and at most {HIGHEST_SHARE:g}.")
    ahead = outlook(lake, ledger)
    if ahead.score.empty:
        raise LedgerError("Nobody has been scored on this day: `voc run` scores the customers first.")
    experiment = _experiment(lake, ledger, ahead, share, actor.strip(), read_on)
    if experiment.read_on <= ahead.day + timedelta(days=ahead.horizon_days):
        first = ahead.day + timedelta(days=ahead.horizon_days + 1)
        raise LedgerError(f"{experiment.read_on} is too early: no departure is known for good before {first}.")
    if not _record(ledger, ON, experiment.payload(), experiment.actor, experiment.at):
        raise LedgerError("Somebody else has just switched the hold-out: look at its status.")
    return experiment


def _experiment(
    lake: Lake, ledger: Ledger, ahead: Outlook, share: float, actor: str, read_on: date | None
) -> Experiment:
    rules_salt = load_rules(
        lake.settings.reference_dir / "case_rules.yaml",
        lake.settings,
        load_teams(lake.settings.reference_dir / "teams.yaml"),
    ).salt
    number = len(arms.experiments(ledger)) + 1
    salt = f"{rules_salt}:{ahead.day.isoformat()}:{number}"
    edges = band_edges(ahead.score)
    callable_now = ahead.customers[ahead.customers["customer_id"].isin(ahead.score.index)]
    placed = strata(callable_now, ahead.score, edges)
    size = _needed(ahead.base, share)
    return Experiment(
        experiment_id=f"HO-{number:04d}",
        at=ahead.now,
        actor=actor,
        share=share,
        salt=salt,
        read_on=read_on or _reading_day(ahead, size, share),
        edges=edges,
        thresholds=thresholds(placed, salt, share),
        base=ahead.base,
        relative_cut=RELATIVE_CUT,
        n_called=size.n_called if size else 0,
        n_held=size.n_held if size else 0,
    )


def _reading_day(ahead: Outlook, size: Size | None, share: float) -> date:
    quarter = ahead.day + timedelta(days=QUARTER_DAYS + ahead.horizon_days)
    if size is None:
        return quarter
    pace = ahead.calls_a_week / (1 - share)
    wanted = forecast(size, 0, pace, ahead.day, ahead.horizon_days, ahead.pool).read_on
    return wanted if wanted and wanted <= quarter + timedelta(days=365) else quarter


def switch_off(ledger: Ledger, *, actor: str, at: datetime) -> Experiment:
    """Stop withholding; who was withheld stays in the estimate. Raises LedgerError when no hold-out is on."""
    experiment = arms.running(ledger)
    if experiment is None:
        raise LedgerError("No hold-out is on.")
    if not actor.strip():
        raise LedgerError("A hold-out is switched off by a person: say who decides.")
    if not _record(ledger, OFF, {"experiment_id": experiment.experiment_id}, actor.strip(), at):
        raise LedgerError("Somebody else has just switched the hold-out: look at its status.")
    return replace(experiment, off_at=at)


def _record(ledger: Ledger, kind: str, payload: dict[str, Any], actor: str, at: datetime) -> bool:
    """Append the signed event; its key numbers the switches, so that of two at once the second is refused."""
    signature = arms.sign(ledger, signed_text(kind, actor, at, payload))
    key = f"holdout:switch:{len(ledger.events(arms.KINDS)) + 1}"
    return ledger.append(kind, SUBJECT, {**payload, "signature": signature}, actor=actor, at=at, key=key)
