"""One stage of the journey: its points of contact, its irritants, its course, and what customers say there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import charts, figures, journey_queries, words
from dashboard.event_marks import event_marks, legend, spoken
from dashboard.format import known
from dashboard.journey_data import Read
from dashboard.journey_table import spot_columns, typed
from dashboard.page import Page, figure, table
from dashboard.words import plain
from insights.intervals import rate_ratio

TREND_WEEKS = 26
QUOTES, LINKS = 6, 3
FEWEST = 10  # mentions


def stage_panel(read: Read, stage: str, row: dict[Any, Any], scores: pd.DataFrame, named: pd.DataFrame) -> None:
    """Everything about one stage; `row`: its figures, `named`: irritants of all stages."""
    page, _ = read.page, read.page._
    st.header(read.name(stage))
    _figures(read, row, scores.loc[stage] if stage in scores.index else None)
    left, right = st.columns(2, gap="medium")
    with left:
        _irritants(read, named[named["stage"] == stage], row)
    with right:
        _trend(read, stage)
    st.markdown("**" + _("Points of contact") + "**")
    _touchpoints(read, stage)
    _quotes(page, read, stage)


def _figures(read: Read, row: dict[Any, Any], score: pd.Series | None) -> None:
    page, _, fmt = read.page, read.page._, read.page.fmt
    boxes = st.columns(4)
    period = _("Last {n} weeks").format(n=fmt.number(read.weeks))
    figure(page, _("Customers who complain"), fmt.number(row["n_hurt"]), n=int(row["n_people"]), where=boxes[0],
        definition=_("Customers who said something against us at this stage, each once.") + f" {period}.",
        interval=fmt.interval(row["low"], row["high"], fmt.percent))  # fmt: skip
    figure(page, _("Angry, of those who complain"), fmt.percent(row["angry_share"]), n=int(row["n_hurt"]),
        where=boxes[1], definition=_("They speak in the harshest tone, or say that they will leave."))  # fmt: skip
    figure(page, _("Trend"), figures.trend_words(page, row), where=boxes[2],
        definition=_("Customers who complain a week, against the same length before."),
        interval=fmt.interval(row["trend_low"], row["trend_high"], lambda x: fmt.number(x, 1)))  # fmt: skip
    if read.metric is not None:
        told = None if score is None else score.to_dict()
        figure(page, read.metric.label(page.language), read.value(told), where=boxes[3],
            n=0 if told is None else int(told["n"]), definition=_("As answered, at this stage alone."),
            interval=None if told is None else fmt.interval(told["low"], told["high"]))  # fmt: skip


def _irritants(read: Read, own: pd.DataFrame, row: dict[Any, Any]) -> None:
    page, _, fmt = read.page, read.page._, read.page.fmt
    st.markdown("**" + _("What goes wrong here") + "**")
    if own.empty:
        st.caption(_("Nobody named an irritant at this stage in this period."))
        return
    ratio = rate_ratio(own["n_mentions"], 1.0, own["n_before"], 1.0)
    weak = own["n_mentions"] + own["n_before"] < FEWEST
    rows = figures.judged(
        own.assign(trend_ratio=ratio.value, trend_low=ratio.low, trend_high=ratio.high, weak_signal=weak)
    ).to_dict("records")
    shown = {
        _("Irritant"): [page.label_and_age(one["irritant_id"]) for one in rows],
        _("Customers"): [int(one["n_people"]) for one in rows],
        _("Of those who complain"): [fmt.percent(one["n_people"] / row["n_hurt"]) for one in rows],
        _("Trend"): [figures.trend_words(page, one) for one in rows],
    }
    table(pd.DataFrame(shown), wide=_("Irritant"), wide_px=240, rows=7, name=_("Irritants of the stage"), raw=own)
    for one in rows[:LINKS]:
        irritant_link(page, one["irritant_id"])


def irritant_link(page: Page, irritant_id: str, label: str | None = None) -> None:
    """The way to the irritant's page."""
    st.page_link(
        "views/irritants.py",
        label=label or page._("Read: {irritant}").format(irritant=plain(page.label(irritant_id))),
        icon=":material/arrow_forward:",
        query_params={"irritant": irritant_id, "lang": page.language},
    )


def _trend(read: Read, stage: str) -> None:
    page, _ = read.page, read.page._
    st.markdown("**" + _("Customers who complain, by week") + "**")
    monday = page.today - timedelta(days=page.today.weekday())
    first = monday - timedelta(weeks=TREND_WEEKS - 1)
    asked = {**read.asked, "since": page.day_start(first), "middle": page.day_start(first)}
    frame = page.rows(journey_queries.TREND, **asked, stage=stage, zone=page.settings.timezone)
    frame["partial"] = [week == monday and page.today.weekday() < 6 for week in page.fmt.days(frame["week"])]
    marks = event_marks(page, first, page.today)
    spec = charts.weekly(
        frame, page.fmt, count_title=_("Customers"), week_title=_("Week of"), partial_title=_("Week not over yet"),
        marks=marks,
    )  # fmt: skip
    said = _("Customers who complain by week: {stage}.").format(stage=read.name(stage))
    charts.draw(spec, " ".join(filter(None, [said, spoken(page, marks)])))
    if len(marks):
        legend(page, marks)


def _touchpoints(read: Read, stage: str) -> None:
    _, spots, scores = read.page._, read.spots(stage), read.scored(stage)
    rows = spots.to_dict("records")
    columns = {_("Point of contact"): [read.touchpoint(row["name"]) for row in rows]}
    shown = pd.DataFrame(columns | spot_columns(read, rows, scores))
    raw = typed(spots, scores, _("Point of contact"))
    table(shown, wide=_("Point of contact"), wide_px=170, name=_("Points of contact"), raw=raw)


def _quotes(page: Page, read: Read, stage: str) -> None:
    _ = page._
    found = page.rows(journey_queries.QUOTES, **read.asked, stage=stage, size=QUOTES)
    if found.empty:
        return
    st.markdown("**" + _("In their own words") + "**")
    columns = st.columns(2, gap="small")
    for place, row in enumerate(found.to_dict("records")):
        with columns[place % 2], st.container(border=True, gap="xsmall"):
            said = [page.fmt.day(row["occurred_at"]), words.kind(_, row["kind"])]
            said += [read.touchpoint(row["touchpoint"])] if known(row["touchpoint"]) else []
            st.caption(plain(" · ".join([*dict.fromkeys(said), page.label(row["irritant_id"])])))
            st.text(row["text"])
