"""What is known of an irritant: names, definition, theme, owner, where it came from."""

from __future__ import annotations

import streamlit as st

from dashboard import registry_words
from dashboard.page import Page
from dashboard.words import plain
from insights.irritants.registry import Irritant


def irritant_card(page: Page, irritant: Irritant, n_year: int) -> None:
    """Names, definition, and everything known of it in one line each."""
    _ = page._
    other = irritant.label("en" if page.language == "fr" else "fr")
    st.markdown(f"**{plain(page.label(irritant.irritant_id))}**" + ("" if other[1] else f" · {plain(other[0])}"))
    st.markdown(plain(irritant.definition) if irritant.definition else _("No definition yet."))
    facts = [
        registry_words.theme_of(page, irritant.irritant_id),
        registry_words.standing(page, irritant),
        _("{n} mentions in 12 months").format(n=page.fmt.number(n_year)),
        _("Owner: {owner}").format(owner=irritant.owner) if irritant.owner else _("No owner yet."),
    ]
    st.caption(plain(" · ".join(facts)))
    st.caption(plain(" · ".join(origin(page, irritant))))


def origin(page: Page, irritant: Irritant) -> list[str]:
    """Number, birth and lineage, and what was merged into it or taken out of it."""
    born = page._("{irritant_id}, born on {day}, {lineage}").format(
        irritant_id=irritant.irritant_id,
        day=page.fmt.day(irritant.born_on),
        lineage=registry_words.lineage(page, irritant),
    )
    return [born, *registry_words.received(page, irritant.irritant_id)]


def irritant_lines(page: Page, irritant_id: str) -> None:
    """The same in a few lines, with the way to the registry."""
    _, irritant = page._, page.registry.irritants.get(irritant_id)
    if irritant is None:
        return
    if irritant.definition:
        st.markdown(plain(irritant.definition))
    theme, owner = page.registry.theme_of(irritant_id), page.owner(irritant_id)
    facts = [
        *([_("Theme: {theme}").format(theme=registry_words.theme_name(page, theme))] if theme else []),
        _("Owner: {owner}").format(owner=owner) if owner else _("No owner yet."),
        *origin(page, irritant),
    ]
    st.caption(plain(" · ".join(facts)))
    st.page_link(
        "views/registry.py",
        label=_("Edit this irritant"),
        icon=":material/arrow_forward:",
        query_params={"irritant": irritant_id, "lang": page.language},
    )
