"""One irritant of the registry: what it is, and all that a person may change of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard import registry_words
from dashboard.deciding import change, named
from dashboard.guard import safely
from dashboard.history_panel import history_panel
from dashboard.irritant_card import irritant_card
from dashboard.merge_panel import merge_panel
from dashboard.page import Page
from dashboard.rest_panel import rest_panel
from dashboard.split_panel import split_panel
from dashboard.theme_panel import theme_panel
from insights.irritants import edit
from insights.irritants.registry import Irritant, Registry

VIEW = "registry"
MOST_CHARACTERS = 80
FIELDS = {"fr": "label_fr", "en": "label_en", "definition": "definition"}


def irritant_panel(page: Page, irritant: Irritant, n_year: int) -> None:
    """The card of an irritant, and under it what can be changed."""
    _ = page._
    with st.container(border=True):
        irritant_card(page, irritant, n_year)
        st.page_link(
            "views/irritants.py",
            label=_("Read its verbatims"),
            icon=":material/arrow_forward:",
            query_params={"irritant": irritant.irritant_id, "lang": page.language},
        )
    may = named(page)
    names, theme, merge, split, rest, past = st.tabs(
        [_("Name and owner"), _("Move"), _("Merge"), _("Split"), _("Hide or put to rest"), _("History")],
        key="irritant_tabs",
    )
    with names:
        _identity(page, irritant, may)
    with theme:
        theme_panel(page, irritant, may)
    with merge:
        merge_panel(page, irritant, may)
    with split:
        split_panel(page, irritant, may)
    with rest:
        rest_panel(page, irritant, may)
    with past:
        history_panel(page, irritant.irritant_id, may)


def _identity(page: Page, irritant: Irritant, may: bool) -> None:
    _ = page._
    at = f"{irritant.irritant_id}_{page.registry.version}"  # a change draws the fields anew
    owners = sorted({one.owner for one in page.registry.living() if one.owner})
    with st.form(f"identity_{at}", border=False):
        left, right = st.columns(2)
        left.text_input(_("Name in French"), irritant.label_fr or "", key=f"fr_{at}", max_chars=MOST_CHARACTERS)
        right.text_input(_("Name in English"), irritant.label_en or "", key=f"en_{at}", max_chars=MOST_CHARACTERS)
        st.text_area(
            _("Definition: what belongs here, and what does not"),
            irritant.definition or "",
            key=f"definition_{at}",
            height=80,
        )
        st.selectbox(
            _("Owner"),
            owners,
            owners.index(irritant.owner) if irritant.owner in owners else None,
            key=f"owner_{at}",
            accept_new_options=True,
            placeholder=_("Choose, or write a new one"),
        )
        st.form_submit_button(
            _("Save the changes"), type="primary", disabled=not may, on_click=safely(_save), args=(page, irritant, at)
        )


def _save(page: Page, irritant: Irritant, at: str) -> None:
    """Record what differs from the irritant as it is shown."""
    told = {name: st.session_state[f"{name}_{at}"] for name in ("fr", "en", "definition", "owner")}
    name = told[page.language].strip() or page.label(irritant.irritant_id)
    sentence = page._("Saved: {irritant}.").format(irritant=registry_words.in_quotes(page, name))
    change(page, VIEW, sentence, *_changes(irritant, told))


def _changes(irritant: Irritant, told: dict[str, Any]) -> list[Callable[[Registry], edit.Draft]]:
    """What the form asks for, in the order it is to be recorded. A field that was emptied changes nothing."""
    own, builds = irritant.irritant_id, []
    before = {"fr": irritant.label_fr, "en": irritant.label_en, "definition": irritant.definition}
    renamed = {FIELDS[one]: told[one].strip() for one, was in before.items() if told[one].strip() != (was or "")}
    if any(renamed.values()):
        builds.append(lambda known: edit.rename(known, own, **renamed))
    if (told["owner"] or None) != irritant.owner:
        builds.append(lambda known: edit.own(known, own, told["owner"]))
    return builds
