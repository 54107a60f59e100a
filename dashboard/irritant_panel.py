"""One irritant of the registry: what it is, and all that a person may change of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard import registry_words
from dashboard.deciding import change, named
from dashboard.history_panel import history_panel
from dashboard.irritant_card import irritant_card
from dashboard.page import Page
from dashboard.split_panel import split_panel
from dashboard.words import plain
from insights.irritants import edit
from insights.irritants.registry import DORMANT, Irritant, Registry

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
    names, merge, split, rest, past = st.tabs(
        [_("Name and place"), _("Merge"), _("Split"), _("Put to rest"), _("History")], key="irritant_tabs"
    )
    with names:
        _identity(page, irritant, may)
    with merge:
        _merge(page, irritant, may)
    with split:
        split_panel(page, irritant, may)
    with rest:
        _rest(page, irritant, may)
    with past:
        history_panel(page, irritant.irritant_id, may)


def _identity(page: Page, irritant: Irritant, may: bool) -> None:
    _ = page._
    at = f"{irritant.irritant_id}_{page.registry.version}"  # a change draws the fields anew
    themes = [None, *page.registry.themes]
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
        left, middle, right = st.columns(3)
        left.selectbox(
            _("Theme"),
            themes,
            themes.index(irritant.parent) if irritant.parent in themes else 0,
            key=f"theme_{at}",
            format_func=lambda one: registry_words.theme_name(page, page.registry.themes.get(one)),
        )
        middle.text_input(_("Or a new theme"), key=f"new_theme_{at}", max_chars=MOST_CHARACTERS)
        right.selectbox(
            _("Owner"),
            owners,
            owners.index(irritant.owner) if irritant.owner in owners else None,
            key=f"owner_{at}",
            accept_new_options=True,
            placeholder=_("Choose, or write a new one"),
        )
        st.form_submit_button(
            _("Save the changes"), type="primary", disabled=not may, on_click=_save, args=(page, irritant, at)
        )


def _save(page: Page, irritant: Irritant, at: str) -> None:
    """Record what differs from the irritant as it is shown."""
    names = ("fr", "en", "definition", "theme", "new_theme", "owner")
    told = {name: st.session_state[f"{name}_{at}"] for name in names}
    name = told[page.language].strip() or page.label(irritant.irritant_id)
    sentence = page._("Saved: {irritant}.").format(irritant=registry_words.in_quotes(page, name))
    change(page, VIEW, sentence, *_changes(page, irritant, told))


def _changes(page: Page, irritant: Irritant, told: dict[str, Any]) -> list[Callable[[Registry], edit.Draft]]:
    """What the form asks for, in the order it is to be recorded. A field that was emptied changes nothing."""
    own, builds = irritant.irritant_id, []
    before = {"fr": irritant.label_fr, "en": irritant.label_en, "definition": irritant.definition}
    named = {FIELDS[one]: told[one].strip() for one, was in before.items() if told[one].strip() != (was or "")}
    if any(named.values()):
        builds.append(lambda known: edit.rename(known, own, **named))
    if told["new_theme"].strip():
        builds += _new_theme(own, FIELDS[page.language], told["new_theme"].strip())
    elif told["theme"] != irritant.parent:
        builds.append(lambda known: edit.move(known, own, told["theme"]))
    if (told["owner"] or None) != irritant.owner:
        builds.append(lambda known: edit.own(known, own, told["owner"]))
    return builds


def _new_theme(own: str, field: str, name: str) -> list[Callable[[Registry], edit.Draft]]:
    """Make a theme, then put the irritant under it."""
    made: list[str] = []

    def theme(known: Registry) -> edit.Draft:
        draft = edit.theme(known, **{field: name})
        made.append(draft.subject)
        return draft

    return [theme, lambda known: edit.move(known, own, made[-1])]


def _merge(page: Page, irritant: Irritant, may: bool) -> None:
    _, own = page._, irritant.irritant_id
    others = sorted((one.irritant_id for one in page.registry.living() if one.irritant_id != own), key=page.label)
    st.markdown(
        _(
            "When two irritants are one and the same cause: all mentions of {irritant} then count with the other."
        ).format(irritant=plain(registry_words.quoted(page, own)))
    )
    key = f"into_{own}_{page.registry.version}"
    into = st.selectbox(
        _("Merge it into"), others, None, key=key, format_func=page.label, placeholder=_("Choose an irritant")
    )
    st.button(_("Merge"), type="primary", disabled=not may or into is None, on_click=_merged, args=(page, own, into))


def _merged(page: Page, own: str, into: str) -> None:
    sentence = page._("{irritant} now counts with {other}.").format(
        irritant=registry_words.quoted(page, own), other=registry_words.quoted(page, into)
    )
    change(page, VIEW, sentence, lambda known: edit.merge(known, own, into))


def _rest(page: Page, irritant: Irritant, may: bool) -> None:
    _ = page._
    if irritant.status == DORMANT:
        st.markdown(_("This irritant is dormant: nobody speaks of it any more. Wake it when it comes back."))
        st.button(_("Wake it"), type="primary", disabled=not may, on_click=_rested, args=(page, irritant))
        return
    st.markdown(
        _(
            "When the cause is repaired and nobody speaks of it any more. Its history stays; it can be woken at any time."
        )
    )
    st.button(_("Put to rest"), disabled=not may, on_click=_rested, args=(page, irritant))


def _rested(page: Page, irritant: Irritant) -> None:
    """Wake what is dormant, put to rest what is not."""
    _, own, asleep = page._, irritant.irritant_id, irritant.status == DORMANT
    sentence = _("{irritant} is active again.") if asleep else _("{irritant} is dormant now.")
    said = sentence.format(irritant=registry_words.quoted(page, own))
    change(page, VIEW, said, lambda known: edit.wake(known, own) if asleep else edit.retire(known, own))
