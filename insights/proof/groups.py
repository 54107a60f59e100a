"""Comparison groups declared beforehand: difference in differences of weekly counts, with its pre-trend check.

Given the total of a week, the treated groups' part is binomial; the step of its logit, with the log ratio of the two
exposures as offset, is the log rate ratio of a Poisson model with one level a week: whatever moves both groups alike
falls out. Errors allow for over-dispersion and four weeks of autocorrelation (Newey and West), in statsmodels. Groups
also drift apart by themselves: the same step at other dates and for other irritants of the same groups says how far, and
widens the interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM

from insights.intervals import Array
from insights.proof.placebo import OWN_GAP, UNKNOWN, Placebos, dates, evenly, moved_to, systematic_error
from insights.proof.series import DECISION_WEEKS, FEWEST_AFTER, FEWEST_BEFORE, Bools, Phases

LAGS = 4
FEWEST_EVENTS = 20.0
FEWEST_A_SIDE = 5.0  # counts before, on each side
SEASON_WEEKS = 78
PRE_TREND_P = 0.05
FLOOR = 0.5
MOST_PLACEBOS = 100


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
    """Rate ratio of the treated groups against what the others say it would have been. `expected` (t,).

    `widened`, `beaten`, `beaten_up`: as in insights/proof/interrupted.py.
    """

    ratio: float
    low: float
    high: float
    p: float
    trend_p: float
    z: float
    expected: Array
    n_counts: int
    placebos: Placebos
    widened: float
    beaten: float
    beaten_up: float

    @property
    def parallel(self) -> bool:
        """Whether the groups moved alike before."""
        return self.trend_p >= PRE_TREND_P


def group_effect(
    key: str, found: Phases, pairs: Mapping[str, Pair], level: float = 0.95, most: int = MOST_PLACEBOS
) -> GroupEffect | None:
    """The effect on pairs[key], the other pairs being its placebos; None where weeks or counts are too few."""
    pair = pairs[key]
    used = found.used & (pair.treated + pair.others > 0)
    if few(pair, found, used):
        return None
    index = np.arange(len(used))
    columns = _columns(pair, used)
    coef, errors = _logit(pair, np.column_stack([columns, index >= found.step_at]), used)
    slope, slope_error = _logit(pair, np.column_stack([columns[:, :1], index / 52.0]), found.before & used)
    seen = group_placebos(key, found, pairs, most)
    error = float(np.hypot(errors[-1], seen.systematic))
    half, z = float(norm.ppf(0.5 + level / 2)) * error, float(coef[-1] / error)
    return GroupEffect(
        ratio=float(np.exp(coef[-1])),
        low=float(np.exp(coef[-1] - half)),
        high=float(np.exp(coef[-1] + half)),
        p=float(2 * norm.sf(abs(z))),
        trend_p=float(2 * norm.sf(abs(slope[-1]) / slope_error[-1])),
        z=z,
        expected=np.asarray(pair.others * np.exp(columns @ coef[:-1] + _offset(pair))),
        n_counts=int((pair.treated + pair.others)[used].sum()),
        placebos=seen,
        widened=error / float(errors[-1]),
        beaten=float((seen.z > z).sum() / (len(seen) + 1)),
        beaten_up=float((seen.z < z).sum() / (len(seen) + 1)),
    )


def few(pair: Pair, found: Phases, used: Bools) -> bool:
    """Whether weeks or counts are too few for an estimate."""
    before = found.before & used
    sides = min(pair.treated[before].sum(), pair.others[before].sum())
    return bool(not found.enough or (pair.treated + pair.others)[used].sum() < FEWEST_EVENTS or sides < FEWEST_A_SIDE)


def group_placebos(key: str, found: Phases, pairs: Mapping[str, Pair], most: int = MOST_PLACEBOS) -> Placebos:
    """The step at other weeks of the own pair (the real one taken out) and of the other pairs, `most` at most."""
    length, n_weeks = int(found.after.sum()), len(pairs[key].treated)
    first = FEWEST_BEFORE + max(found.gap, min(found.since + DECISION_WEEKS, FEWEST_BEFORE))
    places = dates(n_weeks, first, length)
    own = [(key, place) for place in places if abs(place - found.step_at) >= OWN_GAP]
    others = [(name, place) for name in sorted(pairs) if name != key for place in places]
    rows = [*own, *(others[n] for n in evenly(len(others), most - len(own)))]
    steps = [(name, place, _placebo(pairs[name], found, place, name == key)) for name, place in rows]
    kept = [(name, place, step) for name, place, step in steps if step is not None]
    if not kept:
        return Placebos(np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0, dtype=bool), (), UNKNOWN)
    log_ratio, error = (np.array([step[side] for *_, step in kept]) for side in (0, 1))
    at, is_own = np.array([place for _, place, _ in kept]), np.array([name == key for name, *_ in kept])
    return Placebos(log_ratio, error, at, is_own, tuple(name for name, *_ in kept), systematic_error(log_ratio, error))


def _placebo(pair: Pair, real: Phases, place: int, own: bool) -> tuple[float, float] | None:
    """Log ratio and error of the step at another week; None where it cannot be estimated."""
    moved = moved_to(real, len(pair.treated), place)
    used = (moved.used & real.used if own else moved.used) & (pair.treated + pair.others > 0)
    index = np.arange(len(used))
    early = used & (index < place)
    short = early.sum() < FEWEST_BEFORE or (used & (index >= place)).sum() < FEWEST_AFTER
    if short or few(pair, moved, used):
        return None
    columns, told = _columns(pair, used), (index >= real.step_at).astype(float)
    if own and np.ptp(told[used]) > 0:
        columns = np.column_stack([columns, told])
    step = (index >= place).astype(float)
    if np.linalg.matrix_rank(np.column_stack([columns, step])[used]) <= columns.shape[1]:
        return None
    coef, error = _logit(pair, np.column_stack([columns, step]), used)
    return float(coef[-1]), float(error[-1])


def _columns(pair: Pair, used: Bools) -> Array:
    """(t, p): intercept, and one harmonic of the year when enough weeks are used."""
    season = pair.season[:, :2] if used.sum() >= SEASON_WEEKS else pair.season[:, :0]
    return np.column_stack([np.ones(len(used)), season])


def _offset(pair: Pair) -> Array:
    return np.asarray(np.log(np.maximum(pair.treated_exposure, FLOOR) / np.maximum(pair.others_exposure, FLOOR)))


def _logit(pair: Pair, columns: Array, used: Bools) -> tuple[Array, Array]:
    """Coefficients and errors of the treated part of each week; the larger of the two errors is kept."""
    counts = np.column_stack([pair.treated, pair.others])[used]
    model = GLM(counts, columns[used], family=Binomial(), offset=_offset(pair)[used])
    plain = model.fit(scale="X2")
    robust = model.fit(cov_type="HAC", cov_kwds={"maxlags": LAGS})
    floor = plain.bse / np.sqrt(min(float(plain.scale), 1.0))
    return np.asarray(plain.params), np.fmax(floor, np.asarray(robust.bse))
