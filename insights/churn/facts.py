"""What a fit rests on: dates, customers, departures by cause, and how far the next rung of the ladder is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from insights.churn.select import next_rung

DAYS_A_MONTH = 30.4375


@dataclass(frozen=True)
class Context:
    """What the panel does not say. `declared_share`: of feedback whose available_at rests on a declared delay (0 to 1).

    `departures`: customers who left, by cause. `complete_through`: last day whose departures are all known. `movers`:
    n_moved, n_kept and the share kept with its bounds (0 to 1): moves are no chosen departures.
    """

    declared_share: float | None = None
    departures: Mapping[str, int] = field(default_factory=dict)
    complete_through: date | None = None
    movers: Mapping[str, float] = field(default_factory=dict)


def facts(known: pd.DataFrame, as_of: date, context: Context) -> dict[str, Any]:
    """Counts and dates for the model card. `known`: prepared rows with a label."""
    return {
        "as_of": as_of.isoformat(),
        "first_t0": known["t0"].min().date().isoformat() if len(known) else None,
        "last_t0": known["t0"].max().date().isoformat() if len(known) else None,
        "n_rows": len(known),
        "n_months": int(known["t0"].nunique()),
        "n_customers": int(known["customer_id"].nunique()),
        "n_events": int(known.loc[known["label"] == 1, "customer_id"].nunique()),
        "departures_by_cause": {str(cause): int(n) for cause, n in sorted(context.departures.items())},
        "declared_available_share": context.declared_share,
        "complete_through": context.complete_through.isoformat() if context.complete_through else None,
        "movers": dict(context.movers),
    }


def rung_ahead(report: dict[str, Any]) -> dict[str, Any]:
    """`next_rung`: kind, departures it needs and the day it is reached at the pace so far; empty on the last rung."""
    above = next_rung(report["n_events"])
    if above is None:
        return {}
    kind, needed = above
    pace = report["n_events"] / report["n_months"] if report["n_months"] else 0.0
    days = (needed - report["n_events"]) / pace * DAYS_A_MONTH if pace else None
    day = None if days is None else (pd.Timestamp(report["as_of"]) + pd.Timedelta(days=days)).date().isoformat()
    return {"next_rung": {"kind": kind, "n_events": needed, "expected_on": day}}
