"""What goes with a low score: odds, points and share of explained variance of each irritant. Always an association.

People name an irritant because they are unhappy; only a tested fix tells a cause.
"""

from insights.drivers.frame import ALL_SURVEYS, MIN_NAMED, NEGATIVE, REVIEW
from insights.drivers.shapley import Shares, shapley, shapley_exact, shapley_sampled
from insights.drivers.table import DRAWS, drivers, headline

__all__ = [
    "ALL_SURVEYS",
    "DRAWS",
    "MIN_NAMED",
    "NEGATIVE",
    "REVIEW",
    "Shares",
    "drivers",
    "headline",
    "shapley",
    "shapley_exact",
    "shapley_sampled",
]
