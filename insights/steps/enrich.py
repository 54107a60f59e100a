"""Enrich: what is new becomes clauses with polarity and signals, vectors (each text once), and known irritants."""

from __future__ import annotations

import pandas as pd

from insights.errors import ModelError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.mentions import polarity as polarities
from insights.mentions import training
from insights.mentions.build import build_mentions, contradictions
from insights.mentions.polarity import LexiconPolarity, Polarity
from insights.mentions.scores import feedback_scores
from insights.settings import Settings
from insights.steps.adviser_voice import assign_advisers
from insights.steps.assigning import assign_new, relearn
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
        report.note["relearned"] = relearn(lake, ledger)
        report.note["assigned"] = assign_new(lake) + assign_advisers(lake, ledger)
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
