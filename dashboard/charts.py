"""Charts, all in one look: one colour a meaning, intervals as bars, numbers and days by language.

Each function gives a Vega-Lite specification for `draw`, cached: building one takes ten times longer than reading its
data. Okabe and Ito's colours, told apart by colour-blind readers; a colour never carries a meaning alone.
"""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from dashboard.format import Format

BLUE, VERMILION, GREEN, GREY, PALE = "#0072B2", "#D55E00", "#009E73", "#4A5560", "#9CC4DE"
PURPLE = "#8A3F6B"  # darker than Okabe and Ito's, to be read on white
TEXT = "#0B1118"
ROW_PX = 30
BESIDE_DAYS = 7  # between two readings of one month
MARK_ROWS, MARK_PX, MARK_CHARACTERS = 3, 15, 24  # labels of neighbouring events stand one below the other
TURNED = 0.7  # of the chart's days, from which a name stands on the left of its line
ROOM_FOR_MARKS = 1.35  # of the highest bar: labels stand above the bars

NUMBERS: dict[str, Any] = {
    "fr": {"decimal": ",", "thousands": "\u202f", "grouping": [3], "currency": ["", "\u00a0€"]},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["€", ""]},
}
DAYS: dict[str, Any] = {
    "fr": {
        "dateTime": "%A %e %B %Y à %X",
        "date": "%d/%m/%Y",
        "time": "%H:%M:%S",
        "periods": ["", ""],
        "days": ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"],
        "shortDays": ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."],
        "months": [
            *("janvier", "février", "mars", "avril", "mai", "juin"),
            *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
        ],
        "shortMonths": [
            *("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
        ],
    },
    "en": {
        "dateTime": "%A %e %B %Y, %X",
        "date": "%d/%m/%Y",
        "time": "%H:%M:%S",
        "periods": ["AM", "PM"],
        "days": ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
        "shortDays": ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
        "months": [
            *("January", "February", "March", "April", "May", "June"),
            *("July", "August", "September", "October", "November", "December"),
        ],
        "shortMonths": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    },
}


Spec = dict[str, Any]


def draw(spec: Spec, alt: str) -> None:
    """Show a chart; `alt` is what a screen reader says, in place of Vega's word for every mark."""
    config = spec.get("config", {})
    silent = {**spec, "config": {**config, "mark": {**config.get("mark", {}), "aria": False}}}
    st.vega_lite_chart(spec=silent, theme=None, alt=alt)


def _dressed(chart: Any, fmt: Format) -> Spec:
    """The chart in the house look: locale, font sizes, dark text, light grid, no frame."""
    dressed = (
        chart.configure(locale=alt.Locale(number=NUMBERS[fmt.language], time=DAYS[fmt.language]))
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=TEXT,
            titleColor=TEXT,
            labelFontSize=13,
            titleFontSize=13,
            titleFontWeight=400,
            gridColor="#E3E8ED",
            domainColor=GREY,
        )
        .configure_legend(labelColor=TEXT, titleColor=TEXT, labelFontSize=13, titleFontSize=13)
    )
    return dict(dressed.to_dict(validate=False))


@st.cache_data(show_spinner=False, max_entries=100)
def weekly(
    frame: pd.DataFrame,
    fmt: Format,
    *,
    count_title: str,
    week_title: str,
    partial_title: str,
    marks: pd.DataFrame | None = None,
) -> Spec:
    """Bars by week, the week that is not over yet in pale. `frame`: week (date), n_mentions (int), partial (bool).

    `marks`: what happened, as `dashboard/event_marks.py` gives it.
    """
    data = frame.assign(
        week=pd.to_datetime(frame["week"]),
        week_text=[fmt.day(week) for week in frame["week"]],
        partial=frame["partial"],
    )
    bars = (
        alt.Chart(data)
        .mark_bar(width={"band": 0.8}, color=BLUE)
        .encode(
            x=alt.X("yearmonthdate(week):O", title=week_title, axis=_week_axis(len(data))),
            y=alt.Y(
                "n_mentions:Q", title=count_title, axis=alt.Axis(tickMinStep=1, format=",d"), scale=_room(data, marks)
            ),
            color=alt.condition(alt.datum.partial, alt.value(PALE), alt.value(BLUE)),
            tooltip=[
                alt.Tooltip("week_text:N", title=week_title),
                alt.Tooltip("n_mentions:Q", title=count_title, format=",d"),
                alt.Tooltip("partial:N", title=partial_title),
            ],
        )
        .properties(height=240)
    )
    if marks is None or marks.empty:
        return _dressed(bars, fmt)
    mondays = pd.to_datetime(marks["on"]).dt.to_period("W").dt.start_time
    return _dressed(alt.layer(bars, *mark_layers(marks.assign(at=mondays), "yearmonthdate(at):O", data["week"])), fmt)


def _room(data: pd.DataFrame, marks: pd.DataFrame | None) -> alt.Scale:
    """Room above the bars for what is marked."""
    if marks is None or marks.empty or data.empty:
        return alt.Scale()
    return alt.Scale(domain=[0, max(1.0, ROOM_FOR_MARKS * float(data["n_mentions"].max()))], nice=True)


def mark_layers(marks: pd.DataFrame, x: str, days: pd.Series) -> list[Any]:
    """What happened, as layers of a chart over time: a dashed line, a sign at its top, its name beside it.

    `marks`: at (the place on the axis `x`), label, told (the tooltip), sign: a triangle for an event, a diamond for a
    change of the model, each in its colour too. `days`: those of the chart; names near its end stand on the left.
    """
    first, last = pd.Timestamp(days.min()), pd.Timestamp(days.max())
    data = marks.assign(
        turned=marks["at"] > first + TURNED * (last - first),
        short=[_short(label) for label in marks["label"]],
        row=[place % MARK_ROWS for place in range(len(marks))],
    )
    signs_of = ["event", "model"]
    colour = alt.Color("sign:N", scale=alt.Scale(domain=signs_of, range=[GREY, PURPLE]), legend=None)
    shape = alt.Shape("sign:N", scale=alt.Scale(domain=signs_of, range=["triangle-down", "diamond"]), legend=None)
    base = alt.Chart(data.drop(columns=["on", "until"], errors="ignore")).encode(
        x=alt.X(x, title=None), tooltip=[alt.Tooltip("told:N", title=" ")]
    )
    lines = base.mark_rule(strokeDash=[4, 4], strokeWidth=1.5).encode(color=colour)
    signs = base.mark_point(filled=True, size=90, opacity=1).encode(y=alt.value(6), color=colour, shape=shape)
    names = [
        base.transform_filter(f"datum.row === {row} && datum.turned === {str(turned).lower()}")
        .mark_text(
            align="right" if turned else "left",
            dx=-7 if turned else 7,
            dy=6 + MARK_PX * row,
            color=TEXT,
            fontSize=12,
            baseline="middle",
        )
        .encode(y=alt.value(0), text="short:N")
        for row, turned in sorted(set(zip(data["row"], data["turned"], strict=True)))
    ]
    return [lines, signs, *names]


def with_marks(chart: Any, marks: pd.DataFrame, days: pd.Series) -> Any:
    """A chart over `days` with what happened on top; `marks` as `dashboard/event_marks.py` gives it."""
    happened = alt.layer(*mark_layers(marks.assign(at=pd.to_datetime(marks["on"])), "at:T", days))
    return alt.layer(chart, happened).resolve_scale(color="independent", shape="independent")


def _short(label: str) -> str:
    return label if len(label) <= MARK_CHARACTERS else label[: MARK_CHARACTERS - 1].rstrip() + "…"


def _week_axis(n_weeks: int) -> alt.Axis:
    """One label a week up to 20 weeks; beyond, the chart drops labels that would overlap."""
    return alt.Axis(format="%d %b", labelAngle=0 if n_weeks <= 14 else -45, labelOverlap=True)


@st.cache_data(show_spinner=False, max_entries=100)
def intervals(
    frame: pd.DataFrame, fmt: Format, *, title: str, reading: str, number: str = ",.0f", zero: bool = True
) -> Spec:
    """Points with horizontal interval bars, in the order given.

    `frame`: label, value, low, high, shown (the interval as written for people). `reading` names the tooltip.
    """
    order = frame["label"].tolist()
    base = alt.Chart(frame).encode(
        y=alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=420, ticks=False, domain=False))
    )
    scale = alt.Scale(zero=zero, nice=True)
    tips = [alt.Tooltip("label:N", title=" "), alt.Tooltip("shown:N", title=reading)]
    bars = base.mark_rule(color=GREY, strokeWidth=3, strokeCap="round").encode(
        x=alt.X("low:Q", title=title, scale=scale, axis=alt.Axis(format=number)), x2="high:Q", tooltip=tips
    )
    points = base.mark_point(color=BLUE, filled=True, size=110, opacity=1).encode(
        x=alt.X("value:Q", title=title, scale=scale, axis=alt.Axis(format=number)), tooltip=tips
    )
    return _dressed((bars + points).properties(height=max(120, ROW_PX * len(frame) + 50)), fmt)


@st.cache_data(show_spinner=False, max_entries=100)
def columns(frame: pd.DataFrame, fmt: Format, *, title: str) -> Spec:
    """Horizontal bars with their text at the end. `frame`: label, value, shown."""
    order = frame["label"].tolist()
    base = alt.Chart(frame).encode(
        y=alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=300, ticks=False, domain=False)),
        x=alt.X("value:Q", title=title, axis=alt.Axis(tickMinStep=1, format=",d")),
        tooltip=[alt.Tooltip("label:N", title=" "), alt.Tooltip("shown:N", title=title)],
    )
    bars = base.mark_bar(color=BLUE, height={"band": 0.7})
    texts = base.mark_text(align="left", dx=5, color=TEXT, fontSize=13).encode(text="shown:N")
    return _dressed((bars + texts).properties(height=max(90, ROW_PX * len(frame) + 40)), fmt)


@st.cache_data(show_spinner=False, max_entries=100)
def months(
    frame: pd.DataFrame,
    fmt: Format,
    *,
    title: str,
    reading: str,
    state: str,
    number: str = ",.0f",
    marks: pd.DataFrame | None = None,
) -> Spec:
    """Monthly values with vertical interval bars, two readings side by side; a closed month is a full point.

    `frame`: month (date), reading (two names at most, the first in grey), value, low, high, closed (bool), shown, and
    state_text. A reading without interval has a point only. `marks`: what happened, as `dashboard/event_marks.py` gives it.
    """
    names = list(dict.fromkeys(frame["reading"]))
    month = pd.to_datetime(frame["month"])
    beside = pd.to_timedelta([BESIDE_DAYS * names.index(one) for one in frame["reading"]], unit="D")
    data = frame.assign(month=month + beside, month_text=[fmt.month(one) for one in frame["month"]])
    axis = alt.Axis(format="%b %y", labelOverlap=True, grid=False, tickCount={"interval": "month", "step": 1})
    base = alt.Chart(data).encode(
        x=alt.X("month:T", title=None, axis=axis),
        color=alt.Color(
            "reading:N",
            scale=alt.Scale(domain=names, range=[GREY, BLUE] if len(names) > 1 else [BLUE]),
            legend=alt.Legend(orient="top", title=None, labelLimit=400) if len(names) > 1 else None,
        ),
        tooltip=[
            alt.Tooltip("month_text:N", title=" "),
            alt.Tooltip("shown:N", title=reading),
            alt.Tooltip("state_text:N", title=state),
        ],
    )
    y = alt.Y("value:Q", title=title, scale=alt.Scale(zero=False, nice=True), axis=alt.Axis(format=number))
    lines = base.mark_line(strokeWidth=1.5, opacity=0.5).encode(y=y)
    bars = base.mark_rule(strokeWidth=2.5, opacity=0.55).encode(y=alt.Y("low:Q", title=title), y2="high:Q")
    full = base.transform_filter("datum.closed").mark_point(size=80, opacity=1, filled=True).encode(y=y)
    hollow = base.transform_filter("!datum.closed").mark_point(size=80, opacity=1, fill="white").encode(y=y)
    layers = alt.layer(lines, bars, full, hollow)
    if marks is not None and len(marks):
        layers = with_marks(layers, marks, data["month"])
    return _dressed(layers.properties(height=300), fmt)
