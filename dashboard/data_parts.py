"""The parts of the page Data and privacy: what each is called and the right without which it is not offered."""

from __future__ import annotations

from dashboard.words import Translate
from insights.access import Capability, Viewer

FRESH, QUALITY, RUNS, QUARANTINE, CHECKS = "fresh", "quality", "runs", "quarantine", "checks"
PERSON, RETENTION, AUDIT = "person", "retention", "audit"
NEEDS: dict[str, Capability] = {
    FRESH: "read",
    QUALITY: "read",
    RUNS: "operate",
    QUARANTINE: "operate",
    CHECKS: "operate",
    PERSON: "privacy",
    RETENTION: "privacy",
    AUDIT: "privacy",
}


def offered(viewer: Viewer) -> list[str]:
    """The parts this reader may open, in order."""
    return [part for part, needed in NEEDS.items() if viewer.may(needed)]


def first(viewer: Viewer) -> str:
    """The part the page opens on: a privacy officer comes for a person, everybody else for the data."""
    return PERSON if viewer.role == "privacy_officer" and viewer.may("privacy") else FRESH


def title(_: Translate, part: str) -> str:
    """What a part is called."""
    return {
        FRESH: _("Freshness"),
        QUALITY: _("Measured quality"),
        RUNS: _("Runs"),
        QUARANTINE: _("Quarantine"),
        CHECKS: _("Checks"),
        PERSON: _("One person"),
        RETENTION: _("Retention"),
        AUDIT: _("Who saw what"),
    }[part]
