"""How often a person gets the digest, and whether this week's is due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from insights.answers.model import FORTNIGHTLY, MONTHLY, NEVER, WEEKLY

EVERY = {WEEKLY: timedelta(weeks=1), FORTNIGHTLY: timedelta(weeks=2), MONTHLY: timedelta(weeks=4)}


def frequency(wishes: Mapping[str, str], recipient_id: str, default: str) -> str:
    """What the person asked for, else what owners.yaml says."""
    return wishes.get(recipient_id, default)


def is_due(wanted: str, week: date, last: date | None) -> bool:
    """Whether the issue of `week` goes out to who had their last one in the week of `last` (Mondays).

    An issue of the same week is due: whether it has arrived already is for the ledger to say.
    """
    if wanted == NEVER:
        return False
    return last is None or week <= last or week - last >= EVERY.get(wanted, EVERY[WEEKLY])
