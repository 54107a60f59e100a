"""What a new fit says about the registry: same, birth, merge, split, death; and which of it may be taken unasked.

Topics and irritants are paired one to one (Hungarian) on the texts they share and on the nearness of their centres. What
the pairing leaves over is a birth (a topic like no irritant), a split (a second topic inside one irritant), a merge (a
second irritant inside one topic) or a death (an irritant no topic holds). All pure: nothing is read or written here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from insights.contracts import UNCLASSIFIED
from insights.irritants import registry as kinds
from insights.irritants.registry import EMERGING, Registry
from insights.topics.fit import TopicFit
from insights.topics.vectors import unit

Matrix = NDArray[np.float32]

SAME, BIRTH, MERGE, SPLIT, DEATH = "same", "birth", "merge", "split", "death"
SHARED_WEIGHT = 0.6  # of shared texts against nearness of centres, where texts are shared
MIN_SCORE = 0.35  # below it a pair is not the same cause
MIN_PART = 0.4  # share of a topic (split) or of an irritant (merge) that must lie inside the other
MIN_NEAR = 0.8  # cosine of centres that alone makes two the same, where no text is shared


@dataclass(frozen=True)
class Proposal:
    """One change a fit proposes. `topics` of the fit, `irritant_ids` of the registry, `evidence` for who decides."""

    kind: str
    topics: tuple[int, ...]
    irritant_ids: tuple[str, ...]
    score: float
    evidence: Mapping[str, float] = field(default_factory=dict)
    safe: bool = False


def shared_texts(fit: TopicFit, previous_ids: Sequence[str | None]) -> dict[tuple[int, str], int]:
    """How many texts each topic shares with each irritant, from the irritant each text of the fit had before (n)."""
    counts: dict[tuple[int, str], int] = {}
    for topic, irritant in zip(fit.labels.tolist(), previous_ids, strict=True):
        if topic >= 0 and irritant and irritant != UNCLASSIFIED:
            counts[topic, irritant] = counts.get((topic, irritant), 0) + 1
    return counts


def propose(
    registry_centroids: Mapping[str, Matrix],
    fit: TopicFit,
    overlap_of_shared_texts: Mapping[tuple[int, str], int],
) -> list[Proposal]:
    """Proposals, each topic in exactly one of same, birth or split, each irritant in exactly one of same, merge or death.

    `registry_centroids`: encoder-space centre (d,) of every living irritant. `overlap_of_shared_texts`: number of texts
    per (topic, irritant), counted on texts both know. The first fit, with no irritant yet, is all births.
    """
    names, topics = sorted(registry_centroids), list(fit.topics)
    if not names:
        return [_birth(fit, topic, 0.0) for topic in topics]
    near = fit.encoder_centroids @ unit(np.stack([registry_centroids[name] for name in names])).T
    overlap = np.array([[overlap_of_shared_texts.get((topic, name), 0) for name in names] for topic in topics], float)
    score = _scores(near, overlap)
    pairs = [(t, i) for t, i in zip(*linear_sum_assignment(-score), strict=True) if score[t, i] >= MIN_SCORE]
    found = [_same(topics[t], names[i], score[t, i], near[t, i], overlap, (t, i)) for t, i in pairs]
    found += _left_topics(fit, names, near, overlap, pairs)
    return found + _left_irritants(topics, names, overlap, pairs)


def accept_policy(proposals: Sequence[Proposal], registry: Registry) -> tuple[list[Proposal], list[Proposal]]:
    """(taken at once, waiting for a person). Safe: the same cause again, and births, which hide nothing.

    A merge, a split or a death changes what people see and follow: it waits, as does all that touches an irritant
    the registry does not know.
    """
    safe = [one for one in proposals if one.safe and all(name in registry.irritants for name in one.irritant_ids)]
    return safe, [one for one in proposals if one not in safe]


def to_events(
    proposals: Sequence[Proposal], registry: Registry, names: Mapping[int, Mapping[str, Any]], fit_version: str
) -> tuple[list[dict[str, Any]], dict[int, str]]:
    """Ledger events of accepted proposals, and the irritant id of each topic they settle.

    `names`: per topic the fields of a birth (label_fr, label_en, label_source, keywords, ...). Each event is a dict with
    kind, subject, payload and key; the key holds the fit's version, so that accepting twice records once.
    """
    events: list[dict[str, Any]] = []
    settled: dict[int, str] = {}
    fresh = iter(registry.next_ids(len(proposals)))
    for one in proposals:
        if one.kind == SAME:
            settled[one.topics[0]] = one.irritant_ids[0]
            status = registry.irritants[one.irritant_ids[0]].status
            if status == kinds.DORMANT:
                events.append(_event(kinds.BORN, one.irritant_ids[0], {}, fit_version))
        elif one.kind == BIRTH:
            settled[one.topics[0]] = born = next(fresh)
            first = "first fit" if not registry.irritants else "discovered"
            told = {
                "lineage": first,
                "status": "active" if not registry.irritants else EMERGING,
                **names[one.topics[0]],
            }
            events.append(_event(kinds.BORN, born, told, fit_version))
        elif one.kind == SPLIT:
            settled[one.topics[0]] = born = next(fresh)
            part = {"irritant_id": born, **names[one.topics[0]]}
            events.append(_event(kinds.SPLIT, one.irritant_ids[0], {"into": [part]}, f"{fit_version}:{one.topics[0]}"))
        elif one.kind == MERGE:
            events.append(_event(kinds.MERGED, one.irritant_ids[0], {"into": one.irritant_ids[1]}, fit_version))
        elif one.kind == DEATH:
            events.append(_event(kinds.RETIRED, one.irritant_ids[0], {}, fit_version))
    return events, settled


def _event(kind: str, subject: str, payload: Mapping[str, Any], fit_version: str) -> dict[str, Any]:
    return {"kind": kind, "subject": subject, "payload": dict(payload), "key": f"{kind}:{subject}:{fit_version}"}


def _scores(near: NDArray[Any], overlap: NDArray[Any]) -> NDArray[np.float64]:
    """(topics, irritants) in 0..1: Dice of shared texts and cosine of centres; the cosine alone where no text is shared."""
    dice = 2 * overlap / np.maximum(overlap.sum(axis=1, keepdims=True) + overlap.sum(axis=0, keepdims=True), 1)
    close = np.clip(near, 0, 1)
    blended = SHARED_WEIGHT * dice + (1 - SHARED_WEIGHT) * close
    known = (overlap.sum(axis=1, keepdims=True) > 0) & (overlap.sum(axis=0, keepdims=True) > 0)
    return np.asarray(np.where(known, blended, np.where(close >= MIN_NEAR, close, 0.0)))


def _same(topic: int, name: str, score: float, near: float, overlap: NDArray[Any], at: tuple[int, int]) -> Proposal:
    t, i = at
    evidence = {
        "cosine": float(near),
        "shared_texts": float(overlap[t, i]),
        "share_of_topic": float(overlap[t, i] / max(overlap[t].sum(), 1)),
        "share_of_irritant": float(overlap[t, i] / max(overlap[:, i].sum(), 1)),
    }
    return Proposal(SAME, (topic,), (name,), float(score), evidence, safe=True)


def _birth(fit: TopicFit, topic: int, nearest: float) -> Proposal:
    evidence = {"texts": float(fit.sizes[topic]), "nearest_irritant": nearest}
    return Proposal(BIRTH, (topic,), (), 1 - max(nearest, 0.0), evidence, safe=True)


def _left_topics(
    fit: TopicFit, names: list[str], near: NDArray[Any], overlap: NDArray[Any], pairs: list[tuple[int, int]]
) -> list[Proposal]:
    """A topic without partner: a split where most of its known texts came from one irritant, else a birth."""
    paired, kept = {t for t, _ in pairs}, {i for _, i in pairs}
    found = []
    for t, topic in enumerate(fit.topics):
        if t in paired:
            continue
        i = int(overlap[t].argmax())
        share = overlap[t, i] / max(float(fit.sizes[topic]), 1.0)
        if i in kept and share >= MIN_PART:
            evidence = {
                "shared_texts": float(overlap[t, i]),
                "share_of_topic": float(share),
                "cosine": float(near[t, i]),
            }
            found.append(Proposal(SPLIT, (topic,), (names[i],), float(share), evidence))
        else:
            found.append(_birth(fit, topic, float(near[t].max())))
    return found


def _left_irritants(
    topics: list[int], names: list[str], overlap: NDArray[Any], pairs: list[tuple[int, int]]
) -> list[Proposal]:
    """An irritant without partner: a merge where most of its texts lie in one paired topic, else a death."""
    partner = dict(pairs)
    found = []
    for i, name in enumerate(names):
        if i in partner.values():
            continue
        total, t = float(overlap[:, i].sum()), int(overlap[:, i].argmax())
        share = float(overlap[t, i] / max(total, 1.0))
        evidence = {"shared_texts": total, "share_of_irritant": share}
        if t in partner and share >= MIN_PART:
            found.append(Proposal(MERGE, (topics[t],), (name, names[partner[t]]), share, evidence))
        else:
            found.append(Proposal(DEATH, (), (name,), 1.0 - share, evidence))
    return found
