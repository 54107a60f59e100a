"""What an experiment and a day's list rest on in lake and ledger: who may be called, who is protected, who is in which arm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from insights.cases.config import Rules
from insights.cases.holdout import (
    OFF,
    ON,
    Arms,
    Experiment,
    entered_arms,
    entries,
    fold_holdout,
    promised,
    signed_text,
    strata,
    units,
)
from insights.cases.model import HELD_OUT, OPENED, Case
from insights.events import LedgerEvent
from insights.lake import Lake
from insights.ledger import Ledger

KINDS = (ON, OFF)
ENTRY_KINDS = (OPENED, HELD_OUT)
PROTECTED_DAYS, COMPLAINT_DAYS = 365, 90
PROTECTED = """
SELECT customer_id FROM customer_snapshot
WHERE low_income AND as_of = (SELECT max(as_of) FROM customer_snapshot WHERE as_of <= $day)
UNION
SELECT f.customer_id FROM mention m JOIN feedback f USING (feedback_id)
WHERE m.urgency IS NOT NULL AND f.customer_id IS NOT NULL AND f.occurred_at > $day - $urgent * INTERVAL 1 DAY
UNION
SELECT customer_id FROM feedback
WHERE kind = 'ticket' AND customer_id IS NOT NULL AND occurred_at > $day - $complaint * INTERVAL 1 DAY
"""
SCORES = "SELECT * FROM churn_score WHERE scored_on = $day"


def experiments(ledger: Ledger) -> list[Experiment]:
    """All experiments in order. An event whose signature is not this installation's counts for nothing."""
    return fold_holdout(ledger.events(KINDS), lambda event: genuine(ledger, event))


def running(ledger: Ledger) -> Experiment | None:
    """The experiment that withholds calls now; None when the hold-out is off, as it is until somebody switches it on."""
    found = experiments(ledger)
    return found[-1] if found and found[-1].off_at is None else None


def sign(ledger: Ledger, text: str) -> str:
    """HMAC of a text by this installation's own lasting key."""
    return ledger.keys.row_hash(f"holdout\n{text}")


def genuine(ledger: Ledger, event: LedgerEvent) -> bool:
    """Whether an event was signed here, as it stands."""
    told = signed_text(event.kind, event.actor, event.at, event.payload)
    return bool(event.payload.get("signature") == sign(ledger, told))


def forged(ledger: Ledger) -> int:
    """Events that switch the hold-out on or off without this installation's signature."""
    return sum(not genuine(ledger, event) for event in ledger.events(KINDS))


def entered(ledger: Ledger, experiment_id: str) -> pd.DataFrame:
    """Who entered an experiment: `entries` of the ledger's events."""
    return entries(ledger.events(ENTRY_KINDS), experiment_id)


def probabilities(scores: pd.DataFrame) -> pd.Series:
    """Probability to leave by customer_id, or the card's index over 100 where there is none."""
    chance = scores["probability"].astype("float64").fillna(scores["index"].astype("float64") / 100)
    return pd.Series(chance.to_numpy(), index=scores["customer_id"].astype(str))


def protected(lake: Lake, day: date, cases: Mapping[str, Case], rules: Rules) -> frozenset[str]:
    """Customers whom no experiment touches: vulnerable, urgent within a year, with a fresh complaint, or owed an answer."""
    found = lake.read(PROTECTED, day=day, urgent=PROTECTED_DAYS, complaint=COMPLAINT_DAYS)
    return frozenset(found["customer_id"]) | promised(cases.values(), rules.is_proactive)


def arms(
    lake: Lake,
    ledger: Ledger,
    day: date,
    customers: pd.DataFrame,
    scores: pd.DataFrame,
    cases: Mapping[str, Case],
    rules: Rules,
) -> Arms:
    """The arms as they stand; empty when no experiment runs."""
    experiment = running(ledger)
    if experiment is None or scores.empty or customers.empty:
        return Arms()
    placed = strata(customers, probabilities(scores), experiment.edges)
    known = entered_arms(entered(ledger, experiment.experiment_id), units(customers))
    return Arms(experiment, placed, protected(lake, day, cases, rules), known)
