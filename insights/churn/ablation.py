"""What each family of data adds to a churn forecast: nested models on the same forward months, with intervals.

Every step adds families to the step before and is fitted on the same rows; the change between two steps is drawn again
by customer, both steps on the same customers. A change whose interval holds zero is told as "not shown".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.churn.design import MIN_EXPOSED, Design
from insights.churn.evaluate import Ranking, cluster_codes
from insights.churn.logistic import log_odds, solve
from insights.churn.panel import TERMS, Term
from insights.intervals import Array

STEPS: dict[str, tuple[str, ...]] = {  # step -> the families it adds
    "crm": ("contract",),
    "behaviour": ("usage", "effort", "callback"),
    "scores": ("score", "silence"),
    "text": ("text", "irritant"),
}
METRICS = ("pr_auc", "lift_top_decile")
FOLDS, FOLD_MONTHS = 4, 3
MIN_TRAIN_EVENTS = 50
RIDGE = 30.0
LEVEL = 0.95
FULL = "text"  # the last step: all families
CARRIED = ("customer_id", "t0", "gap_days", "horizon_days", "segment", "tenure_months", "label")
SHOWN, HURTS, NOT_SHOWN = "shown", "hurts", "not_shown"
Learn = Callable[[pd.DataFrame, Sequence[Term], int], Callable[[pd.DataFrame], Array]]


@dataclass(frozen=True)
class Fold:
    """Row positions of one forward fold: `train` has closed before the first month of `test` begins."""

    train: NDArray[np.int64]
    test: NDArray[np.int64]
    months: tuple[pd.Timestamp, ...]


def learn_logistic(train: pd.DataFrame, terms: Sequence[Term], min_exposed: int) -> Callable[[pd.DataFrame], Array]:
    """A ridge logistic on these terms as the function that scores rows: (n,) probabilities."""
    design = Design.learn(train, terms, min_exposed)
    beta = solve(design.matrix(train), train["label"].to_numpy(float), RIDGE)
    return lambda rows: np.asarray(1 / (1 + np.exp(-log_odds(design.matrix(rows), beta))), dtype=float)


def forward_folds(
    rows: pd.DataFrame, line: tuple[int, int], n_folds: int = FOLDS, n_months: int = FOLD_MONTHS
) -> list[Fold]:
    """Up to `n_folds` blocks of test months of one line of business, the oldest first, each after all it is learnt on.

    `rows`: prepared. Training rows are of all lines. A block without enough known departures before it is left out.
    """
    known = rows["label"].notna().to_numpy()
    own = known & ((rows["gap_days"] == line[0]) & (rows["horizon_days"] == line[1])).to_numpy()
    months = np.sort(rows.loc[own, "t0"].unique())
    t0, closes = rows["t0"].to_numpy(), rows["closes_on"].to_numpy()
    y = rows["label"].to_numpy(float)
    folds: list[Fold] = []
    for end in range(len(months), 0, -n_months):
        block = months[max(0, end - n_months) : end]
        train = known & (closes <= block[0])
        if len(folds) == n_folds or len(block) < n_months or y[train].sum() < MIN_TRAIN_EVENTS:
            break
        test = own & np.isin(t0, block)
        if y[test].any():
            stamps = tuple(pd.Timestamp(month) for month in block)
            folds.append(Fold(np.flatnonzero(train), np.flatnonzero(test), stamps))
    return folds[::-1]


def nested_scores(
    rows: pd.DataFrame, folds: Sequence[Fold], learn: Learn = learn_logistic, steps: Sequence[str] = tuple(STEPS)
) -> pd.DataFrame:
    """Every test row of the folds scored by these steps: customer_id, t0, gap_days, horizon_days, segment,
    tenure_months, label and one column a step."""
    parts = []
    for fold in folds:
        train, test = rows.iloc[fold.train], rows.iloc[fold.test]
        part = test.loc[:, list(CARRIED)].copy()
        for step, families in cumulative():
            if step not in steps:
                continue
            terms = [term for term in TERMS if term.family in families]
            min_exposed = MIN_EXPOSED if "irritant" in families else len(train) + 1
            part[step] = learn(train, terms, min_exposed)(test)
        parts.append(part)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*CARRIED, *steps])


def cumulative() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each step with all families it knows, its own and those of the steps before."""
    known: tuple[str, ...] = ()
    for step, families in STEPS.items():
        known += families
        yield step, known


def ablation(scored: pd.DataFrame, seed: int, draws: int = 200) -> list[dict[str, Any]]:
    """One entry a step and metric: value, low, high; change, change_low, change_high against the step before; verdict.

    `scored`: rows of `nested_scores`. A figure is the mean of its months, weighted by their customers. Intervals of 95 %
    draw customers with replacement, each with all of its months. The first step is compared with nothing.
    """
    if scored.empty:
        return []
    drawn = _draws(scored, seed, draws)  # (draws + 1, steps, metrics), the data themselves first
    entries = []
    for i, step in enumerate(STEPS):
        for j, metric in enumerate(METRICS):
            entry: dict[str, Any] = {"step": step, "metric": metric} | _interval(drawn[:, i, j], "value", "low", "high")
            if i:
                change = drawn[:, i, j] - drawn[:, i - 1, j]
                entry |= _interval(change, "change", "change_low", "change_high")
                entry["verdict"] = verdict(entry["change_low"], entry["change_high"])
            entries.append(entry)
    return entries


def verdict(low: float, high: float) -> str:
    """shown, hurts, or not_shown where the interval of the change holds zero."""
    return SHOWN if low > 0 else HURTS if high < 0 else NOT_SHOWN


def _interval(values: Array, *names: str) -> dict[str, float]:
    low, high = np.nanquantile(values[1:], [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    return dict(zip(names, (float(values[0]), float(low), float(high)), strict=True))


def _draws(scored: pd.DataFrame, seed: int, draws: int) -> Array:
    """(draws + 1, steps, metrics) figures; the first entry weighs every customer once."""
    clusters = cluster_codes(scored["customer_id"].to_numpy())
    n = int(clusters.max()) + 1
    y = scored["label"].to_numpy(float)
    months = [np.flatnonzero(scored["t0"].to_numpy() == month) for month in np.sort(scored["t0"].unique())]
    rankings = [[Ranking(y[m], scored[step].to_numpy(float)[m]) for step in STEPS] for m in months]
    rng = np.random.default_rng(seed)
    found = []
    for draw in range(draws + 1):
        times = np.ones(n) if draw == 0 else np.bincount(rng.integers(0, n, n), minlength=n).astype(float)
        weight = times[clusters]
        each = [[_figures(one, weight[m], y[m]) for one in own] for own, m in zip(rankings, months, strict=True)]
        found.append(np.average(np.array(each), axis=0, weights=[len(m) for m in months]))
    return np.array(found)


def _figures(ranking: Ranking, weight: Array, y: Array) -> tuple[float, float]:
    """PR-AUC and top-decile lift of weighted rows."""
    rate = float(weight @ y / weight.sum())
    tenth = weight.sum() / 10
    lift = ranking.events_at(tenth, weight) / tenth / rate if rate > 0 else float("nan")
    return ranking.pr_auc(weight), lift
