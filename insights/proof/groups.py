"""Comparison groups declared beforehand: difference in differences of weekly counts, with its pre-trend check.

Given the total of a week, the treated groups' part is binomial; the step of its logit, with the log ratio of the two
exposures as offset, is the log rate ratio of a Poisson model with one level a week: whatever moves both groups alike
falls out. Errors allow for over-dispersion and four weeks of autocorrelation (Newey and West), in statsmodels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm
from scipy.stats import norm

from insights.intervals import Array
from insights.proof.series import Bools, Phases

LAGS = 4
FEWEST_EVENTS = 20.0
FEWEST_A_SIDE = 5.0  # counts before, on each side
SEASON_WEEKS = 78
PRE_TREND_P = 0.05
FLOOR = 0.5


@dataclass(frozen=True)
class Pair:
    """Weekly counts and exposures (t,) of the treated groups and of the others; `season` (t, s)."""

    treated: Array
    treated_exposure: Array
    others: Array
    others_exposure: Array
    season: Array


@dataclass(frozen=True)
class GroupEffect:
    """Rate ratio of the treated groups against what the others say it would have been. `expected` (t,)."""

    ratio: float
    low: float
    high: float
    p: float
    trend_p: float
    expected: Array
    n_counts: int

    @property
    def parallel(self) -> bool:
        """Whether the groups moved alike before."""
        return self.trend_p >= PRE_TREND_P


def group_effect(pair: Pair, found: Phases, level: float = 0.95) -> GroupEffect | None:
    """The effect; None where weeks or counts are too few."""
    total, used = pair.treated + pair.others, found.used & (pair.treated + pair.others > 0)
    before = found.before & used
    sides = min(pair.treated[before].sum(), pair.others[before].sum())
    if not found.enough or total[used].sum() < FEWEST_EVENTS or sides < FEWEST_A_SIDE:
        return None
    index = np.arange(len(total))
    step = (index >= found.step_at).astype(float)
    flat = np.ones((len(total), 1))
    season = pair.season[:, :2] if used.sum() >= SEASON_WEEKS else pair.season[:, :0]
    coef, error = _logit(pair, np.column_stack([flat, season, step]), used)
    slope, slope_error = _logit(pair, np.column_stack([flat, index / 52.0]), before)
    half = float(norm.ppf(0.5 + level / 2)) * error[-1]
    odds = np.column_stack([flat, season]) @ coef[:-1] + _offset(pair)
    return GroupEffect(
        ratio=float(np.exp(coef[-1])),
        low=float(np.exp(coef[-1] - half)),
        high=float(np.exp(coef[-1] + half)),
        p=float(2 * norm.sf(abs(coef[-1]) / error[-1])),
        trend_p=float(2 * norm.sf(abs(slope[-1]) / slope_error[-1])),
        expected=np.asarray(pair.others * np.exp(odds)),
        n_counts=int(total[used].sum()),
    )


def _offset(pair: Pair) -> Array:
    return np.asarray(np.log(np.maximum(pair.treated_exposure, FLOOR) / np.maximum(pair.others_exposure, FLOOR)))


def _logit(pair: Pair, columns: Array, used: Bools) -> tuple[Array, Array]:
    """Coefficients and errors of the treated part of each week; the larger of the two errors is kept."""
    counts = np.column_stack([pair.treated, pair.others])[used]
    model = sm.GLM(counts, columns[used], family=sm.families.Binomial(), offset=_offset(pair)[used])
    plain = model.fit(scale="X2")
    robust = model.fit(cov_type="HAC", cov_kwds={"maxlags": LAGS})
    floor = plain.bse / np.sqrt(min(float(plain.scale), 1.0))
    return np.asarray(plain.params), np.fmax(floor, np.asarray(robust.bse))
