"""One small picture per irritant: twelve weeks, the last four in full colour.

Drawn twice, for light and for dark mail: the renderer clamps half-transparent colours, so one picture on a transparent
ground would come out wrong on both. One hue at two strengths: nothing has to be told apart by hue.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from insights.digest.draw import PAINTER
from insights.digest.model import Point
from insights.digest.words import Words

WIDTH, HEIGHT, SCALE = 346, 60, 2.0
FONT = "Arial, Liberation Sans, DejaVu Sans, sans-serif"
RECENT = 4
HEADER = 8  # bytes before the first chunk of a PNG


@dataclass(frozen=True)
class Theme:
    """Colours of one picture; ground as in the template."""

    ground: str
    now: str
    before: str
    ink: str


THEMES = {
    "light": Theme("#ffffff", "#0072B2", "#A9CBE2", "#55626D"),
    "dark": Theme("#1b2229", "#56B4E9", "#33566F", "#A3B0BA"),
}


@lru_cache(maxsize=128)  # one issue goes to many readers
def trend_png(points: tuple[Point, ...], words: Words, theme: str = "light") -> bytes:
    """PNG bytes of one trend; a week in which nothing was collected shows a dash, never a zero."""
    chart = _chart(_frame(points, words), THEMES[theme])
    return _packed(PAINTER.png(chart.to_dict(), SCALE))


def describe(points: tuple[Point, ...], words: Words) -> str:
    """The picture in words, for those who do not see it."""
    _ = words._
    known = [point.rate for point in points if point.rate is not None]
    if not known:
        return _("No feedback was collected in these weeks.")
    recent = [point.rate for point in points[-RECENT:] if point.rate is not None]
    text = _("Mentions per 100 feedback: {mean} a week over four weeks, {high} at most in {n} weeks.")
    mean = words.number(sum(recent) / len(recent), 1) if recent else _("unknown")
    return text.format(n=len(points), high=words.number(max(known), 1), mean=mean)


def _frame(points: tuple[Point, ...], words: Words) -> pd.DataFrame:
    """One row per week: place, rate, recent, and the texts above and below its bar."""
    rates = [point.rate for point in points]
    known = [rate for rate in rates if rate is not None]
    top = rates.index(max(known)) if known and max(known) > 0 else -1
    last = len(points) - 1

    def value(place: int, rate: float | None) -> str:
        return "–" if rate is None else words.number(rate, 1) if place in (top, last) else ""

    return pd.DataFrame(
        {
            "place": range(len(points)),
            "rate": [0.0 if rate is None else rate for rate in rates],
            "recent": [place > last - RECENT for place in range(len(points))],
            "value": [value(place, rate) for place, rate in enumerate(rates)],
            "day": [words.day(point.week) if place in (0, last) else "" for place, point in enumerate(points)],
        }
    )


def _chart(frame: pd.DataFrame, theme: Theme) -> alt.LayerChart:
    x = alt.X("place:O", axis=None, scale=alt.Scale(paddingInner=0.25, paddingOuter=0.1))
    top = max(float(frame["rate"].max()), 1.0) * 1.35
    y = alt.Y("rate:Q", axis=None, scale=alt.Scale(domain=[0, top]))
    strengths = alt.Scale(domain=[False, True], range=[theme.before, theme.now])
    base = alt.Chart(frame)
    text: dict[str, Any] = {"fontSize": 12, "font": FONT, "color": theme.ink}
    bars = base.mark_bar(cornerRadiusTopLeft=2, cornerRadiusTopRight=2).encode(
        x=x, y=y, color=alt.Color("recent:N", legend=None, scale=strengths)
    )
    values = base.mark_text(dy=-8, **text).encode(x=x, y=y, text="value:N")
    days = base.mark_text(baseline="top", dy=6, **text).encode(x=x, y=alt.value(HEIGHT), text="day:N")
    padding = {"top": 2, "bottom": 4, "left": 4, "right": 4}
    chart: alt.LayerChart = (
        alt.layer(bars, values, days)
        .properties(width=WIDTH, height=HEIGHT, background=theme.ground, padding=padding)
        .configure_view(stroke=None)
    )
    return chart


def _packed(png: bytes) -> bytes:
    """The same picture, its pixels deflated as far as they go (a fifth of what the renderer writes)."""
    chunks, pixels, at = [], b"", HEADER
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += 12 + size
        if kind == b"IDAT":
            pixels += body
        else:
            chunks.append((kind, body))
    chunks.insert(-1, (b"IDAT", zlib.compress(zlib.decompress(pixels), 9)))
    return png[:HEADER] + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
