"""What each irritant costs against what it would take to repair it, and which are quick wins."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pandas as pd

from insights.priorities.assumptions import Assumptions

SAID, DECLARED, SUPPOSED = "said", "declared", "supposed"
WEEK_DAYS = 5.0  # days of work
QUICK_WEEKS = 4.0  # what one team does in a month
COLUMNS = ["irritant_id", "weeks", "source", "value", "low", "high", "rank", "rank_low", "rank_high", "quick"]


def matrix(
    firm: pd.DataFrame, supposed: Assumptions, declared_days: Mapping[str, float], begun: Collection[str] = ()
) -> pd.DataFrame:
    """One row an irritant with euros, in the order given: COLUMNS. `weeks` of one team; euros of margin at stake.

    `source` of the effort: said by a person for the irritant, declared with an open action on it (`declared_days`, in days
    of work), or supposed for all. `quick`: known to take QUICK_WEEKS or less, at least the median stake of these rows, and
    not in `begun`, the irritants somebody works on already.
    """
    known = firm.dropna(subset=["value_at_risk_eur"])
    median = known["value_at_risk_eur"].median()
    rows = [_row(one, supposed, declared_days, median) for one in known.to_dict("records")]
    found = pd.DataFrame(rows, columns=COLUMNS)
    return found.assign(quick=found["quick"].astype(bool) & ~found["irritant_id"].isin(list(begun)))


def _row(one: Mapping[Any, Any], supposed: Assumptions, declared: Mapping[str, float], median: float) -> list[Any]:
    irritant = str(one["irritant_id"])
    weeks, source = effort(irritant, supposed, declared)
    value = float(one["value_at_risk_eur"])
    quick = source != SUPPOSED and weeks <= QUICK_WEEKS and value >= median
    ends = [one["value_at_risk_low_eur"], one["value_at_risk_high_eur"]]
    return [irritant, weeks, source, value, *ends, one["rank"], one["rank_low"], one["rank_high"], quick]


def effort(irritant_id: str, supposed: Assumptions, declared_days: Mapping[str, float]) -> tuple[float, str]:
    """Weeks of one team, and where the number comes from."""
    if irritant_id in said_for(supposed):
        return supposed.of(irritant_id).effort, SAID
    if irritant_id in declared_days:
        return declared_days[irritant_id] / WEEK_DAYS, DECLARED
    return supposed.of(irritant_id).effort, SUPPOSED


def said_for(supposed: Assumptions) -> set[str]:
    """Irritants whose effort a person has said: in the file, or by a change that still stands."""
    in_file = {one for one, given in supposed.start.irritants.items() if "effort" in given}
    changed = {one.irritant_id for one in supposed.history if one.name == "effort" and not one.undone_by}
    return in_file | {supposed.resolve(one) for one in changed}


def declared_efforts(open_actions: Iterable[tuple[str, float | None]]) -> dict[str, float]:
    """Days of work by irritant, of all open actions on it together."""
    found: dict[str, float] = {}
    for irritant, days in open_actions:
        if days:
            found[irritant] = found.get(irritant, 0.0) + float(days)
    return found
