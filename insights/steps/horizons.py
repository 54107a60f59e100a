"""How long after a call a departure counts, by line of business."""

from __future__ import annotations

from insights.settings import Settings

BUSINESS = "small_business"


def horizon_days(settings: Settings, segment: str | None) -> int:
    """Days from a call in which a departure counts: the time to act and the horizon of the score."""
    if segment == BUSINESS:
        return settings.business_gap_days + settings.business_horizon_days
    return settings.household_gap_days + settings.household_horizon_days
