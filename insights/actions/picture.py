"""Impact and effort of the open actions, and which come first: the overdue ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from math import isnan

import pandas as pd

from insights.actions.model import DROPPED, Action

COLUMNS = [
    *("action_id", "title", "irritant_id", "owner", "kind", "state", "expected_share", "effort_days", "cost_eur"),
    *("start_on", "planned_on", "days_late", "impact_eur"),
]
ORDER = {"running": 0, "planned": 1, "done": 2, "dropped": 3}


def action_frame(actions: Iterable[Action], at_risk: Mapping[str, float], today: date) -> pd.DataFrame:
    """One row an action: the latest first, then running, planned, done, dropped, each by date.

    `at_risk`: irritant -> margin at stake in euros. `impact_eur`: that margin times the expected share; NaN without.
    """
    rows = [
        {
            **{name: getattr(one, name) for name in COLUMNS[:-2]},
            "days_late": one.days_late(today),
            "impact_eur": _impact(one, at_risk),
        }
        for one in actions
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    if frame.empty:
        return frame
    order = frame.assign(
        place=frame["state"].map(ORDER),
        due=[str(one or "9999") for one in frame["planned_on"].where(frame["planned_on"].notna(), None)],
    )
    ranked = order.sort_values(["days_late", "place", "due", "action_id"], ascending=[False, True, True, True])
    return ranked[COLUMNS].reset_index(drop=True)


def _impact(one: Action, at_risk: Mapping[str, float]) -> float:
    value = at_risk.get(one.irritant_id)
    known = value is not None and not isnan(value) and one.expected_share is not None and one.state != DROPPED
    return float(value) * float(one.expected_share) if known else float("nan")  # type: ignore[arg-type]
