"""One person's rights: find the customer, see what is held, hand out a copy, note an objection, erase with a receipt."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.audit import noted
from dashboard.data_erasure import ended_unseen, erasure, last_receipt, past_erasures
from dashboard.data_rights import copy_for_the_person, objection
from dashboard.data_words import table_name
from dashboard.deciding import company_only, name_field, named
from dashboard.guard import empty
from dashboard.page import Page, explained, headline, table
from dashboard.words import plain
from insights.errors import LedgerError
from insights.privacy.erase import Preview, preview
from insights.privacy.ledger_rows import pseudonym
from insights.privacy.log import DONE, ErasureLog
from insights.privacy.person import customer_of

PERSON, HELD = "person_found", "person_held"


def person_part(page: Page) -> None:
    _ = page._
    if company_only(page, _("One person")):
        return
    ended_unseen(page)
    head = st.container()
    last_receipt(page)
    customer = _search(page)
    if customer is None:
        with head:
            _done(page)
        past_erasures(page)
        return
    held = held_on(page, customer)
    if held is None:
        st.query_params.pop("customer", None)  # it may be a name or an address: nothing is held under it
        with head:
            _done(page)
        empty(
            _("Nothing is held on {customer}.").format(customer=plain(customer)),
            _("Check the id in the CRM. An e-mail or a phone is found only where a source gave it beside the id."),
        )
        past_erasures(page)
        return
    st.query_params["customer"] = customer
    with head:
        _summary(page, customer, held)
    name_field(page)
    can = named(page, "privacy")
    left, right = st.columns(2, gap="medium")
    with left:
        copy_for_the_person(page, customer, can)
    with right:
        objection(page, customer, can)
    erasure(page, customer, held, can)
    with st.expander(_("Detail")):
        _stores(page, held)
    past_erasures(page)


def _done(page: Page) -> None:
    """Erasures done so far, those that were not ended first."""
    _, fmt = page._, page.fmt
    log = ErasureLog(page.store.ledger.keys)
    left, n_done = len(log.open_requests()), sum(entry.state == DONE for entry in log.entries())
    if left:
        told = _("**{n} begun and not ended**: erase the person again, or wait for tonight's upkeep, which ends it.")
    else:
        told = _("Find a person below: see what is held, hand out a copy, note an objection, or erase.")
    definition = _("Erasures that were ended with a receipt, since the keys of this installation were made.")
    headline(
        _("Erasures done"),
        fmt.number(n_done),
        told.format(n=fmt.number(left)),
        help=explained(page, definition, n=n_done),
    )


def _search(page: Page) -> str | None:
    """The customer who is looked for; an e-mail or a phone is turned into the id and never kept."""
    _ = page._
    linked = st.query_params.get("customer")
    if linked and PERSON not in st.session_state:
        st.session_state[PERSON] = linked
    with st.form("person_search", border=False):
        field, button = st.columns([4, 1], vertical_alignment="bottom")
        typed = field.text_input(_("Customer id, e-mail or telephone"), key="person_typed")
        asked = button.form_submit_button(_("Find"), type="primary", icon=":material/search:")
    if asked and typed.strip():
        found = customer_of(page.store.ledger, typed)
        st.session_state[PERSON] = found
        if found is None:
            st.warning(_("No customer is known by this e-mail or telephone: try the customer id of the CRM."))
    found = st.session_state.get(PERSON)
    if found is None:
        st.query_params.pop("customer", None)
        return None
    return str(found)


def held_on(page: Page, customer: str) -> Preview | None:
    """What an erasure would take out, kept for this session until the lake or the ledger moves; None for nothing."""
    key = (customer, page.store.snapshot, page.store.version)
    before = st.session_state.get(HELD)
    if before is not None and before[0] == key:
        return before[1]  # type: ignore[no-any-return]
    with st.spinner(page._("Looking for everything held on this person…")):
        try:
            found = preview(page.store.lake, page.store.ledger, customer)
        except LedgerError:
            found = None
    _note(page, customer, held=found is not None)
    st.session_state[HELD] = (key, found)
    return found


def _note(page: Page, customer: str, *, held: bool) -> None:
    """Keep whose page was opened: an erased person's as a pseudonym, and nothing of what is nobody's id."""
    keys = page.store.ledger.keys
    if held:
        noted(page, "data", "customer", customer)
    elif ErasureLog(keys).erased().customer_day(customer) is not None:
        noted(page, "data", "customer", pseudonym(keys, customer))


def total(held: Preview) -> int:
    """Rows in all stores."""
    return sum(held.lake.values()) + sum(held.ledger.values())


def _summary(page: Page, customer: str, held: Preview) -> None:
    _, fmt = page._, page.fmt
    told = _(
        "Held on **{customer}**: {lake} in the lake, {ledger} in the ledger, {files} files. Hand out a copy, note an objection, "
        "or erase: below."
    ).format(
        customer=plain(customer),
        lake=fmt.number(sum(held.lake.values())),
        ledger=fmt.number(sum(held.ledger.values())),
        files=fmt.number(len(held.files)),
    )
    definition = _("Rows of the lake and the ledger that an access request hands out or an erasure takes out.")
    headline(_("Rows held"), fmt.number(total(held)), told, help=explained(page, definition))


def _stores(page: Page, held: Preview) -> None:
    """Counts by store, in words."""
    _, fmt = page._, page.fmt
    rows = [(_("Lake"), name, n) for name, n in held.lake.items()]
    rows += [(_("Ledger"), name, n) for name, n in held.ledger.items()]
    frame = pd.DataFrame(
        {
            _("Store"): [store for store, _name, _n in rows],
            _("What is held"): [table_name(_, name) for _store, name, _n in rows],
            _("Rows"): [fmt.number(n) for _store, _name, n in rows],
        }
    )
    table(frame, wide=_("What is held"), rows=20, name=_("Rows held"))
    if held.files:
        st.markdown(_("Files: {names}").format(names=plain(", ".join(held.files))))
