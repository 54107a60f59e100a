"""Move an irritant under a theme, or under a new one; what the themes then hold is told before."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import registry_words
from dashboard.deciding import change
from dashboard.effect_panel import effect_panel
from dashboard.guard import safely
from dashboard.page import Page
from dashboard.words import plain
from insights.irritants import edit
from insights.irritants.registry import Irritant, Registry

VIEW = "registry"
MOST_CHARACTERS = 80
FIELDS = {"fr": "label_fr", "en": "label_en"}


def theme_panel(page: Page, irritant: Irritant, may: bool) -> None:
    """Choose a theme or name a new one, read the effect, move."""
    _, own, known = page._, irritant.irritant_id, page.registry
    at = f"{own}_{known.version}"
    themes = [None, *known.themes]
    left, right = st.columns(2)
    chosen = left.selectbox(
        _("Theme"),
        themes,
        themes.index(irritant.parent) if irritant.parent in themes else 0,
        key=f"theme_{at}",
        format_func=lambda one: registry_words.theme_name(page, known.themes.get(one)),
    )
    name = right.text_input(_("Or a new theme"), key=f"new_theme_{at}", max_chars=MOST_CHARACTERS).strip()
    if name:
        st.caption(plain(_("A theme “{name}” is made, with this irritant in it.").format(name=name)))
        can = True
    elif chosen != irritant.parent:
        can = effect_panel(page, lambda one: edit.move(one, own, chosen))
    else:
        st.caption(_("Choose another theme: what would change is shown here before you decide."))
        can = False
    st.button(
        _("Move it there"),
        key=f"move_{at}",
        type="primary",
        disabled=not (may and can),
        on_click=safely(_moved),
        args=(page, own, at),
    )


def _moved(page: Page, own: str, at: str) -> None:
    name, theme = st.session_state[f"new_theme_{at}"].strip(), st.session_state[f"theme_{at}"]
    builds = _new_theme(own, FIELDS[page.language], name) if name else [lambda known: edit.move(known, own, theme)]
    where = name or registry_words.theme_name(page, page.registry.themes.get(theme))
    sentence = page._("{irritant} stands under {theme} now.").format(
        irritant=registry_words.quoted(page, own), theme=registry_words.in_quotes(page, where)
    )
    change(page, VIEW, sentence, *builds)


def _new_theme(own: str, field: str, name: str) -> list[Callable[[Registry], edit.Draft]]:
    """Make a theme, then put the irritant under it."""
    made: list[str] = []

    def theme(known: Registry) -> edit.Draft:
        draft = edit.theme(known, **{field: name})
        made.append(draft.subject)
        return draft

    return [theme, lambda known: edit.move(known, own, made[-1])]
