"""Steps that run now and steps whose last try failed: the table `run` knows only those that ended well.

One small file a step below the data folder, gone when the step ends well, and a lock held while it runs. The file holds
no text of an error: a message may name a row, the kind of the error is enough to say what to do.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from insights.keys import replace_file
from insights.settings import Settings
from insights.steps.alive import at_work, held

FOLDER, LOCK = "steps", ".lock"
RUNNING, FAILED, STOPPED = "running", "failed", "stopped"


@dataclass(frozen=True)
class UnderWay:
    """One step: `state` is running, failed, or stopped (interrupted, or its process is gone)."""

    step: str
    state: str
    started_at: datetime
    pid: int
    error: str = ""  # name of the error's class


@contextmanager
def told_under_way(settings: Settings, step: str) -> Iterator[None]:
    """Say that a step runs while the block does; what fails stays said until the next try."""
    path = settings.data_dir / FOLDER / f"{step}.json"
    now = UnderWay(step, RUNNING, datetime.now(UTC), os.getpid())
    with at_work(path.with_suffix(LOCK)):
        _save(path, now)
        try:
            yield
        except Exception as error:
            _save(path, replace(now, state=FAILED, error=type(error).__name__))
            raise
        except BaseException:
            _save(path, replace(now, state=STOPPED))
            raise
        path.unlink(missing_ok=True)


def under_way(settings: Settings) -> list[UnderWay]:
    """Steps that run, failed or were stopped, by name."""
    found = [_state(path) for path in sorted((settings.data_dir / FOLDER).glob("*.json"))]
    return [one for one in found if one is not None]


def _state(path: Path) -> UnderWay | None:
    one = _read(path)
    if one is None or one.state != RUNNING or held(path.with_suffix(LOCK)):
        return one
    one = _read(path)  # it may have ended between the two looks
    return replace(one, state=STOPPED) if one is not None and one.state == RUNNING else one


def _read(path: Path) -> UnderWay | None:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:  # it ended meanwhile
        return None
    return UnderWay(**{**told, "started_at": datetime.fromisoformat(told["started_at"])})


def _save(path: Path, one: UnderWay) -> None:
    replace_file(path, json.dumps(asdict(one), default=str).encode())
