"""Proven, not shown, worse: one rule over all methods, and the reason where nothing is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
from scipy.stats import norm

from insights.intervals import Array
from insights.proof.placebo import Placebos
from insights.proof.series import MOST_AFTER, Days

PROVEN, NOT_SHOWN, WORSE, TOO_EARLY = "proven", "not_shown", "worse", "too_early"
VERDICTS = (PROVEN, NOT_SHOWN, WORSE, TOO_EARLY)
RANDOMISED, COMPARED, SERIES = "randomised", "groups", "series"  # in the order in which they are tried
RATIO, POINTS = "ratio", "points"
ALPHA = 0.05
BOUNDARY, SHAPE = 2.293, 0.25  # of `alpha_at`; BOUNDARY keeps ALPHA over 45 weekly looks, by 400,000 simulated paths

# why nothing is shown
CHANCE, SHARED, FEW, PLACEBO, TRANSIENT = "chance", "shared", "few", "placebo", "transient"
KNOWN, PRE_TREND, NO_START, NO_DATA = "known_event", "pre_trend", "no_start", "no_data"
MIXED = "mixed"  # one measure better, another worse


def alpha_at(weeks: int) -> float:
    """Chance of error of a verdict `weeks` whole weeks after the effect, so that looking each week errs in `ALPHA` in all.

    A group sequential boundary (Wang and Tsiatis 1987, 10.2307/2531959): |z| >= BOUNDARY * (weeks / 52)^(SHAPE - 1/2).
    """
    return float(2 * norm.sf(BOUNDARY * (weeks / MOST_AFTER) ** (SHAPE - 0.5)))


LAST_ALPHA = alpha_at(MOST_AFTER)


@dataclass(frozen=True)
class Reading:
    """What one measure says of one action.

    `alpha`: chance of error it may use; `low` and `high` are the ends of its interval of level 1 - alpha.
    `effect`, `low`, `high`: a rate ratio (unit ratio; 1 is no effect) or a difference in points (unit points; 0 is
    none). `better`: which way is good. `beaten`: share of placebos with less of a change the good way; NaN without.
    """

    measure: str
    method: str
    unit: str
    better: str  # lower or higher
    effect: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    p: float = float("nan")
    beaten: float = float("nan")
    beaten_worse: float = float("nan")
    widened: float = 1.0
    z: float = float("nan")
    n_counts: int = 0
    n_units: int = 0
    holds: bool = True
    reason: str = ""
    event: str = ""
    before: tuple[date, date] | None = None
    after: tuple[date, date] | None = None
    ready_on: date | None = None
    alpha: float = LAST_ALPHA
    verdict: str = ""
    picture: Picture | None = None


@dataclass(frozen=True)
class Picture:
    """The series behind a reading: (t,) Monday, observed, expected without the action, phase of each week."""

    week: Days
    observed: Array
    expected: Array
    phase: tuple[str, ...]
    placebos: Placebos | None = field(default=None)


def judged(readings: Sequence[Reading]) -> list[Reading]:
    """The readings of one action with their verdicts; the chance of error is shared over looks and measures (Holm 1979)."""
    tested = [one for one in readings if not one.reason and np.isfinite(one.p)]
    adjusted = dict(zip(map(id, tested), holm([one.p for one in tested]), strict=True))
    return [_judge(one, adjusted.get(id(one))) for one in readings]


def _judge(one: Reading, p: float | None) -> Reading:
    if one.verdict == TOO_EARLY:
        return one
    if p is None:
        return replace(one, verdict=NOT_SHOWN, reason=one.reason or NO_DATA)
    none = 1.0 if one.unit == RATIO else 0.0
    good = one.effect < none if one.better == "lower" else one.effect > none
    if one.p > one.alpha or one.low <= none <= one.high:
        return replace(one, verdict=NOT_SHOWN, reason=CHANCE)
    if p > one.alpha:
        return replace(one, verdict=NOT_SHOWN, reason=SHARED)
    beaten = one.beaten if good else one.beaten_worse
    looked_elsewhere = one.method == SERIES or (one.method == COMPARED and np.isfinite(beaten))
    if looked_elsewhere and not beaten >= 1 - ALPHA:
        return replace(one, verdict=NOT_SHOWN, reason=PLACEBO)
    if not one.holds:
        return replace(one, verdict=NOT_SHOWN, reason=TRANSIENT)
    return replace(one, verdict=PROVEN if good else WORSE)


def holm(values: Sequence[float]) -> list[float]:
    """p values after Holm's step-down correction, in the order given."""
    order = np.argsort(np.asarray(values, dtype=float), kind="stable")
    out, highest = [0.0] * len(values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, float(values[int(place)]) * (len(values) - rank)))
        out[int(place)] = highest
    return out


def overall(readings: Sequence[Reading]) -> Reading | None:
    """The reading that speaks for an action: a proven one unless another is worse; else the first declared."""
    by = {verdict: [one for one in readings if one.verdict == verdict] for verdict in VERDICTS}
    if by[PROVEN] and not by[WORSE]:
        return by[PROVEN][0]
    if by[WORSE] and not by[PROVEN]:
        return by[WORSE][0]
    if by[PROVEN] and by[WORSE]:
        return replace(by[WORSE][0], verdict=NOT_SHOWN, reason=MIXED)
    return readings[0] if readings else None
