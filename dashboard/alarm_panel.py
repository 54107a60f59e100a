"""One incident: what it says, what can be done with it, and who waits behind its one answer for all."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.alarm_acting import act
from dashboard.alarm_story import told
from dashboard.deciding import named, reader
from dashboard.guard import safely
from dashboard.page import Page, table
from dashboard.words import plain
from insights.alarms.decide import refusal
from insights.alarms.holding import held
from insights.alarms.incidents import REASONS, Incident
from insights.alarms.words import outcome
from insights.cases import label
from insights.steps.incidents import LEAST_ANSWER, answer_of, note_of

QUOTES = ("“", "«")  # open a quote: shown as plain text


def incident_panel(page: Page, one: Incident) -> None:
    """The card of an incident."""
    with st.container(border=True):
        _said(page, one)
        _state(page, one)
        if named(page, "decide"):
            _actions(page, one)
        _held(page, one)


def _said(page: Page, one: Incident) -> None:
    title, lines, n = told(page.store, one, page.language)
    part = page.store.rights.limited  # its words may be of customers outside the rights
    lines = [line for line in lines if not (part and line.startswith(QUOTES))]
    st.header(plain(title))
    facts = [plain(line) for line in lines if not line.startswith(QUOTES)]
    if n > one.n_authors:
        facts.insert(1, page._("{n} people in all.").format(n=page.fmt.number(n)))
    st.markdown("  \n".join(facts))
    for line in lines:
        if line.startswith(QUOTES):
            st.text(line)


def _state(page: Page, one: Incident) -> None:
    """Where it stands, and what people wrote."""
    _, fmt = page._, page.fmt
    told = []
    if one.replayed:
        told.append(_("Found when history was played again: nobody was told at the time."))
    if one.taken_by and one.is_open:
        told.append(_("Taken by {person}.").format(person=plain(one.taken_by)))
    if one.closed_at and one.closed_by:
        done = _("Closed by {person} on {at}: {reason}.")
        said = outcome(one.reason, page.language)
        told.append(done.format(person=plain(one.closed_by), at=fmt.instant(one.closed_at), reason=plain(said)))
    if told:
        st.caption(" ".join(told))
    if note := note_of(page.store.ledger, one):
        st.text(note)
    if answer := answer_of(page.store.ledger, one):
        st.info(_("**One answer for all:** {text}").format(text=plain(answer)), icon=":material/campaign:")


def _actions(page: Page, one: Incident) -> None:
    _, me, key = page._, reader(), one.incident_id
    with st.container(horizontal=True):
        if one.taken_by is None and refusal(one, "take", me) is None:
            st.button(
                _("Take it"),
                type="primary",
                key=f"take_{key}",
                on_click=safely(act),
                args=(page, key, "take", _("Noted: you look after this incident.")),
            )
        if refusal(one, "answer", me) is None:
            _answer(page, one)
        if refusal(one, "close", me) is None:
            _close(page, one)
        if refusal(one, "reopen", me) is None:
            st.button(
                _("Open it again"),
                key=f"reopen_{key}",
                on_click=safely(act),
                args=(page, key, "reopen", _("Noted: the incident is open again.")),
            )


def _answer(page: Page, one: Incident) -> None:
    """The one text for all held customers."""
    _, key = page._, one.incident_id
    with st.popover(_("Answer for all"), icon=":material/campaign:"):
        st.caption(_("Shown on every held case and to every adviser. Stored encrypted."))
        field = f"answer_{key}"
        st.text_area(_("One answer for all"), key=field, height=120)
        ready = len((st.session_state.get(field) or "").strip()) >= LEAST_ANSWER
        st.button(
            _("Save the answer"),
            type="primary",
            key=f"save_{field}",
            disabled=not ready,
            on_click=safely(
                lambda: act(
                    page, key, "answer", _("Noted: the answer stands on every held case."), text=st.session_state[field]
                )
            ),
        )


def _close(page: Page, one: Incident) -> None:
    """What it was, and what to remember."""
    _, key = page._, one.incident_id
    label_ = _("Say what it was") if one.replayed else _("Close")
    with st.popover(label_, icon=":material/task_alt:"):
        reason, note = f"reason_{key}", f"closing_{key}"
        st.radio(
            _("What was it?"), REASONS, index=None, key=reason, format_func=lambda code: outcome(code, page.language)
        )
        st.text_area(_("Note (stored encrypted)"), key=note, height=80)
        st.button(
            _("Save"),
            type="primary",
            key=f"close_{key}",
            disabled=st.session_state.get(reason) is None,
            on_click=safely(lambda: act(
                page, key, "close", _("Noted: the incident is closed."), reason=st.session_state[reason],
                text=st.session_state.get(note) or "",
            )),
        )  # fmt: skip


def _held(page: Page, one: Incident) -> None:
    """Customers who wait behind the answer; they are given back when the incident closes."""
    _ = page._
    cases = held(page.store.cases.values(), one.incident_id)
    if not cases:
        return
    with st.expander(_("Customers held back behind one answer for all: {n}").format(n=page.fmt.number(len(cases)))):
        st.caption(
            _(
                "Duplicate callbacks of this incident. Never held: danger, formal complaints, public posts, customers of "
                "high value, customers who say they leave. Each is given back when the incident closes, or four opening "
                "hours before its promise."
            )
        )
        if not page.may("customers"):
            return
        rows = pd.DataFrame(
            {
                _("Customer"): [case.customer_id for case in cases],
                _("Reason"): [label(case.reason, page.language) for case in cases],
                _("Due"): [page.fmt.instant(case.due_at) for case in cases],
            }
        )
        table(rows, name=_("Customers held back"))
