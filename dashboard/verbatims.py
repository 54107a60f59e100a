"""Real verbatims, paged. Everything in them is shown as plain text, never read as HTML or Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard import queries, registry_words, words
from dashboard.decided import decided, marked
from dashboard.deciding import change, name_field, notice, reader
from dashboard.format import known
from dashboard.guard import safely
from dashboard.page import Page
from dashboard.words import plain
from insights.contracts import UNCLASSIFIED
from insights.irritants import edit
from insights.irritants.deciding import Span

VIEW = "irritants"

PAGE_SIZE = 8
LONG = 420  # characters of a quote on a card
SHORT = 320  # characters: shown whole; of a longer one, the clause that names the irritant


def verbatims(page: Page, irritant_id: str, period: dict[str, Any], kept: dict[str, list[str]]) -> None:
    """The verbatims that name an irritant in the period, newest first."""
    _, fmt = page._, page.fmt
    left, right = st.columns([7, 3], vertical_alignment="bottom")
    left.header(_("In their own words"))
    with right:
        name_field(page)
    with st.container():
        notice(page, VIEW)
    key = f"verbatims_{irritant_id}"  # another irritant starts again on its first page
    asked = {"since": period["middle"], "until": period["until"], "irritant": irritant_id, **kept}
    start = PAGE_SIZE * (int(st.session_state.get(key, 1)) - 1)
    found = page.rows(queries.VERBATIMS, **asked, size=PAGE_SIZE, start=start)
    if found.empty and start:
        found = page.rows(queries.VERBATIMS, **asked, size=PAGE_SIZE, start=0)
    columns = st.columns(2, gap="small")
    spans = decided(page, [(row["text"], str(row["language"]), irritant_id) for row in found.to_dict("records")])
    for place, row in enumerate(found.to_dict("records")):
        with columns[place % 2]:
            _verbatim(page, row, irritant_id, spans[place])
    total = int(found["n_all"].iloc[0]) if len(found) else 0
    if total > PAGE_SIZE:
        st.pagination(-(-total // PAGE_SIZE), key=key)
    if any(spans):
        st.caption(
            _("Marked: the words that decided the irritant. Without them the model would have put it elsewhere.")
        )
    st.caption(
        _("{n} feedback items in the period; personal data were removed before storage.").format(n=fmt.number(total))
    )


def _verbatim(page: Page, row: dict[str, Any], irritant_id: str, spans: Sequence[Span]) -> None:
    _ = page._
    place = [page.fmt.day(row["occurred_at"]), words.kind(_, row["kind"]), words.channel(_, row["channel"])]
    place += [str(row[name]) for name in ("brand", "product") if known(row[name])]
    place += [words.segment(_, row["segment"])] if known(row["segment"]) else []
    whole = row["verbatim"] if known(row["verbatim"]) else row["text"]
    with st.container(border=True, gap="xsmall"):
        st.caption(plain(" · ".join(dict.fromkeys(place))))
        _quoted(whole if len(whole) <= SHORT else row["text"], row["text"], spans)
        if len(whole) > SHORT:
            with st.expander(_("The whole verbatim")):
                st.text(whole)
        _elsewhere(page, row, irritant_id)


def _quoted(shown: str, clause: str, spans: Sequence[Span]) -> None:
    """A quote with the words that decided its irritant marked, where the clause is found in it."""
    at = shown.find(clause)
    if spans and at >= 0:
        st.markdown(marked(shown, [(at + start, at + end) for start, end in spans]))
    else:
        st.text(shown)


def _elsewhere(page: Page, row: dict[str, Any], irritant_id: str) -> None:
    """« Not this irritant »: the verbatim's sentences go to another one, or to none."""
    _, key = page._, f"{row['feedback_id']}_{irritant_id}"
    with st.popover(_("Not this irritant"), icon=":material/move_item:", type="tertiary"):
        others = sorted((one.irritant_id for one in page.registry.living()), key=page.label)
        to = st.selectbox(
            _("It belongs to"),
            [UNCLASSIFIED, *(one for one in others if one != irritant_id)],
            None,
            key=f"move_to_{key}",
            format_func=lambda one: registry_words.place(page, one),
            placeholder=_("Choose an irritant"),
        )
        if not page.may("curate"):
            st.caption(_("Your role reads this without changing it."))
        elif not reader():
            st.caption(_("Write your name above the verbatims first."))
        st.button(
            _("Move it"),
            key=f"move_{key}",
            type="primary",
            disabled=to is None or not reader() or not page.may("curate"),
            on_click=safely(_move),
            args=(page, list(row["text_shas"]), irritant_id, to),
        )


def _move(page: Page, shas: list[str], irritant_id: str, to: str) -> None:
    sentence = page._("Moved to {irritant}: it counts there now, and teaches the next run.").format(
        irritant=registry_words.quoted(page, to)
    )
    change(page, VIEW, sentence, lambda known: edit.correct(known, shas, irritant_id, to))


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
