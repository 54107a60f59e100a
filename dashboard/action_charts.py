"""Pictures of actions: impact against effort, the series behind a proof, its placebos."""

from __future__ import annotations

from datetime import date

import altair as alt
import pandas as pd
import streamlit as st

from dashboard.charts import BLUE, GREEN, GREY, PALE, TEXT, VERMILION, Spec, _dressed, with_marks
from dashboard.format import Format

SHAPES = ["circle", "diamond"]
NEAR, LOWER = 0.08, 15  # points this near in impact have one name below the other, in pixels
ROOM = 1.45  # of the longest effort: names stand to the right of their points


@st.cache_data(show_spinner=False, max_entries=50)
def impact(
    frame: pd.DataFrame, fmt: Format, *, x_title: str, y_title: str, states: tuple[str, str], number: str
) -> Spec:
    """Effort against impact. `frame`: title, effort, impact, late (bool), shown; `states`: words of on time and late."""
    data = frame.assign(state=[states[1] if late else states[0] for late in frame["late"]])
    wide, high = (float(max(frame[name].max(), 1.0)) for name in ("effort", "impact"))
    base = alt.Chart(data).encode(
        x=alt.X("effort:Q", title=x_title, scale=alt.Scale(domain=[0, ROOM * wide], nice=False)),
        y=alt.Y("impact:Q", title=y_title, axis=alt.Axis(format=number), scale=alt.Scale(domain=[0, 1.15 * high])),
        tooltip=[alt.Tooltip("title:N", title=" "), alt.Tooltip("shown:N", title=y_title)],
    )
    colour = alt.Color(
        "state:N",
        title=None,
        scale=alt.Scale(domain=list(states), range=[BLUE, VERMILION]),
        legend=alt.Legend(orient="top"),
    )
    shape = alt.Shape("state:N", title=None, scale=alt.Scale(domain=list(states), range=SHAPES))
    points = base.mark_point(filled=True, size=160, opacity=1).encode(color=colour, shape=shape)
    placed = _beside(data, high)
    names = [
        base.properties(data=placed[placed["dy"] == dy])
        .mark_text(align="left", dx=12, dy=dy, color=TEXT, fontSize=13, limit=260)
        .encode(text="title:N")
        for dy in sorted(set(placed["dy"]))
    ]
    return _dressed(alt.layer(points, *names).properties(height=320), fmt)


def _beside(data: pd.DataFrame, high: float) -> pd.DataFrame:
    """Where each name stands: below its point where the one before, just above it, has its name beside."""
    ordered = data.sort_values("impact", ascending=False, kind="stable")
    places: list[int] = []
    above = float("inf")
    for value in ordered["impact"]:
        close = above - value < NEAR * high and (not places or places[-1] == 0)
        places.append(LOWER if close else 0)
        above = value
    return ordered.assign(dy=places)


@st.cache_data(show_spinner=False, max_entries=50)
def series(
    frame: pd.DataFrame,
    fmt: Format,
    *,
    titles: tuple[str, str, str, str],
    week_title: str,
    count_title: str,
    effect_on: date | None,
    marks: pd.DataFrame | None = None,
) -> Spec:
    """Weekly counts, the weeks left out in pale, the line expected without the action, the day of the effect.

    `frame`: week, phase, n_observed, n_expected. `titles`: before and after, left out, expected, effect.
    `marks`: what happened, as `dashboard/event_marks.py` gives it.
    """
    counted, left_out, expected, effect = titles
    data = frame.assign(
        week=pd.to_datetime(frame["week"]),
        what=[left_out if phase == "left_out" else counted for phase in frame["phase"]],
    )
    axis = alt.Axis(format="%b %Y", labelOverlap=True)
    base = alt.Chart(data).encode(x=alt.X("week:T", title=week_title, axis=axis))
    bars = base.mark_bar(size=5).encode(
        y=alt.Y("n_observed:Q", title=count_title),
        color=alt.Color(
            "what:N",
            title=None,
            scale=alt.Scale(domain=[counted, left_out, expected, effect], range=[BLUE, PALE, VERMILION, GREY]),
            legend=alt.Legend(orient="top", labelLimit=320),
        ),
        tooltip=[alt.Tooltip("week:T", title=week_title), alt.Tooltip("n_observed:Q", title=count_title)],
    )
    line = (
        base.transform_filter("isValid(datum.n_expected)")
        .transform_calculate(told=f"'{_escaped(expected)}'")
        .mark_line(strokeWidth=2.5)
        .encode(y="n_expected:Q", color=alt.Color("told:N"))
    )
    layers = [bars, line]
    if effect_on is not None:
        mark = pd.DataFrame({"week": [pd.Timestamp(effect_on)], "told": [effect]})
        layers.append(
            alt.Chart(mark).mark_rule(strokeDash=[5, 4], strokeWidth=2).encode(x="week:T", color=alt.Color("told:N"))
        )
    if marks is not None and len(marks):
        return _dressed(with_marks(alt.layer(*layers), marks, data["week"]).properties(height=300), fmt)
    return _dressed(alt.layer(*layers).properties(height=300), fmt)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


@st.cache_data(show_spinner=False, max_entries=50)
def placebos(frame: pd.DataFrame, fmt: Format, *, x_title: str, y_title: str, names: tuple[str, str]) -> Spec:
    """How large the same step is where nothing was done, and the action's own. `frame`: placebo_no, z."""
    others, own = frame[frame["placebo_no"] > 0], frame[frame["placebo_no"] == 0]
    bars = (
        alt.Chart(others.assign(what=names[0]))
        .mark_bar()
        .encode(
            x=alt.X("z:Q", bin=alt.Bin(maxbins=36), title=x_title),
            y=alt.Y("count():Q", title=y_title, axis=alt.Axis(tickMinStep=1)),
            color=alt.Color(
                "what:N",
                title=None,
                scale=alt.Scale(domain=list(names), range=[PALE, GREEN]),
                legend=alt.Legend(orient="top"),
            ),
        )
    )
    rule = alt.Chart(own.assign(what=names[1])).mark_rule(strokeWidth=4).encode(x="z:Q", color="what:N")
    return _dressed((bars + rule).properties(height=220), fmt)
