"""The small form that declares an action: from the page Actions, and under an irritant of the page Priorities."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import streamlit as st

from dashboard.acting import declare, notice
from dashboard.action_queries import REASONS
from dashboard.action_words import kind
from dashboard.deciding import named
from dashboard.guard import safely
from dashboard.page import Page
from insights.actions.edit import LONGEST
from insights.actions.model import CONTACTS, KINDS, MENTIONS

LATER = timedelta(days=28)


def action_here(page: Page, view: str, irritants: Sequence[str]) -> None:
    """The form in a drawer of another page, with what the last declaration did. That page asks for the reader's name."""
    with st.container():
        notice(page, view)
    with st.expander(page._("Declare an action"), icon=":material/add:"):
        action_form(page, view, irritants)


def action_form(page: Page, view: str, irritants: Sequence[str]) -> None:
    """Declare an action on one of these irritants."""
    _ = page._
    may = named(page, "decide")
    at = f"{view}_{page.store.version}"
    reasons = list(page.rows(REASONS)["reason"])
    owners = sorted({one.owner for one in page.registry.living() if one.owner})
    with st.form(f"action_{at}", border=False):
        st.selectbox(_("Irritant"), list(irritants), format_func=page.label, key=f"irritant_{at}")
        st.text_input(_("What will be done"), key=f"title_{at}", max_chars=LONGEST)
        left, middle, right = st.columns(3)
        left.selectbox(_("Kind"), KINDS, format_func=lambda one: kind(page, one), key=f"kind_{at}")
        middle.selectbox(
            _("Owner"),
            owners,
            None,
            key=f"owner_{at}",
            accept_new_options=True,
            placeholder=_("Choose, or write a new one"),
        )
        right.number_input(
            _("Expected: fewer complaints, in %"), 0, 100, None, step=5, key=f"expected_{at}", placeholder="—"
        )
        left, middle, right = st.columns(3)
        left.number_input(_("Effort in days"), 0.0, None, None, step=1.0, key=f"effort_{at}", placeholder="—")
        middle.number_input(_("Cost in euros"), 0.0, None, None, step=500.0, key=f"cost_{at}", placeholder="—")
        right.number_input(_("Weeks until an effect is expected"), 0, 52, 0, key=f"delay_{at}")
        left, right = st.columns(2)
        left.date_input(_("Starts on"), page.today, key=f"start_{at}", format="DD/MM/YYYY")
        right.date_input(_("Due on"), page.today + LATER, key=f"due_{at}", format="DD/MM/YYYY")
        st.multiselect(
            _("Contact reasons that stand for it"),
            reasons,
            key=f"reasons_{at}",
            placeholder=_("None: only its complaints are counted"),
            help=_("With a reason of the contact system all contacts are counted, which shows smaller effects."),
        )
        st.caption(_("What an action is judged on is written here, before it starts, and cannot change afterwards."))
        st.form_submit_button(
            _("Declare it"), type="primary", disabled=not may, on_click=safely(_save), args=(page, view, at)
        )


def _save(page: Page, view: str, at: str) -> None:
    """Record what the form says."""
    told = {name: st.session_state[f"{name}_{at}"] for name in _FIELDS}
    irritant = page.label(str(told["irritant"]))
    sentence = page._("Declared, for « {irritant} ».").format(irritant=irritant)
    declare(page, view, sentence, payload(told, page.today))


_FIELDS = ("irritant", "title", "kind", "owner", "expected", "effort", "cost", "delay", "start", "due", "reasons")


def payload(told: dict[str, Any], today: date) -> dict[str, Any]:
    """The fields of a declaration out of what was typed."""
    expected = told["expected"]
    return {
        "irritant_id": told["irritant"],
        "title": told["title"],
        "kind": told["kind"],
        "owner": told["owner"],
        "expected_share": None if expected is None else expected / 100,
        "effort_days": told["effort"],
        "cost_eur": told["cost"],
        "decided_on": min(today, told["start"]),
        "start_on": told["start"],
        "planned_on": told["due"],
        "delay_weeks": told["delay"],
        "reasons": tuple(told["reasons"]),
        "measures": (CONTACTS, MENTIONS) if told["reasons"] else (MENTIONS,),
    }
