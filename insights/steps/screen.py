"""Screen: posts and reviews that came in since the last time are held against those around them; copied waves are marked.

A marked feedback is shown and counted nowhere. Screening twice changes nothing, and costs one query where nothing came.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pandas as pd

from insights.copies import POSTS, REVIEWS, WaveRule, waves
from insights.lake import Lake

STEP = "screen"
RULES = {"review": REVIEWS, "post": POSTS}
SCREENED = "kind IN ('post', 'review')"
OVERLAP = timedelta(days=1)  # an import that began before the last screening and was committed after it is not missed
BASE_DAYS = 60  # how far around new posts others are read: a copied text must stand out from these
SLICE_DAYS = 30  # new posts looked at together; an import of years is cut into such slices
STATE = f"SELECT count(*) AS n, CAST(max(ingested_at) AS VARCHAR) AS last FROM feedback WHERE {SCREENED}"
BEFORE = "SELECT started_at, note FROM run WHERE run_id = $step AND step = $step"
NEW_DAYS = f"""
SELECT DISTINCT CAST(occurred_at AT TIME ZONE 'UTC' AS DATE) AS day
FROM feedback WHERE {SCREENED} AND ingested_at >= $since ORDER BY day
"""
AROUND = f"""
SELECT feedback_id, verbatim, author_key, occurred_at, brand, kind, suspect_wave
FROM feedback WHERE {SCREENED} AND occurred_at >= $first AND occurred_at < $last AND verbatim IS NOT NULL
"""
MARK = "UPDATE feedback SET suspect_wave = $wave WHERE feedback_id IN (SELECT unnest($ids)) AND suspect_wave IS NULL"


def screen(lake: Lake, rules: Mapping[str, WaveRule] = RULES) -> int:
    """Mark the waves among posts and reviews ingested since the last screening; returns how many were marked.

    `rules` by kind of feedback: posts and reviews are looked at apart.
    Reads at most BASE_DAYS on either side of them, SLICE_DAYS at a time. A wave that goes on keeps its id.
    """
    started, before = datetime.now(UTC), lake.read(BEFORE, step=STEP)
    state = lake.read(STATE).to_json(orient="records")
    since = datetime(1970, 1, 1, tzinfo=UTC)
    if not before.empty:
        if json.loads(before["note"][0])["state"] == state:
            return 0
        since = before["started_at"][0].to_pydatetime() - OVERLAP
    days = [pd.Timestamp(day, tz="UTC") for day in lake.read(NEW_DAYS, since=since)["day"]]
    n_marked = 0
    while days:
        part = [day for day in days if day < days[0] + timedelta(days=SLICE_DAYS)]
        days = days[len(part) :]
        n_marked += _mark(lake, part[0], part[-1], rules)
    _remember(lake, started, state, n_marked)
    return n_marked


def _mark(lake: Lake, first: pd.Timestamp, last: pd.Timestamp, rules: Mapping[str, WaveRule]) -> int:
    around = lake.read(
        AROUND,
        first=(first - timedelta(days=BASE_DAYS)).to_pydatetime(),
        last=(last + timedelta(days=BASE_DAYS + 1)).to_pydatetime(),
    )
    found = pd.concat([waves(around[around["kind"] == kind], rule) for kind, rule in rules.items()])
    known = around.set_index("feedback_id")["suspect_wave"].dropna()
    groups = {}
    for wave, ids in found.groupby("suspect_wave")["feedback_id"]:
        fresh = [one for one in ids if one not in known.index]
        if fresh:
            groups[min([known[one] for one in ids if one in known.index], default=wave)] = fresh
    if groups:
        with lake.write() as writer:
            for wave, ids in groups.items():
                writer.execute(MARK, wave=wave, ids=ids)
    return sum(map(len, groups.values()))


def _remember(lake: Lake, started: datetime, state: str, n_marked: int) -> None:
    row = {
        "run_id": STEP,
        "step": STEP,
        "started_at": started,
        "n_out": n_marked,
        "as_of_on": lake.settings.business_day(),
        "note": json.dumps({"state": state}),
    }
    with lake.write() as writer:
        writer.upsert("run", pd.DataFrame([row]))
