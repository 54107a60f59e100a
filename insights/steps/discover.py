"""Discover: fit topics, match them to the lasting irritants, take what is safe, and assign what has no irritant yet.

Order of writing, so that a crash anywhere leaves what the next run can finish: the assigner's file, then the ledger's
events, then the lake. Ids already assigned are kept: only what was unassigned or unclassified moves.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.contracts import UNCLASSIFIED
from insights.digest.owners import load_owners, owner_of
from insights.irritants.assign import Assigner
from insights.irritants.match import SPLIT, Proposal, accept_policy, propose, shared_texts, to_events
from insights.irritants.registry import Registry
from insights.lake import Lake
from insights.ledger import Ledger
from insights.settings import Settings
from insights.steps.changed import FINGERPRINT, fingerprint, unchanged
from insights.steps.enrich import assign_new, assigner_path, stacked
from insights.steps.resolved import registry
from insights.steps.run_log import StepReport, recorded
from insights.topics.encoder import encoder_for
from insights.topics.fit import MIN_TEXTS, TopicFit, fit_topics
from insights.topics.labels import label_topics, read_hints

MAX_TEXTS = 60_000  # newest distinct texts a fit looks at; the fit samples these again
FIRST_SEEN = 0.02  # an irritant is born when this share of its texts had been said: one stray text is no birth
SAID_LENGTH = 60  # characters of a verbatim that stands for a name
TEXTS = f"""
WITH said AS (
    SELECT m.text_sha, min(m.text) AS text, min(m.language) AS language, min(m.occurred_at) AS first_at,
           max(m.occurred_at) AS last_at, min(i.irritant_id) AS irritant_id
    FROM mention m LEFT JOIN mention_irritant i USING (mention_id)
    WHERE m.type = 'complaint' AND m.voice = 'customer'
        AND m.feedback_id NOT IN (SELECT feedback_id FROM feedback WHERE suspect_wave IS NOT NULL)
    GROUP BY m.text_sha
)
SELECT s.*, e.vector FROM said s JOIN embedding e ON e.text_sha = s.text_sha AND e.encoder_version = $encoder
ORDER BY s.last_at DESC, s.text_sha LIMIT {MAX_TEXTS}
"""
OPEN = """
SELECT m.mention_id, m.text_sha FROM mention m LEFT JOIN mention_irritant i USING (mention_id)
WHERE m.type = 'complaint' AND m.voice = 'customer' AND coalesce(i.irritant_id, 'unclassified') = 'unclassified'
ORDER BY m.mention_id
"""


@dataclass(frozen=True)
class Found:
    """What one fit decided: the irritant of each text, the events it asks for, and what waits for a person."""

    fit: TopicFit
    ids: NDArray[np.object_]
    events: list[dict[str, Any]]
    waiting: list[Proposal]
    assigner: Assigner


def discover(lake: Lake, ledger: Ledger, *, run_id: str) -> StepReport:
    """One discovery; nothing is done when no text was added since the last one."""
    settings = lake.settings
    with recorded(lake, run_id, "discover") as report:
        seen = fingerprint(lake, ("mention", "embedding"))
        report.note[FINGERPRINT] = seen
        if unchanged(lake, "discover", seen):
            report.note["said"] = "nothing new since the last run"
            return report
        encoder = encoder_for(settings.encoder, settings.threads).version
        texts = lake.read(TEXTS, encoder=encoder)
        report.n_in = len(texts)
        if len(texts) < MIN_TEXTS:
            report.note["said"] = (
                f"{len(texts)} distinct complaints: too few to find irritants in (at least {MIN_TEXTS})"
            )
            return report
        found = find(texts, registry(ledger), settings, encoder)
        found.assigner.save(assigner_path(settings))
        ledger.append_many(found.events)
        report.n_out = _commit(lake, ledger, texts, found)
        report.note |= _summary(found, registry(ledger))
    return report


def find(texts: pd.DataFrame, known: Registry, settings: Settings, encoder_version: str) -> Found:
    """Fit and match; nothing is written. `texts`: text, language, first_at, irritant_id (NULL before), vector."""
    vectors, languages = stacked(texts["vector"]), list(texts["language"])
    fit = fit_topics(list(texts["text"]), vectors, languages, settings.seed, resolution=settings.resolution or "auto")
    before = [known.resolve(one) if isinstance(one, str) else None for one in texts["irritant_id"]]
    proposals = propose(_centres(settings, known), fit, shared_texts(fit, before))
    taken, waiting = accept_policy(proposals, known)
    named = _names(texts, fit, settings)
    events, settled = to_events(taken, known, named, fit.version)
    ids = _ids(fit, settled, waiting, before)
    born = _first_seen(texts["first_at"], ids)
    at = settings.business_now()
    dated = [{**event, "actor": "policy", "at": born.get(event["subject"], at)} for event in events]
    dated += [_proposed(one, fit.version, at) for one in waiting]
    assigner = Assigner.fit(vectors, languages, list(ids), encoder_version, fit.blend.centre)
    return Found(fit, ids, dated, waiting, assigner)


def _centres(settings: Settings, known: Registry) -> dict[str, NDArray[np.float32]]:
    """Centre of every living irritant, from the last accepted fit."""
    folder = assigner_path(settings)
    if not folder.exists():
        return {}
    last = Assigner.load(folder)
    living = {one.irritant_id for one in known.living()}
    resolved = [known.resolve(one) for one in last.irritant_ids]
    return {one: centre for one, centre in zip(resolved, last.centres, strict=True) if one in living}


def _names(texts: pd.DataFrame, fit: TopicFit, settings: Settings) -> dict[int, dict[str, Any]]:
    """Fields of a birth for every topic: labels in both languages, keywords, and the owner whose words fit."""
    labels = label_topics(
        list(texts["text"]),
        list(texts["language"]),
        fit.labels,
        keywords=fit.keywords,
        representatives=fit.representatives,
        seed=settings.seed,
        brands=settings.brands,
        hints=read_hints(settings.reference_dir / "labels.yaml"),
        encoder=encoder_for(settings.encoder, settings.threads),
    )
    owners = load_owners(settings.reference_dir / "owners.yaml")
    named = {}
    for label in labels:
        fr, en = label.label_fr, label.label_en
        if fr is None and en is None:  # nothing a person would say was found: the customers' own words then
            row = fit.representatives[label.topic][0]
            said = f"« {shorten(texts['text'].iloc[row], SAID_LENGTH, placeholder='…')} »"
            fr, en = (None, said) if texts["language"].iloc[row] == "en" else (said, None)
        owner = owner_of(owners, fr, en)
        named[label.topic] = {
            "label_fr": fr,
            "label_en": en,
            "label_source": label.label_source,
            "keywords": list(label.keywords),
            "owner": owner.name if owner else None,
        }
    return named


def _ids(
    fit: TopicFit, settled: Mapping[int, str], waiting: Sequence[Proposal], before: Sequence[str | None]
) -> NDArray[np.object_]:
    """Irritant of each text: its topic's; while a change waits for a person, what it was before."""
    held = {one for proposal in waiting for one in proposal.irritant_ids}
    undecided = {topic: one.irritant_ids[0] for one in waiting if one.kind == SPLIT for topic in one.topics}
    by_topic = {**undecided, **settled}
    return np.array(
        [
            previous if previous in held else by_topic.get(topic, UNCLASSIFIED)
            for topic, previous in zip(fit.labels.tolist(), before, strict=True)
        ],
        dtype=object,
    )


def _first_seen(first_at: pd.Series, ids: NDArray[np.object_]) -> dict[str, datetime]:
    """When each irritant was first said by more than a stray text."""
    quantile = first_at.groupby(ids).quantile(FIRST_SEEN, interpolation="lower")
    return {str(one): at.to_pydatetime() for one, at in quantile.items()}


def _proposed(one: Proposal, version: str, at: datetime) -> dict[str, Any]:
    payload = {
        "irritant_ids": one.irritant_ids,
        "topics": one.topics,
        "score": one.score,
        "evidence": dict(one.evidence),
    }
    subject = one.irritant_ids[0] if one.irritant_ids else version
    key = f"proposal.{one.kind}:{subject}:{version}"
    return {
        "kind": f"proposal.{one.kind}",
        "subject": subject,
        "payload": payload,
        "actor": "discover",
        "at": at,
        "key": key,
    }


def _commit(lake: Lake, ledger: Ledger, texts: pd.DataFrame, found: Found) -> int:
    """Assign open mentions of the fitted texts by their topic, the others by nearness; renew the table of irritants."""
    settled = pd.DataFrame({"text_sha": texts["text_sha"], "irritant_id": found.ids, "confidence": found.fit.strength})
    rows = lake.read(OPEN).merge(settled, on="text_sha").drop(columns="text_sha")
    with lake.write() as writer:
        writer.execute("DELETE FROM mention_irritant WHERE irritant_id = $none", none=UNCLASSIFIED)
        n_assigned = writer.insert_new("mention_irritant", rows.assign(model_version=found.fit.version))
        writer.replace("irritant", irritant_rows(registry(ledger)))
    return n_assigned + assign_new(lake)


def irritant_rows(known: Registry) -> pd.DataFrame:
    """The registry as rows of the table `irritant`; a label borrowed from the other language carries its mark."""
    shown = {language: known.labels(language) for language in ("fr", "en")}
    return pd.DataFrame(
        [
            {
                "irritant_id": one.irritant_id,
                "label_fr": shown["fr"].get(one.irritant_id, one.label_fr),
                "label_en": shown["en"].get(one.irritant_id, one.label_en),
                "label_source": one.label_source,
                "keywords": list(one.keywords),
                "parent": one.parent,
                "status": one.status,
                "owner": one.owner,
                "born_on": one.born_on,
                "lineage": one.lineage,
            }
            for one in known.irritants.values()
        ]
    )


def _summary(found: Found, known: Registry) -> dict[str, Any]:
    fit = found.fit
    return {
        "irritants": len(known.living()),
        "unclassified_share": round(float(np.mean(found.ids == UNCLASSIFIED)), 4),
        "waiting": len(found.waiting),
        "resolution": fit.resolution,
        "fit": fit.version,
        "distinct_texts": fit.n_distinct,
        "sample": fit.n_sample,
        "stability": json.dumps({name: round(value, 3) for name, value in fit.stability.items()}),
    }
