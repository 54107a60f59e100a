"""The demo company's clauses, each with its place in the text it was said in, beside what the code at hand reads there.

Only the benchmark reads the truth. Nothing stored is judged: texts are cut and scored anew, by the code that runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from insights.lake import Lake
from insights.mentions import training
from insights.mentions.build import build_mentions
from insights.mentions.polarity import LexiconPolarity, Polarity
from insights.mentions.scores import feedback_scores
from insights.steps.enrich import SCORED

KEY = ["feedback_id", "turn_no"]
WRITTEN = -1  # turn number of what was written, not said in turns
_EDGE = " \t\r\n,;:.!?…-–—\"'"
SPOKEN = "SELECT * FROM feedback WHERE verbatim IS NOT NULL ORDER BY feedback_id"
TURNS = "SELECT * FROM turn ORDER BY feedback_id, turn_no"
SCORES = "SELECT * FROM answer WHERE metric IN ('nps', 'csat', 'ces')"


def read_truth(folder: Path) -> pd.DataFrame:
    """truth/clauses.parquet of a simulated company."""
    return pd.read_parquet(folder / "truth" / "clauses.parquet")


def learned_polarity(lake: Lake) -> Polarity:
    """The model the company's own scores give, as `enrich` would learn it; the lexicon where they are too few."""
    scored = lake.read(SCORED)
    scores = feedback_scores(lake.read(SCORES))
    known = scored[scored["feedback_id"].isin(scores.index)]
    given = list(scores.loc[known["feedback_id"]])
    found = training.fit(list(known["verbatim"]), list(known["language"]), given, lake.settings.seed)
    return found or LexiconPolarity()


def mentions_of(lake: Lake, polarity: Polarity) -> pd.DataFrame:
    """Every mention of the lake's feedback, cut and scored by the code at hand; `turn_no` is -1 outside transcripts."""
    built = build_mentions(lake.read(SPOKEN), lake.read(TURNS), polarity, lake.settings.competitors)
    return built.assign(turn_no=built["turn_no"].fillna(WRITTEN).astype("int64"))


def placed_truth(lake: Lake, clauses: pd.DataFrame) -> pd.DataFrame:
    """The truth's clauses with feedback_id, `start` and `end` in the redacted text; those that cannot be placed are out.

    A clause whose words were redacted lies between its placed neighbours; two such in a row cannot be told apart.
    """
    spoken = lake.read("SELECT feedback_id, source, source_id, verbatim FROM feedback WHERE verbatim IS NOT NULL")
    turns = lake.read("SELECT feedback_id, turn_no, text FROM turn WHERE speaker = 'customer'")
    told = clauses.merge(spoken, on=["source", "source_id"])
    told["turn_no"] = told["turn_no"].fillna(WRITTEN).astype("int64")
    told = told.merge(turns.rename(columns={"text": "turn"}), on=KEY, how="left")
    told["whole"] = told["turn"].where(told["turn_no"] >= 0, told["verbatim"])
    told = told[told["whole"].notna()].sort_values(["feedback_id", "clause_no"], ignore_index=True)
    places = [
        place
        for _, rows in told.groupby(KEY, sort=False)
        for place in zip(rows.index, _places(rows["whole"].iloc[0], list(rows["text"])), strict=True)
    ]
    found = pd.DataFrame([(index, *place) for index, place in places if place], columns=["at", "start", "end"])
    return told.loc[found["at"]].drop(columns=["verbatim", "turn"]).assign(
        start=found["start"].to_numpy(), end=found["end"].to_numpy()
    )  # fmt: skip


def _places(whole: str, said: Sequence[str]) -> list[tuple[int, int] | None]:
    """(start, end) of each clause in reading order; None where it is not to be found."""
    places: list[tuple[int, int] | None] = []
    at = 0
    for text in said:
        start = whole.find(text, at)
        places.append(None if start < 0 else (start, start + len(text)))
        at = at if start < 0 else start + len(text)
    for index, place in enumerate(places):
        if place is None:
            places[index] = _between(whole, places, index)
    return places


def _between(whole: str, places: list[tuple[int, int] | None], index: int) -> tuple[int, int] | None:
    """What lies between the placed neighbours of clause `index`; None where a neighbour is not placed either."""
    before = places[index - 1] if index else (0, 0)
    after = places[index + 1] if index + 1 < len(places) else (len(whole), len(whole))
    if before is None or after is None:
        return None
    inside = whole[before[1] : after[0]]
    start = before[1] + len(inside) - len(inside.lstrip(_EDGE))
    end = before[1] + len(inside.rstrip(_EDGE))
    return (start, end) if end > start else None


def with_truth(mentions: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Mentions with the columns of the truth's clause that fills most of them, prefixed `true_`; NA where none does."""
    columns = ["kind", "irritant_id", "polarity", "leave_intent", "sarcasm", "urgency"]
    pairs = mentions[["mention_id", *KEY, "start_char", "end_char"]].merge(
        truth[[*KEY, "start", "end", *columns]], on=KEY
    )
    shared = np.minimum(pairs["end_char"], pairs["end"]) - np.maximum(pairs["start_char"], pairs["start"])
    best = pairs[shared > 0].assign(shared=shared[shared > 0])
    best = best.sort_values(["mention_id", "shared", "start"], ascending=[True, False, True]).drop_duplicates(
        "mention_id"
    )
    found = best[["mention_id", *columns]].rename(columns={name: f"true_{name}" for name in columns})
    return mentions.merge(found, on="mention_id", how="left")
