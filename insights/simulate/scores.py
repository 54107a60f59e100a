"""What people would score: the latent satisfaction behind an answer, and the true level over everybody.

The formula is the demo company's: 7.4, less each irritant (1.1, 1.9 or 3.0 by strength, the second at 60 %), plus
praise, a solved call, age and digital habit, noise of sd 1.4. Offsets then bring each group to its known level.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from insights.simulate import calendar
from insights.simulate.bank import Irritant
from insights.simulate.customers import Bools, Floats, Ints, Population
from insights.simulate.state import Wave

START, NOISE_SD = 7.4, 1.4
GOLDEN = (5**0.5 - 1) / 2
TENURE_EDGES = (91, 425, 1_095)  # days: 0-3 months, 4-14, 15-36, beyond
TENURE_NPS = (4.0, -14.0, -6.0, 3.0)
BUSINESS_NPS = -14.0
CSAT_CALL, CSAT_CALL_WINTER, CSAT_CARE = 0.765, 0.69, 0.83
CSAT_TARGET = {"post_digital": 0.71, "welcome": 0.77, "post_complaint": 0.46}
CSAT_EDGES = np.array((2.8, 4.6, 6.4, 8.6))
CES_EDGES = np.array((1.4, 2.8, 4.2, 5.6, 7.0, 8.4))
CES_TARGET = 0.69
ACTION_C_LIFT = 0.22


def penalties(catalogue: Sequence[Irritant]) -> Floats:
    """Points lost by irritant; a last 0 for none (index -1)."""
    strength = np.array([irritant.strength for irritant in catalogue])
    points = np.select([strength > -0.5, strength >= -0.75], [1.1, 1.9], default=3.0)
    return np.append(points, 0.0)


def expected(
    pop: Population, catalogue: Sequence[Irritant], who: Ints, k1: Ints, k2: Ints, solved: Bools, leave: Bools
) -> Floats:
    """Satisfaction 0 to 10 before praise and noise, one per row."""
    points = penalties(catalogue)
    habit, age = pop.habit[who], pop.age[who]
    shift = np.where((age >= 3) & (habit == 0), 0.72, np.where(habit == 2, -0.82, 0.05))
    score = START - points[k1] - 0.6 * points[k2] + 1.5 * (solved & (k1 >= 0)) - 1.4 * leave
    return np.asarray(score + shift)


def latent(rng: np.random.Generator, base: Floats, k1: Ints, stratified: Bools | None = None) -> Floats:
    """Satisfaction before rounding and calibration: `base` (see `expected`), praise, noise of sd 1.4.

    Rows marked `stratified` (those who answer a wave) take their noise from a golden-ratio sequence along their level:
    a wave of 240 answers then shows who answers rather than the luck of the draw.
    """
    happy = base + 1.2 * (rng.random(len(base)) < np.where(k1 >= 0, 0.28, 0.55))
    noise = rng.normal(0, 1, len(base))
    if stratified is not None and stratified.any():
        rows = np.flatnonzero(stratified)
        rows = rows[np.lexsort((rng.random(len(rows)), happy[rows]))]
        spread = (np.arange(len(rows)) * GOLDEN + rng.random()) % 1
        noise[rows] = [NormalDist().inv_cdf(min(max(u, 1e-4), 1 - 1e-4)) for u in spread]
    return np.asarray(happy + NOISE_SD * noise)


def nps_of(scores: Floats) -> float:
    """Net promoter score of whole scores, -100 to 100."""
    return float(100 * ((scores >= 9).mean() - (scores <= 6).mean())) if len(scores) else 0.0


def whole(scores: Floats) -> Floats:
    """Scores as given: whole, 0 to 10."""
    return np.clip(np.rint(scores), 0, 10)


def offset_for_nps(scores: Floats, target: float) -> float:
    """Constant to add so that the NPS of the group comes to `target` (bisection; the NPS rises with it)."""
    low, high = -8.0, 8.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if nps_of(whole(scores + middle)) < target else (low, middle)
    return (low + high) / 2


def tenure_points(pop: Population, who: Ints, day: int) -> Floats:
    """Points of satisfaction that stand for the contrasts of tenure, to order customers before calibration."""
    levels = np.array(TENURE_NPS)[np.searchsorted(TENURE_EDGES, day - pop.arrival[who])]
    return np.asarray(np.where(pop.business[who], BUSINESS_NPS, levels) / 18.0)


def calibrate_wave(pop: Population, wave: Wave, scores: Floats, target: float) -> Floats:
    """Scores of everybody at one wave: households reach `target` with the known contrasts of tenure."""
    business = pop.business[wave.customer]
    tenure = wave.day - pop.arrival[wave.customer]
    group = np.where(business, 4, np.searchsorted(TENURE_EDGES, tenure))
    levels = np.array((*TENURE_NPS, BUSINESS_NPS))
    counts = np.bincount(group, minlength=5)[:4]
    shift = target - (counts * levels[:4]).sum() / max(counts.sum(), 1)
    out = scores.copy()
    for g in range(5):
        rows = group == g
        if rows.any():
            out[rows] += offset_for_nps(scores[rows], levels[g] + shift)
    return out


def offset_for_share(scores: Floats, edge: float, target: float) -> float:
    """Constant to add so that a share `target` reaches `edge`."""
    return edge - float(np.quantile(scores, 1 - target)) if len(scores) else 0.0


def calibrate_csat(scores: Floats, days: Ints, care: Bools, lifted: Bools, survey: str) -> Floats:
    """Scores on the scale where CSAT_EDGES cut: by season and team for calls, one level elsewhere."""
    out = scores.copy()
    if survey != "post_call":
        return out + offset_for_share(out, CSAT_EDGES[2], CSAT_TARGET[survey])
    winter = np.isin(calendar.MONTH[np.clip(days, 0, calendar.N_DAYS - 1)], (12, 1, 2))
    for rows, target in ((care, CSAT_CARE), (winter & ~care, CSAT_CALL_WINTER), (~winter & ~care, CSAT_CALL)):
        if rows.any():
            out[rows] += offset_for_share(out[rows], CSAT_EDGES[2], target)
    return out + ACTION_C_LIFT * lifted


def csat(scores: Floats) -> Ints:
    """1 to 5."""
    return 1 + np.searchsorted(CSAT_EDGES, scores, side="right")


def ces(rng: np.random.Generator, scores: Floats) -> Ints:
    """1 to 7, high is easy: 69 % at 5 or more over all who were asked."""
    effort = scores + rng.normal(0, 1.3, len(scores))
    effort = effort + offset_for_share(effort, CES_EDGES[3], CES_TARGET)
    return 1 + np.searchsorted(CES_EDGES, effort, side="right")
