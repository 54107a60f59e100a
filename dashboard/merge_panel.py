"""Merge an irritant into another: what both hold afterwards is told before."""

from __future__ import annotations

import streamlit as st

from dashboard import registry_words
from dashboard.deciding import change
from dashboard.effect_panel import effect_panel
from dashboard.guard import safely
from dashboard.irritant_map import near_to
from dashboard.page import Page
from dashboard.words import plain
from insights.irritants import edit
from insights.irritants.registry import Irritant

VIEW = "registry"


def merge_panel(page: Page, irritant: Irritant, may: bool) -> None:
    """Choose the other one, read the effect, merge. The nearest in the customers' words stand first."""
    _, own = page._, irritant.irritant_id
    near = [one for one, _cosine in near_to(page, own)]
    others = [one.irritant_id for one in page.registry.living() if one.irritant_id not in (own, *near)]
    others = [*near, *sorted(others, key=page.label)]
    st.markdown(
        _(
            "When two irritants are one and the same cause: all mentions of {irritant} then count with the other."
        ).format(irritant=plain(registry_words.quoted(page, own)))
    )
    if near:
        names = ", ".join(registry_words.quoted(page, one) for one in near)
        st.caption(plain(_("Close to: {irritants}.").format(irritants=names)))
    key = f"into_{own}_{page.registry.version}"
    into = st.selectbox(
        _("Merge it into"), others, None, key=key, format_func=page.label, placeholder=_("Choose an irritant")
    )
    can = into is not None and effect_panel(page, lambda known: edit.merge(known, own, str(into)))
    st.button(_("Merge"), type="primary", disabled=not (may and can), on_click=safely(_merged), args=(page, own, into))


def _merged(page: Page, own: str, into: str) -> None:
    sentence = page._("{irritant} now counts with {other}.").format(
        irritant=registry_words.quoted(page, own), other=registry_words.quoted(page, into)
    )
    change(page, VIEW, sentence, lambda known: edit.merge(known, own, into))
