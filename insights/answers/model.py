"""The words of answers to a digest: the four answers, how often a person wants it, and the kinds of their events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

ACCEPT, KNOWN, WRONG, NOT_MINE = "accept", "known", "wrong", "not_mine"
ANSWERS = (ACCEPT, KNOWN, WRONG, NOT_MINE)
WEEKLY, FORTNIGHTLY, MONTHLY, NEVER = "weekly", "fortnightly", "monthly", "never"
FREQUENCIES = (WEEKLY, FORTNIGHTLY, MONTHLY, NEVER)
OPEN_FREQUENCY, UNSUBSCRIBE = "frequency", "unsubscribe"  # what the two other links of a digest open

PREFIX = "digest.answer."
GIVEN, UNDONE = "digest.answer.given", "digest.answer.undone"
WISHED = "digest.frequency"


@dataclass(frozen=True)
class Answer:
    """What one recipient said of one irritant of one issue. `action_id`: what an accepted one opened or joined."""

    event_id: int
    publication_id: str
    recipient_id: str
    irritant_id: str
    answer: str
    at: datetime
    action_id: str | None = None
    undone: bool = False
