"""How many customers it takes to prove what a call does, and when there will be enough of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import asin, ceil, sqrt

from scipy.stats import norm

ALPHA, POWER, RELATIVE_CUT = 0.05, 0.80, 0.20
QUARTER_DAYS = 91
FAR_DAYS = 3650  # nobody plans further than ten years


@dataclass(frozen=True)
class Size:
    """Customers needed in each arm."""

    n_called: int
    n_held: int

    @property
    def total(self) -> int:
        return self.n_called + self.n_held


@dataclass(frozen=True)
class Forecast:
    """When an experiment will be large enough. `enough_on`: the last customer enters; `read_on`: their horizon is over.

    Both are None where the customers who could be called will never be enough, or the pace is nil.
    """

    size: Size
    n_entered: int
    per_week: float
    pool: int | None
    enough_on: date | None
    read_on: date | None

    @property
    def in_a_quarter(self) -> bool:
        """Whether a quarter of calls is enough."""
        return self.per_week * QUARTER_DAYS / 7 >= self.size.total


def needed(
    base: float, relative_cut: float = RELATIVE_CUT, held_share: float = 0.5, power: float = POWER, alpha: float = ALPHA
) -> Size:
    """Customers an arm to find, with this power, that a call cuts a share `base` of departures by `relative_cut`.

    Two proportions, normal approximation on Cohen's arcsine scale (Cohen 1988, chapter 6; what
    statsmodels' NormalIndPower solves), rounded to the nearest customer. Raises ValueError outside 0 to 1.
    """
    if not (0 < base < 1 and 0 < relative_cut <= 1 and 0 < held_share < 1):
        raise ValueError(f"base {base}, cut {relative_cut} and held share {held_share} must lie between 0 and 1")
    distance = 2 * (asin(sqrt(base)) - asin(sqrt(base * (1 - relative_cut))))
    each = ((norm.ppf(1 - alpha / 2) + norm.ppf(power)) / distance) ** 2
    return Size(round(each / held_share), round(each / (1 - held_share)))


def forecast(
    size: Size, n_entered: int, per_week: float, today: date, horizon_days: int, pool: int | None = None
) -> Forecast:
    """When `size` is reached at `per_week` new customers a week. `pool`: customers there are to call at all."""
    missing = max(size.total - n_entered, 0)
    days = 0 if not missing else ceil(missing / per_week * 7) if per_week > 0 else FAR_DAYS + 1
    never = days > FAR_DAYS or (pool is not None and pool < size.total)
    enough = None if never else today + timedelta(days=days)
    read = None if enough is None else enough + timedelta(days=horizon_days)
    return Forecast(size, n_entered, per_week, pool, enough, read)
