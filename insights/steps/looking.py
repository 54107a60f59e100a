"""Mentions that are most worth a person's look, for the correction queue of the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pandas as pd

from insights.irritants.assign import Assigner
from insights.irritants.learn import Corrections
from insights.irritants.learn_look import Look, worth_a_look
from insights.lake import Lake
from insights.ledger import Ledger
from insights.steps.answers import doubted
from insights.steps.assigning import corrections, in_force, stacked
from insights.steps.resolved import registry, seen
from insights.steps.window import analysis_day

RECENT_DAYS = 90
MAX_TEXTS = 6_000
TEXTS = f"""
WITH said AS (
    SELECT m.text_sha, min(m.text) AS text, min(m.language) AS language, max(m.occurred_at) AS last_at,
        arg_max(i.irritant_id, (i.confidence, i.irritant_id)) AS irritant_id
    FROM mention m JOIN irritant_now i USING (mention_id)
    WHERE m.type = 'complaint' AND m.voice = 'customer' AND m.occurred_at >= $since
        AND m.feedback_id NOT IN (SELECT feedback_id FROM feedback WHERE suspect_wave IS NOT NULL)
    GROUP BY m.text_sha
)
SELECT s.*, e.vector FROM said s JOIN embedding e ON e.text_sha = s.text_sha AND e.encoder_version = $encoder
ORDER BY s.last_at DESC, s.text_sha LIMIT {MAX_TEXTS}
"""


@dataclass(frozen=True)
class Asked:
    """One text to look at: where it stands today, the irritant it hesitates with, and why it is asked.

    `reason`: undecided (between two irritants) or outside (of all). `n_alike`: texts near it that profit from the answer.
    """

    text_sha: str
    text: str
    irritant_id: str
    second_id: str | None
    reason: str
    n_alike: int


def to_look_at(lake: Lake, ledger: Ledger, k: int = 20) -> list[Asked]:
    """The `k` recent complaints most worth a look, best first; none before the first discovery."""
    assigner, known = in_force(lake.settings), registry(ledger)
    if assigner is None:
        return []
    since = analysis_day(lake) - timedelta(days=RECENT_DAYS)
    found = seen(lake, ledger, known).read(TEXTS, since=since, encoder=assigner.encoder_version)
    if found.empty:
        return []
    told = corrections(lake, ledger, known, assigner.encoder_version)
    looks = _looks(assigner, found, doubted(ledger, known, lake.settings.business_now()), k, told)
    return [
        Asked(
            found["text_sha"].iloc[one.row],
            found["text"].iloc[one.row],
            known.resolve(found["irritant_id"].iloc[one.row]),
            _other(known.resolve(one.irritant_id), one.second_id, found["irritant_id"].iloc[one.row]),
            one.reason,
            one.n_alike,
        )
        for one in looks
    ]


def _looks(
    assigner: Assigner, found: pd.DataFrame, in_doubt: Sequence[str], k: int, told: Corrections | None
) -> list[Look]:
    """The picks: first, up to half of them, of irritants that a reader of a digest called wrong; then of all texts."""
    vectors, languages = stacked(found["vector"]), list(found["language"])
    rows = np.flatnonzero(found["irritant_id"].isin(in_doubt).to_numpy())
    picked = worth_a_look(assigner, vectors[rows], [languages[row] for row in rows], k // 2, told) if len(rows) else []
    first = [replace(one, row=int(rows[one.row])) for one in picked]
    taken = {one.row for one in first}
    return [*first, *(one for one in worth_a_look(assigner, vectors, languages, k, told) if one.row not in taken)][:k]


def _other(first: str, second: str | None, today: str) -> str | None:
    """The candidate that is not where the text stands today."""
    return next((one for one in (first, second) if one and one != today), None)
