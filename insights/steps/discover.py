"""Discover: find topics that start from the known irritants, take what is safe, and let the rest wait for a person.

Order of writing, so that a crash anywhere leaves what the next run can finish: the assigner's file, then the ledger's
events, then the lake. A text that has an irritant moves only where the fit has strong evidence (insights/topics/warm.py)
and never against a person's correction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.contracts import UNCLASSIFIED
from insights.errors import ModelError, RegistryMovedError
from insights.irritants.assign import Assigner
from insights.irritants.certificate import certify
from insights.irritants.learn import Corrections
from insights.irritants.learn_quality import FEWEST, held_back_f1
from insights.irritants.match import (
    SPLIT,
    Proposal,
    accept_policy,
    numbered,
    propose,
    proposed_labels,
    shared_texts,
    to_events,
)
from insights.irritants.registry import Registry
from insights.lake import Lake
from insights.ledger import Ledger
from insights.ledger.placements import append_all, placements
from insights.settings import Settings
from insights.steps.adviser_voice import assign_advisers
from insights.steps.assigning import (
    alone,
    assign_new,
    corrections,
    in_force,
    note_learned,
    promote,
    recover,
    stacked,
    stage,
)
from insights.steps.changed import FINGERPRINT, fingerprint, unchanged
from insights.steps.curate import NOTHING
from insights.steps.mapping import keep_map
from insights.steps.naming import births, knowing_brands, labelled
from insights.steps.resolved import registry, seen
from insights.steps.run_log import StepReport, recorded
from insights.steps.settle import LEFT, settle
from insights.steps.theming import theme_events
from insights.topics.distinct import distinct, nearest
from insights.topics.encoder import encoder_for
from insights.topics.fit import MIN_TEXTS, TopicFit, fit_topics

MAX_TEXTS = 60_000  # newest distinct texts a fit looks at; the fit samples these again
WAIT_SECONDS = 600  # for another process that fits the assigner
ATTEMPTS = 3  # fits, when people keep changing the registry meanwhile
FIRST_SEEN = 0.02  # an irritant is born when this share of its texts had been said: one stray text is no birth
N_TEXTS = """
SELECT count(DISTINCT m.text_sha) FROM mention m JOIN embedding e USING (text_sha)
WHERE m.type = 'complaint' AND m.voice = 'customer' AND e.encoder_version = $encoder
"""
TEXTS = f"""
WITH said AS (
    SELECT m.text_sha, min(m.text) AS text, min(m.language) AS language, min(m.occurred_at) AS first_at,
        max(m.occurred_at) AS last_at, min(m.feedback_id) AS feedback_id,
        arg_max(i.irritant_id, (i.confidence, i.irritant_id)) AS irritant_id
    FROM mention m LEFT JOIN irritant_now i USING (mention_id)
    WHERE m.type = 'complaint' AND m.voice = 'customer'
        AND m.feedback_id NOT IN (SELECT feedback_id FROM feedback WHERE suspect_wave IS NOT NULL)
    GROUP BY m.text_sha
),
newest AS (
    SELECT * FROM said WHERE text_sha IN (SELECT text_sha FROM embedding WHERE encoder_version = $encoder)
    ORDER BY last_at DESC, text_sha LIMIT {MAX_TEXTS}
)
SELECT n.*, e.vector FROM newest n JOIN embedding e ON e.text_sha = n.text_sha AND e.encoder_version = $encoder
ORDER BY n.last_at DESC, n.text_sha
"""


Waiting = tuple[dict[str, Any], list[tuple[str, str, str]]]  # a proposal, and the texts it would move


@dataclass(frozen=True)
class Found:
    """What one fit decided: the irritant of each text, the events it asks for, and what waits for a person."""

    texts: pd.DataFrame
    fit: TopicFit
    before: list[str | None]
    ids: NDArray[np.object_]
    events: list[dict[str, Any]]
    waiting: list[Waiting]
    assigner: Assigner
    told: Corrections
    settled: dict[int, str]
    version: int  # of the registry that was read


def discover(lake: Lake, ledger: Ledger, *, run_id: str) -> StepReport:
    """One discovery; nothing is done when no text was added since the last one."""
    settings = knowing_brands(lake)
    with recorded(lake, run_id, "discover") as report:
        read = fingerprint(lake, ("mention", "embedding"))
        report.note[FINGERPRINT] = read
        if unchanged(lake, "discover", read):
            report.note["said"] = "nothing new since the last run"
            return report
        encoder = encoder_for(settings.encoder, settings.threads).version
        report.n_in = int(lake.scalar(N_TEXTS, encoder=encoder))
        if report.n_in < MIN_TEXTS:
            few = f"{report.n_in} distinct complaints: too few to find irritants in (at least {MIN_TEXTS})"
            report.note["said"] = few
            return report
        with alone(settings, WAIT_SECONDS):
            recover(settings, ledger)
            found = _decided(lake, ledger, encoder)
            report.note |= _themed(ledger, found, settings)
            known, fit = registry(ledger), found.fit
            beside = _set_apart(found, settings, known)
            report.note |= settle(lake, ledger, found.texts, found.before, found.ids, fit.strength, fit.version, beside)
            note_learned(lake, ledger, found.version)
        report.n_out = assign_new(lake) + assign_advisers(lake, ledger) + report.note.pop("assigned")
        report.note |= _summary(found, known, encoder)
    return report


def _themed(ledger: Ledger, found: Found, settings: Settings) -> dict[str, Any]:
    """Record the themes of what has none; left to the next discovery where a person was faster."""
    known, at = registry(ledger), settings.business_now()
    themed = theme_events(ledger, known, found.fit, found.settled, found.assigner, settings, at)
    try:
        if themed:
            append_all(ledger, [(event, ()) for event in themed], known.version)
    except RegistryMovedError:
        return {"themes": "left to the next discovery: the registry changed meanwhile"}
    return {}


def _decided(lake: Lake, ledger: Ledger, encoder: str, attempts: int = ATTEMPTS) -> Found:
    """Fit, and record what is safe and what waits; anew when a person changed the registry during the fit."""
    settings, known = knowing_brands(lake), registry(ledger)
    texts = seen(lake, ledger, known).read(TEXTS, encoder=encoder)
    pinned = {one.text_sha for one in placements(ledger, known.placing)} if known.placing else set()
    found = find(texts, known, settings, encoder, corrections(lake, ledger, known, encoder), pinned)
    stage(settings, found.assigner, found.fit.version)
    try:
        waiting = _still_said(lake, found.waiting)
        append_all(ledger, [*((event, ()) for event in found.events), *waiting], known.version)
    except RegistryMovedError:
        if attempts == 1:
            raise
        return _decided(lake, ledger, encoder, attempts - 1)
    promote(settings)
    keep_map(settings, found.assigner, registry(ledger))
    return found


def _still_said(lake: Lake, waiting: list[Waiting]) -> list[Waiting]:
    """Proposals without the hashes of what was erased since the texts were read."""
    named = {sha for event, _ in waiting for sha in event["payload"].get("examples", ())}
    named |= {move[0] for _, moves in waiting for move in moves}
    left = set(lake.read(LEFT, shas=sorted(named))["text_sha"])
    kept = []
    for event, moves in waiting:
        payload = dict(event["payload"])
        if "examples" in payload:
            payload["examples"] = [one for one in payload["examples"] if one in left]
        kept.append(({**event, "payload": payload}, [move for move in moves if move[0] in left]))
    return kept


def find(
    texts: pd.DataFrame,
    known: Registry,
    settings: Settings,
    encoder_version: str,
    told: Corrections,
    pinned: set[str],
) -> Found:
    """Fit and match; nothing is written. `texts`: text, language, text_sha, first_at, irritant_id (NULL before), vector.

    `pinned`: hashes of the texts a person placed; they stay where they are.
    """
    vectors, languages, said = stacked(texts["vector"]), list(texts["language"]), list(texts["text"])
    before = [known.resolve(one) if isinstance(one, str) else None for one in texts["irritant_id"]]
    initial, names = numbered(before)
    asked: float | Literal["auto"] = "auto" if names or not settings.resolution else settings.resolution
    fit = fit_topics(said, vectors, languages, settings.seed, resolution=asked, initial=initial)
    proposals = propose(_centres(settings, known, encoder_version), fit, shared_texts(fit, before), names)
    taken, waiting = accept_policy(proposals, known)
    named = _names(texts, fit, proposals, vectors, settings, known)
    events, settled = to_events(taken, known, named, fit.version)
    ids = _ids(fit, settled, waiting, before, texts["text_sha"].isin(pinned).to_numpy())
    born = _first_seen(texts["first_at"], ids)
    at = settings.business_now()
    dated = [{**event, "actor": "policy", "at": born.get(event["subject"], at)} for event in events]
    proposed = [_proposed(one, texts, named, fit.version, at) for one in waiting] or [_nothing(fit.version, at)]
    assigner = Assigner.fit(vectors, languages, list(ids), encoder_version, fit.blend.centre, told)
    return Found(texts, fit, before, ids, dated, proposed, assigner, told, settled, known.version)


def _centres(settings: Settings, known: Registry, encoder: str) -> dict[str, NDArray[np.float32]]:
    """Centre of every living irritant, from the assigner in force."""
    last = in_force(settings)
    if last is None or last.encoder_version != encoder:
        return {}
    living = {one.irritant_id for one in known.living()}
    resolved = [known.resolve(one) for one in last.irritant_ids]
    return {one: centre for one, centre in zip(resolved, last.centres, strict=True) if one in living}


def _names(
    texts: pd.DataFrame,
    fit: TopicFit,
    proposals: Sequence[Proposal],
    vectors: NDArray[np.float32],
    settings: Settings,
    known: Registry,
) -> dict[int, dict[str, Any]]:
    """Fields of a birth for every topic, and for every part a split would make."""
    labels = proposed_labels(fit, proposals)
    parts = {one.topics[0]: one for one in proposals if one.kind == SPLIT}
    keywords = {**{topic: () for topic in parts}, **fit.keywords}
    central = {**{topic: one.examples or one.rows[:1] for topic, one in parts.items()}, **fit.representatives}
    said, languages = list(texts["text"]), list(texts["language"])
    mined = labelled(said, languages, labels, keywords, central, settings, vectors)
    fresh = {topic for one in proposals if one.kind != "same" for topic in one.topics}
    taken = [name for one in known.living() for name in (one.label_fr, one.label_en) if name]
    return births([one for one in mined if one.topic in fresh], languages, settings, taken)


def _ids(
    fit: TopicFit,
    settled: Mapping[int, str],
    waiting: Sequence[Proposal],
    before: Sequence[str | None],
    pinned: NDArray[np.bool_],
) -> NDArray[np.object_]:
    """Irritant of each text: its topic's; what a person placed, and what a waiting change touches, stays as it was."""
    held = {one for proposal in waiting for one in proposal.irritant_ids}
    undecided = {topic: one.irritant_ids[0] for one in waiting if one.kind == SPLIT for topic in one.topics}
    by_topic = {**undecided, **settled}
    return np.array(
        [
            previous
            if previous and (stays or previous in held or (topic in undecided and previous != UNCLASSIFIED))
            else by_topic.get(topic, UNCLASSIFIED)
            for topic, previous, stays in zip(fit.labels.tolist(), before, pinned.tolist(), strict=True)
        ],
        dtype=object,
    )


def _first_seen(first_at: pd.Series, ids: NDArray[np.object_]) -> dict[str, datetime]:
    """When each irritant was first said by more than a stray text."""
    quantile = first_at.groupby(ids).quantile(FIRST_SEEN, interpolation="lower")
    return {str(one): at.to_pydatetime() for one, at in quantile.items()}


def _proposed(
    one: Proposal, texts: pd.DataFrame, named: Mapping[int, Mapping[str, Any]], version: str, at: datetime
) -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
    """The event of a proposal and, for a split, the texts it would move (hash, from, to a part without id yet)."""
    subject = one.irritant_ids[0] if one.irritant_ids else version
    shas = texts["text_sha"].to_numpy()
    payload = {
        "irritant_ids": one.irritant_ids,
        "topics": one.topics,
        "score": one.score,
        "evidence": dict(one.evidence),
        "examples": [str(shas[row]) for row in one.examples],
        "names": dict(named.get(one.topics[0], {})) if one.kind == SPLIT else {},
        "fit": version,
    }
    about = f"{'+'.join(one.irritant_ids) or version}:{'+'.join(map(str, one.topics))}"
    key = f"proposal.{one.kind}:{about}:{version}"
    event = {"kind": f"proposal.{one.kind}", "subject": subject, "payload": payload, "actor": "discover", "at": at}
    moves = [(str(shas[row]), subject, "") for row in one.rows] if one.kind == SPLIT else []
    return {**event, "key": key}, moves


def _nothing(version: str, at: datetime) -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
    """The event of a discovery that proposes nothing: what earlier ones proposed no longer waits."""
    payload = {"irritant_ids": [], "fit": version}
    event = {"kind": NOTHING, "subject": version, "payload": payload, "actor": "discover", "at": at}
    return {**event, "key": f"{NOTHING}:{version}"}, []


def _set_apart(found: Found, settings: Settings, known: Registry) -> dict[str, dict[str, Any]]:
    """What is said of each irritant and not of its nearest neighbour, and the other way round."""
    fit, said, languages = found.fit, list(found.texts["text"]), list(found.texts["language"])
    other_of = nearest(fit.topics, fit.encoder_centroids)
    apart = {}
    for topic, other in other_of.items():
        if topic in found.settled and other in found.settled:
            told = distinct(said, languages, fit.labels, topic, other, seed=settings.seed, brands=settings.brands)
            apart[known.resolve(found.settled[topic])] = {
                "neighbour_id": known.resolve(found.settled[other]),
                "said_here": [one.form for one in told.here],
                "said_there": [one.form for one in told.there],
            }
    return apart


def _summary(found: Found, known: Registry, encoder: str) -> dict[str, Any]:
    fit = found.fit
    before, after = ([one and known.resolve(one) for one in side] for side in (found.before, found.ids.tolist()))
    return {
        "irritants": len(known.living()),
        "unclassified_share": round(float(np.mean(found.ids == UNCLASSIFIED)), 4),
        "waiting": len(found.waiting),
        "resolution": fit.resolution,
        "fit": fit.version,
        "distinct_texts": fit.n_distinct,
        "sample": fit.n_sample,
        "certificate": certify(before, after, fit.stability).to_payload(),
        "held_back": _held_back(found, encoder),
    }


def _held_back(found: Found, encoder: str) -> dict[str, Any] | None:
    """Agreement with held-back corrections; None while people gave too few."""
    if len(found.told) < FEWEST:
        return None
    try:
        vectors, languages = stacked(found.texts["vector"]), list(found.texts["language"])
        return held_back_f1(vectors, languages, list(found.ids), found.told, encoder, found.fit.blend.centre).payload()
    except ModelError:
        return None
