"""Split an irritant: the groups its texts fall into, and which of them become irritants of their own."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard import registry_words
from dashboard.data import Store
from dashboard.deciding import Told, change, company_only, tell
from dashboard.effect_panel import effect_panel
from dashboard.guard import safely
from dashboard.page import Page
from dashboard.words import plain
from insights.errors import ModelError
from insights.irritants import edit
from insights.irritants.registry import Irritant
from insights.steps.suggest import Suggestion, suggest_parts

VIEW = "registry"
EXAMPLES = 3


@st.cache_data(show_spinner=False, max_entries=20)
def _suggested(place: str, snapshot: int, version: int, irritant_id: str, _store: Store) -> list[Suggestion]:
    """Groups of an irritant's texts, largest first; none where too few of them differ."""
    try:
        return suggest_parts(_store.lake, _store.ledger, irritant_id)
    except ModelError:
        return []


def split_panel(page: Page, irritant: Irritant, may: bool) -> None:
    """Ask for groups, then choose which to take out, and under which name."""
    _, own = page._, irritant.irritant_id
    st.markdown(
        _("When two causes hide under one name: take one out. What is not taken out stays here, with this name.")
    )
    if company_only(page, _("Split")):
        return
    at = f"{own}_{page.registry.version}"
    if st.button(_("Suggest groups"), key=f"suggest_{at}", help=_("Reads up to 4,000 of its texts; up to a minute.")):
        st.session_state["splitting"] = at
    if st.session_state.get("splitting") != at:
        return
    with st.spinner(_("Looking for groups in its texts…")):
        store = page.store
        groups = _suggested(store.place, store.snapshot, page.registry.version, own, store)
    if not groups:
        st.info(_("Its texts are few or all alike: there is nothing to take out."))
        return
    for number, group in enumerate(groups):
        _group(page, group, f"{at}_{number}", largest=number == 0)
    chosen = _chosen(groups, at)
    if 0 < len(chosen) < len(groups):
        effect_panel(page, lambda known: edit.split(known, own, _parts(groups, chosen, at)))
    st.button(
        _("Take out the chosen groups"),
        type="primary",
        disabled=not may,
        on_click=safely(_split),
        args=(page, own, groups, at),
    )


def _group(page: Page, group: Suggestion, key: str, *, largest: bool) -> None:
    _ = page._
    with st.container(border=True):
        size = _("{share} of its texts ({n})").format(
            share=page.fmt.percent(group.share), n=page.fmt.number(len(group.part.texts))
        )
        title = _("Take out: {size}").format(size=size)
        st.checkbox(plain(title), key=f"take_{key}", help=_("The largest group usually stays.") if largest else None)
        for text in group.examples[:EXAMPLES]:
            st.text(registry_words.in_quotes(page, text))
        left, right = st.columns(2)
        left.text_input(_("Name in French"), group.part.label_fr or "", key=f"part_fr_{key}", max_chars=80)
        right.text_input(_("Name in English"), group.part.label_en or "", key=f"part_en_{key}", max_chars=80)


def _split(page: Page, own: str, groups: list[Suggestion], at: str) -> None:
    """Record the split; one group at least stays."""
    _, chosen = page._, _chosen(groups, at)
    if len(chosen) == len(groups):
        tell(Told(VIEW, False, _("Leave one group here at least: the irritant itself stays with it.")))
        return
    parts = _parts(groups, chosen, at)
    names = ", ".join(part.label_fr or part.label_en or "" for part in parts)
    sentence = _("Taken out of {irritant}: {parts}.").format(irritant=registry_words.quoted(page, own), parts=names)
    change(page, VIEW, sentence, lambda known: edit.split(known, own, parts))


def _chosen(groups: list[Suggestion], at: str) -> list[int]:
    return [number for number in range(len(groups)) if st.session_state.get(f"take_{at}_{number}")]


def _parts(groups: list[Suggestion], chosen: list[int], at: str) -> list[edit.Part]:
    """The chosen groups under the names that stand on their cards."""
    state = st.session_state
    return [
        replace(
            groups[number].part,
            label_fr=state[f"part_fr_{at}_{number}"].strip() or None,
            label_en=state[f"part_en_{at}_{number}"].strip() or None,
            label_source=edit.PERSON,
        )
        for number in chosen
    ]
