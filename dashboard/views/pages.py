"""All pages, each with one sentence, and what the words mean."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.all_pages import summary
from dashboard.glossary import acted, heard, measured
from dashboard.menu import ACT, KEEP, LISTEN, MEASURE, Entry, offered, section_title, title
from dashboard.page import Page, show
from dashboard.words import plain


def render(page: Page) -> None:
    _ = page._
    home, others = offered(page.viewer)
    listed = [*home, *others]
    for column, sections in zip(st.columns(3, gap="medium"), ((ACT,), (LISTEN, MEASURE), (KEEP,)), strict=True):
        for section in sections:
            with column:
                _section(page, section, [entry for entry in listed if entry.section == section])
    _words(page)


def _section(page: Page, section: str, entries: Sequence[Entry]) -> None:
    if entries:
        st.header(section_title(page._, section))
    for entry in entries:
        with st.container(gap=None):
            st.page_link(
                entry.file,
                label=title(page._, entry.name),
                icon=f":material/{entry.icon}:",
                query_params={"lang": page.language},
            )
            st.caption(plain(summary(page._, entry.name)))


def _words(page: Page) -> None:
    _ = page._
    st.header(_("What the words mean"))
    parts = {
        _("What customers say"): heard(_),
        _("Scores and how sure they are"): measured(_),
        _("What is done about it"): acted(_),
    }
    for name, terms in parts.items():
        with st.expander(name):
            st.markdown("\n\n".join(f"**{plain(term)}**: {plain(text)}" for term, text in terms.items()))


if __name__ == "__main__":
    show(render)
