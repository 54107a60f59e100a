"""Rows of the ledger of fixes out of readings, with what each proven effect is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from insights.actions.model import CONTACTS, DURATION, MENTIONS, REPEAT, Action
from insights.contracts import FIX, FIX_PLACEBO, FIX_WEEK
from insights.lake import Lake
from insights.proof import worth
from insights.proof.verdict import Reading, overall
from insights.proof.worth import Amount
from insights.steps.proof_rows import group_column, scoped

COSTS = "unit_costs.yaml"
YEAR_DAYS = 365
AT_RISK = """
SELECT irritant_id, value_at_risk_eur FROM priority WHERE week = (SELECT max(week) FROM priority WHERE week <= $day)
"""
CONTACTED = """
SELECT occurred_at::DATE AS day, reason, team, site, channel, count(*) AS n
FROM contact WHERE occurred_at >= $since AND occurred_at < $until
GROUP BY ALL ORDER BY ALL
"""
Told = Sequence[tuple[Action, Sequence[Reading]]]


@dataclass(frozen=True)
class Prices:
    """What euros are computed with: margin at stake by irritant, contacts of the last year, unit costs, portfolio.

    `mentions`: weekly counts by irritant, as the proof reads them. `today`: the business day.
    """

    at_risk: Mapping[str, float]
    contacts: pd.DataFrame
    mentions: pd.DataFrame
    today: date
    costs: Mapping[str, float]
    factor: float


def prices(lake: Lake, today: date, mentions: pd.DataFrame) -> Prices:
    """The prices of the business day."""
    found = lake.read(AT_RISK, day=today)
    path = lake.settings.reference_dir / COSTS
    since = pd.Timestamp(today - timedelta(days=YEAR_DAYS - 1), tz="UTC")
    return Prices(
        dict(zip(found["irritant_id"], found["value_at_risk_eur"].astype(float), strict=True)),
        lake.read(CONTACTED, since=since, until=pd.Timestamp(today + timedelta(days=1), tz="UTC")),
        mentions,
        today,
        worth.unit_costs(path) if path.is_file() else {},
        lake.settings.portfolio_factor,
    )


def fix_rows(lake: Lake, told: Told, today: date, mentions: pd.DataFrame) -> pd.DataFrame:
    """Rows of `fix`, an action and a measure each; the one that speaks carries the verdict of the whole action.

    `mentions`: weekly counts by irritant, as the proof reads them.
    """
    priced = prices(lake, today, mentions)
    rows = []
    for action, found in told:
        speaks = overall(found)
        for number, one in enumerate(found, start=1):
            said = speaks is not None and speaks.measure == one.measure
            rows.append(_row(action, speaks if said and speaks else one, number, said, priced))
    return pd.DataFrame(rows, columns=list(FIX.column_names))


def _row(action: Action, one: Reading, number: int, speaks: bool, priced: Prices) -> dict[str, object]:
    at_risk = priced.at_risk.get(action.irritant_id, float("nan"))
    touched = at_risk * reached(action, one.measure, priced)
    n_placebos = len(one.picture.placebos) if one.picture and one.picture.placebos else 0
    return {
        "action_id": action.action_id,
        "measure": one.measure,
        "measure_no": number,
        "speaks": speaks,
        "irritant_id": action.irritant_id,
        "method": one.method,
        "unit": one.unit,
        "better": one.better,
        "effect": _number(one.effect),
        "effect_low": _number(one.low),
        "effect_high": _number(one.high),
        "level": 1 - one.alpha,
        "p_value": _number(one.p),
        "placebos_beaten_share": _number(one.beaten),
        "n_placebos": n_placebos,
        "widened": one.widened,
        "n_counts": one.n_counts,
        "n_units": one.n_units,
        **_days("before", one.before),
        **_days("after", one.after),
        "ready_on": one.ready_on,
        "verdict": one.verdict,
        "reason": one.reason or None,
        "known_event": one.event or None,
        "at_risk_eur": _number(at_risk),
        **_amount("margin_kept", worth.margin_kept(one, touched) if one.measure in (MENTIONS, CONTACTS) else None),
        **_amount("contact_saved", saved(action, one, priced)),
        "computed_on": priced.today,
    }


def saved(action: Action, one: Reading, priced: Prices) -> Amount | None:
    """Contact cost avoided in a year by one reading; None where it is not shown or nothing prices it.

    A year of contacts as they come since the effect, of the treated groups within the scope.
    """
    if not priced.costs or not action.reasons or priced.contacts.empty:
        return None
    since = _since(action, priced.today)
    mine = treated(priced.contacts[priced.contacts["reason"].isin(action.reasons)], action)
    mine = mine[_days_of(mine["day"]) >= since]
    if one.measure == DURATION:
        mine = mine[mine["channel"] == "phone"]
    by_channel = mine.groupby("channel")["n"].sum().to_dict()
    per_year = priced.factor * float(mine["n"].sum()) * YEAR_DAYS / ((priced.today - since).days + 1)
    cost = worth.mean_cost({str(name): float(n) for name, n in by_channel.items()}, priced.costs)
    if one.measure == DURATION:
        return worth.time_saved(one, per_year, cost)
    return worth.contacts_avoided(one, per_year, cost) if one.measure in (CONTACTS, REPEAT) else None


def reached(action: Action, measure: str, priced: Prices) -> float:
    """Share of an irritant's contacts or complaints, since the effect, that the action touches: its scope, its treated."""
    rows = priced.contacts if measure == CONTACTS else priced.mentions
    name, keys = ("reason", action.reasons) if measure == CONTACTS else ("key", (action.irritant_id,))
    mine = rows[rows[name].isin(list(keys))]
    mine = mine[_days_of(mine["day" if measure == CONTACTS else "week"]) >= _since(action, priced.today)]
    total = float(mine["n"].sum())
    return float(treated(mine, action)["n"].sum()) / total if total > 0 else float("nan")


def treated(rows: pd.DataFrame, action: Action) -> pd.DataFrame:
    """Rows inside the scope and, where groups were declared that the rows know, of the treated ones."""
    kept, declared = scoped(rows, action), action.comparison
    column = group_column(kept, declared.dimension) if declared.treated else ""
    return kept[kept[column].isin(list(declared.treated))] if column else kept


def _since(action: Action, today: date) -> date:
    """The effect's day, or a year ago if that is later."""
    year = today - timedelta(days=YEAR_DAYS - 1)
    return max(action.plan.effect_on, year) if action.plan else year


def _days_of(values: pd.Series[date]) -> pd.Series[date]:
    return pd.to_datetime(values).dt.date


def week_rows(told: Told) -> pd.DataFrame:
    """Rows of `fix_week`."""
    frames = [
        pd.DataFrame(
            {
                "action_id": action.action_id,
                "measure": one.measure,
                "week": one.picture.week.astype("datetime64[D]").astype(object),
                "phase": list(one.picture.phase),
                "n_observed": one.picture.observed,
                "n_expected": one.picture.expected,
            }
        )
        for action, found in told
        for one in found
        if one.picture is not None
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(FIX_WEEK.column_names))


def placebo_rows(told: Told) -> pd.DataFrame:
    """Rows of `fix_placebo`; number 0 is the action itself."""
    frames = []
    for action, found in told:
        for one in found:
            if one.picture is None or one.picture.placebos is None:
                continue
            seen, week = one.picture.placebos, one.picture.week
            frames.append(
                pd.DataFrame(
                    {
                        "action_id": action.action_id,
                        "measure": one.measure,
                        "placebo_no": np.arange(len(seen) + 1),
                        "key": [action.irritant_id, *seen.key],
                        "own": [True, *(bool(own) for own in seen.own)],
                        "week": [one.after[0] if one.after else None, *week[seen.place.astype(int)].astype(object)],
                        "z": [one.z, *seen.z],
                    }
                )
            )
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(FIX_PLACEBO.column_names))


def _number(value: float) -> float | None:
    return None if not np.isfinite(value) else float(value)


def _days(name: str, span: tuple[date, date] | None) -> dict[str, date | None]:
    return {f"{name}_from_on": span[0] if span else None, f"{name}_until_on": span[1] if span else None}


def _amount(name: str, found: Amount | None) -> dict[str, float | None]:
    low, high = (found.low, found.high) if found else (None, None)
    return {f"{name}_eur": found.value if found else None, f"{name}_low_eur": low, f"{name}_high_eur": high}
