"""The map of the irritants: centres of the assigner in force as the registry sees them, laid near their earlier places."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from insights.irritants.assign import Assigner
from insights.irritants.layout import Floats, closest, places, truth
from insights.irritants.registry import Registry
from insights.settings import Settings
from insights.steps.assigning import assigner_path
from insights.topics.vectors import Matrix, unit

FILE = "map.json"


@dataclass(frozen=True)
class IrritantMap:
    """Where each irritant lies: places (k, 2) of `ids`, the nearest of each in words, and how true the map is (0 to 1)."""

    ids: tuple[str, ...]
    places: Floats
    near: dict[str, list[tuple[str, float]]]
    truth: float


def map_path(settings: Settings) -> Path:
    """Where the places of the last discovery lie, beside its assigner."""
    return assigner_path(settings) / FILE


def map_of(settings: Settings, assigner: Assigner, known: Registry) -> IrritantMap:
    """The map of the irritants that stand today and have a centre; hidden ones are left out."""
    ids, centres = _centres(assigner, known)
    placed = places(centres, ids, _earlier(map_path(settings), known)) if ids else np.zeros((0, 2))
    return IrritantMap(tuple(ids), placed, closest(centres, ids), truth(centres, placed) if len(ids) > 2 else 1.0)


def keep_map(settings: Settings, assigner: Assigner, known: Registry) -> None:
    """Write the places of this discovery: the next map starts from them."""
    found, path = map_of(settings, assigner, known), map_path(settings)
    told = {one: [round(float(x), 5) for x in place] for one, place in zip(found.ids, found.places, strict=True)}
    path.write_text(json.dumps({"version": assigner.version, "places": told}, indent=1), encoding="utf-8")


def _centres(assigner: Assigner, known: Registry) -> tuple[list[str], Matrix]:
    """Ids (k) and centres (k, d): what was merged lies in the middle of its parts."""
    shifted = assigner.centres + (assigner.head.shift if assigner.head else 0)
    standing = [known.resolve(one) for one in assigner.irritant_ids]
    ids = [one for one in dict.fromkeys(standing) if one in known.irritants and one not in known.hidden]
    rows = [shifted[[place for place, own in enumerate(standing) if own == one]].mean(axis=0) for one in ids]
    return ids, unit(np.stack(rows)) if ids else assigner.centres[:0]


def _earlier(path: Path, known: Registry) -> dict[str, tuple[float, float]]:
    """Places of the last discovery; none where there is no file that can be read."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))["places"]
        return {one: (float(x), float(y)) for one, (x, y) in told.items() if known.resolve(one) == one}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
