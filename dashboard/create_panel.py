"""Make an irritant by hand: its names, what it is, a few examples; the texts it would hold are shown before."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from dashboard import registry_words
from dashboard.data import ledger_place
from dashboard.deciding import change, company_only
from dashboard.effect_panel import effect_panel
from dashboard.guard import safely
from dashboard.page import Page
from dashboard.words import plain, plural
from insights.irritants import edit
from insights.irritants.edit import Draft
from insights.irritants.registry import Registry
from insights.steps.alike import ALIKE, alike
from insights.steps.resolved import seen

VIEW = "registry"
MOST_CHARACTERS = 80
FIELDS = ("fr", "en", "definition", "examples", "owner")


def create_panel(page: Page, may: bool) -> None:
    """A form that looks for matching texts, the texts with a tick each, the effect, and the button that makes it."""
    _ = page._
    with st.expander(_("Make an irritant by hand"), icon=":material/add:"):
        if company_only(page, _("Make an irritant by hand")):
            return
        st.markdown(
            _(
                "For a cause you know and nobody has named: write how customers say it, then choose the texts that belong."
            )
        )
        at = str(page.registry.version)  # a change draws the fields anew
        _form(page, at)
        texts = [line for line in st.session_state.get(f"new_examples_{at}", "").splitlines() if line.strip()]
        if texts:
            _matches(page, at, texts, may)


def _form(page: Page, at: str) -> None:
    _ = page._
    with st.form(f"new_{at}", border=False):
        left, right = st.columns(2)
        left.text_input(_("Name in French"), key=f"new_fr_{at}", max_chars=MOST_CHARACTERS)
        right.text_input(_("Name in English"), key=f"new_en_{at}", max_chars=MOST_CHARACTERS)
        st.text_area(_("Definition: what belongs here, and what does not"), key=f"new_definition_{at}", height=80)
        st.text_area(
            _("How customers say it, one example a line"),
            key=f"new_examples_{at}",
            height=110,
            placeholder=_("I was charged twice this month"),
        )
        owners = sorted({one.owner for one in page.registry.living() if one.owner})
        st.selectbox(
            _("Owner"),
            owners,
            None,
            key=f"new_owner_{at}",
            accept_new_options=True,
            placeholder=_("Choose, or write a new one"),
        )
        st.form_submit_button(_("Look for matching texts"))


def _matches(page: Page, at: str, texts: list[str], may: bool) -> None:
    """What customers said like the examples, nearest first; the ticked texts go to the new irritant."""
    _ = page._
    with st.spinner(_("Looking for texts like these…")):
        found = _found(page, tuple(texts))
    if found.empty:
        st.info(_("No text of the last 12 months is like these examples. Write them as customers would say them."))
        return
    shown = pd.DataFrame(
        {
            _("Belongs here"): found["cosine"] >= ALIKE,
            _("Text"): found["text"],
            _("Stands today with"): [registry_words.place(page, one) for one in found["irritant_id"]],
            _("Mentions"): found["n_mentions"].astype(int),
        }
    )
    edited = st.data_editor(
        shown,
        key=f"new_texts_{at}_{abs(hash(tuple(texts)))}",
        hide_index=True,
        disabled=[name for name in shown.columns if name != _("Belongs here")],
        column_config={_("Text"): st.column_config.TextColumn(width=460)},
    )
    chosen = found[edited[_("Belongs here")].to_numpy(bool)]
    _decide(page, at, chosen, may)


def _decide(page: Page, at: str, chosen: pd.DataFrame, may: bool) -> None:
    _, told = page._, {name: str(st.session_state.get(f"new_{name}_{at}") or "").strip() for name in FIELDS}
    pairs = list(chosen[["text_sha", "irritant_id"]].itertuples(index=False, name=None))

    def build(known: Registry) -> Draft:
        named = {
            "label_fr": told["fr"],
            "label_en": told["en"],
            "definition": told["definition"],
            "owner": told["owner"],
        }
        return edit.create(known, pairs, **named)

    can = bool(pairs) and effect_panel(page, build)
    if not pairs:
        st.caption(_("Choose one text at least: an irritant without texts says nothing."))
    name = told[page.language] or told["fr"] or told["en"]
    n = len(pairs)
    said = plural(
        n,
        _("“{name}” is an irritant now, with {n} text; texts like it follow at the next run."),
        _("“{name}” is an irritant now, with {n} texts; texts like them follow at the next run."),
        page.language,
    ).format(name=name, n=page.fmt.number(n))
    st.button(
        _("Make this irritant"),
        type="primary",
        key=f"new_make_{at}",
        disabled=not (may and can),
        on_click=safely(_made),
        args=(page, said, build),
    )
    st.caption(
        plain(_("Your examples are only used to search: what is kept are the names, the definition and the texts."))
    )


def _made(page: Page, said: str, build: Callable[[Registry], Draft]) -> None:
    change(page, VIEW, said, build)


def _found(page: Page, texts: tuple[str, ...]) -> pd.DataFrame:
    at = (page.store.place, page.store.snapshot, ledger_place(page.settings), page.registry.version)
    return _searched(at, texts, page)


@st.cache_data(show_spinner=False, max_entries=20)
def _searched(at: tuple[str, int, str, int], texts: tuple[str, ...], _page: Page) -> pd.DataFrame:
    store = _page.store
    return alike(seen(store.lake, store.ledger, store.registry), store.settings, store.registry, texts, _page.today)
