"""What a priority supposes of an irritant: shown, changed by a named person, with who changed what and the way back."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.deciding import author, named, reader
from dashboard.guard import safely
from dashboard.page import Page, table
from dashboard.words import Translate, plain
from insights.errors import VocError
from insights.priorities.assumptions import NAMES, Assumptions, Change
from insights.steps import assume

NOTICE = "assumption_notice"
SHOWN = 10
LIMITS = {
    "reachable_share": (0.0, 1.0, 0.05),
    "fix_chance": (0.0, 1.0, 0.05),
    "effort": (0.1, 1000.0, 0.5),
    "margin_factor": (0.0, 100.0, 0.1),
}


def panel(page: Page, irritants: Sequence[str]) -> None:
    """The form of one irritant, and the last changes of all. The page asks for the reader's name above it."""
    _ = page._
    supposed = assume.assumptions(page.settings, page.store.ledger)
    with st.expander(_("What the priority supposes"), expanded=NOTICE in st.session_state):
        st.caption(_("These values change the column Priority only. The euros at stake stay as they are."))
        _notice(page)
        one = st.selectbox(_("Irritant"), irritants, format_func=page.label, key="assumption_of")
        _form(page, str(one), supposed)
        _history(page, supposed)


def labels(_: Translate) -> dict[str, str]:
    """The four values as people say them."""
    return {
        "reachable_share": _("Reachable share (0 to 1)"),
        "fix_chance": _("Chance to fix (0 to 1)"),
        "effort": _("Effort (weeks of one team)"),
        "margin_factor": _("Margin factor"),
    }


def _form(page: Page, irritant_id: str, supposed: Assumptions) -> None:
    """One field a value; what is changed is recorded as soon as it is saved."""
    current, may = supposed.of(irritant_id), named(page, "decide")
    for column, name in zip(st.columns(len(NAMES)), NAMES, strict=True):
        low, high, step = LIMITS[name]
        key = f"assumed:{irritant_id}:{name}:{getattr(current, name):g}"
        value = float(getattr(current, name))
        column.number_input(labels(page._)[name], min(low, value), high, value, step, key=key, disabled=not may)
    st.button(
        page._("Save"),
        key="assumption_save",
        disabled=not may,
        on_click=safely(_save),
        args=(page, irritant_id, {name: f"assumed:{irritant_id}:{name}:{getattr(current, name):g}" for name in NAMES}),
    )


def _save(page: Page, irritant_id: str, keys: dict[str, str]) -> None:
    """Record the values that differ."""
    ledger, done = page.store.ledger, 0
    try:
        for name, key in keys.items():
            value = float(st.session_state[key])
            me = author(page, "decide")
            done += assume.change(page.settings, ledger, irritant_id, name, value, actor=me, at=page.now)
    except VocError as error:
        st.session_state[NOTICE] = (False, plain(str(error)))
        return
    told = page._("Noted, with your name.") if done else page._("This was noted already: nothing changed.")
    st.session_state[NOTICE] = (True, told)


def _take_back(page: Page, event_id: int) -> None:
    try:
        assume.undo(page.store.ledger, event_id, actor=author(page, "decide"), at=page.now)
        st.session_state[NOTICE] = (True, page._("Taken back: everything is as it was before."))
    except VocError as error:
        st.session_state[NOTICE] = (False, plain(str(error)))


def _notice(page: Page) -> None:
    done, told = st.session_state.pop(NOTICE, (True, ""))
    if told:
        (st.success if done else st.warning)(told)


def _history(page: Page, supposed: Assumptions) -> None:
    """Who changed what, newest first; the newest live change can be taken back."""
    _, fmt = page._, page.fmt
    changes = supposed.history[::-1]
    if not changes:
        st.caption(_("Nobody has changed a value yet: the defaults of data/reference/priorities.yaml hold."))
        return
    rows = changes[:SHOWN]
    shown = {
        _("Day"): [fmt.day(one.at) for one in rows],
        _("By"): [one.actor for one in rows],
        _("Irritant"): [page.label(one.irritant_id) for one in rows],
        _("Value"): [labels(_)[one.name] for one in rows],
        _("Before"): [fmt.number(one.before, 2) for one in rows],
        _("After"): [fmt.number(one.after, 2) for one in rows],
        _("Taken back by"): [one.undone_by for one in rows],
    }
    table(pd.DataFrame(shown), wide=_("Irritant"), wide_px=230, rows=SHOWN)
    live = next((one for one in changes if not one.undone_by), None)
    if live is not None:
        _undo_button(page, live)


def _undo_button(page: Page, live: Change) -> None:
    st.button(
        page._("Undo the last change"),
        icon=":material/undo:",
        key="assumption_undo",
        disabled=not (reader() and page.may("decide")),
        on_click=safely(_take_back),
        args=(page, live.event_id),
    )
