"""Short words for the tests of the law."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from insights.contactability import ContactRules, Facts, Request, findings

REFERENCE = Path(__file__).parents[3] / "data" / "reference"
CLEAR = Facts("C1", consent_at=datetime(2026, 9, 1, tzinfo=UTC), consent_source="form:2026-09")


def at(text: str, zone: str = "Europe/Paris") -> datetime:
    """An instant from a wall-clock time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


THURSDAY = at("2026-10-29T11:00")


def said(
    rule: str,
    rules: ContactRules,
    facts: Facts,
    purpose: str = "prospecting",
    channel: str = "phone",
    when: datetime = THURSDAY,
    **more: Any,
) -> Any:
    """What one rule says of a contact: its finding, or None."""
    offer = more.pop("offer", "new_contract" if purpose == "prospecting" else None)
    request = Request(purpose, channel, when, offer=offer, **more)
    return next((one for one in findings(request, facts, rules) if one.rule_id == rule), None)
