"""Enrich: what is new becomes clauses with polarity and signals, vectors (each text once), and known irritants."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from insights.errors import ModelError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.mentions import polarity as polarities
from insights.mentions import training
from insights.mentions.polarity import LexiconPolarity, Polarity
from insights.mentions.scores import feedback_scores
from insights.partitions import cut, partitions, together
from insights.settings import Settings
from insights.steps.adviser_voice import assign_advisers
from insights.steps.assigning import assign_new, relearn
from insights.steps.keep import still_unread
from insights.steps.reading import Read, read_part
from insights.steps.run_log import StepReport, recorded

LISTED = 200_000  # ids of unread feedback held at a time: memory does not grow with what is new
COMMIT = 20_000  # feedback of one transaction
SPOKEN = r"verbatim IS NOT NULL AND regexp_matches(verbatim, '\p{L}')"
TODO = f"""
SELECT feedback_id FROM feedback f
WHERE {SPOKEN} AND feedback_id > $after AND NOT EXISTS (SELECT 1 FROM mention m WHERE m.feedback_id = f.feedback_id)
ORDER BY feedback_id LIMIT {LISTED}
"""
SCORED = f"""
SELECT f.feedback_id, f.verbatim, f.language, f.kind FROM feedback f
WHERE {SPOKEN} AND kind IN ('survey', 'review') AND feedback_id IN (SELECT feedback_id FROM answer)
ORDER BY feedback_id LIMIT 60000
"""


def enrich(lake: Lake, ledger: Ledger, *, run_id: str) -> StepReport:
    """Mentions, vectors and assignments of every feedback that has none yet, part by part."""
    with recorded(lake, run_id, "enrich") as report, partitions(lake) as over:
        report.note = {"mentions": 0, "embedded": 0, "assigned": 0}
        polarity, after = None, ""
        while ids := lake.read_arrow(TODO, after=after).column(0).to_pylist():
            polarity, after = polarity or polarity_model(lake, lake.settings), ids[-1]
            report.note["polarity"] = polarity.version
            size = lake.settings.partition_rows
            read = over.map(read_part, polarity, cut(ids, size))
            while lot := list(islice(read, max(1, COMMIT // size))):
                mentions, vectors = _add(lake, lot)
                report.note["mentions"] += mentions
                report.note["embedded"] += vectors
                report.n_out += mentions
            report.n_in += len(ids)
        report.note["relearned"] = relearn(lake, ledger)
        report.note["assigned"] = assign_new(lake, over) + assign_advisers(lake, ledger)
        if not report.n_in:
            report.note["said"] = "nothing new: no text embedded, no count changed"
    return report


def _add(lake: Lake, parts: Sequence[Read]) -> tuple[int, int]:
    """Add what some parts gave, in one transaction; mentions and vectors written. A text that two parts met counts once."""
    feedback, mentions, vectors = (
        together([getattr(part, name) for part in parts]) for name in ("feedback", "mentions", "vectors")
    )
    with lake.write() as writer:
        mentions = still_unread(writer, feedback, mentions)
        vectors = vectors[vectors["text_sha"].isin(mentions["text_sha"])].drop_duplicates("text_sha")
        return writer.insert_new("mention", mentions), writer.insert_new("embedding", vectors)


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
