"""What each step did: rows, seconds, memory, snapshot, as one row of the table `run`."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from insights.lake import Lake
from insights.steps.under_way import told_under_way


@dataclass
class StepReport:
    """Counts a step fills in, and a note of what it has to say."""

    step: str
    run_id: str
    n_in: int = 0
    n_out: int = 0
    n_quarantined: int = 0
    seconds: float = 0.0
    peak_memory_mb: float = 0.0
    snapshot_id: int = 0
    note: dict[str, Any] = field(default_factory=dict)

    def sentence(self) -> str:
        """One line for people."""
        said = ", ".join(f"{key} {value}" for key, value in self.note.items() if not isinstance(value, dict | list))
        set_aside = f", {self.n_quarantined} set aside" if self.n_quarantined else ""
        head = f"{self.step}: {self.n_in} in, {self.n_out} out{set_aside} in {self.seconds:.1f} s"
        return f"{head} ({said})" if said else head


@contextmanager
def recorded(lake: Lake, run_id: str, step: str) -> Iterator[StepReport]:
    """Time a step and record it when it ends well; one that fails leaves no row, and its mark (see `under_way`)."""
    report, started, clock = StepReport(step, run_id), datetime.now(UTC), time.perf_counter()
    with told_under_way(lake.settings, step):
        yield report
    report.seconds = round(time.perf_counter() - clock, 3)
    report.peak_memory_mb = peak_memory_mb()
    report.snapshot_id = lake.snapshot_id()
    row = {
        "run_id": run_id,
        "step": step,
        "started_at": started,
        "seconds": report.seconds,
        "n_in": report.n_in,
        "n_out": report.n_out,
        "n_quarantined": report.n_quarantined,
        "peak_memory_mb": report.peak_memory_mb,
        "snapshot_id": report.snapshot_id,
        "as_of_on": lake.settings.business_day(),
        "note": json.dumps(report.note, ensure_ascii=False, default=str),
    }
    with lake.write() as writer:
        writer.upsert("run", pd.DataFrame([row]))


def peak_memory_mb() -> float:
    """Highest resident memory of this process and of its ended children, in MB."""
    unit = 1024 if sys.platform != "darwin" else 1024 * 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return round(max(own, children) / unit, 1)
