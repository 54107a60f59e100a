"""The demo company's posts as the watch reads them, and the minutes gained on its planted outage."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from insights.alarms import COMPANY, POOLED, Alarm, advance, fit_watch, public_holidays, start_watch
from insights.bench.truth import read_clauses
from insights.simulate import write

DAY = timedelta(days=1)
BRAND = "brand"


@dataclass(frozen=True)
class Demo:
    """Posts and reviews with the irritants they truly carry, the planted events, when calls first spoke of the outage."""

    posts: pd.DataFrame
    events: dict[str, Any]


def read_demo(seed: int = 20261031) -> Demo:
    """A fresh simulation of the demo company. `at` is when the collector had the post, 15 to 75 seconds after it."""
    with tempfile.TemporaryDirectory() as folder:
        write("demo", Path(folder), seed=seed)
        clauses = read_clauses(Path(folder))
        events = json.loads((Path(folder) / "truth" / "events.json").read_text(encoding="utf-8"))
        lines = (Path(folder) / "exports" / "social" / "posts.jsonl").read_text(encoding="utf-8").splitlines()
    raw = pd.DataFrame([json.loads(line) for line in lines])
    raw = raw[raw["repost_of"].isna()]
    posts = pd.DataFrame({
        "feedback_id": raw["post_id"],
        "author": [one["id"] for one in raw["author"]],
        "at": pd.to_datetime(raw["received_at"], utc=True),
        "text": raw["text"],
    })  # fmt: skip
    named = clauses.dropna(subset=["irritant_id"])[["source_id", "irritant_id"]].drop_duplicates()
    posts = posts[~posts["author"].str.endswith(BRAND)].merge(
        named.rename(columns={"source_id": "feedback_id", "irritant_id": "series"}), on="feedback_id", how="left"
    )
    return Demo(posts, events)


def incident_alarms(demo: Demo, event: str) -> list[Alarm]:
    """Alarms from the Monday before a planted event to two days after its start, of a company that fitted on that Monday."""
    start = pd.Timestamp(demo.events[event]["started_at"]).to_pydatetime()
    monday = (start - DAY * start.weekday()).replace(hour=0, minute=0)
    free = public_holidays((monday - 60 * DAY).date(), (start + 2 * DAY).date())
    series = [name for name in sorted(set(demo.posts["series"].dropna()))]
    model = fit_watch(demo.posts, monday, holidays=free, budget=COMPANY, series=series)
    near = demo.posts[(demo.posts["at"] >= monday - 2 * DAY) & (demo.posts["at"] < start + 2 * DAY)]
    state, _ = advance(model, start_watch(monday - 2 * DAY), near, monday)
    return advance(model, state, near[near["at"] >= monday], start + 2 * DAY)[1]


def minutes_gained(demo: Demo, alarms: list[Alarm]) -> float:
    """Minutes between the first alarm and the first call transcript that speaks of the outage."""
    first = min(one.raised_at for one in alarms if one.raised_at >= _at(demo, "started_at"))
    return (_at(demo, "first_transcript_at") - first).total_seconds() / 60


def _at(demo: Demo, field: str) -> datetime:
    return datetime.fromisoformat(demo.events["outage"][field])


def quiet_posts(demo: Demo) -> tuple[pd.DataFrame, list[tuple[int, int]]]:
    """All posts once, and the minutes of the two planted bursts."""
    spans = []
    for name in ("outage", "double_debit"):
        start = pd.Timestamp(demo.events[name]["started_at"])
        spans.append((int(start.timestamp() // 60), int((start + 3 * DAY).timestamp() // 60)))
    return demo.posts.drop_duplicates("feedback_id").assign(series=POOLED), spans
