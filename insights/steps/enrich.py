"""Enrich: what is new becomes clauses with polarity and signals, vectors (each text once), and known irritants."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from insights.errors import ModelError
from insights.irritants.assign import Assigner
from insights.lake import Lake
from insights.ledger import Ledger
from insights.mentions import polarity as polarities
from insights.mentions import training
from insights.mentions.build import build_mentions, contradictions
from insights.mentions.polarity import LexiconPolarity, Polarity
from insights.mentions.scores import feedback_scores
from insights.settings import Settings
from insights.steps.keep import still_unread
from insights.steps.run_log import StepReport, recorded
from insights.topics.encoder import encode_parallel, encoder_for

CHUNK = 20_000  # feedback enriched and committed at a time: memory does not grow with what is new
SPOKEN = r"verbatim IS NOT NULL AND regexp_matches(verbatim, '\p{L}')"
TODO = f"""
SELECT * FROM feedback f
WHERE {SPOKEN} AND NOT EXISTS (SELECT 1 FROM mention m WHERE m.feedback_id = f.feedback_id)
ORDER BY feedback_id LIMIT {CHUNK}
"""
OF_THESE = "SELECT * FROM {table} WHERE feedback_id IN (SELECT unnest($ids))"
SCORED = f"""
SELECT f.feedback_id, f.verbatim, f.language, f.kind FROM feedback f
WHERE {SPOKEN} AND kind IN ('survey', 'review') AND feedback_id IN (SELECT feedback_id FROM answer)
ORDER BY feedback_id LIMIT 60000
"""
STILL_THERE = "SELECT mention_id FROM mention WHERE mention_id IN (SELECT unnest($ids))"
BLAMED = ("complaint", "suggestion")  # what can name an irritant, and so needs a vector


def enrich(lake: Lake, ledger: Ledger, *, run_id: str) -> StepReport:
    """Mentions, vectors and assignments of every feedback that has none yet, chunk by chunk."""
    settings = lake.settings
    with recorded(lake, run_id, "enrich") as report:
        report.note = {"mentions": 0, "embedded": 0, "assigned": 0}
        polarity: Polarity | None = None
        while not (feedback := lake.read(TODO)).empty:
            polarity = polarity or polarity_model(lake, settings)
            report.note["polarity"] = polarity.version
            mentions = _mentions(lake, feedback, polarity)
            vectors = new_vectors(lake, mentions)
            with lake.write() as writer:
                mentions = still_unread(writer, feedback, mentions)
                if not vectors.empty:
                    vectors = vectors[vectors["text_sha"].isin(mentions["text_sha"])]
                written = writer.insert_new("mention", mentions)
                report.note["embedded"] += writer.insert_new("embedding", vectors)
            report.n_in += len(feedback)
            report.note["mentions"] += written
            report.n_out += written
        report.note["assigned"] = assign_new(lake)
        if not report.n_in:
            report.note["said"] = "nothing new: no text embedded, no count changed"
    return report


def polarity_model(lake: Lake, settings: Settings) -> Polarity:
    """The stored model, else one learned from the company's own scored verbatims, else the lexicon."""
    folder = settings.models_dir / "polarity"
    try:
        if (stored := polarities.load(folder)) is not None:
            return stored
    except ModelError:  # damaged, or fitted under older rules: it can be rebuilt, so it is
        pass
    scored = lake.read(SCORED)
    if scored.empty:
        return LexiconPolarity()
    scores = feedback_scores(lake.read("SELECT * FROM answer WHERE metric IN ('nps', 'csat', 'ces')"))
    known = scored[scored["feedback_id"].isin(scores.index)]
    model = training.fit(
        list(known["verbatim"]), list(known["language"]), list(scores.loc[known["feedback_id"]]), settings.seed
    )
    if model is None:
        return LexiconPolarity()
    model.save(folder)
    return model


def _mentions(lake: Lake, feedback: pd.DataFrame, polarity: Polarity) -> pd.DataFrame:
    settings, ids = lake.settings, list(feedback["feedback_id"])
    turns = lake.read(OF_THESE.format(table="turn"), ids=ids)
    answers = lake.read(OF_THESE.format(table="answer"), ids=ids)
    mentions = build_mentions(feedback, turns, polarity, settings.competitors, settings.workers)
    contradicts = contradictions(feedback, answers, mentions)
    return mentions.assign(score_contradicts=mentions["feedback_id"].map(contradicts))


def new_vectors(lake: Lake, mentions: pd.DataFrame) -> pd.DataFrame:
    """Vectors of the distinct texts that can name an irritant and have none yet from this encoder."""
    settings = lake.settings
    encoder = encoder_for(settings.encoder, settings.threads)
    texts = mentions[mentions["type"].isin(BLAMED)].drop_duplicates("text_sha")[["text_sha", "text"]]
    known = lake.read("SELECT text_sha FROM embedding WHERE encoder_version = $v", v=encoder.version)["text_sha"]
    texts = texts[~texts["text_sha"].isin(known)].sort_values("text_sha")
    if texts.empty:
        return pd.DataFrame()
    vectors = encode_parallel(settings.encoder, list(texts["text"]), settings.workers, settings.threads)
    return pd.DataFrame(
        {"text_sha": texts["text_sha"].to_numpy(), "encoder_version": encoder.version, "vector": list(vectors)}
    )


UNASSIGNED = """
SELECT m.mention_id, m.language, e.vector
FROM mention m
JOIN embedding e ON e.text_sha = m.text_sha AND e.encoder_version = $encoder
WHERE m.type IN ('complaint', 'suggestion')
  AND NOT EXISTS (SELECT 1 FROM mention_irritant i WHERE i.mention_id = m.mention_id)
ORDER BY m.mention_id LIMIT 200000
"""


def assigner_path(settings: Settings) -> Path:
    """Where the assigner of the last accepted fit lies."""
    return settings.models_dir / "irritants"


def assign_new(lake: Lake) -> int:
    """Assign every mention that has a vector and no irritant yet; 0 before the first discovery."""
    folder = assigner_path(lake.settings)
    if not folder.exists():
        return 0
    assigner = Assigner.load(folder)
    n_assigned = 0
    while not (waiting := lake.read(UNASSIGNED, encoder=assigner.encoder_version)).empty:
        ids, confidence = assigner.assign(stacked(waiting["vector"]), list(waiting["language"]))
        rows = pd.DataFrame(
            {
                "mention_id": waiting["mention_id"],
                "irritant_id": ids,
                "confidence": confidence,
                "model_version": assigner.version,
            }
        )
        with lake.write() as writer:
            there = {found for (found,) in writer.execute(STILL_THERE, ids=list(rows["mention_id"]))}
            n_assigned += writer.insert_new("mention_irritant", rows[rows["mention_id"].isin(there)])
    return n_assigned


def stacked(vectors: pd.Series) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """(n, d) float32 of a column of vectors."""
    return np.vstack([np.asarray(one, dtype=np.float32) for one in vectors])
