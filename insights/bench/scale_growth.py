"""What one per cent of new rows costs beside a full run, step by step, on the same company.

The newest hundredth of a company's feedback is set aside and everything that was derived is taken out; a full run reads
and counts the rest, then the hundredth comes in and the same steps run again, each in a process of its own.
`python -m insights.bench.scale_growth DATA KEYS` is such a process: it runs the steps once and prints one JSON line.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from insights.bench.dashboard_lake import grow
from insights.bench.load_meter import Meter
from insights.bench.report import Entry
from insights.errors import ModelError
from insights.lake import Lake, open_lake
from insights.ledger import open_ledger
from insights.settings import Settings, load_settings

Say = Callable[[str], None]
PART, AS_OF = "scale", "2026-10-31"
SHARE = 100  # one row in so many is new
HALF = 4_000  # half of the demo company, which is copied whole: never fewer rows than asked for
AIM = 0.03
FACTS = ("answer", "turn", "feedback")
DERIVED = (
    *("mention", "embedding", "mention_irritant", "irritant", "weak_signal", "irritant_change", "irritant_weekly"),
    *("questionnaire", "response_cell", "not_asked", "cell_weight", "response_weight", "metric_daily", "restatement"),
    *("churn_panel", "churn_score", "priority", "run"),
)
CHOSEN = "SELECT feedback_id FROM feedback ORDER BY hash(feedback_id) LIMIT $n"
NEWEST = """
SELECT feedback_id FROM feedback WHERE verbatim IS NOT NULL ORDER BY available_at DESC, feedback_id LIMIT $n
"""
RUN = "full run", "one per cent more", "nothing new"
SUM, BOUNDED = "all steps", "discover"


@dataclass(frozen=True)
class Cost:
    """Of one step of one run: wall seconds, processor seconds (all processes), rows in."""

    seconds: float
    cpu_seconds: float
    n_in: int


Told = dict[str, Cost]


def entries(source: Settings, n: int, say: Say) -> list[Entry]:
    """Cost of each step at `n` rows, at one per cent more, and without any; with the ratio beside its aim."""
    with TemporaryDirectory(prefix="voc-scale-") as folder:
        settings = load_settings(
            data_dir=Path(folder) / "data", keys_dir=Path(folder) / "keys", as_of=AS_OF, reference_dir=source.reference_dir,
            extension_dir=source.extension_dir,
        )  # fmt: skip
        new = prepared(source, settings, n, say)
        told, peaks = [], []
        for name in RUN:
            if name == RUN[1]:
                bring_in(settings, new)
            found, peak = _apart(settings)
            say(f"  {name}: {sum(one.cpu_seconds for one in found.values()):.1f} s of processor, {peak:.0f} MB")
            told.append(found)
            peaks.append(peak)
    return list(_entries(told, peaks, n))


def prepared(source: Settings, settings: Settings, n: int, say: Say) -> dict[str, pd.DataFrame]:
    """A company of `n` unread feedback at `settings`; the rows of the hundredth that is still to come, by table."""
    grow(source, settings, say, n + n // SHARE + HALF)
    with open_lake(settings) as lake:
        with lake.write() as writer:
            for table in DERIVED:
                writer.execute(f'DELETE FROM "{table}"')
            for table in FACTS:
                writer.execute(f'DELETE FROM "{table}" WHERE feedback_id NOT IN ({CHOSEN})', n=n + n // SHARE)
        new = _taken_out(lake, n // SHARE)
        lake.maintain(0)
    shutil.rmtree(settings.models_dir, ignore_errors=True)
    return new


def _taken_out(lake: Lake, n: int) -> dict[str, pd.DataFrame]:
    ids = list(lake.read(NEWEST, n=n)["feedback_id"])
    these = "feedback_id IN (SELECT unnest($ids::VARCHAR[]))"
    rows = {table: lake.read(f'SELECT * FROM "{table}" WHERE {these}', ids=ids) for table in FACTS}
    with lake.write() as writer:
        for table in FACTS:
            writer.execute(f'DELETE FROM "{table}" WHERE {these}', ids=ids)
    return rows


def bring_in(settings: Settings, new: dict[str, pd.DataFrame]) -> None:
    """The hundredth arrives, as ingest would have written it."""
    with open_lake(settings) as lake, lake.write() as writer:
        for table, rows in new.items():
            writer.insert_new(table, rows)


def run_steps(settings: Settings) -> tuple[Told, float]:
    """The steps of `flows.everything` after ingest, in its order: cost of each, and the most memory of all processes, in MB."""
    told: Told = {}
    peak = 0.0
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        for place, step in enumerate(_steps()):
            with Meter() as meter:
                report = step(lake, ledger, run_id=f"scale-{place}")
            before = told.get(report.step, Cost(0, 0, 0))
            told[report.step] = Cost(
                before.seconds + meter.seconds, before.cpu_seconds + meter.cpu_seconds, max(before.n_in, report.n_in)
            )
            peak = max(peak, meter.peak_mb)
    return told, peak


def _steps() -> tuple[Callable[..., Any], ...]:
    from insights.steps.callbacks import callbacks
    from insights.steps.discover import discover
    from insights.steps.enrich import enrich
    from insights.steps.govern import govern
    from insights.steps.index import index
    from insights.steps.measure import measure
    from insights.steps.prioritize import prioritize
    from insights.steps.prove import prove
    from insights.steps.score import score
    from insights.steps.segments import segments
    from insights.steps.watch import watch
    from insights.steps.watch_model import watch_model

    reading = (enrich, index, discover, measure, score, watch_model)
    return *reading, prioritize, watch, callbacks, prove, govern, index, segments


def _apart(settings: Settings) -> tuple[Told, float]:
    """One run in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "insights.bench.scale_growth", str(settings.data_dir), str(settings.keys_dir)]
    place = {
        "VOC_REFERENCE_DIR": str(settings.reference_dir),
        "VOC_EXTENSION_DIR": str(settings.extension_dir),
        "VOC_TRANSCRIPT_RETENTION_DAYS": "1095",  # the made-up calls are of two years
    }
    done = subprocess.run(command, env={**os.environ, **place}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ModelError(f"The chain failed in the benchmark of scale: {done.stderr.strip()[-500:]}")
    told = json.loads(done.stdout.strip().splitlines()[-1])
    return {step: Cost(*cost) for step, cost in told["steps"].items()}, float(told["peak_mb"])


def _entries(told: list[Told], peaks: list[float], n: int) -> Iterator[Entry]:
    data, size = "demo company, multiplied", f"{n:,} feedback, then {n // SHARE:,} more"
    full, more, idle = told
    for step in [*full, SUM, f"{SUM} but {BOUNDED}"]:
        whole, part, none = (_of(one, step) for one in told)
        aim = f"<= {AIM}" if step.startswith(SUM) else ""
        for unit, before, after in (
            ("processor", whole.cpu_seconds, part.cpu_seconds), ("wall", whole.seconds, part.seconds),
        ):  # fmt: skip
            yield Entry(PART, f"{step}: {unit} s, full run", before, "s", data, size)
            yield Entry(PART, f"{step}: {unit} s, 1 % more", after, "s", data, size)
            if before:
                yield Entry(PART, f"{step}: {unit}, 1 % more over full", after / before, "", data, size, aim)
        yield Entry(PART, f"{step}: processor s, nothing new", none.cpu_seconds, "s", data, size)
    for name, peak in zip(RUN, peaks, strict=True):
        yield Entry(PART, f"peak memory of all processes, {name}", peak, "MB", data, size)
    reading = full["enrich"]
    if reading.n_in:
        cost = 1000 * reading.cpu_seconds / reading.n_in
        yield Entry(PART, "enrich: processor a feedback", cost, "ms", data, f"{reading.n_in:,} with words")


def _of(told: Told, step: str) -> Cost:
    if not step.startswith(SUM):
        return told.get(step, Cost(0, 0, 0))
    kept = [cost for name, cost in told.items() if step == SUM or name != BOUNDED]
    return Cost(sum(one.seconds for one in kept), sum(one.cpu_seconds for one in kept), 0)


def main() -> None:
    data, keys = (Path(one) for one in sys.argv[1:3])
    told, peak = run_steps(load_settings(data_dir=data, keys_dir=keys, as_of=AS_OF))
    steps = {step: (cost.seconds, cost.cpu_seconds, cost.n_in) for step, cost in told.items()}
    sys.stdout.write(json.dumps({"steps": steps, "peak_mb": peak}) + "\n")


if __name__ == "__main__":
    main()
