"""What past scoring days were worth, once their outcome is known: each month alone, and by segment over the last months.

A scoring day has matured when gap and horizon have passed in the feed. Figures stand with the counts they rest on; a
segment with fewer than 50 departures says "not enough data" and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import logit
from scipy.stats import norm

from insights.churn.evaluate import EPSILON, Ranking, cluster_bootstrap, ece, lift_top_decile, slope_and_intercept
from insights.churn.panel import lines
from insights.churn.select import month_capacity
from insights.intervals import Array

ALL, SEGMENT, TENURE = "all", "segment", "tenure"
FEWEST_EVENTS = 50
POOLED_MONTHS = 6  # of a segment
LEVEL = 0.95
DRAWS = 100
TENURES = ((12.0, "under_1"), (36.0, "1_to_3"), (np.inf, "over_3"))  # months below, code
SLOPES = (0.8, 1.25)  # a slope whose whole interval lies outside makes an alarm
RATIOS = (0.8, 1.25)  # departures seen over departures foretold, likewise


def tenure_band(months: pd.Series) -> pd.Series:
    """Code of each customer's time with us; "unknown" where it is not known."""
    bounds = [0.0, *(bound for bound, _ in TENURES)]
    bands = pd.cut(months.astype(float), bounds, right=False, labels=[code for _, code in TENURES])
    return bands.astype("str").where(months.notna(), "unknown")


def backtest(matured: pd.DataFrame, capacity: float, seed: int) -> pd.DataFrame:
    """One row a line of business, dimension, value and last month: figures on customers scored then and known now.

    `matured`: customer_id, t0, gap_days, horizon_days, label (0 or 1), probability, basis ("scored" that day or
    "replayed" later with what was known then), model_kind and one column a dimension (segment, tenure, region...).
    Dimension "all" has a row for each month; the others one over the last six months of their line. Lines differ in
    horizon and are never pooled. `capacity`: calls a month; whoever is among them is "at the cut" of the whole line.
    """
    rows = []
    for gap, horizon in lines(matured):
        own = matured[(matured["gap_days"] == gap) & (matured["horizon_days"] == horizon)]
        own = own.assign(called=_called(own, capacity))
        common = {"gap_days": gap, "horizon_days": horizon}
        for t0 in np.sort(own["t0"].unique()):
            month = own[own["t0"] == t0]
            rows.append(common | _row(month, ALL, ALL, seed))
        newest = np.sort(own["t0"].unique())[-POOLED_MONTHS:]
        recent = own[own["t0"].isin(newest)]
        rows += [common | _row(part, name, value, seed) for name, value, part in _parts(recent)]
    return pd.DataFrame(rows)


def _parts(recent: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Each segment of each dimension that the rows carry."""
    for name in (SEGMENT, TENURE, "region", "channel"):
        if name in recent.columns:
            for value in sorted(recent[name].dropna().unique()):
                yield name, str(value), recent[recent[name] == value]


def _called(own: pd.DataFrame, capacity: float) -> Array:
    """(n,) share of each row inside the month's calls: 1, 0, or the part of a tie at the cut."""
    taken = np.zeros(len(own))
    for t0 in own["t0"].unique():
        place = np.flatnonzero((own["t0"] == t0).to_numpy())
        score = own["probability"].to_numpy(float)[place]
        calls = month_capacity(capacity, len(place))
        order = np.sort(score)[::-1]
        cut = order[min(int(np.ceil(calls)), len(place)) - 1]
        above, tied = score > cut, score == cut
        taken[place] = above + tied * max(0.0, calls - above.sum()) / max(tied.sum(), 1)
    return taken


def _row(part: pd.DataFrame, dimension: str, value: str, seed: int) -> dict[str, Any]:
    """Counts always; figures where there are enough departures."""
    y, p = part["label"].to_numpy(float), part["probability"].to_numpy(float)
    called = part["called"].to_numpy(float)
    row: dict[str, Any] = {
        "t0": part["t0"].max(),
        "dimension": dimension,
        "value": value,
        "basis": "scored" if (part["basis"] == "scored").all() else "replayed",
        "model_kind": str(part.sort_values("t0", kind="stable")["model_kind"].iloc[-1]),
        "n_months": int(part["t0"].nunique()),
        "n": len(part),
        "n_events": int(y.sum()),
        "n_called": float(called.sum()),
        "enough": bool(y.sum() >= FEWEST_EVENTS and (1 - y).sum() >= FEWEST_EVENTS),
    }
    return row | (_figures(part["customer_id"], y, p, called, seed) if row["enough"] else {})


def _figures(customers: pd.Series, y: Array, p: Array, called: Array, seed: int) -> dict[str, float]:
    ranking = Ranking(y, p)
    clusters = pd.factorize(customers, sort=True)[0].astype(np.int64)
    auc = cluster_bootstrap(clusters, ranking.roc_auc, seed, DRAWS, LEVEL)
    slope, intercept = slope_and_intercept(y, p)
    slope_half = norm.ppf(0.5 + LEVEL / 2) * slope_error(y, p, slope, clusters)
    ratio, ratio_low, ratio_high = seen_over_told(y, p, clusters)
    return {
        **{"roc_auc": float(auc.value), "roc_auc_low": float(auc.low), "roc_auc_high": float(auc.high)},
        "pr_auc": ranking.pr_auc(),
        "lift_top_decile": lift_top_decile(y, p),
        "precision_at_capacity": float(called @ y / called.sum()) if called.sum() else float("nan"),
        "recall_at_capacity": float(called @ y / y.sum()),
        "expected_events": float(p.sum()),
        **{"seen_over_told": ratio, "seen_over_told_low": ratio_low, "seen_over_told_high": ratio_high},
        **{"slope": slope, "slope_low": slope - slope_half, "slope_high": slope + slope_half},
        "intercept": intercept,
        "ece": ece(y, p),
        "brier": float(np.mean((p - y) ** 2)),
    }


def slope_error(y: Array, p: Array, slope: float, clusters: Array) -> float:
    """Standard error of the calibration slope, robust to a customer standing in several months (sandwich)."""
    eta = logit(np.clip(p, EPSILON, 1 - EPSILON))
    x = np.column_stack([np.ones(len(y)), eta])
    offset = np.log(y.mean() / (1 - y.mean()))
    shift = _refit(x, y, np.array([offset - slope * eta.mean(), slope]))
    q = 1 / (1 + np.exp(-(x @ shift)))
    bread = np.linalg.inv(x.T @ (x * (q * (1 - q))[:, None]))
    score = x * (y - q)[:, None]
    sums = np.column_stack([np.bincount(clusters, score[:, j]) for j in range(2)])
    return float(np.sqrt((bread @ (sums.T @ sums) @ bread)[1, 1]))


def _refit(x: Array, y: Array, start: Array) -> Array:
    """The intercept that belongs to this slope (Newton on the intercept alone)."""
    beta = start.copy()
    for _ in range(50):
        q = 1 / (1 + np.exp(-(x @ beta)))
        step = float(np.sum(y - q) / np.sum(q * (1 - q)))
        beta[0] += step
        if abs(step) < 1e-10:
            break
    return beta


def seen_over_told(y: Array, p: Array, clusters: Array) -> tuple[float, float, float]:
    """Departures seen over departures foretold, with an interval of 95 % on the log, robust to repeated customers."""
    seen, told = float(y.sum()), float(p.sum())
    spread = np.bincount(clusters, y - p)
    half = norm.ppf(0.5 + LEVEL / 2) * float(np.sqrt(np.sum(spread**2))) / seen
    ratio = seen / told
    return ratio, ratio * float(np.exp(-half)), ratio * float(np.exp(half))


def alarms(figures: Mapping[str, Any], promised_auc: float | None) -> list[str]:
    """What of one matured month is out of bounds beyond chance: foretold_too_few, foretold_too_many, slope, ranking.

    `promised_auc`: the forward test's own, of the model card; the ranking is worse when the month's whole interval lies
    under it less 0.03.
    """
    if not figures["enough"]:
        return []
    found = []
    if figures["seen_over_told_low"] > RATIOS[1]:
        found.append("foretold_too_few")
    if figures["seen_over_told_high"] < RATIOS[0]:
        found.append("foretold_too_many")
    if figures["slope_high"] < SLOPES[0] or figures["slope_low"] > SLOPES[1]:
        found.append("slope")
    if promised_auc is not None and figures["roc_auc_high"] < promised_auc - 0.03:
        found.append("ranking")
    return found
