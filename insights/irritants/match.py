"""What a new fit says about the registry: same, birth, merge, split, death; and which of it may be taken unasked.

A warm fit knows itself which topic continues which irritant (`fit.kept`); it moves few texts and merges nothing. Other
topics and irritants are paired one to one (Hungarian) on the texts they share and on the nearness of their centres. What
the pairing leaves over is a birth (a topic like no irritant), a split (a second topic inside one irritant), a merge (a
second irritant inside one topic) or a death (an irritant no topic holds). The splits and merges a warm fit would ask for
(`fit.changes`) come on top. All pure: nothing is read or written here.

Policy. Taken unasked is what hides nothing and moves little: the same cause again (a warm fit bounds how many texts
move) and a birth (its texts were mostly new or unclassified). A merge, a split and a death change what people see and
follow: they wait, with the evidence and the texts a person needs to decide; until then no text changes its irritant.
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
Ints = NDArray[np.int64]
Pairs = dict[int, int]  # the place of a topic and of the irritant it continues

SAME, BIRTH, MERGE, SPLIT, DEATH = "same", "birth", "merge", "split", "death"
SHARED_WEIGHT = 0.6  # of shared texts against nearness of centres, where texts are shared
MIN_SCORE = 0.35  # below it a pair is not the same cause
MIN_PART = 0.4  # share of a topic (split) or of an irritant (merge) that must lie inside the other
MIN_NEAR = 0.8  # cosine of centres that alone makes two the same, where no text is shared
N_EXAMPLES = 3


@dataclass(frozen=True)
class Proposal:
    """One change a fit proposes. `topics` of the fit, `irritant_ids` of the registry, `evidence` for who decides.

    Always in `evidence`: `texts_moving`, the number of texts that get another irritant when it is accepted. `rows` are
    these texts, in the order of the fitted ones; `examples` a few of them to read, of both sides for a merge. A split
    that a warm fit asks for has a topic number of its own, past those of the fit (see `proposed_labels`).
    """

    kind: str
    topics: tuple[int, ...]
    irritant_ids: tuple[str, ...]
    score: float
    evidence: Mapping[str, float] = field(default_factory=dict)
    safe: bool = False
    rows: tuple[int, ...] = ()
    examples: tuple[int, ...] = ()


def numbered(previous_ids: Sequence[str | None]) -> tuple[Ints, list[str]]:
    """`initial` of a warm fit from the irritant each text had (n), and the id that each number stands for."""
    ids = sorted({one for one in previous_ids if one and one != UNCLASSIFIED})
    number = {one: place for place, one in enumerate(ids)}
    return np.array([number.get(one, -1) if one else -1 for one in previous_ids], dtype=np.int64), ids


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
    names: Sequence[str] = (),
) -> list[Proposal]:
    """Proposals, each topic in exactly one of same, birth or split, each irritant in exactly one of same, merge or death.

    `registry_centroids`: encoder-space centre (d,) of every living irritant. `overlap_of_shared_texts`: number of texts
    per (topic, irritant), counted on texts both know. `names`: what the numbers of a warm fit's `initial` stand for (see
    `numbered`); its own changes follow and name irritants a second time. The first fit, with no irritant yet, is all
    births.
    """
    continued = {topic: names[number] for topic, number in fit.kept.items()} if names else {}
    ids, topics = sorted({*registry_centroids, *continued.values()}), list(fit.topics)
    if not ids:
        return [_birth(fit, topic, 0.0) for topic in topics]
    near = _nearness(registry_centroids, fit, ids)
    overlap = np.array([[overlap_of_shared_texts.get((topic, name), 0) for name in ids] for topic in topics], float)
    score = _scores(near, overlap)
    pairs = _pairs(score, {topics.index(topic): ids.index(name) for topic, name in continued.items()})
    found = [_same(topics[t], ids[i], score[t, i], near[t, i], overlap, (t, i)) for t, i in pairs.items()]
    found += _left_topics(fit, ids, near, overlap, pairs)
    found += _left_irritants(fit, ids, overlap, pairs)
    return found + _asked(fit, {topics[t]: ids[i] for t, i in pairs.items()})


def proposed_labels(fit: TopicFit, proposals: Sequence[Proposal]) -> Ints:
    """Labels of the fit (n,) as if every split it proposes were made: what to name the parts by."""
    labels = fit.labels.copy()
    for one in proposals:
        if one.kind == SPLIT and one.rows:
            labels[list(one.rows)] = one.topics[0]
    return labels


def accept_policy(proposals: Sequence[Proposal], registry: Registry) -> tuple[list[Proposal], list[Proposal]]:
    """(taken at once, waiting for a person). Safe: the same cause again, and births, which hide nothing.

    A merge, a split or a death waits, as does all that touches an irritant the registry does not know.
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


def _nearness(centroids: Mapping[str, Matrix], fit: TopicFit, ids: Sequence[str]) -> NDArray[np.float64]:
    """Cosine of each topic's centre and each irritant's (topics, irritants), 0 for an irritant without a known centre."""
    nothing = np.zeros(fit.encoder_centroids.shape[1], dtype=np.float32)
    known = unit(np.stack([centroids.get(name, nothing) for name in ids]))
    return np.asarray(fit.encoder_centroids @ known.T, dtype=np.float64)


def _pairs(score: NDArray[Any], continued: Pairs) -> Pairs:
    """The pairs the fit itself knows, then the best of what is left where it is good enough."""
    left = [t for t in range(score.shape[0]) if t not in continued]
    free = [i for i in range(score.shape[1]) if i not in set(continued.values())]
    rest = score[np.ix_(left, free)]
    best = zip(*linear_sum_assignment(-rest), strict=True)
    return continued | {left[t]: free[i] for t, i in best if rest[t, i] >= MIN_SCORE}


def _scores(near: NDArray[Any], overlap: NDArray[Any]) -> NDArray[np.float64]:
    """(topics, irritants) in 0..1: Dice of shared texts and cosine of centres; the cosine alone where no text is shared."""
    dice = 2 * overlap / np.maximum(overlap.sum(axis=1, keepdims=True) + overlap.sum(axis=0, keepdims=True), 1)
    close = np.clip(near, 0, 1)
    blended = SHARED_WEIGHT * dice + (1 - SHARED_WEIGHT) * close
    known = (overlap.sum(axis=1, keepdims=True) > 0) & (overlap.sum(axis=0, keepdims=True) > 0)
    return np.asarray(np.where(known, blended, np.where(close >= MIN_NEAR, close, 0.0)))


def _same(topic: int, name: str, score: float, near: float, overlap: NDArray[Any], at: tuple[int, int]) -> Proposal:
    t, i = at
    stayed = float(overlap[t, i])
    evidence = {
        "cosine": float(near),
        "shared_texts": stayed,
        "share_of_topic": stayed / max(float(overlap[t].sum()), 1.0),
        "share_of_irritant": stayed / max(float(overlap[:, i].sum()), 1.0),
        "texts_moving": float(overlap[t].sum()) - stayed,  # known texts that came from other irritants
    }
    return Proposal(SAME, (topic,), (name,), float(score), evidence, safe=True)


def _birth(fit: TopicFit, topic: int, nearest: float, known: float = 0.0) -> Proposal:
    """A new cause. `nearest`: cosine of the closest irritant's centre; `known`: texts that had an irritant."""
    evidence = {"texts": float(fit.sizes[topic]), "nearest_irritant": nearest, "texts_moving": known}
    score, rows = 1 - max(nearest, 0.0), _rows(fit, topic)
    return Proposal(BIRTH, (topic,), (), score, evidence, safe=True, rows=rows, examples=_examples(fit, topic))


def _left_topics(
    fit: TopicFit, ids: list[str], near: NDArray[Any], overlap: NDArray[Any], pairs: Pairs
) -> list[Proposal]:
    """A topic without partner: a split where most of its known texts came from one irritant, else a birth."""
    found = []
    for t, topic in enumerate(fit.topics):
        if t in pairs:
            continue
        i = int(overlap[t].argmax())
        share = overlap[t, i] / max(float(fit.sizes[topic]), 1.0)
        if i in pairs.values() and share >= MIN_PART:
            evidence = {
                "shared_texts": float(overlap[t, i]),
                "share_of_topic": float(share),
                "share_of_irritant": float(overlap[t, i] / max(overlap[:, i].sum(), 1)),
                "cosine": float(near[t, i]),
                "texts_moving": float(fit.sizes[topic]),
            }
            rows, examples = _rows(fit, topic), _examples(fit, topic)
            found.append(Proposal(SPLIT, (topic,), (ids[i],), float(share), evidence, rows=rows, examples=examples))
        else:
            found.append(_birth(fit, topic, float(near[t].max()), float(overlap[t].sum())))
    return found


def _left_irritants(fit: TopicFit, ids: list[str], overlap: NDArray[Any], pairs: Pairs) -> list[Proposal]:
    """An irritant without partner: a merge where most of its texts lie in one paired topic, else a death."""
    found = []
    for i, name in enumerate(ids):
        if i in pairs.values():
            continue
        total, t = float(overlap[:, i].sum()), int(overlap[:, i].argmax())
        share = float(overlap[t, i] / max(total, 1.0))
        evidence = {"shared_texts": total, "share_of_irritant": share, "texts_moving": total}
        if t in pairs and share >= MIN_PART:
            both, examples = (name, ids[pairs[t]]), _examples(fit, fit.topics[t])
            found.append(Proposal(MERGE, (fit.topics[t],), both, share, evidence, examples=examples))
        else:
            found.append(Proposal(DEATH, (), (name,), 1.0 - share, evidence))
    return found


def _asked(fit: TopicFit, continued: Mapping[int, str]) -> list[Proposal]:
    """The splits and merges a warm fit would ask for, of topics that continue an irritant."""
    found, fresh = [], max(fit.topics, default=-1) + 1
    for one in fit.changes:
        if not all(topic in continued for topic in one.topics):
            continue
        ids = tuple(continued[topic] for topic in one.topics)
        evidence = {**one.evidence, "texts_moving": float(len(one.rows))}
        examples = one.rows[:N_EXAMPLES]
        if one.kind == SPLIT:
            topics, fresh = (fresh,), fresh + 1
        else:
            topics = (one.topics[1],)
            examples = (*examples, *_examples(fit, one.topics[1]))
        found.append(Proposal(one.kind, topics, ids, one.score, evidence, rows=one.rows, examples=examples))
    return found


def _rows(fit: TopicFit, topic: int) -> tuple[int, ...]:
    return tuple(np.flatnonzero(fit.labels == topic).tolist())


def _examples(fit: TopicFit, topic: int) -> tuple[int, ...]:
    return fit.representatives.get(topic, ())[:N_EXAMPLES]
