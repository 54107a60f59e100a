"""The map of the irritants: bubbles by theme, near where they are alike, named where there is room."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from dashboard.charts import BLUE, GREEN, GREY, PURPLE, TEXT, VERMILION, Spec, _dressed
from dashboard.format import Format

PICK = "pick"
COLOURS = [BLUE, VERMILION, GREEN, PURPLE, "#8A6D00", "#1B7EA8", "#B0413E", GREY]
SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left"]
WIDE, HIGH, MARGIN = 560, 560, 0.09  # pixels on a tablet, and room around the outermost
LETTER_PX, LINE_PX, LONGEST = 6.8, 17, 34  # of a name on the map
LARGEST, SMALLEST = 2200, 60  # square pixels of a bubble


@st.cache_data(show_spinner=False, max_entries=50)
def bubbles(
    frame: pd.DataFrame, fmt: Format, *, chosen: str | None, titles: tuple[str, str, str], near_title: str
) -> Spec:
    """The bubbles, clickable (`PICK` gives irritant_id), with a ring around the one that is chosen.

    `frame`: irritant_id, x, y, name, theme_id, theme, n_mentions, near (names of the closest). `titles`: of name, theme, mentions.
    """
    data = frame.assign(named=named(frame, chosen), label_y=_label_y(frame))
    themes = list(dict.fromkeys(data.sort_values("theme_id")["theme"]))
    (low_x, high_x), (low_y, high_y) = (_span(data[one]) for one in ("x", "y"))
    base = alt.Chart(data).encode(
        x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[low_x, high_x], nice=False, zero=False)),
        y=alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[low_y, high_y], nice=False, zero=False)),
    )
    legend = alt.Legend(orient="bottom", title=None, columns=3, labelLimit=200, symbolOpacity=1)
    colours = [COLOURS[place % len(COLOURS)] for place in range(len(themes))]
    shapes = [SHAPES[place % len(SHAPES)] for place in range(len(themes))]
    points = (
        base.mark_point(filled=True, opacity=0.85, stroke="#FFFFFF", strokeWidth=1)
        .encode(
            size=alt.Size("n_mentions:Q", scale=alt.Scale(range=[SMALLEST, LARGEST], zero=True), legend=None),
            color=alt.Color("theme:N", scale=alt.Scale(domain=themes, range=colours), legend=legend),
            shape=alt.Shape("theme:N", scale=alt.Scale(domain=themes, range=shapes), legend=legend),
            tooltip=[
                alt.Tooltip("name:N", title=titles[0]),
                alt.Tooltip("theme:N", title=titles[1]),
                alt.Tooltip("n_mentions:Q", title=titles[2], format=",d"),
                alt.Tooltip("near:N", title=near_title),
            ],
        )
        .add_params(alt.selection_point(name=PICK, fields=["irritant_id"], empty=False))
    )
    names = base.transform_filter("datum.named").mark_text(
        baseline="bottom", dy=-3, color=TEXT, fontSize=12.5, fontWeight=500, limit=260
    )
    layers: list[Any] = [points, names.encode(y=alt.Y("label_y:Q", axis=None), text="name:N")]
    if chosen is not None:
        ring = base.transform_filter(alt.datum.irritant_id == chosen)
        layers.append(ring.mark_point(filled=False, size=LARGEST, color=TEXT, strokeWidth=2.5, opacity=1))
    return _dressed(alt.layer(*layers).properties(height=HIGH), fmt)


def _span(values: pd.Series) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    room = MARGIN * max(high - low, 0.1)
    return low - room, high + 1.6 * room


def _label_y(frame: pd.DataFrame) -> pd.Series:
    """Where each name stands: just above its bubble, in the units of y."""
    low, high = _span(frame["y"])
    part = frame["n_mentions"] / max(1, int(frame["n_mentions"].max()))
    radius = (SMALLEST + part * (LARGEST - SMALLEST)) ** 0.5 / 2
    return frame["y"] + radius * (high - low) / HIGH


def named(frame: pd.DataFrame, chosen: str | None = None) -> list[bool]:
    """Which bubbles carry their name: the chosen one, then the largest whose names cover no other name."""
    (low_x, high_x), (low_y, high_y) = (_span(frame[one]) for one in ("x", "y"))
    x = (frame["x"] - low_x) / (high_x - low_x) * WIDE
    y = (high_y - _label_y(frame)) / (high_y - low_y) * HIGH
    half = frame["name"].str.len().clip(upper=LONGEST) * LETTER_PX / 2
    order = sorted(
        range(len(frame)), key=lambda row: (frame["irritant_id"].iloc[row] != chosen, -frame["n_mentions"].iloc[row])
    )
    taken: list[int] = []
    for row in order:
        free = all(
            abs(y.iloc[row] - y.iloc[other]) > LINE_PX
            or abs(x.iloc[row] - x.iloc[other]) > half.iloc[row] + half.iloc[other]
            for other in taken
        )
        if free:
            taken.append(row)
    return [row in taken for row in range(len(frame))]
