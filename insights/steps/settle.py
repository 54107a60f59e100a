"""Write what a discovery decided: irritants of texts, the registry's picture, weak signals, and what changed why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.contracts import UNCLASSIFIED
from insights.irritants.trend import trend_split
from insights.lake import Lake
from insights.lake.lake import Writer
from insights.ledger import Ledger
from insights.steps.assigning import OPEN_ROWS, STILL_THERE, kept_rows, stacked
from insights.steps.naming import knowing_brands
from insights.steps.resolved import registry
from insights.steps.signals import signal_rows
from insights.steps.tabling import irritant_rows
from insights.steps.window import analysis_day, monday

TREND_WEEKS = 4
MOST_CHANGED = 5
STANDS = """
SELECT m.mention_id, m.text_sha, i.irritant_id FROM mention m LEFT JOIN mention_irritant i USING (mention_id)
WHERE m.type = 'complaint' AND m.voice = 'customer' AND m.text_sha IN (SELECT unnest($shas::VARCHAR[]))
"""
LEFT = "SELECT DISTINCT text_sha FROM mention WHERE text_sha IN (SELECT unnest($shas::VARCHAR[]))"
SPOKEN = """
SELECT m.text_sha, m.occurred_at >= $middle AS is_now, count(*) AS n FROM mention m
WHERE m.type = 'complaint' AND m.voice = 'customer' AND m.occurred_at >= $since AND m.occurred_at < $until
GROUP BY ALL
"""


def settle(
    lake: Lake,
    ledger: Ledger,
    texts: pd.DataFrame,
    before: list[str | None],
    ids: NDArray[np.object_],
    confidence: NDArray[np.float64],
    version: str,
    beside: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """One transaction; returns the notes `assigned`, `weak_signals` and `model_change`.

    `texts` (n): text_sha, text, language, feedback_id, first_at, vector; `before`, `ids`, `confidence` (n) of each;
    `beside`: what sets an irritant apart from its neighbour (tabling.py).
    """
    day = analysis_day(lake)
    shas = texts["text_sha"]
    was = [one or UNCLASSIFIED for one in before]
    settled = pd.DataFrame({"text_sha": shas, "now": ids, "was": was, "confidence": confidence})
    rows = _moved_rows(lake.read(STANDS, shas=list(shas)), settled)
    change = _change(lake, pd.DataFrame({"text_sha": shas, "before": before, "after": ids}))
    signals = signal_rows(texts, stacked(texts["vector"]), ids, knowing_brands(lake), day)
    with lake.write() as writer:
        kept = kept_rows(writer, ledger)
        there = {found for (found,) in writer.execute(STILL_THERE, ids=list(rows["mention_id"]))}
        rows = rows[rows["mention_id"].isin(there - set(kept))]
        writer.execute(OPEN_ROWS, open=[UNCLASSIFIED], kept=kept)
        gone = list(rows["mention_id"])
        writer.execute("DELETE FROM mention_irritant WHERE mention_id IN (SELECT unnest($gone::VARCHAR[]))", gone=gone)
        assigned = writer.insert_new("mention_irritant", rows.assign(model_version=version))
        writer.replace("irritant", irritant_rows(registry(ledger), beside))
        writer.replace("weak_signal", _still_said(writer, signals))
        writer.replace("irritant_change", change, "week = $week", {"week": monday(day)})
    largest = change.reindex(change["model"].abs().sort_values(ascending=False, kind="stable").index).head(MOST_CHANGED)
    told = dict(zip(largest["irritant_id"], largest["model"].round(1), strict=True))
    return {"assigned": assigned, "weak_signals": len(signals), "model_change": told}


def _still_said(writer: Writer, signals: pd.DataFrame) -> pd.DataFrame:
    """Signals without those that hold words of somebody erased meanwhile: the next discovery draws them anew."""
    if signals.empty:
        return signals
    named = sorted({sha for one in signals["text_shas"] for sha in one})
    left = {sha for (sha,) in writer.execute(LEFT, shas=named)}
    return signals[signals["text_shas"].map(lambda one: set(one) <= left).astype(bool)]


def _moved_rows(stands: pd.DataFrame, settled: pd.DataFrame) -> pd.DataFrame:
    """Mentions of the fitted texts whose irritant is new or another than before: mention_id, irritant_id, confidence."""
    rows = stands.merge(settled, on="text_sha")
    open_ = rows["irritant_id"].isna() | (rows["irritant_id"] == UNCLASSIFIED)
    rows = rows[open_ | (rows["now"] != rows["was"])].drop_duplicates("mention_id")
    return rows[["mention_id", "now", "confidence"]].rename(columns={"now": "irritant_id"})


def _change(lake: Lake, ids: pd.DataFrame) -> pd.DataFrame:
    """Rows of `irritant_change`: the last four weeks against the four before, read by both models."""
    until = pd.Timestamp(analysis_day(lake) + timedelta(days=1), tz=lake.settings.timezone)
    middle = until - pd.Timedelta(weeks=TREND_WEEKS)
    spoken = lake.read(SPOKEN, since=middle - pd.Timedelta(weeks=TREND_WEEKS), middle=middle, until=until)
    rows = spoken.merge(ids, on="text_sha")
    each = rows.loc[rows.index.repeat(rows["n"])]
    before = [one if isinstance(one, str) else None for one in each["before"]]
    if not any(before):  # a first discovery: no model read these mentions before, none of their change is a model's
        before = list(each["after"])
    split = trend_split(list(each["is_now"]), before, list(each["after"]))
    renamed = {"seen_before": "n_seen_before", "base": "n_base", "seen_now": "n_now"}
    week = monday(analysis_day(lake))
    rows = split.rename(columns=renamed).drop(columns="change").assign(week=week)
    first = lake.read("SELECT irritant_id, n_seen_before FROM irritant_change WHERE week = $week", week=week)
    seen_first = rows["irritant_id"].map(dict(zip(first["irritant_id"], first["n_seen_before"], strict=True)))
    rows["n_seen_before"] = seen_first.fillna(rows["n_seen_before"])  # a second discovery in the week adds to the first
    return rows.assign(model=rows["n_base"] - rows["n_seen_before"])
