"""Effect of being called, by intention to treat: everybody drawn for a call, reached or not, against everybody held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm, t

Array = NDArray[np.float64]
FEWEST = 20  # customers of an arm below which nothing is estimated
FEWEST_EVENTS = 5  # departures of both arms together below which nothing is estimated
LOGIT_BOUND = 1e-4
RANK_TOLERANCE = 1e-8
SMALL_STRATUM = 30  # customers of a stratum below which it has no term of its own


@dataclass(frozen=True)
class Effect:
    """Called minus held out. `points`: difference of the adjusted means; `relative`: it as a share of the held-out mean.

    An interval holds the true value in 95 % of experiments. `relative` is NaN where the outcome is no share of customers.
    """

    n_called: int
    n_held: int
    mean_called: float
    mean_held: float
    points: float
    low: float
    high: float
    relative: float
    relative_low: float
    relative_high: float


def covariates(probability: pd.Series, segment: pd.Series, stratum: pd.Series | None = None) -> Array:
    """What was known before the call (n, k): logit of the score of that day, its absence, segment, risk stratum.

    Rare levels (fewer than SMALL_STRATUM customers) have no column: they stand with the reference.
    """
    known = probability.notna().to_numpy()
    p = probability.fillna(probability.median() if known.any() else 0.5).clip(LOGIT_BOUND, 1 - LOGIT_BOUND)
    logit = np.log(p / (1 - p)).to_numpy(dtype=float)
    parts = [logit, (~known).astype(float)]
    for column in (segment, stratum):
        if column is not None:
            levels = column.fillna("(none)").value_counts()
            names = sorted(str(one) for one in levels[levels >= SMALL_STRATUM].index)[1:]
            parts += [(column == name).to_numpy(dtype=float) for name in names]
    return np.column_stack(parts)


def intention_to_treat(
    called: ArrayLike, outcome: ArrayLike, x: Array | None = None, cluster: ArrayLike | None = None, level: float = 0.95
) -> Effect | None:
    """Effect of the draw on `outcome` (n,), 0/1 or a score; None when an arm or the events are too few.

    `called` (n,) True for those drawn for a call; `x` (n, k) covariates from before it; `cluster` (n,) account ids.
    Linear adjustment with all interactions (Lin 2013, Annals of Applied Statistics 7(1)): right whatever the true model,
    and in large samples never less precise than the plain difference. Errors HC2, or by cluster where an account has
    several customers; t with about the degrees of freedom of the held-out arm, the small one of the two; and, for shares,
    the correction of Agresti and Caffo (2000, The American Statistician 54(4)): rare departures make the plain interval
    too narrow and put it on the wrong side.
    """
    from statsmodels.regression.linear_model import OLS  # a second of import, for those who estimate only

    treated = np.asarray(called, dtype=bool)
    y = np.asarray(outcome, dtype=float)
    binary = bool(np.isin(y, (0.0, 1.0)).all())
    n1, n0 = int(treated.sum()), int((~treated).sum())
    if min(n1, n0) < FEWEST or (binary and y.sum() < FEWEST_EVENTS):
        return None
    design = _design(treated, _independent(x, treated))
    groups = _codes(cluster, len(y))
    kind = {"cov_type": "HC2"} if groups is None else {"cov_type": "cluster", "cov_kwds": {"groups": groups}}
    fitted = OLS(y, design).fit(**kind)
    (held, effect), cov = fitted.params[:2], np.asarray(fitted.cov_params())[:2, :2]
    freedom = max(n0 - design.shape[1] // 2, 1)
    quantile = float(t.ppf(0.5 + level / 2, min(freedom, _n_groups(groups, treated, freedom))))
    shift, wider = _few(y, treated) if binary else (0.0, 1.0)
    half = quantile * sqrt_of(cov[1, 1]) * wider
    low, high = min(effect + shift - half, effect), max(effect + shift + half, effect)
    relative = _relative(held, effect, cov, level) if binary else (np.nan, np.nan, np.nan)
    return Effect(n1, n0, held + effect, held, effect, low, high, *relative)


def _few(y: Array, treated: NDArray[np.bool_]) -> tuple[float, float]:
    """Shift of the interval and factor of its width: one departure and one who stayed are added to each arm."""
    shares, variances = [], []
    for added in (0, 1):
        n = np.array([treated.sum(), (~treated).sum()]) + 2 * added
        p = (np.array([y[treated].sum(), y[~treated].sum()]) + added) / n
        shares.append(p[0] - p[1])
        variances.append(float((p * (1 - p) / (n - 1 + added)).sum()))
    return float(shares[1] - shares[0]), sqrt_of(max(variances[1] / variances[0], 1.0)) if variances[0] else 1.0


def sqrt_of(variance: float) -> float:
    return float(np.sqrt(max(variance, 0.0)))


def _design(treated: NDArray[np.bool_], x: Array) -> Array:
    """Constant, arm, centred covariates and their products with the arm: the constant is the held-out mean of all."""
    centred = x - x.mean(axis=0)
    arm = treated.astype(float)[:, None]
    return np.hstack([np.ones_like(arm), arm, centred, centred * arm])


def _independent(x: Array | None, treated: NDArray[np.bool_]) -> Array:
    """Columns that add something within each arm: a column that is constant or a sum of those before is left out."""
    if x is None or not x.size:
        return np.empty((len(treated), 0))
    kept = np.ones(x.shape[1], dtype=bool)
    for arm in (treated, ~treated):
        centred = x[arm] - x[arm].mean(axis=0)
        spread = np.sqrt((centred**2).sum(axis=0))
        if len(centred) < x.shape[1]:
            return np.empty((len(treated), 0))
        left = np.abs(np.diag(np.linalg.qr(centred, mode="r")))
        kept &= left > RANK_TOLERANCE * np.maximum(spread, 1.0)
    return x[:, kept]


def _codes(cluster: ArrayLike | None, n: int) -> NDArray[np.int64] | None:
    """Numbers of the clusters; None when every customer stands alone."""
    if cluster is None:
        return None
    codes, names = pd.factorize(np.asarray(cluster))
    return None if len(names) == n else codes


def _n_groups(groups: NDArray[np.int64] | None, treated: NDArray[np.bool_], otherwise: int) -> int:
    return otherwise if groups is None else max(len(np.unique(groups[~treated])) - 1, 1)


def _relative(held: float, effect: float, cov: Array, level: float) -> tuple[float, float, float]:
    """Effect as a share of the held-out mean, interval by the log of the ratio of means (delta method)."""
    called = held + effect
    if held <= 0 or called <= 0:
        return (effect / held if held > 0 else np.nan), np.nan, np.nan
    slope = np.array([1 / called - 1 / held, 1 / called])
    half = float(norm.ppf(0.5 + level / 2)) * sqrt_of(float(slope @ cov @ slope))
    ratio = called / held
    return ratio - 1, ratio * float(np.exp(-half)) - 1, ratio * float(np.exp(half)) - 1
