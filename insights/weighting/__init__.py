"""Who answered: weights that bring the answers of a survey back to whom it stands for, and who stands out among them."""

from insights.weighting.cells import VARIABLES, Before, cell_weights, weights_since
from insights.weighting.composition import composition, gaps
from insights.weighting.rake import Raked, rake, rake_trimmed

__all__ = [
    "Before",
    "Raked",
    "VARIABLES",
    "cell_weights",
    "composition",
    "gaps",
    "rake",
    "rake_trimmed",
    "weights_since",
]
