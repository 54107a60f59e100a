"""Small tables behind the pages, computed from what the queries return. No database and no Streamlit here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from dashboard import queries
from dashboard.format import DASH
from dashboard.page import Page
from insights.contracts import UNCLASSIFIED
from insights.digest.model import DOWN, STEADY, UP
from insights.digest.trends import real_trends
from insights.intervals import rate_ratio

NOTHING_KEPT: dict[str, list[str]] = {"segments": [], "brands": [], "products": [], "channels": []}
FEWEST_MENTIONS = 10
MOVER_WEEKS = (4, 13)


def irritants(
    page: Page, period: dict[str, Any], kept: dict[str, list[str]], *, fallen_silent: bool = False
) -> pd.DataFrame:
    """One row an irritant named in the period, most named first, with share and trend.

    Columns: irritant_id, n_mentions, n_before, n_customers, share (of all negative mentions, unclassified included),
    trend_ratio, trend_low, trend_high (rate a feedback item against the period before, 90 %), weak_signal, verdict (up,
    down, steady, unknown: chance is ruled out as in the digest). `fallen_silent` adds those named before only.
    """
    named = page.rows(queries.IRRITANTS, **period, **kept)
    exposed = page.rows(queries.EXPOSURE, **period, **kept).iloc[0]
    named = named[(named["n_mentions"] > 0) | fallen_silent].sort_values(
        ["n_mentions", "irritant_id"], ascending=[False, True]
    )
    now, before = (np.full(len(named), float(exposed[name])) for name in ("n_feedback", "n_before"))
    ratio = rate_ratio(named["n_mentions"], now, named["n_before"], before)
    listed = named.assign(
        share=named["n_mentions"] / max(1, named["n_mentions"].sum()),
        trend_ratio=ratio.value,
        trend_low=ratio.low,
        trend_high=ratio.high,
        weak_signal=(named["n_mentions"] + named["n_before"] < FEWEST_MENTIONS)
        | (named["irritant_id"] == UNCLASSIFIED),
    ).reset_index(drop=True)
    return judged(listed)


def in_sight(page: Page, listed: pd.DataFrame) -> pd.DataFrame:
    """The irritants that lists name: without `unclassified` and what a person has hidden. Shares stay those of all."""
    return listed[~listed["irritant_id"].isin([UNCLASSIFIED, *page.registry.hidden])].reset_index(drop=True)


def judged(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with `verdict`: whether each trend is real, looking at all of them at once."""
    verdicts = real_trends(frame) if len(frame) else {}
    return frame.assign(verdict=[verdicts[irritant_id] for irritant_id in frame["irritant_id"]])


def priorities(page: Page) -> pd.DataFrame:
    """The last ranking, with `verdict`. An irritant merged since then is left out: its mentions count elsewhere now."""
    ranked = page.rows(queries.PRIORITIES, until=page.today)
    today = ranked["irritant_id"].map(page.registry.resolve)
    shown = (today == ranked["irritant_id"]) & ~today.isin(list(page.registry.hidden))
    return judged(ranked[shown].reset_index(drop=True))


def movers(page: Page) -> tuple[pd.DataFrame, int]:
    """Irritants whose mentions moved beyond chance, strongest first, and over how many weeks; no weak signals.

    Four weeks against the four before; where none moved so fast, thirteen against the thirteen before.
    """
    moved = pd.DataFrame()
    for weeks in MOVER_WEEKS:
        found = irritants(page, page.window(7 * weeks), NOTHING_KEPT, fallen_silent=True)
        moved = found[found["verdict"].isin([UP, DOWN]) & ~found["irritant_id"].isin(list(page.registry.hidden))]
        if len(moved):
            break
    strongest = np.argsort(-np.abs(np.log(moved["trend_ratio"].to_numpy(float))), kind="stable")
    return moved.iloc[strongest].reset_index(drop=True), weeks


def unclassified_share(listed: pd.DataFrame) -> float:
    """Share of the negative mentions that resembles no known irritant."""
    return float(listed.loc[listed["irritant_id"] == UNCLASSIFIED, "share"].sum())


def trend_words(page: Page, row: Mapping[Any, Any]) -> str:
    """`rising × 1.8`, `falling × 0.4`, or `stable`: words first, no colour needed. `row`: verdict and trend_ratio."""
    _ = page._
    ratio = page.fmt.ratio(row["trend_ratio"])
    words = {UP: _("▲ rising {ratio}"), DOWN: _("▼ falling {ratio}"), STEADY: _("stable")}
    return words.get(row["verdict"], DASH).format(ratio=ratio)


def irritant_detail(page: Page, known: pd.DataFrame) -> pd.DataFrame:
    """The list with its intervals, written for people."""
    _, fmt = page._, page.fmt
    rows = known.to_dict("records")
    return pd.DataFrame(
        {
            _("Irritant"): [page.label(row["irritant_id"]) for row in rows],
            _("Mentions"): known["n_mentions"].astype(int),
            _("Period before"): known["n_before"].astype(int),
            _("Trend"): [fmt.ratio(row["trend_ratio"]) for row in rows],
            _("90 % interval"): [
                fmt.interval(row["trend_low"], row["trend_high"], lambda x: fmt.number(x, 1)) for row in rows
            ],
            _("Number"): known["irritant_id"],
        }
    )


def breakdown(
    page: Page, dimension: str, irritant_id: str, period: dict[str, Any], kept: dict[str, list[str]]
) -> pd.DataFrame:
    """Feedback that names an irritant by brand or product: label, value, shown (count; share of its own
    feedback, where there is enough of it)."""
    fmt = page.fmt
    asked = {"since": period["middle"], "until": period["until"], **kept}
    frame = page.rows(queries.BREAKDOWN, **asked, dimension=dimension, irritant=irritant_id)
    least = page.settings.min_answers  # a share of seven reviews is no share

    def shown(row: Mapping[Any, Any]) -> str:
        share = f" ({fmt.percent(row['n_naming'] / row['n_feedback'])})" if row["n_feedback"] >= least else ""
        return fmt.number(row["n_naming"]) + share

    return pd.DataFrame(
        {"label": frame["name"], "value": frame["n_naming"], "shown": [shown(row) for row in frame.to_dict("records")]}
    )
