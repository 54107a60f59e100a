"""One action: what was declared of it, and its next step."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from dashboard.acting import book, draw_teams
from dashboard.action_jira import jira_panel
from dashboard.action_moves import VIEW, move, started_late, verb
from dashboard.action_words import comparison, kind, measure, state
from dashboard.audit import who
from dashboard.comments_panel import comments_panel
from dashboard.deciding import company_only, named
from dashboard.guard import safely
from dashboard.handing import handed_out
from dashboard.page import Page
from dashboard.words import plain
from insights.actions import DONE, DROPPED, NONE, PLANNED, RUNNING, TRAINING, Action
from insights.actions.model import begun
from insights.ledger.readings import EXPORT, note
from insights.steps.sheet import sheet_bytes

LATE = timedelta(days=7)  # between a start and its being noted
NEXT = {PLANNED: (RUNNING, DROPPED), RUNNING: (DONE, DROPPED), DONE: (RUNNING,), DROPPED: (PLANNED,)}


def action_panel(page: Page, action: Action) -> None:
    """The card of an action with what can be done with it; beside it what colleagues say of it."""
    left, right = st.columns([6, 5], gap="medium")
    with left:
        _card(page, action)
        _moves(page, action)
        jira_panel(page, action)
    with right:
        comments_panel(page, "action", action.action_id)


def _card(page: Page, action: Action) -> None:
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
        _proof(page, action)


def _proof(page: Page, action: Action) -> None:
    """The way to what was shown of it."""
    if begun(action):
        st.page_link(
            "views/fixes.py", label=page._("Its proof"), icon=":material/fact_check:",
            query_params={"action": action.action_id, "lang": page.language},
        )  # fmt: skip


def _moves(page: Page, action: Action) -> None:
    """The buttons of the next steps, disabled without a name or the right."""
    may = named(page, "decide")
    began = _began(page, action)
    with st.container(horizontal=True):
        for one in NEXT[action.state]:
            st.button(
                verb(page, one), key=f"to_{one}_{action.action_id}", disabled=not may, on_click=safely(move),
                args=(page, action, one, began if one == RUNNING else page.today),
                type="primary" if one in (RUNNING, DONE) else "secondary",
            )  # fmt: skip
        if _may_draw(page, action):
            st.button(
                page._("Draw half of the teams at random"), icon=":material/casino:", key=f"draw_{action.action_id}",
                disabled=not may, on_click=safely(_draw), args=(page, action),
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
    """The situation sheet, made when it is asked for: it quotes customers, so it leaves as a table does."""
    if company_only(page, page._("Situation sheet (PDF)")):
        return
    one, store, reader = action.action_id, page.store, who(page)
    handed_out(
        page, page._("Situation sheet (PDF)"), lambda: sheet_bytes(store.lake, store.ledger, one, page.language),
        f"{one}.pdf", "application/pdf", needs=("export",), icon=":material/description:", key=f"sheet_{one}_{page.language}",
        keep=lambda: note(store.ledger, reader, VIEW, EXPORT, detail=f"sheet {one} pdf"),
    )  # fmt: skip


def _may_draw(page: Page, action: Action) -> bool:
    early = action.start_on is None or action.start_on > page.today
    return action.kind == TRAINING and action.state == PLANNED and early and action.comparison.kind == NONE


def _began(page: Page, action: Action) -> date:
    """The day on which it began: asked where its planned start has passed, else today."""
    if not started_late(page, action) or action.start_on is None:
        return page.today
    st.markdown(page._("It should have started on {day}: has it?").format(day=page.fmt.day(action.start_on)))
    key = f"began_{action.action_id}"
    chosen = st.date_input(
        page._("Under way since"), action.start_on, max_value=page.today, key=key, format="DD/MM/YYYY"
    )
    return chosen if isinstance(chosen, date) else page.today


def _draw(page: Page, action: Action) -> None:
    draw_teams(page, VIEW, page._("Teams drawn for « {title} ».").format(title=action.title), action.action_id)
