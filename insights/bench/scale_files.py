"""Small commits, as an intake makes them, and a night's maintenance after each lot: how many files stay."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from insights.bench.report import Entry
from insights.bench.scale_growth import PART
from insights.lake import Lake, open_lake
from insights.settings import load_settings

Say = Callable[[str], None]
DAYS, COMMITS, ROWS = 30, 12, 200
HELD = "SELECT count(*) FROM ducklake_list_files('lake', 'feedback')"


def entries(say: Say, days: int = DAYS) -> list[Entry]:
    """Files of the table `feedback` after the first night and after the last."""
    with TemporaryDirectory(prefix="voc-scale-") as folder:
        base = load_settings()
        settings = base.model_copy(update={"data_dir": Path(folder) / "data", "keys_dir": Path(folder) / "keys"})
        with open_lake(settings) as lake:
            nights = [night(lake, day) for day in range(days)]
    say(f"  files of feedback after each night: {nights}")
    size = f"{COMMITS} commits of {ROWS} rows a day, {days} days, all of one month"
    return [
        Entry(PART, "files of feedback after the first night", nights[0], "", "made up", size),
        Entry(PART, f"files of feedback after night {days}", nights[-1], "", "made up", size, f"<= {nights[0]}"),
    ]


def night(lake: Lake, day: int, commits: int = COMMITS, rows: int = ROWS) -> int:
    """A day of small commits, then maintenance; returns the files that hold `feedback`."""
    at = pd.Timestamp("2026-10-01", tz="UTC") + pd.Timedelta(days=day)
    for commit in range(commits):
        ids = [f"{day}-{commit}-{row}" for row in range(rows)]
        told = {"source": "bench", "kind": "survey", "occurred_at": at, "ingested_at": at, "verbatim": "x" * 100}
        with lake.write() as writer:
            writer.insert_new("feedback", pd.DataFrame({"feedback_id": ids, **told}))
    lake.maintain(0)
    return int(lake.scalar(HELD))
