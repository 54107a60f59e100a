"""The themes: how many irritants each holds, and their names."""

from __future__ import annotations

import streamlit as st

from dashboard import registry_words
from dashboard.deciding import change
from dashboard.guard import safely
from dashboard.page import Page
from insights.irritants import edit

VIEW = "registry"


def themes_panel(page: Page, may: bool) -> None:
    """Rename a theme; a new one is made where an irritant is put under it."""
    _, known = page._, page.registry
    if not known.themes:
        st.caption(_("No theme yet: write one under “Name and place” of an irritant."))
        return
    with st.expander(_("Rename a theme")):
        size = {one: sum(each.parent == one for each in known.living()) for one in known.themes}
        chosen = st.selectbox(
            _("Theme"),
            list(known.themes),
            key="theme_chosen",
            format_func=lambda one: f"{registry_words.theme_name(page, known.themes[one])} ({size[one]})",
        )
        at, theme = f"{chosen}_{known.version}", known.themes[chosen]
        left, middle, right = st.columns([4, 4, 3], vertical_alignment="bottom")
        left.text_input(_("Name in French"), theme.label_fr or "", key=f"theme_fr_{at}", max_chars=80)
        middle.text_input(_("Name in English"), theme.label_en or "", key=f"theme_en_{at}", max_chars=80)
        right.button(_("Rename the theme"), disabled=not may, on_click=safely(_rename), args=(page, chosen, at))


def _rename(page: Page, theme_id: str, at: str) -> None:
    told = {f"label_{one}": st.session_state[f"theme_{one}_{at}"].strip() or None for one in ("fr", "en")}
    name = told[f"label_{page.language}"] or next(filter(None, told.values()), "")
    sentence = page._("The theme is called “{name}” now.").format(name=name)
    change(page, VIEW, sentence, lambda known: edit.theme(known, theme_id, **told))
