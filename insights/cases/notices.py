"""What a team or a person is to be told about a case: codes and counts only, no personal data and no customer id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

REMINDER, ESCALATION = "reminder", "escalation"  # first human contact: nearly due, late
RESOLUTION_SOON, RESOLUTION_LATE = "resolution_soon", "resolution_late"
ACKNOWLEDGE, OMBUDSMAN = "acknowledge", "ombudsman"  # of a formal complaint
OPENED_URGENT, TRANSFERRED_TO_YOU = "opened_urgent", "transferred_to_you"
SUBJECT_CODES = (
    *(REMINDER, ESCALATION, RESOLUTION_SOON, RESOLUTION_LATE),
    *(ACKNOWLEDGE, OMBUDSMAN, OPENED_URGENT, TRANSFERRED_TO_YOU),
)


@dataclass(frozen=True)
class Notice:
    """One thing to tell, once. `key` is an idempotency key: the same notice computed twice has the same key.

    `team`: id in teams.yaml, whose calendar gives the quiet hours. `person`: who has taken the case, or the
    team's escalation contact; None: the whole team. `at`: UTC instant from which it is true, not when it is sent.
    `facts`: reason, due_at, waited_hours and the like, JSON-able.
    """

    key: str
    team: str
    person: str | None
    subject_code: str
    case_id: str
    at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
