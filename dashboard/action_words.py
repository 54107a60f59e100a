"""Codes of actions as a person says them."""

from __future__ import annotations

from dashboard.page import Page
from insights.digest.words import Words


def words(page: Page) -> Words:
    """Sentences of the proof in the reader's language."""
    return Words(page.language, page.settings.timezone)


def state(page: Page, code: str) -> str:
    _ = page._
    return {"planned": _("Planned"), "running": _("Under way"), "done": _("Done"), "dropped": _("Dropped")}[code]


def kind(page: Page, code: str) -> str:
    _ = page._
    return {"fix": _("Fix"), "training": _("Training"), "message": _("Message to customers")}[code]


def comparison(page: Page, code: str) -> str:
    _ = page._
    return {
        "random": _("Teams drawn at random"),
        "groups": _("Comparison groups"),
        "none": _("Before and after"),
    }[code]


def measure(page: Page, code: str) -> str:
    """What an action is judged on."""
    _ = page._
    return {
        "mentions": _("Complaints about it"),
        "contacts": _("Contacts about it"),
        "csat": _("Satisfied answers after a contact about it"),
        "repeat": _("New contacts within 7 days"),
        "duration": _("Length of calls about it"),
    }[code]
