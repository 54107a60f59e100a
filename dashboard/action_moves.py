"""Moving an action from state to state: the words of the buttons, and what they record."""

from __future__ import annotations

from datetime import date

from dashboard.acting import record
from dashboard.action_words import state
from dashboard.page import Page
from insights.actions import DONE, DROPPED, PLANNED, RUNNING, Action
from insights.actions.edit import set_state

VIEW = "actions"


def verb(page: Page, to: str) -> str:
    """What a person says who moves an action to a state."""
    _ = page._
    return {PLANNED: _("Plan it again"), RUNNING: _("It is under way"), DONE: _("It is done"), DROPPED: _("Drop it")}[
        to
    ]


def started_late(page: Page, action: Action) -> bool:
    """Its planned start has passed and nobody has said whether it began: the day is asked for."""
    return action.state == PLANNED and action.start_on is not None and action.start_on < page.today


def move(page: Page, action: Action, to: str, on: date) -> None:
    """Record the new state."""
    sentence = page._("{title}: {state}.").format(title=action.title, state=state(page, to).lower())
    record(page, VIEW, sentence, lambda known: set_state(known, action.action_id, to, on))
