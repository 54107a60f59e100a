"""One feedback whole: a verbatim, or a call or chat with its turns; clauses with their irritant and the words that decided."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import verbatim_queries as queries
from dashboard.audit import noted
from dashboard.decided import decided
from dashboard.format import known
from dashboard.guard import empty, safely
from dashboard.marking import Span, painted
from dashboard.page import Page
from dashboard.verbatim_cards import customer_link, facts, irritant_link, scores
from dashboard.words import plain
from insights.contracts import UNCLASSIFIED
from insights.search import Query, marks

DECIDED = 10  # clauses whose deciding words are looked for: each costs encodings
DOUBT = 0.6  # speech recognition less sure than this is told


def reading(page: Page, feedback_id: str, query: Query) -> None:
    """The reading view; what is not there, or outside the reader's rights, is said in a sentence."""
    _ = page._
    st.button(_("Back to the list"), icon=":material/arrow_back:", on_click=safely(_close))
    found = page.rows(queries.ONE, feedback=feedback_id)
    if found.empty:
        empty(
            _("This feedback cannot be shown."),
            _("It is outside your rights, or it has been deleted. Go back to the list and search again."),
        )
        return
    row = found.iloc[0].to_dict()
    turns = page.rows(queries.TURNS, feedback=feedback_id)
    _note(page, row, bool(len(turns)))
    at = row["occurred_at"]
    said = page.rows(queries.CLAUSES, ids=[feedback_id], first=at, last=at + pd.Timedelta(seconds=1))
    clauses = page.store.today(said)
    left, right = st.columns([7, 4], gap="medium")
    with right:
        _facts(page, row, clauses)
    placed = _deciding(page, clauses)
    with left, st.container(border=True):
        if turns.empty:
            _said(page, str(row["verbatim"]), placed, query)
        else:
            _turns(page, turns, placed, query)
    st.caption(_legend(page, query))


def _close() -> None:
    st.query_params.pop("feedback", None)


def _note(page: Page, row: dict[str, Any], with_turns: bool) -> None:
    """Reading the words of a customer who is known is kept in the audit log."""
    if known(row["customer_id"]):
        noted(page, "verbatims", "transcript" if with_turns else "verbatim", str(row["customer_id"]))


def _deciding(page: Page, clauses: pd.DataFrame) -> pd.DataFrame:
    """The clauses that carry an irritant, with the spans of the words that decided; of the first ones only."""
    own = clauses[clauses["irritant_id"].notna() & (clauses["irritant_id"] != UNCLASSIFIED)]
    own = own.drop_duplicates(["mention_id", "irritant_id"])
    first = own.head(DECIDED)
    spans = decided(page, list(zip(first["text"], first["language"], first["irritant_id"], strict=True)))
    return own.assign(spans=[*spans, *[()] * (len(own) - len(first))])


def _said(page: Page, text: str, clauses: pd.DataFrame, query: Query) -> None:
    """A text with what was searched, what decided, and the irritant of each clause behind it."""
    badges: dict[int, list[str]] = {}
    deciding: list[Span] = []
    for row in clauses.to_dict("records"):
        at = _start(text, row)
        end = len(text) if at is None else at + len(row["text"])
        here, label = badges.setdefault(end, []), page.label(row["irritant_id"])
        here += [] if label in here else [label]
        deciding += [(at + start, at + end) for start, end in row["spans"]] if at is not None else []
    st.markdown(painted(text, marks(text, query.wanted), deciding, badges))


def _turns(page: Page, turns: pd.DataFrame, clauses: pd.DataFrame, query: Query) -> None:
    """One line a turn: when, who, what; the customer's with their clauses marked."""
    for turn in turns.to_dict("records"):
        when, said = st.columns([2, 9], gap="small")
        when.markdown(f"**{_speaker(page, turn['speaker'])}**  \n{_clock(turn['start_s'])}")
        with said:
            _said(page, str(turn["text"]), clauses[clauses["turn_no"] == turn["turn_no"]], query)
            if known(turn["asr_confidence"]) and turn["asr_confidence"] < DOUBT:
                doubt = page._("Heard with doubt: the recogniser was {share} sure.")
                st.caption(plain(doubt.format(share=page.fmt.percent(turn["asr_confidence"]))))


def _start(text: str, row: dict[str, Any]) -> int | None:
    """Where a clause begins in its text; None where it is not found."""
    start = int(row["start_char"]) if known(row["start_char"]) else 0
    if text[start:].startswith(row["text"]):
        return start
    found = text.find(row["text"])
    return found if found >= 0 else None


def _facts(page: Page, row: dict[str, Any], clauses: pd.DataFrame) -> None:
    """Who, where, when, the scores, the irritants, the customer."""
    _ = page._
    marked = page.rows(queries.MARKS, ids=[row["feedback_id"]])
    carried = [one for one in dict.fromkeys(clauses["irritant_id"].dropna()) if one != UNCLASSIFIED]
    with st.container(border=True):
        st.markdown(f"**{plain(page.fmt.instant(row['occurred_at']))}**")
        st.markdown(plain(" · ".join(facts(page, row)[1:])))
        for told in scores(page, marked, row["feedback_id"]):
            st.markdown(plain(told))
        place = [str(row[name]) for name in ("journey_stage", "touchpoint", "agent_team") if known(row[name])]
        if place:
            st.caption(plain(_("Where: {place}").format(place=" · ".join(dict.fromkeys(place)))))
    with st.container(border=True):
        st.markdown("**" + _("Irritants in it") + "**")
        for irritant_id in carried:
            irritant_link(page, irritant_id)
        if not carried:
            st.caption(_("None that is known."))
    with st.container(border=True):
        st.markdown("**" + _("Customer") + "**")
        if not known(row["customer_id"]) or row["anonymous"]:
            st.caption(_("Not known: nobody can be called back about this."))
        elif page.may("customers"):
            customer_link(
                page, str(row["customer_id"]), _("Whole history of {customer}").format(customer=row["customer_id"])
            )
        else:
            st.caption(_("Your role does not open customers."))


def _speaker(page: Page, code: str) -> str:
    _ = page._
    return {"customer": _("Customer"), "adviser": _("Adviser"), "bot": _("Voice menu or bot")}.get(code, _("Unknown"))


def _clock(seconds: Any) -> str:
    """`02:15` from the start of the call."""
    return "" if not known(seconds) else f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


def _legend(page: Page, query: Query) -> str:
    _ = page._
    told = [_("On blue: the words that decided an irritant. In grey after a clause: the irritant it carries.")]
    told += [_("On orange: the words you searched.")] if query.wanted else []
    return " ".join(told) + " " + _("Personal data were removed before storage.")
