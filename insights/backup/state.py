"""How far a restore has come: written whole at each step, so that a killed one goes on where it stopped."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

from insights.errors import BackupError
from insights.keys import replace_file
from insights.settings import Settings

PHASES = ("tables", "copy", "settle", "clear", "place")


@dataclass(frozen=True)
class State:
    """One restore. `aside`: where what stood there goes; `problems`: checks that fail."""

    folder: str
    backup: str
    started_at: str
    phase: str = PHASES[0]
    aside: str = ""
    erased_again: int = 0
    problems: tuple[str, ...] = ()

    def before(self, phase: str) -> bool:
        """Whether a phase has not ended yet."""
        return PHASES.index(self.phase) <= PHASES.index(phase)

    def at(self, settings: Settings, phase: str, **more: object) -> Self:
        """Begin a phase, on the disk."""
        moved = replace(self, phase=phase, **more)  # type: ignore[arg-type]
        replace_file(settings.restoring, json.dumps(asdict(moved), indent=1).encode())
        return moved

    def end(self, settings: Settings) -> None:
        """The stores may be opened."""
        settings.restoring.unlink()
        shutil.rmtree(settings.restoring.parent, ignore_errors=True)


def unfinished(settings: Settings) -> State | None:
    """The restore that was begun and not ended. Raises BackupError when its note is damaged."""
    if not settings.restoring.is_file():
        return None
    try:
        told = json.loads(settings.restoring.read_text(encoding="utf-8"))
        return State(**{**told, "problems": tuple(told["problems"])})
    except (ValueError, TypeError, KeyError) as error:
        raise BackupError(f"{settings.restoring} is damaged: delete that folder and restore again.") from error


def staging(settings: Settings) -> Path:
    """The data folder in the making."""
    return settings.restoring.parent / "data"
