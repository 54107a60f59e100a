"""« You said it, we did it »: who may be told that a fix works, the words, and a person's approval."""

from __future__ import annotations

import streamlit as st

from dashboard.acting import record
from dashboard.action_refusals import action_refusal
from dashboard.deciding import named, reader
from dashboard.format import known
from dashboard.page import Page
from dashboard.words import plain, plural
from insights.actions import Action
from insights.actions.edit import approve
from insights.errors import LedgerError
from insights.steps.told import Telling, note_export, telling

VIEW = "fixes"


def told_panel(page: Page, action: Action) -> None:
    """How many may be told, what they would read, approve, then the list for the sending tool."""
    _, fmt = page._, page.fmt
    with st.expander(_("You said it, we did it"), icon=":material/campaign:"):
        try:
            found = telling(page.store.lake, page.store.ledger, action.action_id)
        except LedgerError as error:
            st.caption(action_refusal(page, error))
            return
        n = len(found.customers)
        text = plural(
            n,
            _("{n} customer named this irritant before the fix, said yes to being contacted, and did not object."),
            _("{n} customers named this irritant before the fix, said yes to being contacted, and did not object."),
            page.language,
        )
        st.markdown(text.format(n=fmt.number(n)))
        for text in found.texts.values():
            st.text(text)
        if found.approved:
            _approved(page, found)
        elif n and named(page):
            st.button(
                _("Approve this message"), type="primary", key=f"approve_{action.action_id}", on_click=_approve,
                args=(page, found),
            )  # fmt: skip
        st.caption(_("Nothing is sent from here: the list is for the tool that writes to your customers."))


def _approved(page: Page, found: Telling) -> None:
    st.success(page._("Approved by {who}.").format(who=plain(found.by) if known(found.by) else "?"))
    if found.exported:
        st.warning(
            page._("{n} customers stand on the list exported on {day} by {who}: they are left out of this one.").format(
                n=page.fmt.number(found.n_told), day=page.fmt.day(found.exported.on), who=plain(found.exported.by)
            )
        )
    sheet = found.customers.assign(message=found.customers["language"].map(found.texts))
    st.download_button(
        page._("List for the sending tool (CSV)"),
        sheet[["customer_id", "language", "message"]].to_csv(index=False).encode("utf-8"),
        f"{found.action.action_id}.csv",
        "text/csv",
        key=f"told_{found.action.action_id}",
        disabled=not named(page) or found.customers.empty,
        on_click=_exported,
        args=(page, found),
    )


def _exported(page: Page, found: Telling) -> None:
    note_export(page.store.lake, page.store.ledger, found, actor=reader())


def _approve(page: Page, found: Telling) -> None:
    one, n = found.action.action_id, len(found.customers)
    sentence = page._("Message approved for « {title} ».").format(title=found.action.title)
    record(page, VIEW, sentence, lambda known: approve(known, one, found.digest, n))
