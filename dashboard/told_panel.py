"""« You said it, we did it »: who may be told that a fix works, the words, and a person's approval."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.acting import record
from dashboard.action_refusals import action_refusal
from dashboard.audit import who
from dashboard.data import Store, ledger_place
from dashboard.deciding import company_only, named
from dashboard.format import known
from dashboard.guard import safely
from dashboard.handing import handed_out
from dashboard.page import Page
from dashboard.words import plain, plural
from insights.access import Capability, Viewer
from insights.actions import Action
from insights.actions.edit import approve
from insights.errors import LedgerError
from insights.ledger.readings import EXPORT, note
from insights.spreadsheets import neutral_frame
from insights.steps.told import MAY, NAMED, Telling, note_export, people_of, telling

VIEW = "fixes"
NEEDS: tuple[Capability, ...] = ("decide", "export", "customers")  # of who takes the list


def _key(store: Store, action: Action) -> tuple[str, str, int, int, int, str]:
    """What the people of an action depend on: the lake's tables, the registry, the irritant and the day of the effect."""
    at, known = store.changed(NAMED, MAY), store.last_event("irritant.")
    about = f"{action.irritant_id} {action.plan.effect_on if action.plan else None} {store.day}"
    return store.place, ledger_place(store.settings), store.catalog_id, at, known, about


@st.cache_data(show_spinner=False, max_entries=20)
def _people(
    place: str, ledger: str, catalog_id: int, at: int, known: int, about: str, _store: Store, _action: Action
) -> tuple[pd.DataFrame, pd.DataFrame]:
    return people_of(_store.lake, _store.ledger, _action)


def told_panel(page: Page, action: Action) -> None:
    """How many may be told, what they would read, approve, then the list for the sending tool."""
    _, fmt = page._, page.fmt
    if company_only(page, _("You said it, we did it")):
        return
    with st.expander(_("You said it, we did it"), icon=":material/campaign:"):
        try:
            store = page.store
            found = telling(
                store.lake,
                store.ledger,
                action.action_id,
                people=lambda *_who: _people(*_key(store, action), store, action),
                cases=store.cases,
            )
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
        elif n and named(page, "decide"):
            st.button(
                _("Approve this message"), type="primary", key=f"approve_{action.action_id}", on_click=safely(_approve),
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
    reader = who(page)
    handed_out(
        page,
        page._("List for the sending tool (CSV)"),
        lambda: _list(found),
        f"{found.action.action_id}.csv",
        "text/csv",
        needs=NEEDS,
        keep=lambda: _exported(page, reader, found),
        disabled=not named(page, "decide") or found.customers.empty,
        key=f"told_{found.action.action_id}",
    )


def _list(found: Telling) -> bytes:
    """customer_id, language, message; no cell is a formula."""
    rows = found.customers.assign(message=found.customers["language"].map(found.texts))
    return neutral_frame(rows[["customer_id", "language", "message"]]).to_csv(index=False).encode("utf-8")


def _exported(page: Page, reader: Viewer, found: Telling) -> None:
    """Who stands on the list is told no second time, and the audit log says that it left."""
    one = found.action.action_id
    note_export(page.store.lake, page.store.ledger, found, actor=reader.signed)
    note(page.store.ledger, reader, VIEW, EXPORT, detail=f"told {one} {len(found.customers)} csv")


def _approve(page: Page, found: Telling) -> None:
    one, n = found.action.action_id, len(found.customers)
    sentence = page._("Message approved for « {title} ».").format(title=found.action.title)
    record(page, VIEW, sentence, lambda known: approve(known, one, found.digest, n))
