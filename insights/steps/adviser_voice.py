"""Comments of advisers get the irritants of customers, whatever their tone; customers' rows are never touched."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.irritants.agreement import RULES, agreed
from insights.lake import Lake
from insights.ledger import Ledger
from insights.steps.assigning import MEMBERS, in_force, kept_rows, stacked
from insights.steps.resolved import seen
from insights.topics.encoder import encoder_for

Matrix = NDArray[np.float32]
WAITING = """
SELECT m.mention_id, m.text_sha, m.text, e.vector
FROM mention m LEFT JOIN embedding e ON e.text_sha = m.text_sha AND e.encoder_version = $encoder
WHERE m.voice = 'employee' AND NOT EXISTS (
    SELECT 1 FROM mention_irritant i WHERE i.mention_id = m.mention_id AND i.model_version = $version
)
ORDER BY m.mention_id
"""
CLEAR = "DELETE FROM mention_irritant WHERE mention_id IN (SELECT unnest($ids::VARCHAR[]))"
THERE = "SELECT mention_id FROM mention WHERE mention_id IN (SELECT unnest($ids::VARCHAR[]))"


def assign_advisers(lake: Lake, ledger: Ledger) -> int:
    """Assign advisers' mentions that the assigner in force has not seen; how many found an irritant or none.

    No tone is read from what an employee writes. A sentence that a person has placed stays where it is.
    """
    assigner = in_force(lake.settings)
    if assigner is None:
        return 0
    version = f"{assigner.version}+{RULES}"
    waiting = lake.read(WAITING, encoder=assigner.encoder_version, version=version)
    if waiting.empty:
        return 0
    members = seen(lake, ledger).read(MEMBERS, encoder=assigner.encoder_version)
    if members.empty:
        return 0
    found = agreed(_vectors(lake, waiting), stacked(members["vector"]), list(members["irritant_id"]))
    told = pd.DataFrame({"irritant_id": found.irritant_ids, "confidence": found.share, "model_version": version})
    rows = pd.concat([waiting[["mention_id"]], told], axis=1)
    with lake.write() as writer:
        there = {one for (one,) in writer.execute(THERE, ids=list(rows["mention_id"]))} - set(kept_rows(writer, ledger))
        rows = rows[rows["mention_id"].isin(there)]
        writer.execute(CLEAR, ids=list(rows["mention_id"]))
        return writer.insert_new("mention_irritant", rows)


def _vectors(lake: Lake, waiting: pd.DataFrame) -> Matrix:
    """(n, d): the lake's vectors; those of texts that never needed one are made here and not kept."""
    new = waiting[waiting["vector"].isna()].drop_duplicates("text_sha")
    if new.empty:
        return stacked(waiting["vector"])
    encoder = encoder_for(lake.settings.encoder, lake.settings.threads)
    made = dict(zip(new["text_sha"], encoder(list(new["text"])), strict=True))
    pairs = zip(waiting["text_sha"], waiting["vector"], strict=True)
    return np.vstack([np.asarray(made.get(sha, vector), dtype=np.float32) for sha, vector in pairs])
