"""What the first figure of a page counts, in one sentence, for its tooltip."""

from __future__ import annotations

from datetime import date, datetime

from dashboard.page import Page, explained
from dashboard.words import Translate


def meaning(
    page: Page, of: str, *, n: int | str | None = None, interval: str | None = None, at: date | datetime | None = None
) -> str:
    """Markdown for `headline(help=...)`: the definition of the figure `of`, with n, interval and date."""
    return explained(page, _definitions(page._)[of], n=n, interval=interval, as_of=at)


def _definitions(_: Translate) -> dict[str, str]:
    return {
        "actions": _("Actions that are planned or under way; finished and given-up ones are left out."),
        "alarms": _("Whether something rises now beyond chance, and whether enough comes in to see it."),
        "callbacks": _("Customers with an open case: somebody has to call them, answer them or note what came of it."),
        "soon": _("Open cases whose promise falls due within the next 24 hours."),
        "late": _("Open cases whose promised hour has passed without a contact."),
        "rising": _("Mentions of four weeks against the four before, for the same number of feedback items."),
        "check": _("Texts that people placed by hand and did not take back, since the beginning."),
        "fixes": _(
            "Actions whose effect is beyond chance in the sense that was hoped for, of all that could be judged."
        ),
        "irritants": _(
            "Sentences or clauses in a negative tone over the period and the filters chosen, unclassified ones included."
        ),
        "map": _("Irritants that live today and have a place on the map: alike ones lie near each other."),
        "at_stake": _(
            "For every customer who named the irritant in 90 days: the margin of the coming months times the part of their "
            "risk of leaving that goes with naming it."
        ),
        "mentions": _("Sentences or clauses in a negative tone that name the irritant, in the ranking of the week."),
        "quality": _("Share of the negative mentions of four weeks that resemble no known irritant."),
        "registry": _("Irritants that live today: not merged, not put to rest."),
        "risk": _("Risk of leaving times the margin over the horizon, added up over all customers with a score."),
        "scored": _("Customers with a score today: those who have left or objected are not scored."),
    }
