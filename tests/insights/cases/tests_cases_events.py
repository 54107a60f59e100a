"""Events of one case, as a ledger gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 10, 26, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Recorded:
    event_id: int
    kind: str
    subject: str
    at: datetime
    actor: str
    payload: Mapping[str, Any] = field(default_factory=dict)


def opening(event_id: int = 1, subject: str = "k1", **more: Any) -> Recorded:
    payload = {
        "customer_id": "C01",
        "reason": "detractor",
        "owner_team": "callbacks",
        "promise": "standard",
        "due_at": (NOW + timedelta(hours=48)).isoformat(),
        "waiting_since": (NOW - timedelta(hours=3)).isoformat(),
        "signals": ["detractor:f1"],
        "irritant_id": "IR-0001",
        "value_eur_year": 62.0,
    } | more
    return Recorded(event_id, "case.opened", subject, NOW, "rules", payload)


def event(kind: str, event_id: int, at: datetime, actor: str = "ada", subject: str = "k1") -> Recorded:
    payloads: dict[str, dict[str, Any]] = {
        "case.scheduled": {"scheduled_at": (at + timedelta(hours=5)).isoformat()},
        "case.resolved": {"outcome": "solved"},
        "case.signal_added": {"signal": f"leave_intent:f{event_id}"},
        "case.reopened": {"due_at": (at + timedelta(hours=48)).isoformat()},
        "case.waiting": {"on": "technician"},
        "case.transferred": {"owner_team": "solidarity"},
        "case.cancelled": {"why": "deleted_at_source"},
        "case.marked": {"mark": "do_not_contact"},
        "case.signal_removed": {"signal": "detractor:f1"},
        "case.reminded": {"threshold": f"contact:-4:0:{event_id}"},
        "case.escalated": {"threshold": f"contact:+0:0:{event_id}"},
    }
    return Recorded(event_id, kind, subject, at, actor, payloads.get(kind, {}))
