"""The worker's sign of life: a small file the door reads for /healthz and /metrics."""

from __future__ import annotations

import json
import os
import time
from bisect import bisect_left
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from insights.settings import Settings

BOUNDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)  # seconds
STAGED_SECONDS, CASE_SECONDS = "receipt_to_staged", "receipt_to_case"
STARTING, WORKING, STOPPED = "starting", "working", "stopped"
EVERY_SECONDS = 1.0


@dataclass
class Histogram:
    """How many took how long: `counts` by upper bound, the last one beyond them all."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0

    def observe(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds


@dataclass
class Pulse:
    """What the worker says of itself. `problem` is a sentence without data; empty when all is well."""

    at: str = ""
    pid: int = 0
    state: str = STARTING
    problem: str = ""
    histograms: dict[str, Histogram] = field(
        default_factory=lambda: {STAGED_SECONDS: Histogram(), CASE_SECONDS: Histogram()}
    )

    def age_seconds(self, now: datetime) -> float:
        """Seconds since it was written."""
        return (now - datetime.fromisoformat(self.at)).total_seconds()


def pulse_path(settings: Settings) -> Path:
    """Where the pulse lies."""
    return settings.data_dir / "intake" / "worker.json"


class Heart:
    """Writes the pulse, at most once a second unless it says something new."""

    def __init__(self, path: Path) -> None:
        self.pulse = Pulse(pid=os.getpid())
        self._path, self._last = path, 0.0
        path.parent.mkdir(parents=True, exist_ok=True)

    def beat(self, state: str, problem: str = "") -> None:
        """Say that the worker lives."""
        same = (state, problem) == (self.pulse.state, self.pulse.problem)
        if same and time.monotonic() - self._last < EVERY_SECONDS:
            return
        self.pulse.state, self.pulse.problem, self.pulse.at = state, problem, datetime.now(UTC).isoformat()
        draft = self._path.with_suffix(".tmp")
        draft.write_text(json.dumps(asdict(self.pulse)), encoding="utf-8")
        draft.replace(self._path)
        self._last = time.monotonic()


def read_pulse(settings: Settings) -> Pulse | None:
    """The last pulse; None where no worker has ever run here."""
    return read_pulse_file(pulse_path(settings))


def read_pulse_file(path: Path) -> Pulse | None:
    """The pulse that a Heart writes to `path`; None where there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    histograms = {name: Histogram(**one) for name, one in found.pop("histograms").items()}
    return Pulse(**found, histograms=histograms)
