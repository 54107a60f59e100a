"""« Take the next case »: one click from the queue to the most pressing customer who may be called now."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from dashboard.case_actions import tell
from dashboard.case_contact import contact_of
from dashboard.deciding import author, reader
from dashboard.guard import safely
from dashboard.next_step import WAITING
from dashboard.page import Page
from insights.cases import Case, events_for
from insights.errors import VocError

LOOKED_AT = 12  # of the most pressing free cases: the law is asked of each


def next_button(page: Page, queue: Iterable[str]) -> None:
    """The button, for a reader who has told a name. `queue`: ids of the cases shown, the most pressing first."""
    if not (reader() and page.may("callbacks")):
        return
    st.button(
        page._("Take the next case"), icon=":material/play_arrow:", type="primary", shortcut="Alt+N",
        key="take_next", on_click=safely(_take), args=(page, list(queue)),
        help=page._(
            "The most pressing free case that the law lets you call now. Then two clicks: what came of it, save."
        ),
    )  # fmt: skip


def free(cases: Iterable[Case]) -> list[Case]:
    """Those nobody has taken and whose customer waits, in their order; one held behind an incident is left alone."""
    return [one for one in cases if one.assignee is None and one.state in WAITING and not one.held_by]


def _take(page: Page, queue: list[str]) -> None:
    """Take the first free case that may be called; another one where a colleague was quicker."""
    _, cases = page._, page.store.cases
    waiting = free(cases[one] for one in queue if one in cases)
    for case in waiting[:LOOKED_AT]:
        if not contact_of(page, case).blocks and _taken(page, case):
            st.session_state["case"] = case.case_id
            who = case.customer_id if case.customer_known else _("customer not known")
            tell(True, _("You have {customer}: call, then say below what came of it.").format(customer=who))
            return
    tell(False, _("No case here is free and may be called now."))


def _taken(page: Page, case: Case) -> bool:
    try:
        me = author(page, "callbacks")
        drafts = events_for(case, "take", actor=me, at=page.now, language=page.language)
        return all(page.store.ledger.append(**draft.row()) for draft in drafts)
    except VocError:
        return False
