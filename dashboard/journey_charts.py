"""Charts of the page Journey: stages from top to bottom in the customer's order."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from dashboard.charts import BLUE, GREY, PALE, ROW_PX, TEXT, Spec, _dressed
from dashboard.format import Format

ROOM = 1.35  # of the longest bar: its text stands beside it


@st.cache_data(show_spinner=False, max_entries=100)
def hurting(frame: pd.DataFrame, fmt: Format, *, title: str, reading: str) -> Spec:
    """Bars of customers who complain, the angry ones as the dark part, the chosen stage framed.

    `frame`: label, n_hurt, n_angry, shown (the text beside the bar).
    """
    x = alt.X("n_hurt:Q", title=title, axis=alt.Axis(tickMinStep=1, format=",d"), scale=_room(frame["n_hurt"]))
    base = _rows(frame, labels=True, reading=reading)
    bars = base.mark_bar(color=PALE, height={"band": 0.7}).encode(x=x)
    angry = base.mark_bar(color=BLUE, height={"band": 0.7}).encode(x=alt.X("n_angry:Q", title=title))
    texts = base.mark_text(align="left", dx=5, color=TEXT, fontSize=13).encode(x=x, text="shown:N")
    return _dressed((bars + angry + texts).properties(height=_height(frame)), fmt)


@st.cache_data(show_spinner=False, max_entries=100)
def satisfaction(frame: pd.DataFrame, fmt: Format, *, title: str, reading: str) -> Spec:
    """Scores with interval bars, in the rows of `hurting`, without names. `frame`: label, value, low, high, shown."""
    scale = alt.Scale(zero=False, nice=True)
    base = _rows(frame, labels=False, reading=reading)
    bars = base.mark_rule(color=GREY, strokeWidth=3, strokeCap="round").encode(
        x=alt.X("low:Q", title=title, scale=scale, axis=alt.Axis(format=",.0f")), x2="high:Q"
    )
    points = base.mark_point(color=BLUE, filled=True, size=110, opacity=1).encode(
        x=alt.X("value:Q", title=title, scale=scale)
    )
    return _dressed((bars + points).properties(height=_height(frame)), fmt)


def _rows(frame: pd.DataFrame, *, labels: bool, reading: str) -> Any:
    axis = alt.Axis(labels=labels, labelLimit=220, ticks=False, domain=False, grid=True)
    return alt.Chart(frame).encode(
        y=alt.Y("label:N", sort=frame["label"].tolist(), title=None, axis=axis),
        tooltip=[alt.Tooltip("label:N", title=" "), alt.Tooltip("shown:N", title=reading)],
    )


def _room(counts: pd.Series) -> alt.Scale:
    return alt.Scale(domain=[0, max(1.0, ROOM * float(counts.max()))], nice=False)


def _height(frame: pd.DataFrame) -> int:
    return ROW_PX * len(frame) + 50
