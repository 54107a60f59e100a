"""What the watch keeps between rounds and restarts: baseline and state in one signed file below data/models/alarms.

The file holds feedback ids of the last hours: an erasure that finds one of the person's deletes the folder, and the
next round fits anew.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from insights.alarms import WatchModel, WatchState
from insights.errors import ModelError
from insights.keys import KeyRing
from insights.settings import Settings
from insights.steps.signed import read_signed, write_signed


@dataclass(frozen=True)
class Kept:
    """The baseline, and the state up to which everything is done."""

    model: WatchModel
    state: WatchState


def kept_path(settings: Settings) -> Path:
    """Where it lies."""
    return settings.models_dir / "alarms" / "watch.json"


def load_kept(settings: Settings, keys: KeyRing) -> Kept | None:
    """What was kept; None where there is none, or none that this installation and version wrote."""
    try:
        raw = json.loads(read_signed(kept_path(settings), keys))
        return Kept(WatchModel.of(raw["model"]), WatchState.of(raw["state"]))
    except (ModelError, KeyError, TypeError, ValueError):
        return None


def save_kept(settings: Settings, keys: KeyRing, kept: Kept) -> None:
    """Write it, whole or not at all."""
    told = {"model": kept.model.as_json(), "state": kept.state.as_json()}
    write_signed(kept_path(settings), json.dumps(told, sort_keys=True), keys)
