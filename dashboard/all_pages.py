"""What each page is for, in one sentence: the page « All pages » and the tips of the menu."""

from __future__ import annotations

from dashboard.words import Translate

NAME = "pages"


def summary(_: Translate, name: str) -> str:
    """What the reader finds on a page and does there."""
    return {**_act(_), **_listen(_), **_measure(_), **_keep(_)}[name]


def _act(_: Translate) -> dict[str, str]:
    return {
        "week": _("What moved this week, whether it is real, and which promises were kept."),
        "alarms": _("What rises suddenly, since when, and who deals with it."),
        "priorities": _("Which irritants to repair first, in euros for a week of work."),
        "actions": _("The work under way against each irritant: owner, date, state."),
        "fixes": _("What each action really changed, measured against what would have happened without it."),
        "callbacks": _("The customers to call back, by deadline, with what to say and what to note."),
        "risk": _("The customers whose departure would cost most, and why, so that somebody helps them in time."),
        "customer": _("The whole history of one customer, across all channels."),
    }


def _listen(_: Translate) -> dict[str, str]:
    return {
        "irritants": _("What customers complain about, ranked, with trends and their own words."),
        "map": _("The irritants as a picture: near means alike, large means often named."),
        "verbatims": _("Search what customers said, by words or by meaning, and read whole calls."),
        "advisers": _("What advisers report from their calls, beside what customers say."),
    }


def _measure(_: Translate) -> dict[str, str]:
    return {
        "scores": _("NPS, satisfaction and ease: as answered, corrected for who answered, month by month."),
        "journey": _("Where it goes wrong in the customer's life with us: stages and touchpoints."),
        "segments": _("The groups of customers that fare worse than the average says."),
    }


def _keep(_: Translate) -> dict[str, str]:
    return {
        "registry": _("Name, merge, split and move irritants; accept or refuse what is proposed; undo."),
        "check": _("Short texts to sort by hand, so that the irritants stay right."),
        "quality": _("How far the figures can be trusted: unclassified share, agreement, stability."),
        "data": _("How fresh the data are, what was refused, how long they are kept, erasure, who saw what."),
    }
