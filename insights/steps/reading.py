"""Read one part of the feedback: its clauses scored, and vectors of the texts that can name an irritant. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from insights.lake import Lake
from insights.mentions.build import build_mentions, contradictions
from insights.mentions.polarity import Polarity
from insights.topics.encoder import encoder_for

BLAMED = ("complaint", "suggestion")  # what can name an irritant, and so needs a vector
OF_THESE = "SELECT * FROM {table} WHERE feedback_id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY ALL"
KNOWN = """
SELECT text_sha FROM embedding WHERE encoder_version = $encoder AND text_sha IN (SELECT unnest($shas::VARCHAR[]))
"""


@dataclass(frozen=True)
class Read:
    """What one part gave: the feedback as they were read (feedback_id, verbatim), rows of `mention`, rows of `embedding`."""

    feedback: pa.Table
    mentions: pa.Table
    vectors: pa.Table


def read_part(lake: Lake, polarity: Polarity, ids: Sequence[str]) -> Read:
    """Clauses and vectors of the feedback of these ids."""
    feedback, turns, answers = (
        lake.read(OF_THESE.format(table=name), ids=list(ids)) for name in ("feedback", "turn", "answer")
    )
    mentions = build_mentions(feedback, turns, polarity, lake.settings.competitors)
    contradicts = contradictions(feedback, answers, mentions)
    mentions = mentions.assign(score_contradicts=mentions["feedback_id"].map(contradicts).astype("boolean"))
    tables = feedback[["feedback_id", "verbatim"]], mentions, new_vectors(lake, mentions)
    return Read(*(pa.Table.from_pandas(one, preserve_index=False) for one in tables))


def new_vectors(lake: Lake, mentions: pd.DataFrame) -> pd.DataFrame:
    """Vectors of the distinct texts that can name an irritant and have none yet from this encoder."""
    encoder = encoder_for(lake.settings.encoder, lake.settings.threads)
    texts = mentions[mentions["type"].isin(BLAMED)].drop_duplicates("text_sha")[["text_sha", "text"]]
    known = lake.read(KNOWN, encoder=encoder.version, shas=list(texts["text_sha"]))["text_sha"]
    texts = texts[~texts["text_sha"].isin(known)].sort_values("text_sha")
    vectors = encoder(list(texts["text"]))
    return pd.DataFrame(
        {"text_sha": texts["text_sha"].to_numpy(), "encoder_version": encoder.version, "vector": list(vectors)}
    )
