"""The demo company's truth beside what the pipeline found: each mention with the clause it came from.

Only the benchmark reads the truth. A mention carries the truth of the clause it shares most words with, within the same
feedback; a mention that shares fewer than half of its words with any clause carries none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from insights.lake import Lake

MIN_SHARED = 0.5
WORD = re.compile(r"\w+")
MENTIONS = """
SELECT f.source, f.source_id, m.mention_id, m.text, m.type, m.polarity, m.leave_intent, m.urgency, m.language, m.unit_no,
       i.irritant_id
FROM mention m JOIN feedback f USING (feedback_id) LEFT JOIN (
    SELECT mention_id, arg_max(irritant_id, (confidence, irritant_id)) AS irritant_id FROM mention_irritant GROUP BY 1
) i USING (mention_id)
ORDER BY m.mention_id
"""


def read_clauses(folder: Path) -> pd.DataFrame:
    """truth/clauses.parquet of a simulated company."""
    return pd.read_parquet(folder / "truth" / "clauses.parquet")


def aligned(lake: Lake, clauses: pd.DataFrame) -> pd.DataFrame:
    """Mentions with `true_kind`, `true_irritant`, `true_polarity`, `true_leave`, `true_urgency`; NULL where none fits."""
    mentions = lake.read(MENTIONS)
    by_record = {key: list(rows.index) for key, rows in clauses.groupby(["source", "source_id"])}
    words = [set(WORD.findall(str(text).lower())) for text in clauses["text"]]
    places = [
        _nearest(set(WORD.findall(row.text.lower())), by_record.get((row.source, row.source_id), ()), words)
        for row in mentions.itertuples()
    ]
    truth = clauses[["kind", "irritant_id", "polarity", "leave_intent", "urgency"]]
    found = (
        truth.reindex(places)
        .reset_index(drop=True)
        .set_axis(["true_kind", "true_irritant", "true_polarity", "true_leave", "true_urgency"], axis=1)
    )
    return pd.concat([mentions, found.assign(clause=places)], axis=1)


def _nearest(own: set[str], candidates: Sequence[int], words: Sequence[set[str]]) -> int | None:
    """Index of the clause that holds the largest share of the mention's words."""
    if not own:
        return None
    scored = [(len(own & words[place]) / len(own), -place) for place in candidates]
    share, place = max(scored, default=(0.0, 0))
    return -place if share >= MIN_SHARED else None
