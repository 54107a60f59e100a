"""Thin names made whole: « gestion des sinistres » with what most goes with it, « gestion des sinistres déplorable »."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from insights.topics.names_griefs import kinds
from insights.topics.names_rank import Candidate
from insights.topics.names_words import is_generic

LEAST = 0.08  # of the texts that say a thing, for a grievance said beside it to complete its name
CALM = 0.25  # ... where no text of the topic complains
OFTEN = 0.03  # of the texts read that say it: one alone is no evidence
DENIED_TIMES = 2.0  # as many for a mere denial
FULLER = 0.2  # as often said, for a name in more words


def completed(candidates: Sequence[Candidate], language: str, complaining: float) -> list[Candidate]:
    """The candidates, with a thing's most frequent grievance right before the thing alone, and the whole thing before a part.

    `complaining`: share (0 to 1) of the topic's texts that complain; the fewer, the more must say the grievance.
    « service client déplorable » stands before « service déplorable » where much of what is said of the service says it.
    """
    bar = max(LEAST, CALM * (1.0 - complaining))
    found: list[Candidate] = []
    for one in candidates:
        whole = max((other for other in candidates if _fuller(other, one, language)), key=_often, default=None)
        if whole is not None:
            found.append(replace(whole, merit=max(one.merit, whole.merit)))
        if not one.aggrieved(language):
            said = [other for other in candidates if _completes(other, one, bar)]
            found += [replace(max(said, key=_often), merit=one.merit)] if said else []
        found.append(one)
    return found


def _completes(other: Candidate, one: Candidate, bar: float) -> bool:
    least = bar * (1.0 if other.phrase.mark else DENIED_TIMES)
    if not other.told or other.phrase.words != one.phrase.words:
        return False
    evidence = (other.said + other.share) / 2 if other.phrase.mark else other.said
    return evidence >= max(OFTEN, least * one.share)


def _fuller(other: Candidate, one: Candidate, language: str) -> bool:
    """Whether a candidate says the grievance of a broad thing named in more words, and not much less often."""
    broad = all(is_generic(word, language) or "service" in kinds().get(word, ()) for word in one.phrase.words)
    same = bool(one.phrase.mark) and other.phrase.mark == one.phrase.mark
    return same and broad and set(other.phrase.words) > set(one.phrase.words) and other.said >= FULLER * one.said


def _often(one: Candidate) -> tuple[float, float, str]:
    return one.said, one.merit, one.phrase.form
