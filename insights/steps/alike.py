"""Texts that are like what a person describes: what a new irritant would hold, shown before it is made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pandas as pd

from insights.irritants.registry import Registry
from insights.lake.lake import Reader
from insights.language import detect
from insights.settings import Settings
from insights.steps.assigning import in_force, stacked
from insights.topics.encoder import encoder_for
from insights.topics.vectors import unit

RECENT_DAYS = 364
MAX_TEXTS = 20_000  # newest distinct complaints that are compared
SHOWN = 30
ALIKE = 0.45  # cosine to the nearest example from which a text is ticked at first
LEAST = 0.3  # under which it is not shown
TEXTS = f"""
WITH said AS (
    SELECT m.text_sha, min(m.text) AS text, min(m.language) AS language, max(m.occurred_at) AS last_at,
        arg_max(i.irritant_id, (i.confidence, i.irritant_id)) AS irritant_id, count(DISTINCT m.mention_id) AS n_mentions
    FROM mention m JOIN irritant_now i USING (mention_id) JOIN feedback f USING (feedback_id)
    WHERE m.voice = 'customer' AND m.type IN ('complaint', 'suggestion') AND f.suspect_wave IS NULL
        AND m.occurred_at >= $since
    GROUP BY m.text_sha
)
SELECT s.text_sha, s.text, s.language, s.irritant_id, s.n_mentions, e.vector
FROM said s JOIN embedding e ON e.text_sha = s.text_sha AND e.encoder_version = $encoder
ORDER BY s.last_at DESC, s.text_sha LIMIT {MAX_TEXTS}
"""


def alike(reader: Reader, settings: Settings, known: Registry, examples: Sequence[str], day: object) -> pd.DataFrame:
    """Recent complaints near any of the examples, nearest first: text_sha, text, irritant_id, n_mentions, cosine.

    At most SHOWN rows; none before the first discovery. `day`: the last day looked at.
    """
    assigner, said = in_force(settings), [text.strip() for text in examples if text.strip()]
    columns = ["text_sha", "text", "irritant_id", "n_mentions", "cosine"]
    if assigner is None or not said:
        return pd.DataFrame(columns=columns)
    since = pd.Timestamp(str(day), tz="UTC") - timedelta(days=RECENT_DAYS)
    found = reader.read(TEXTS, since=since, encoder=assigner.encoder_version)
    if found.empty:
        return pd.DataFrame(columns=columns)
    encode = encoder_for(settings.encoder, settings.threads)
    asked = assigner.centre.apply(encode(said), detect(said, default="fr"))
    rows = unit(assigner.centre.apply(stacked(found["vector"]), list(found["language"])))
    near = (rows @ asked.T).max(axis=1)
    order = np.argsort(-near, kind="stable")[:SHOWN]
    kept = found.iloc[order].assign(cosine=near[order], irritant_id=found["irritant_id"].iloc[order].map(known.resolve))
    return kept.loc[kept["cosine"] >= LEAST, columns].reset_index(drop=True)
