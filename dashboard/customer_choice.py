"""Which customer: by their number, or one who waits for us. Names live in the CRM."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import customer_queries as queries
from dashboard.case_clock import due_words
from dashboard.guard import empty, safely
from dashboard.next_step import WAITING
from dashboard.page import Page, explained, headline, picking
from dashboard.words import plain
from insights.cases import Case, label

MATCHES, OFFERED = 20, 8
TYPED, CHOSEN, PICKED = "customer_typed", "customer", "customer_picked"


def choose(page: Page) -> str | None:
    """The customer of the URL or of the box; None after drawing where to start, or why nobody is shown."""
    _ = page._
    if picked := st.session_state.pop(PICKED, None):  # a row of a table
        st.query_params[CHOSEN] = picked
        st.session_state.pop(TYPED, None)
    st.session_state.setdefault(TYPED, st.query_params.get(CHOSEN, ""))
    st.text_input(
        _("Customer number"),
        key=TYPED,
        on_change=safely(_typed),
        placeholder=_("for example: C0000123, or a part of it"),
        help=_("Names, phones and addresses are in the CRM: copy the number from there."),
    )
    part = st.query_params.get(CHOSEN, "").strip()
    if not part:
        _start(page)
        return None
    if page.store.sees(part) and page.rows(queries.KNOWN, customer=part)["known"].iloc[0]:
        return part
    return _matches(page, part)


def _typed() -> None:
    typed = str(st.session_state[TYPED] or "").strip()
    if typed:
        st.query_params[CHOSEN] = typed
    else:
        st.query_params.pop(CHOSEN, None)


def _matches(page: Page, part: str) -> str | None:
    """The only customer whose number holds what was typed; several are offered, none is said."""
    _ = page._
    found = page.rows(queries.FIND, part=part, size=MATCHES)["customer_id"].tolist()
    if len(found) == 1:
        return str(found[0])
    if not found:
        empty(
            _("No customer with this number is known here, or your rights do not cover them."),
            _("Copy the number from the CRM, or type a part of it."),
        )
        return None
    st.markdown(_("Several customers have this in their number: choose one."))
    picking(pd.DataFrame({_("Customer"): found}), "customer_matches", PICKED, found, export=False)
    return None


def _start(page: Page) -> None:
    """Who waits for us first: open cases by their promise, then the risk to leave."""
    _ = page._
    cases = [one for one in open_cases(page) if one.customer_known]
    if cases:
        sentence = _("Start with **{customer}**, due {due}: choose a row to see everything they told us.").format(
            customer=plain(cases[0].customer_id), due=plain(due_words(page, cases[0].due_at))
        )
    else:
        sentence = _("Nobody waits for a callback. Type a number, or choose a customer below.")
    n_waiting = len({one.customer_id for one in cases})
    meant = _("Customers with a callback that waits for a contact.")
    headline(_("Customers who wait"), page.fmt.number(n_waiting), sentence, help=explained(page, meant, n=n_waiting))
    left, right = st.columns(2, gap="medium")
    with left:
        st.header(_("They wait for a call"))
        _waiting(page, cases[:OFFERED])
    with right:
        st.header(_("Most margin at stake"))
        _at_risk(page)


def _waiting(page: Page, cases: list[Case]) -> None:
    _ = page._
    if not cases:
        st.caption(_("Nobody waits for a callback."))
        return
    shown = pd.DataFrame(
        {
            _("Customer"): [one.customer_id for one in cases],
            _("Due"): [due_words(page, one.due_at) for one in cases],
            _("Reason"): [label(one.reason, page.language) for one in cases],
        }
    )
    picking(shown, "customers_waiting", PICKED, [one.customer_id for one in cases], export=False)


def _at_risk(page: Page) -> None:
    _ = page._
    found = page.rows(queries.FIRST_AT_RISK, until=page.today, size=OFFERED)
    if found.empty:
        st.caption(_("No customer has been scored yet."))
        return
    shown = pd.DataFrame(
        {
            _("Customer"): found["customer_id"],
            _("Risk"): [page.fmt.percent(one) for one in found["probability"]],
            _("Expected loss"): [page.fmt.euros(one) for one in found["expected_loss_eur"]],
        }
    )
    picking(shown, "customers_at_risk", PICKED, found["customer_id"].tolist(), export=False)


def open_cases(page: Page, customer_id: str | None = None) -> list[Case]:
    """Cases that wait for a contact, by their promise; of one customer or of all."""
    cases = [one for one in page.store.cases.values() if one.state in WAITING]
    kept = [one for one in cases if customer_id is None or one.customer_id == customer_id]
    return sorted(kept, key=lambda one: (one.due_at, one.case_id))
