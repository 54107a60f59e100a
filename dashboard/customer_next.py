"""What waits for one customer: open callbacks with their promise, announced dates, irritants they named, their scores."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from dashboard import charts, words
from dashboard import customer_queries as queries
from dashboard import queries as shared
from dashboard.case_clock import due_words
from dashboard.customer_choice import open_cases
from dashboard.format import Format, known
from dashboard.page import Page, explained, headline
from dashboard.verbatim_cards import irritant_link
from dashboard.words import plain, plural
from insights.cases import Case, label

NAMED = 5
DRAWN_FROM = 2  # scores of one question


def next_thing(page: Page, customer_id: str) -> None:
    """One figure and one sentence: the callback that is due, else that nothing waits."""
    _, fmt = page._, page.fmt
    cases = open_cases(page, customer_id)
    meant = _("Callbacks that wait for a contact with this customer.")
    told = explained(page, meant, n=len(cases))
    if cases:
        first = cases[0]
        sentence = _("**Call back {due}**: {reason}, promised for {instant}.").format(
            due=plain(due_words(page, first.due_at)),
            reason=plain(label(first.reason, page.language)),
            instant=plain(fmt.instant(first.due_at)),
        )
        headline(_("Open callbacks"), fmt.number(len(cases)), sentence, lambda: case_link(page, first), help=told)
        return
    headline(_("Open callbacks"), fmt.number(0), _("No callback waits.") + " " + _heard(page, customer_id), help=told)


def _heard(page: Page, customer_id: str) -> str:
    _ = page._
    last = page.rows(queries.LAST_HEARD, customer=customer_id, now=page.now)
    if last.empty:
        return _("This customer has never told us anything.")
    row = last.iloc[0]
    told = _("Last heard on {day}: {kind}, {channel}. Read it below before you do anything.")
    return told.format(
        day=page.fmt.day(row["occurred_at"]),
        kind=plain(words.kind(_, row["kind"]).lower()),
        channel=plain(words.channel(_, row["channel"])),
    )


def case_link(page: Page, case: Case) -> None:
    """The way to the case, for readers who work on callbacks."""
    if page.may("callbacks"):
        st.page_link(
            "views/callbacks.py",
            label=page._("Open the callback"),
            icon=":material/call:",
            query_params={"case": case.case_id, "state": "all", "lang": page.language},
        )


def waiting(page: Page, customer_id: str) -> None:
    """What is due next for this customer."""
    _, fmt = page._, page.fmt
    lines = [
        _("Callback ({reason}): {due}, {team}").format(
            reason=label(one.reason, page.language), due=due_words(page, one.due_at), team=page.team(one.owner_team)
        )
        for one in open_cases(page, customer_id)
    ]
    contract = page.rows(shared.CUSTOMER, customer_id=customer_id, until=page.today)
    for column, said in (
        ("price_change_on", _("Price change announced for {day}")),
        ("contract_end_on", _("Contract term ends on {day}")),
    ):
        day = contract[column].iloc[0] if len(contract) else None
        if known(day) and fmt.local_day(day) >= page.today:
            lines.append(said.format(day=fmt.day(day)))
    with st.container(border=True):
        st.markdown("**" + _("Waiting next") + "**")
        st.markdown("\n".join(f"- {plain(line)}" for line in lines) or _("Nothing is planned."))


def named(page: Page, customer_id: str) -> None:
    """The irritants this customer named, most often first."""
    _ = page._
    found = page.rows(queries.NAMED, customer=customer_id, now=page.now)
    with st.container(border=True, gap="xsmall"):
        st.markdown("**" + _("Irritants they named") + "**")
        for row in found.head(NAMED).to_dict("records"):
            irritant_link(page, row["irritant_id"])
            times = plural(row["n"], _("{n} time, last on {day}"), _("{n} times, last on {day}"), page.language)
            st.caption(times.format(n=page.fmt.number(row["n"]), day=page.fmt.day(row["last_at"])))
        if found.empty:
            st.caption(_("None."))


def scores_over_time(page: Page, customer_id: str) -> None:
    """The scores this customer gave, a line for each question asked at least twice."""
    _ = page._
    found = page.rows(queries.SCORES, customer=customer_id, now=page.now)
    names = {"nps": _("Recommendation"), "csat": _("Satisfaction"), "ces": _("Ease")}
    frame = found.assign(
        question=[
            f"{names.get(row.metric, row.metric)} ({str(row.scale).split(' ')[0]})" for row in found.itertuples()
        ],
        on=[page.fmt.local_day(at).isoformat() for at in found["occurred_at"]],
    )
    counted = frame.groupby("question")["value"].transform("size") if len(frame) else pd.Series(dtype=int)
    drawn = frame[counted >= DRAWN_FROM]
    if drawn.empty:
        return
    st.markdown("**" + _("Scores over time") + "**")
    last = drawn.iloc[-1]
    alt_text = _("Scores this customer gave over time; the last one is {value}, {question}.").format(
        value=page.fmt.number(last["value"]), question=last["question"]
    )
    charts.draw(_chart(drawn[["question", "on", "value"]], page.fmt, _("Score given"), _("Day")), alt_text)


@st.cache_data(show_spinner=False, max_entries=50)
def _chart(frame: pd.DataFrame, fmt: Format, score: str, day: str) -> dict[str, Any]:
    base = alt.Chart(frame).encode(
        x=alt.X("on:T", title=None, axis=alt.Axis(format="%b %Y", labelOverlap=True)),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=True, nice=True), axis=alt.Axis(tickCount=3, format="d")),
        tooltip=[
            alt.Tooltip("on:T", title=day, format="%d/%m/%Y"),
            alt.Tooltip("question:N", title=" "),
            alt.Tooltip("value:Q", title=score),
        ],
    )
    lines = base.mark_line(color=charts.GREY, strokeWidth=1) + base.mark_point(color=charts.BLUE, filled=True, size=70)
    rows = lines.properties(height=70, width=420).facet(
        row=alt.Row("question:N", title=None, header=alt.Header(labelAngle=0, labelAlign="left", labelFontSize=13))
    )
    return charts._dressed(rows.resolve_scale(y="independent"), fmt)
