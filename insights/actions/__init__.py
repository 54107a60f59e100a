"""Actions of the outer loop: the work that removes an irritant, with an owner, and what was declared of it beforehand."""

from insights.actions.book import Book, fold
from insights.actions.model import (
    DONE,
    DROPPED,
    FIX,
    GROUPS,
    KINDS,
    MESSAGE,
    NONE,
    PLANNED,
    RANDOM,
    RUNNING,
    STATES,
    TRAINING,
    Action,
    Comparison,
)

__all__ = [
    "DONE",
    "DROPPED",
    "FIX",
    "GROUPS",
    "KINDS",
    "MESSAGE",
    "NONE",
    "PLANNED",
    "RANDOM",
    "RUNNING",
    "STATES",
    "TRAINING",
    "Action",
    "Book",
    "Comparison",
    "fold",
]
