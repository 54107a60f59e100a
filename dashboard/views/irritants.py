"""Irritants: what customers complain of, how it moves, and their own words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import charts, figures, notes, queries
from dashboard.comments_panel import comments_panel
from dashboard.event_marks import event_marks, legend, model_changes, spoken
from dashboard.filters import filters
from dashboard.guard import empty
from dashboard.hierarchy_panel import hierarchy
from dashboard.irritant_card import irritant_lines
from dashboard.irritant_segments import segments_panel
from dashboard.meanings import meaning
from dashboard.page import Page, from_url, headline, picking, show, table, to_url
from dashboard.verbatims import verbatims
from dashboard.words import plain
from insights.digest.model import UP

TREND_WEEKS = 26
RANKED, BY_THEME = "ranked", "themes"


def render(page: Page) -> None:
    _ = page._
    kept, weeks = filters(page)
    period = page.window(7 * weeks)
    listed = figures.irritants(page, period, kept)
    if listed.empty:
        empty(
            _("Nobody complained in this period, under these filters."),
            _("Choose a longer period or take a filter away. If there are no irritants at all, run `voc run`."),
        )
        return
    known = figures.in_sight(page, listed)
    _summary(page, listed, known, weeks)
    if known.empty:
        return
    left, right = st.columns([15, 10], gap="medium")
    with left:
        _list(page, known)
    with right:
        chosen = _choice(page, known)
        _trend(page, chosen, kept)
    _detail(page, listed, known, period)
    _model_part(page, chosen)
    segments_panel(page, chosen)
    _breakdowns(page, chosen, period, kept)
    verbatims(page, chosen, period, kept)
    with st.container(border=True):
        comments_panel(page, "irritant", chosen)


def _summary(page: Page, listed: pd.DataFrame, known: pd.DataFrame, weeks: int) -> None:
    _, fmt = page._, page.fmt
    total = listed["n_mentions"].sum()
    if known.empty or not total:
        sentence = _("None of them resembles a known irritant yet.")
    else:
        first = known.iloc[0]
        sentence = _("Most named: **{label}**, {share} of what is said against us.").format(
            label=plain(page.label(first["irritant_id"])), share=fmt.percent(first["share"])
        )
        rising = known[known["verdict"] == UP].sort_values("trend_ratio", ascending=False)
        if not rising.empty:
            sentence += " " + _("Growing fastest: **{label}** ({ratio}).").format(
                label=plain(page.label(rising.iloc[0]["irritant_id"])), ratio=fmt.ratio(rising.iloc[0]["trend_ratio"])
            )
    label = _("Negative mentions, {n} weeks").format(n=weeks)
    headline(label, fmt.number(total), sentence, help=meaning(page, "irritants", n=int(total)))


def _list(page: Page, known: pd.DataFrame) -> None:
    """All irritants by number, or gathered by theme."""
    ways = {RANKED: page._("Ranked"), BY_THEME: page._("By theme")}
    from_url("list", list(ways), RANKED)
    st.segmented_control(page._("Show"), list(ways), key="list", format_func=ways.__getitem__, required=True)
    (hierarchy if to_url("list", RANKED) == BY_THEME else _table)(page, known)


def _table(page: Page, known: pd.DataFrame) -> None:
    """The ranked list; choosing a row chooses the irritant."""
    _, fmt = page._, page.fmt
    rows = known.to_dict("records")
    shown = pd.DataFrame(
        {
            _("Irritant"): [page.label_and_age(row["irritant_id"]) for row in rows],
            _("Mentions"): known["n_mentions"].astype(int),
            _("Share"): [fmt.percent(row["share"]) for row in rows],
            _("Customers"): known["n_customers"].astype(int),
            _("Trend"): [figures.trend_words(page, row) for row in rows],
        }
    )
    picking(shown, "irritant_table", "irritant", known["irritant_id"].tolist(), wide=_("Irritant"), wide_px=225)


def _choice(page: Page, known: pd.DataFrame) -> str:
    options = known["irritant_id"].tolist()
    from_url("irritant", options, options[0])
    st.selectbox(page._("Look at"), options, key="irritant", format_func=page.label)
    return str(to_url("irritant", None))


def _trend(page: Page, irritant_id: str, kept: dict[str, list[str]]) -> None:
    _, fmt = page._, page.fmt
    monday = page.today - timedelta(days=page.today.weekday())
    since = page.day_start(monday - timedelta(weeks=TREND_WEEKS - 1))
    frame = page.rows(
        queries.TREND,
        **kept,
        since=since,
        until=page.window()["until"],
        irritant=irritant_id,
        zone=page.settings.timezone,
    )
    frame["partial"] = [week == monday and page.today.weekday() < 6 for week in fmt.days(frame["week"])]
    marks = event_marks(page, fmt.local_day(since), page.today, irritant=irritant_id, products=kept["products"])
    chart = charts.weekly(
        frame,
        fmt,
        count_title=_("Mentions"),
        week_title=_("Week of"),
        partial_title=_("Week not over yet"),
        marks=marks,
    )
    alt = _("Negative mentions by week: {label}").format(label=page.label(irritant_id))
    charts.draw(chart, f"{alt}. {spoken(page, marks)}".strip())
    legend(page, marks)
    irritant_lines(page, irritant_id)


def _detail(page: Page, listed: pd.DataFrame, known: pd.DataFrame, period: dict[str, Any]) -> None:
    _, fmt = page._, page.fmt
    with st.expander(_("Detail")):
        st.markdown(notes.irritants(_, fmt.percent(figures.unclassified_share(listed))))
        table(figures.irritant_detail(page, known), wide=_("Irritant"))
        st.caption(
            _("From {since} to {until}, against the same length before.").format(
                since=fmt.day(period["middle"]), until=fmt.day(page.today)
            )
        )


def _model_part(page: Page, irritant_id: str) -> None:
    """How much of the irritant's change came from customers and how much from the model, a discovery a line."""
    _, fmt = page._, page.fmt
    monday = page.today - timedelta(days=page.today.weekday())
    found = model_changes(page, irritant_id, monday - timedelta(weeks=TREND_WEEKS - 1), page.today)
    if not found:
        return
    with st.expander(_("Customers or model? Detail of the discoveries")):
        shown = pd.DataFrame(
            {
                _("Week of"): [fmt.day(row["week"]) for row in found],
                _("Four weeks before"): [fmt.number(row["n_seen_before"]) for row in found],
                _("Four weeks since"): [fmt.number(row["n_now"]) for row in found],
                _("From customers"): [fmt.number(row["customers"], signed=True) for row in found],
                _("From the model"): [fmt.number(row["model"], signed=True) for row in found],
            }
        )
        table(shown, name=_("Customers or model"))
        st.caption(_("What the model moved is no news of customers: it read the same words otherwise. The two add up."))


def _breakdowns(page: Page, chosen: str, period: dict[str, Any], kept: dict[str, list[str]]) -> None:
    """By brand and by product, where the data hold several."""
    _ = page._
    named = _("Feedback that names it (share of its own feedback, from {n} on)").format(n=page.settings.min_answers)
    for dimension, title in (("brand", _("By brand")), ("product", _("By product"))):
        frame = figures.breakdown(page, dimension, chosen, period, kept)
        if len(frame) > 1:
            with st.expander(title, expanded=dimension == "brand"):
                charts.draw(charts.columns(frame, page.fmt, title=named), title)


if __name__ == "__main__":
    show(render)
