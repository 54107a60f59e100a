"""Codes of the data as a person says them. A code nobody has named here is shown as it is."""

from __future__ import annotations

from collections.abc import Callable

Translate = Callable[[str], str]


def channel(_: Translate, code: str | None) -> str:
    words = {
        "email": _("E-mail"),
        "sms": _("Text message"),
        "phone": _("Telephone"),
        "chat": _("Chat"),
        "web": _("Website"),
        "app": _("Mobile app"),
        "social": _("Social media"),
        "review_site": _("Review sites"),
        "letter": _("Letter"),
        "form": _("Online form"),
    }
    return words.get(code or "", code or _("Channel unknown"))


def kind(_: Translate, code: str | None) -> str:
    words = {
        "survey": _("Survey answer"),
        "post": _("Public post"),
        "review": _("Review"),
        "call": _("Call"),
        "chat": _("Chat"),
        "mail": _("E-mail"),
        "ticket": _("Complaint"),
    }
    return words.get(code or "", code or _("Feedback"))


def survey(_: Translate, code: str | None) -> str:
    words = {
        "relational": _("Relationship survey"),
        "post_call": _("Survey after a call"),
        "post_digital": _("Survey after an online task"),
        "welcome": _("Welcome survey"),
        "post_complaint": _("Survey after a complaint"),
        "review": _("Public reviews"),
    }
    return words.get(code or "", code or _("Survey"))


def segment(_: Translate, code: str | None) -> str:
    words = {
        "household": _("Households"),
        "small_business": _("Small businesses"),
        "(none)": _("Segment unknown"),
    }
    return words.get(code or "(none)", code or "")


def departure(_: Translate, code: str | None) -> str:
    words = {
        "chosen": _("chose to leave"),
        "natural": _("moved"),
        "unpaid": _("closed for unpaid bills"),
        "death": _("death"),
    }
    return words.get(code or "", code or "")


def plural(n: float, one: str, many: str, language: str) -> str:
    """`one` or `many`, as the language counts: French says 0 and 1,5 in the singular."""
    return one if (n < 2 if language == "fr" else n == 1) else many


def plain(text: str) -> str:
    """Data inside Markdown: every character that would mean something to Markdown, HTML or LaTeX is escaped."""
    return "".join(f"\\{char}" if char in "\\`*_[]<>#|~$:&" else char for char in text)
