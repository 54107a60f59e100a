"""Mentions that are most worth a person's look, for the correction queue of the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from insights.irritants.learn_look import worth_a_look
from insights.lake import Lake
from insights.ledger import Ledger
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
    looks = worth_a_look(assigner, stacked(found["vector"]), list(found["language"]), k, told)
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


def _other(first: str, second: str | None, today: str) -> str | None:
    """The candidate that is not where the text stands today."""
    return next((one for one in (first, second) if one and one != today), None)
