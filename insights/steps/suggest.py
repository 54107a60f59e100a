"""Ways to split an irritant, for a person to choose from: the groups its own texts fall into, with names and examples."""

from __future__ import annotations

from dataclasses import dataclass

from insights.contracts import UNCLASSIFIED
from insights.errors import LedgerError, ModelError
from insights.irritants.edit import PERSON, Part
from insights.lake import Lake
from insights.ledger import Ledger
from insights.steps.assigning import Matrix, stacked
from insights.steps.naming import knowing_brands, labelled
from insights.steps.resolved import registry, seen
from insights.topics.encoder import encoder_for
from insights.topics.fit import MIN_TEXTS, TopicFit, fit_topics

MAX_TEXTS = 4_000  # newest distinct texts of the irritant that are looked at
RESOLUTIONS = (0.4, 0.6, 0.9, 1.3)
MAX_PARTS = 6
TEXTS = f"""
WITH said AS (
    SELECT m.text_sha, min(m.text) AS text, min(m.language) AS language, max(m.occurred_at) AS last_at
    FROM mention m JOIN irritant_now i USING (mention_id)
    WHERE i.irritant_id = $irritant AND m.voice = 'customer'
    GROUP BY m.text_sha
)
SELECT s.*, e.vector FROM said s JOIN embedding e ON e.text_sha = s.text_sha AND e.encoder_version = $encoder
ORDER BY s.last_at DESC, s.text_sha LIMIT {MAX_TEXTS}
"""


@dataclass(frozen=True)
class Suggestion:
    """One group inside an irritant, ready to become an irritant of its own."""

    part: Part
    examples: tuple[str, ...]
    share: float  # of the irritant's texts looked at


def suggest_parts(lake: Lake, ledger: Ledger, irritant_id: str) -> list[Suggestion]:
    """Groups an irritant's texts fall into, largest first; none where they are few or all alike.

    A split takes some of them out; what is left stays with the irritant. Raises LedgerError for an unknown irritant.
    """
    known, settings = registry(ledger), knowing_brands(lake)
    if irritant_id == UNCLASSIFIED or irritant_id not in known.irritants:
        raise LedgerError(f"There is no irritant {irritant_id!r} to split: `voc irritants list` shows them.")
    encoder = encoder_for(settings.encoder, settings.threads)
    found = seen(lake, ledger, known).read(TEXTS, irritant=known.resolve(irritant_id), encoder=encoder.version)
    if len(found) < MIN_TEXTS:
        return []
    texts, languages = list(found["text"]), list(found["language"])
    fit = _first_that_parts(texts, stacked(found["vector"]), languages, settings.seed)
    if fit is None:
        return []
    vectors = stacked(found["vector"])
    labels = labelled(texts, languages, fit.labels, fit.keywords, fit.representatives, settings, vectors)
    shas = found["text_sha"].to_numpy()
    suggested = [
        Suggestion(
            Part(
                one.label_fr,
                one.label_en,
                tuple(shas[fit.labels == one.topic]),
                tuple(one.keywords),
                one.label_source if one.label_fr or one.label_en else PERSON,
            ),
            tuple(texts[row] for row in fit.representatives[one.topic]),
            fit.sizes[one.topic] / len(found),
        )
        for one in labels
    ]
    return sorted(suggested, key=lambda one: (-one.share, one.part.texts))


def _first_that_parts(texts: list[str], vectors: Matrix, languages: list[str], seed: int) -> TopicFit | None:
    """The coarsest cut with two groups or more; None where there is none, or the texts are nearly all copies."""
    for resolution in RESOLUTIONS:
        try:
            fit = fit_topics(texts, vectors, languages, seed, resolution=resolution, measure_stability=False)
        except ModelError:
            return None
        if 1 < len(fit.topics) <= MAX_PARTS:
            return fit
    return None
