"""The clocks of a case in words: the promise, the opening time left for it, how long the customer has waited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboard.format import DASH, known, missing
from dashboard.page import Page
from insights.cases import Case
from insights.cases.model import MOMENT

MINUTE_S = 60
FINISHED = (
    "closed",
    "resolved",
    "not_reached",
    "reached",
    "waiting",
    "cancelled",
)  # the promise of a contact is judged


def due_words(page: Page, due_at: Any, row: Mapping[Any, Any] | None = None) -> str:
    """`in 5 hours`, `3 hours late`; of a case whose promise is judged (given as its row) whether it was kept."""
    _ = page._
    if row is not None and row["state"] == "cancelled":
        return DASH
    if row is not None and row["state"] in FINISHED:
        return _("kept") if known(row["kept_promise"]) and row["kept_promise"] else _("missed")
    left = (due_at - page.now).total_seconds()
    return (_("in {time}") if left >= 0 else _("{time} late")).format(time=page.fmt.duration(left))


def opening_left(page: Page, team_id: str, due_at: Any) -> str:
    """`3 h 20`: opening time of the team until the promise; a dash once it has passed, or without a calendar."""
    team = page.store.teams.get(team_id)
    if team is None or missing(due_at) or due_at <= page.now:
        return DASH
    return hours_words(team.calendar.business_minutes(page.now, pd.Timestamp(due_at).to_pydatetime(warn=False)))


def hours_words(minutes: float) -> str:
    """`3 h 20`, `45 min`, in both languages."""
    hours, rest = divmod(int(minutes), 60)
    return f"{hours} h {rest:02d}" if hours else f"{rest} min"


def waiting_words(page: Page, since: Any) -> str:
    """`2 days`: clock time since the customer spoke, `just now` below a minute; a dash where nobody waits."""
    if missing(since) or since > page.now:
        return DASH
    waited = (page.now - since).total_seconds()
    return page.fmt.duration(waited) if waited >= MINUTE_S else page._("just now")


def ours(page: Page, reason: str, family: str) -> bool:
    """Whether the call is of our own making: nobody waits for it."""
    return family == MOMENT or page.store.rules.is_proactive(reason)


def case_waits(page: Page, case: Case) -> str:
    """How long the customer waited for the first human contact, or has until now; a dash for a call of our own making."""
    if ours(page, case.reason, case.family):
        return DASH
    start = case.waiting_since or case.opened_at
    until = case.first_reached_at
    if until is None:
        return waiting_words(page, start) if case.is_open else DASH
    return page.fmt.duration((until - start).total_seconds())


def open_hours_now(page: Page, team_id: str) -> str:
    """Whether the team is open now, or when it opens next; empty without a calendar."""
    team = page.store.teams.get(team_id)
    if team is None:
        return ""
    if team.calendar.is_open(page.now):
        return page._("open now")
    return page._("opens {when}").format(when=page.fmt.instant(team.calendar.next_open(page.now)))
