"""The demo company: two years of a French energy supplier's raw exports, seeded, with the truth beside them."""

from insights.simulate.sink import SimulationSummary
from insights.simulate.write import write

__all__ = ["SimulationSummary", "write"]
