"""Hide an irritant from lists, ranking and digests, or put it to rest; what each changes is told before."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import registry_words
from dashboard.deciding import change
from dashboard.effect_panel import effect_panel
from dashboard.guard import safely
from dashboard.page import Page
from insights.irritants import edit
from insights.irritants.registry import DORMANT, Irritant, Registry

VIEW = "registry"
Build = Callable[[Registry], edit.Draft]


def rest_panel(page: Page, irritant: Irritant, may: bool) -> None:
    """Two ways out of sight, and the way back from each."""
    _ = page._
    ways = {"hide": _("Hide or show"), "rest": _("Put to rest or wake")}
    way = st.segmented_control(
        _("What do you want?"),
        list(ways),
        default="hide",
        key="out_of_sight",
        format_func=ways.__getitem__,
        required=True,
    )
    (_hide if way == "hide" else _rest)(page, irritant, may)


def _hide(page: Page, irritant: Irritant, may: bool) -> None:
    _, own = page._, irritant.irritant_id
    if irritant.hidden:
        st.markdown(_("This irritant is hidden: it is counted, and no list, ranking or digest names it."))
        _button(
            page, _("Show it again"), _("{irritant} is shown again."), own, lambda known: edit.show(known, own), may
        )
        return
    st.markdown(_("For what is true and of no use to your readers: nobody can act on it, or it is no irritant at all."))
    can = effect_panel(page, lambda known: edit.hide(known, own))
    _button(page, _("Hide it"), _("{irritant} is hidden now."), own, lambda known: edit.hide(known, own), may and can)


def _rest(page: Page, irritant: Irritant, may: bool) -> None:
    _, own = page._, irritant.irritant_id
    if irritant.status == DORMANT:
        st.markdown(_("This irritant is dormant: nobody speaks of it any more. Wake it when it comes back."))
        _button(page, _("Wake it"), _("{irritant} is active again."), own, lambda known: edit.wake(known, own), may)
        return
    st.markdown(
        _(
            "When the cause is repaired and nobody speaks of it any more. Its history stays; it can be woken at any time."
        )
    )
    can = effect_panel(page, lambda known: edit.retire(known, own))
    _button(
        page, _("Put to rest"), _("{irritant} is dormant now."), own, lambda known: edit.retire(known, own), may and can
    )


def _button(page: Page, label: str, sentence: str, own: str, build: Build, may: bool) -> None:
    said = sentence.format(irritant=registry_words.quoted(page, own))
    st.button(label, type="primary", disabled=not may, on_click=safely(_noted), args=(page, said, build))


def _noted(page: Page, said: str, build: Build) -> None:
    change(page, VIEW, said, build)
