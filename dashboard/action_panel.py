"""One action: what was declared of it, and its next step."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from dashboard.acting import book, draw_teams, record
from dashboard.action_words import comparison, kind, measure, state
from dashboard.deciding import named
from dashboard.page import Page
from dashboard.words import plain
from insights.actions import DONE, DROPPED, NONE, PLANNED, RUNNING, TRAINING, Action
from insights.actions.edit import set_state
from insights.steps.sheet import sheet_bytes

VIEW = "actions"
LATE = timedelta(days=7)  # between a start and its being noted
NEXT = {PLANNED: (RUNNING, DROPPED), RUNNING: (DONE, DROPPED), DONE: (RUNNING,), DROPPED: (PLANNED,)}


def action_panel(page: Page, action: Action) -> None:
    """The card of an action, and under it what can be done with it."""
    _, fmt = page._, page.fmt
    with st.container(border=True):
        st.markdown(f"**{plain(action.title)}** · {plain(state(page, action.state))}")
        st.markdown(_("For: {irritant}").format(irritant=plain(page.label(action.irritant_id))))
        facts = [
            kind(page, action.kind),
            _("Owner: {owner}").format(owner=action.owner) if action.owner else _("No owner yet."),
            _("starts {day}").format(day=fmt.day(action.start_on)),
            _("due {day}").format(day=fmt.day(action.planned_on)),
        ]
        facts += [_("effect expected after {n} weeks").format(n=action.delay_weeks)] if action.delay_weeks else []
        st.caption(plain(" · ".join(facts)))
        judged = ", ".join(measure(page, one) for one in action.measures)
        compared = comparison(page, action.comparison.kind)
        st.caption(plain(_("Judged on: {measures}. Compared by: {how}.").format(measures=judged, how=compared)))
        _declared(page, action)
        _drawn(page, action)
        if action.kind == TRAINING:
            _sheet(page, action)
    may = named(page)
    began = _began(page, action)
    with st.container(horizontal=True):
        for one in NEXT[action.state]:
            st.button(
                _verb(page, one), key=f"to_{one}_{action.action_id}", disabled=not may, on_click=_move,
                args=(page, action, one, began if one == RUNNING else page.today),
                type="primary" if one in (RUNNING, DONE) else "secondary",
            )  # fmt: skip
        if _may_draw(page, action):
            st.button(
                _("Draw half of the teams at random"), icon=":material/casino:", key=f"draw_{action.action_id}",
                disabled=not may, on_click=_draw, args=(page, action),
            )  # fmt: skip


def _declared(page: Page, action: Action) -> None:
    """When it was written down: after the start, the comparison may have been chosen on what was seen."""
    noted = book(page).noted.get(action.action_id, action.declared_on)
    start = action.began_on or action.start_on
    began = book(page).start_noted.get(action.action_id)
    if start and began and began > start + LATE:
        noted = began
    late = start is not None and noted is not None and noted > start
    text = (
        page._("Noted after its start, on {day} by {who}: read its proof with care.")
        if late
        else page._("Written down on {day} by {who}.")
    )
    st.caption(plain(text.format(day=page.fmt.day(noted), who=action.declared_by or "?")))


def _drawn(page: Page, action: Action) -> None:
    if action.comparison.kind == NONE:
        return
    with st.expander(page._("Who is compared with whom")):
        st.markdown(page._("With the action: {units}").format(units=plain(", ".join(action.comparison.treated))))
        st.markdown(page._("Without it: {units}").format(units=plain(", ".join(action.comparison.others))))


def _sheet(page: Page, action: Action) -> None:
    """The situation sheet, made when it is asked for."""
    key = f"sheet_{action.action_id}_{page.language}"
    if st.button(page._("Make the situation sheet"), icon=":material/description:", key=f"make_{key}"):
        st.session_state[key] = sheet_bytes(page.store.lake, page.store.ledger, action.action_id, page.language)
    if key in st.session_state:
        st.download_button(
            page._("Situation sheet (PDF)"), st.session_state[key], f"{action.action_id}.pdf", "application/pdf", key=key + "_file",
        )  # fmt: skip


def _may_draw(page: Page, action: Action) -> bool:
    early = action.start_on is None or action.start_on > page.today
    return action.kind == TRAINING and action.state == PLANNED and early and action.comparison.kind == NONE


def _verb(page: Page, to: str) -> str:
    _ = page._
    return {PLANNED: _("Plan it again"), RUNNING: _("It is under way"), DONE: _("It is done"), DROPPED: _("Drop it")}[
        to
    ]


def _began(page: Page, action: Action) -> date:
    """The day on which it began: asked where its planned start has passed, else today."""
    if action.state != PLANNED or action.start_on is None or action.start_on >= page.today:
        return page.today
    st.markdown(page._("It should have started on {day}: has it?").format(day=page.fmt.day(action.start_on)))
    key = f"began_{action.action_id}"
    chosen = st.date_input(
        page._("Under way since"), action.start_on, max_value=page.today, key=key, format="DD/MM/YYYY"
    )
    return chosen if isinstance(chosen, date) else page.today


def _move(page: Page, action: Action, to: str, on: date) -> None:
    sentence = page._("{title}: {state}.").format(title=action.title, state=state(page, to).lower())
    record(page, VIEW, sentence, lambda known: set_state(known, action.action_id, to, on))


def _draw(page: Page, action: Action) -> None:
    draw_teams(page, VIEW, page._("Teams drawn for « {title} ».").format(title=action.title), action.action_id)
