"""Themes of irritants: made by the first discovery, kept afterwards; a new irritant joins the theme it lies nearest to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.irritants.assign import Assigner
from insights.irritants.registry import MOVED, THEME, Registry
from insights.ledger import Ledger
from insights.settings import Settings
from insights.topics.encoder import encoder_for
from insights.topics.fit import TopicFit
from insights.topics.theme_names import Member, name_themes, read_themes
from insights.topics.themes import nearest_theme, themes
from insights.topics.vectors import unit

NO_CAUSE = "verbatim"  # label_source of an irritant whose texts name no cause: it names no theme


def theme_events(
    ledger: Ledger,
    known: Registry,
    fit: TopicFit,
    settled: Mapping[int, str],
    assigner: Assigner,
    settings: Settings,
    at: datetime,
) -> list[dict[str, Any]]:
    """Events that give every living irritant of the fit a theme. `settled`: the irritant of each topic.

    What a person put under a theme, or under none, stays there.
    """
    placed = {event.subject for event in ledger.events((MOVED,)) if event.actor != "policy"}
    topic_of = {known.resolve(one): topic for topic, one in settled.items()}
    lacking = [
        one.irritant_id
        for one in known.living()
        if one.parent is None and one.irritant_id not in placed and one.irritant_id in topic_of
    ]
    if not lacking:
        return []
    if known.themes:
        theme_of = _nearest(known, assigner, lacking)
        return [_moved(one, theme, fit.version, at) for one, theme in theme_of.items()]
    return _first(known, fit, settled, lacking, settings, at)


def _first(
    known: Registry, fit: TopicFit, settled: Mapping[int, str], lacking: list[str], settings: Settings, at: datetime
) -> list[dict[str, Any]]:
    found = themes(fit)
    members = {
        number: [_member(known, settled[topic], fit.sizes[topic]) for topic in topics if topic in settled]
        for number, topics in enumerate(found.members)
    }
    members = {number: ones for number, ones in members.items() if ones}
    encoder = encoder_for(settings.encoder, settings.threads)
    names = name_themes(members, read_themes(settings.reference_dir / "themes.yaml"), encoder)
    events = []
    for place, (number, name) in enumerate(names.items(), start=1):
        theme = f"TH-{place:02d}"
        told = {field: value for field, value in (("label_fr", name.fr), ("label_en", name.en)) if value}
        events.append(_event(THEME, theme, told, fit.version, at))
        own = [known.resolve(settled[topic]) for topic in found.members[number] if topic in settled]
        events += [_moved(one, theme, fit.version, at) for one in own if one in lacking]
    return events


def _nearest(known: Registry, assigner: Assigner, lacking: list[str]) -> dict[str, str]:
    """The theme whose irritants lie nearest, of each irritant that has a centre."""
    centre = {known.resolve(one): row for one, row in zip(assigner.irritant_ids, assigner.centres, strict=True)}
    by_theme: dict[str, list[NDArray[np.float32]]] = {}
    for one in known.living():
        if one.parent in known.themes and one.irritant_id in centre:
            by_theme.setdefault(str(one.parent), []).append(centre[one.irritant_id])
    if not by_theme:
        return {}
    ids = sorted(by_theme)
    centres = unit(np.stack([np.mean(by_theme[one], axis=0) for one in ids]))
    return {one: ids[nearest_theme(centre[one], centres)[0]] for one in lacking if one in centre}


def _member(known: Registry, irritant_id: str, size: int) -> Member:
    one = known.irritants[known.resolve(irritant_id)]
    named = one.label_source != NO_CAUSE
    return Member(one.label_fr if named else None, one.label_en if named else None, one.keywords, size)


def _moved(irritant_id: str, theme_id: str, version: str, at: datetime) -> dict[str, Any]:
    return _event(MOVED, irritant_id, {"parent": theme_id}, version, at)


def _event(kind: str, subject: str, payload: Mapping[str, Any], version: str, at: datetime) -> dict[str, Any]:
    key = f"{kind}:{subject}:{version}"
    return {"kind": kind, "subject": subject, "payload": dict(payload), "actor": "policy", "at": at, "key": key}
