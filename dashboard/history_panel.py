"""What was decided about an irritant: each event with who, when, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import registry_words
from dashboard.deciding import take_back
from dashboard.guard import safely
from dashboard.page import Page
from dashboard.words import plain
from insights.irritants.registry import BORN
from insights.steps import curate

VIEW = "registry"
SHOWN = 10


def history_panel(page: Page, irritant_id: str, may: bool) -> None:
    """Events of an irritant, newest first, ten a page."""
    rows = curate.history(page.store.ledger, irritant_id).to_dict("records")
    key = f"history_{irritant_id}"
    start = SHOWN * (int(st.session_state.get(key, 1)) - 1)
    for row in rows[start if start < len(rows) else 0 :][:SHOWN]:
        _event(page, row, irritant_id, may)
    if len(rows) > SHOWN:
        st.pagination(-(-len(rows) // SHOWN), key=key)


def _event(page: Page, row: Mapping[Any, Any], irritant_id: str, may: bool) -> None:
    _ = page._
    said = registry_words.event(page, row, irritant_id)
    said = said[:1].upper() + said[1:]
    facts = f"{page.fmt.instant(row['at'])} · {registry_words.who(page, row['actor'])}"
    with st.container(horizontal=True, vertical_alignment="center", key=f"event_{row['event_id']}_{irritant_id}"):
        with st.container(gap=None):
            st.markdown(plain(said) + (_(" — taken back") if row["undone"] else ""))
            st.caption(plain(facts))
        if not row["undone"] and _can_go_back(row):
            st.button(
                _("Undo"),
                key=f"undo_{row['event_id']}",
                icon=":material/undo:",
                disabled=not may,
                on_click=safely(take_back),
                args=(page, VIEW, [row["event_id"]]),
            )


def _can_go_back(row: Mapping[Any, Any]) -> bool:
    """Not for a birth by the discovery: its mentions would belong to an irritant nobody knows. Merge it instead."""
    return not (f"irritant.{row['kind']}" == BORN and row["actor"] in registry_words.MACHINES)
