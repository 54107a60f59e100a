"""Every page of the application: its file, what its reader must be allowed, and whose home it is.

`app.py` offers nothing that is not written here, and a test walks every page with every role.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.words import Translate
from insights.access import ROLES, Capability, Viewer

ACT, LISTEN, MEASURE, KEEP = "act", "listen", "measure", "keep"


@dataclass(frozen=True)
class Entry:
    """A page: `views/<name>.py`, its section and icon, and the capability without which it is not offered."""

    name: str
    section: str
    icon: str
    needs: Capability

    @property
    def file(self) -> str:
        return f"views/{self.name}.py"


PAGES: tuple[Entry, ...] = (
    Entry("week", ACT, "today", "read"),
    Entry("alarms", ACT, "notification_important", "read"),
    Entry("priorities", ACT, "flag", "read"),
    Entry("actions", ACT, "build", "read"),
    Entry("fixes", ACT, "fact_check", "read"),
    Entry("callbacks", ACT, "call", "callbacks"),
    Entry("risk", ACT, "person_alert", "customers"),
    Entry("customer", ACT, "person_search", "customers"),
    Entry("irritants", LISTEN, "format_list_numbered", "read"),
    Entry("map", LISTEN, "bubble_chart", "read"),
    Entry("verbatims", LISTEN, "forum", "read"),
    Entry("advisers", LISTEN, "support_agent", "read"),
    Entry("scores", MEASURE, "speed", "read"),
    Entry("journey", MEASURE, "route", "read"),
    Entry("segments", MEASURE, "groups", "read"),
    Entry("registry", KEEP, "account_tree", "read"),
    Entry("check", KEEP, "checklist", "curate"),
    Entry("quality", KEEP, "verified", "read"),
    Entry("data", KEEP, "database", "read"),
)
BY_NAME = {entry.name: entry for entry in PAGES}

# the first is the home; five at most, the rest is one click further
HOMES: dict[str, tuple[str, ...]] = {
    "viewer": ("week", "priorities", "fixes", "scores", "journey"),
    "analyst": ("week", "irritants", "verbatims", "priorities", "risk"),
    "adviser": ("callbacks", "customer", "alarms", "verbatims", "week"),
    "owner": ("priorities", "irritants", "actions", "fixes", "verbatims"),
    "privacy_officer": ("data", "customer", "verbatims", "quality", "week"),
    "administrator": ("data", "quality", "alarms", "callbacks", "week"),
}


def title(_: Translate, name: str) -> str:
    """What a page is called."""
    return {
        "week": _("Week at a glance"),
        "alarms": _("Alarms"),
        "priorities": _("Priorities"),
        "actions": _("Actions"),
        "fixes": _("Proofs"),
        "callbacks": _("Callbacks"),
        "risk": _("Customers at risk"),
        "customer": _("One customer"),
        "irritants": _("Irritants"),
        "map": _("Map of the irritants"),
        "verbatims": _("Verbatims"),
        "advisers": _("Voice of advisers"),
        "scores": _("Scores"),
        "journey": _("Journey"),
        "segments": _("Segments"),
        "registry": _("Irritant registry"),
        "check": _("To check"),
        "quality": _("Quality"),
        "data": _("Data and privacy"),
    }[name]


def section_title(_: Translate, section: str) -> str:
    return {
        ACT: _("Act"),
        LISTEN: _("Listen"),
        MEASURE: _("Measure"),
        KEEP: _("Keep the irritants true"),
    }[section]


def role_name(_: Translate, role: str) -> str:
    """What a role is called."""
    return {
        "viewer": _("Management"),
        "analyst": _("CX expert"),
        "adviser": _("Adviser or team lead"),
        "owner": _("Product owner"),
        "privacy_officer": _("Privacy officer"),
        "administrator": _("Administrator"),
    }[role]


def offered(viewer: Viewer) -> tuple[list[Entry], list[Entry]]:
    """The pages of a reader's home, its first the default, and all others that the reader may open."""
    home = [BY_NAME[name] for name in HOMES[viewer.role] if viewer.may(BY_NAME[name].needs)]
    return home, [entry for entry in PAGES if entry not in home and viewer.may(entry.needs)]


def capability_name(_: Translate, capability: Capability) -> str:
    """What a right is called."""
    return {
        "read": _("read figures and verbatims"),
        "customers": _("see one customer at a time"),
        "curate": _("change the irritants"),
        "decide": _("decide on actions, assumptions and alarms"),
        "callbacks": _("handle callbacks"),
        "comment": _("write to colleagues"),
        "export": _("download tables"),
        "privacy": _("see who read what, and erase"),
        "operate": _("run the data's upkeep"),
    }[capability]


def roles_with(_: Translate, capability: Capability) -> str:
    """The roles that have a right, in words."""
    return ", ".join(role_name(_, role) for role, given in ROLES.items() if capability in given)
