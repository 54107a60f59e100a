"""Real verbatims, paged. Everything in them is shown as plain text, never read as HTML or Markdown."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard import queries, words
from dashboard.format import known
from dashboard.page import Page
from dashboard.words import plain

PAGE_SIZE = 8
LONG = 420  # characters of a quote on a card
SHORT = 320  # characters: shown whole; of a longer one, the clause that names the irritant


def verbatims(page: Page, irritant_id: str, period: dict[str, Any], kept: dict[str, list[str]]) -> None:
    """The verbatims that name an irritant in the period, newest first."""
    _, fmt = page._, page.fmt
    st.subheader(_("In their own words"))
    key = f"verbatims_{irritant_id}"  # another irritant starts again on its first page
    asked = {"since": period["middle"], "until": period["until"], "irritant": irritant_id, **kept, **page.moves}
    start = PAGE_SIZE * (int(st.session_state.get(key, 1)) - 1)
    found = page.rows(queries.VERBATIMS, **asked, size=PAGE_SIZE, start=start)
    if found.empty and start:
        found = page.rows(queries.VERBATIMS, **asked, size=PAGE_SIZE, start=0)
    columns = st.columns(2, gap="small")
    for place, row in enumerate(found.to_dict("records")):
        with columns[place % 2]:
            _verbatim(page, row)
    total = int(found["n_all"].iloc[0]) if len(found) else 0
    if total > PAGE_SIZE:
        st.pagination(-(-total // PAGE_SIZE), key=key)
    st.caption(
        _("{n} feedback items in the period; personal data were removed before storage.").format(n=fmt.number(total))
    )


def _verbatim(page: Page, row: dict[str, Any]) -> None:
    _ = page._
    place = [page.fmt.day(row["occurred_at"]), words.kind(_, row["kind"]), words.channel(_, row["channel"])]
    place += [str(row[name]) for name in ("brand", "product") if known(row[name])]
    place += [words.segment(_, row["segment"])] if known(row["segment"]) else []
    whole = row["verbatim"] if known(row["verbatim"]) else row["text"]
    with st.container(border=True, gap="xsmall"):
        st.caption(plain(" · ".join(dict.fromkeys(place))))
        st.text(whole if len(whole) <= SHORT else row["text"])
        if len(whole) > SHORT:
            with st.expander(_("The whole verbatim")):
                st.text(whole)


def quote(page: Page, verbatim: Any) -> None:
    """A verbatim as plain text; of a long one, a call above all, the beginning and the rest one click away."""
    if not known(verbatim):
        st.caption(page._("A score without a comment."))
    elif len(verbatim) <= LONG:
        st.text(verbatim)
    else:
        st.text(verbatim[:LONG].rsplit(" ", 1)[0] + " …")
        with st.expander(page._("The whole verbatim")):
            st.text(verbatim)
