"""Access and objection: a copy of everything held, and the customer's word on being scored."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from dashboard.audit import noted
from dashboard.data_work import carry_out, told
from dashboard.deciding import author
from dashboard.guard import NotYoursError
from dashboard.handing import handed_out
from dashboard.page import Page
from insights.errors import LedgerError
from insights.privacy.export import as_html, export_person
from insights.privacy.log import ErasureLog
from insights.privacy.objection import CRM_SAYS, SCORED, STILL_SCORED, objectors, withdraw_objection
from insights.steps.apart import OBJECT, State

COPY, SAID = "person_copy", "objection_told"


def copy_for_the_person(page: Page, customer: str, can: bool) -> None:
    """Everything held, for the person: made when asked, gone from memory with another customer."""
    _ = page._
    st.header(_("Access: a copy for the person"))
    st.markdown(_("Read it before you hand it out: it may hold what others said in the same exchange."))
    if st.button(_("Prepare the copy"), icon=":material/folder_shared:", disabled=not can, key="prepare_copy"):
        author(page, "privacy")
        noted(page, "data", "export", customer, detail="person copy")
        with st.spinner(_("Gathering everything held on this person…")):
            try:
                st.session_state[COPY] = (
                    customer,
                    erasures_told(page),
                    export_person(page.store.lake, page.store.ledger, customer, page.language),
                )
            except LedgerError:
                st.warning(_("Nothing is held any more."))
    ready = st.session_state.get(COPY)
    if ready is None or ready[:2] != (customer, erasures_told(page)):
        st.session_state.pop(COPY, None)
        return
    n = sum(map(len, ready[2]["held"].values()))
    st.success(_("Ready: {n} entries.").format(n=page.fmt.number(n)))
    with st.container(horizontal=True):
        for label, write, name, mime in (
            (_("Page to read (HTML)"), as_html, "copy.html", "text/html"),
            (_("Data (JSON)"), _as_json, "copy.json", "application/json"),
        ):
            make = partial(_fresh, page, ready[1], write, ready[2])
            handed_out(page, label, make, name, mime, needs=("privacy",), icon=":material/download:")
    st.caption(_("Delete the files once the person has them."))


def erasures_told(page: Page) -> int:
    """Lines of the erasure log: what was gathered before the last of them is no longer shown or handed out."""
    return len(ErasureLog(page.store.ledger.keys).entries())


def _fresh(page: Page, told: int, write: Callable[[dict[str, Any]], str], copy: dict[str, Any]) -> str:
    """The copy as written. Raises NotYoursError after an erasure: it may be of the person who was erased."""
    if erasures_told(page) != told:
        raise NotYoursError(page._("Somebody was erased meanwhile: prepare the copy again."))
    return write(copy)


def _as_json(copy: dict[str, Any]) -> str:
    return json.dumps(copy, ensure_ascii=False, indent=1, default=str)


def objection(page: Page, customer: str, can: bool) -> None:
    """Whether the customer objected to being scored; to note it, and to take it back."""
    _ = page._
    st.header(_("Objection to scoring"))
    state = st.session_state.pop(SAID, None)
    if isinstance(state, State):
        told(page, state, _("Noted: the scores are gone and none will be made. Nobody calls on our initiative."))
    elif isinstance(state, str):
        st.success(state)
    by_crm = customer in set(page.rows(CRM_SAYS, day=page.today)["customer_id"])
    stands = customer in objectors(page.store.ledger)
    if stands:
        st.markdown(_("**An objection stands**: not scored, never called on our initiative; the data are kept."))
        if all(map(page.store.has, SCORED)) and len(page.rows(STILL_SCORED, customer=customer)):
            _scores_left(page, customer, can)
        if st.button(_("Take the objection back"), icon=":material/undo:", disabled=not can, key="withdraw_objection"):
            _take_back(page, customer)
        return
    if by_crm:
        st.markdown(_("**The CRM says this customer objects**: not scored. Change it in the CRM if it is wrong."))
    else:
        st.markdown(_("No objection stands: this customer is scored, to order helpful calls only."))
    if st.button(_("Note an objection"), icon=":material/block:", disabled=not can, key="note_objection"):
        st.session_state[SAID] = carry_out(page, OBJECT, customer, "privacy")
        st.rerun()


def _scores_left(page: Page, customer: str, can: bool) -> None:
    """The objection was noted while the lake was busy: the scores made before are still to be taken out."""
    _ = page._
    st.warning(_("**Scores made before are still there**: the lake was busy. Take them out."))
    if st.button(_("Take the scores out"), type="primary", disabled=not can, key="finish_objection"):
        st.session_state[SAID] = carry_out(page, OBJECT, customer, "privacy")
        st.rerun()


def _take_back(page: Page, customer: str) -> None:
    withdraw_objection(page.store.ledger, customer, actor=author(page, "privacy"), at=page.now)
    st.session_state[SAID] = page._("Taken back: scored again from the next run on.")
    st.rerun()
