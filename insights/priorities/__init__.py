"""What to fix first: margin at risk of each irritant, how sure its rank is, which ones are tied, and how it moves."""

from insights.priorities.order import TOP, WEAK_BELOW, WINDOW_DAYS
from insights.priorities.rank import rank
from insights.priorities.trend import trend

__all__ = ["TOP", "WEAK_BELOW", "WINDOW_DAYS", "rank", "trend"]
