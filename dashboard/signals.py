"""What grows and belongs to no irritant: how much, in whose words, near what; a person names it or leaves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import registry_queries, registry_words
from dashboard.deciding import decide
from dashboard.format import known
from dashboard.guard import safely
from dashboard.page import Page
from dashboard.proposals import texts_of
from dashboard.words import plain
from insights.irritants.registry import BORN
from insights.ledger.placements import placements
from insights.steps import curate

VIEW = "registry"
EXAMPLES = 3
MADE = 0.5  # share of its texts that went to irritants born since: then it is one already


def open_signals(page: Page) -> pd.DataFrame:
    """Weak signals of the last discovery that nobody has made an irritant of, strongest growth first."""
    if not page.store.has("weak_signal"):
        return pd.DataFrame()
    found = page.rows(registry_queries.WEAK_SIGNALS)
    born = [e.event_id for e in page.store.registry_events if e.kind == BORN and e.event_id in page.registry.placing]
    taken = {one.text_sha for one in placements(page.store.ledger, born)} if born and len(found) else set()
    kept = [len(taken & set(shas)) < MADE * len(shas) for shas in found["text_shas"]]
    return pd.DataFrame(found[kept] if len(found) else found)


def signals(page: Page, found: pd.DataFrame, may: bool) -> None:
    """Every weak signal, with the way to make it an irritant."""
    _ = page._
    if found.empty:
        st.info(_("No group grows outside the irritants. The next discovery (`voc run`) looks again."))
        return
    st.markdown(
        _(
            "Groups of texts that grow beyond chance and belong to no irritant. Read them: most are worth a name, some not."
        )
    )
    for row in found.to_dict("records"):
        with st.container(border=True):
            _signal(page, row, may)


def _signal(page: Page, row: Mapping[Any, Any], may: bool) -> None:
    _, fmt, key = page._, page.fmt, row["signal_id"]
    st.markdown(f"**{plain(_name(page, row))}**")
    grown = _("{n} texts since {day}, where {expected} were to be expected from the past ({before} before): {ratio}.")
    st.markdown(
        plain(
            grown.format(
                n=fmt.number(row["n_new"]),
                day=fmt.day(row["since_on"]),
                expected=fmt.number(row["expected"]),
                before=fmt.number(row["n_history"]),
                ratio=_lift(page, row),
            )
        )
    )
    for text in texts_of(page, list(row["text_shas"])[: 2 * EXAMPLES])[:EXAMPLES]:
        st.text(registry_words.in_quotes(page, text))
    if known(row["nearest_id"]):
        nearest = registry_words.quoted(page, page.registry.resolve(str(row["nearest_id"])))
        st.caption(plain(_("Nearest irritant: {irritant}").format(irritant=nearest)))
    left, middle, right = st.columns([4, 4, 3], vertical_alignment="bottom")
    left.text_input(_("Name in French"), _told(row, "label_fr"), key=f"signal_fr_{key}", max_chars=80)
    middle.text_input(_("Name in English"), _told(row, "label_en"), key=f"signal_en_{key}", max_chars=80)
    right.button(
        _("Make it an irritant"),
        key=f"signal_{key}",
        type="primary",
        disabled=not may,
        on_click=safely(_make),
        args=(page, key),
    )


def _lift(page: Page, row: Mapping[Any, Any]) -> str:
    """Growth in words: so many times as many, or all new."""
    if not row["n_history"]:
        return page._("nobody said it before")
    return page._("{times} times as many").format(times=page.fmt.number(row["lift"], 1))


def _name(page: Page, row: Mapping[Any, Any]) -> str:
    own, other = ("label_fr", "label_en") if page.language == "fr" else ("label_en", "label_fr")
    return _told(row, own) or _told(row, other) or page._("A group without a name")


def _told(row: Mapping[Any, Any], name: str) -> str:
    return str(row[name]) if known(row[name]) else ""


def _make(page: Page, signal_id: str) -> None:
    """Name a signal: its texts go to the new irritant."""
    store = page.store
    told = {f"label_{one}": st.session_state[f"signal_{one}_{signal_id}"].strip() for one in ("fr", "en")}
    name = told[f"label_{page.language}"] or "".join(told.values())
    sentence = page._("“{name}” is an irritant now, with the texts of its group.").format(name=name)
    decide(
        page,
        VIEW,
        plain(sentence),
        lambda me: curate.name_signal(store.lake, store.ledger, signal_id, actor=me, at=page.now, **told),
    )
