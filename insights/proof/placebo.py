"""Placebos: the same step at dates and on irritants where nothing was done, and what their spread teaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import norm

from insights.intervals import Array
from insights.proof import design
from insights.proof.glm import fit_many
from insights.proof.series import DECISION_WEEKS, FEWEST_AFTER, FEWEST_BEFORE, Bools, Phases, Weekly, at

FEWEST_PLACEBOS = 50
MOST_PLACEBOS = 200
OWN_GAP = 8  # weeks a placebo date stays away from the real one in the same series
DATES_APART = 2  # weeks between placebo dates
FEWEST_EVENTS = 20.0  # counts in the used weeks below which nothing is estimated
FEWEST_EVENTS_BEFORE = 8.0  # a cause that was hardly there before cannot be said to have fallen
SPREAD = 0.8  # quantile of the placebos' |z| that tells their spread: above it stand those that are no placebo
UNKNOWN = 1.0  # systematic error (log) where too few placebos teach one: nothing is shown
STEPS = 40  # of the bisection for the systematic error


@dataclass(frozen=True)
class Placebos:
    """The step where nothing was done, (m,) each: its log ratio and error. `place`: week; `own`: the same series.

    `systematic`: error of a log ratio beyond what counting gives, learned from all of them.
    """

    log_ratio: Array
    error: Array
    place: Array
    own: Bools
    key: tuple[str, ...]
    systematic: float

    def __len__(self) -> int:
        return len(self.log_ratio)

    @property
    def z(self) -> Array:
        """(m,) steps in standard errors, the systematic error in them."""
        return np.asarray(self.log_ratio / np.hypot(self.error, self.systematic))


@dataclass(frozen=True)
class Candidate:
    """One placebo date of one series: its used weeks (t,) and columns (t, p), the step last."""

    key: str
    place: int
    used: Bools
    columns: Array


def few(series: Weekly, before: Bools, used: Bools) -> bool:
    """Whether a series counts too little for an estimate."""
    return bool(series.count[used].sum() < FEWEST_EVENTS or series.count[before].sum() < FEWEST_EVENTS_BEFORE)


def systematic_error(log_ratio: Array, error: Array) -> float:
    """Standard deviation to add to each error so that placebo steps spread as the normal law says; 0 at least.

    Empirical calibration with negative controls (Schuemie et al. 2014, doi:10.1002/sim.5925); by a quantile, so that
    the few placebos at which something did happen do not count.
    """
    if len(log_ratio) < FEWEST_PLACEBOS:
        return UNKNOWN
    aim = norm.ppf(0.5 + SPREAD / 2)

    def spread(extra: float) -> float:
        return float(np.quantile(np.abs(log_ratio) / np.hypot(error, extra), SPREAD))

    low, high = 0.0, UNKNOWN
    if spread(low) <= aim:
        return 0.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if spread(middle) > aim else (low, middle)
    return high


def placebos(key: str, found: Phases, series: Mapping[str, Weekly], most: int = MOST_PLACEBOS) -> Placebos:
    """The step at other weeks of the own series (the real one taken out) and of the other irritants.

    The weeks left out and the weeks after lie as the real ones. `most` are kept, evenly over series and dates.
    """
    length = int(found.after.sum())
    first = FEWEST_BEFORE + max(found.gap, min(found.since + DECISION_WEEKS, FEWEST_BEFORE))
    own = [(key, place) for place in dates(len(series[key]), first, length) if abs(place - found.step_at) >= OWN_GAP]
    others = [(name, place) for name, one in series.items() if name != key for place in dates(len(one), first, length)]
    kept = [others[n] for n in evenly(len(others), most - len(own))]
    prepared = {name: design.Columns.of(one) for name, one in series.items()}
    rows = [
        row
        for name, place in (*own, *kept)
        for row in _candidate(
            name, series[name], prepared[name], moved_to(found, len(series[name]), place), found, name == key
        )
    ]
    if not rows:
        return Placebos(np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0, dtype=bool), (), UNKNOWN)
    log_ratio, error = _steps(rows, series)
    return Placebos(
        log_ratio,
        error,
        np.array([row.place for row in rows]),
        np.array([row.key == key for row in rows]),
        tuple(row.key for row in rows),
        systematic_error(log_ratio, error),
    )


def dates(n_weeks: int, first: int, length: int) -> list[int]:
    """Places where a placebo effect may begin: enough weeks on both sides."""
    return list(range(first, n_weeks - min(length, FEWEST_AFTER * 2) + 1, DATES_APART))


def moved_to(found: Phases, n_weeks: int, place: int) -> Phases:
    """The real phases moved to another week, as long after as the real ones."""
    moved = at(n_weeks, place - found.since, place - found.gap, place)
    late = moved.after & (np.arange(n_weeks) < place + int(found.after.sum()))
    return replace(moved, after=late)


def evenly(n: int, count: int) -> list[int]:
    """`count` places of 0..n-1, evenly."""
    if n == 0 or count <= 0:
        return []
    return [int(place) for place in np.unique(np.linspace(0, n - 1, min(count, n)).astype(int))]


def _candidate(
    name: str, one: Weekly, prepared: design.Columns, moved: Phases, real: Phases, own: bool
) -> list[Candidate]:
    """One placebo date; nothing where it cannot be estimated. In the action's own series its real step is told too."""
    used = moved.used & real.used if own else moved.used
    columns = prepared.base(used)
    if own:
        nuisance = design.step(len(one), real.step_at)
        if len(np.unique(nuisance[used])) > 1:
            columns = np.column_stack([columns, nuisance])
    place = moved.step_at
    step = design.step(len(one), place)
    short = used[:place].sum() < FEWEST_BEFORE or used[place:].sum() < FEWEST_AFTER
    early = used & (np.arange(len(one)) < place)
    if short or few(one, early, used) or design.explained(step, columns, used) > design.MIXED:
        return []
    return [Candidate(name, place, used, np.column_stack([columns, step]))]


def _steps(rows: Sequence[Candidate], series: Mapping[str, Weekly]) -> tuple[Array, Array]:
    """Coefficient and error of the last column of each row, fitted in groups of equal width."""
    log_ratio, error = np.zeros(len(rows)), np.zeros(len(rows))
    widths = np.array([row.columns.shape[1] for row in rows])
    for width in np.unique(widths):
        places = np.flatnonzero(widths == width)
        group = [rows[int(place)] for place in places]
        fit = fit_many(
            np.stack([series[row.key].count for row in group]),
            np.stack([row.columns for row in group]),
            np.stack([design.offset(series[row.key]) for row in group]),
            np.stack([row.used for row in group]).astype(float),
        )
        log_ratio[places] = fit.coef[:, -1]
        error[places] = np.sqrt(fit.variance[:, -1, -1])
    return log_ratio, error
