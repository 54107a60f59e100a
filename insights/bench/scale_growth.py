"""What one per cent of new rows costs beside a full run, step by step, over a history of enriched rows.

A full run reads everything and counts everything. Counting is done for real: all that is counted from what was read is
taken out first. Reading (clauses, vectors, irritants) is done for real on a part, and its cost for the whole follows from
the cost of two parts of different size: `reading` says how. Then the newest hundredth comes in and the same steps run
again; then once more with nothing new. Each run is a process of its own:
`python -m insights.bench.scale_growth FOLDER` runs the steps once and prints one JSON line.
Ingest and redaction are left out of both sides: they follow the new rows alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from insights.bench.load_meter import Meter
from insights.bench.report import Entry
from insights.errors import ModelError
from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.settings import Settings
from insights.simulate.enriched import KEPT_DAYS, multiply, own_stores

Say = Callable[[str], None]
PART = "scale"
SHARE, UNREAD = 100, 25  # one row in so many is new; one in so many is read for real in the full run
AIM = 0.03
FACTS = ("answer", "turn", "feedback")
READ = ("mention_irritant", "mention")  # what reading makes; the first by mention_id
COUNTED = (
    *(
        "weak_signal",
        "irritant_change",
        "irritant_weekly",
        "questionnaire",
        "response_cell",
        "not_asked",
        "cell_weight",
    ),
    *(
        "response_weight",
        "metric_daily",
        "restatement",
        "churn_panel",
        "counted_part",
        "churn_score",
        "priority",
        "run",
    ),
)
NEWEST = "SELECT feedback_id FROM feedback WHERE verbatim IS NOT NULL ORDER BY available_at DESC, feedback_id LIMIT $n"
SOME = "SELECT feedback_id FROM feedback WHERE verbatim IS NOT NULL ORDER BY hash(feedback_id) LIMIT $n"
THESE = "feedback_id IN (SELECT unnest($ids::VARCHAR[]))"
OF_THEIRS = {
    "mention": THESE,
    "mention_irritant": f"mention_id IN (SELECT mention_id FROM mention WHERE {THESE})",
}
UNUSED = "DELETE FROM embedding WHERE text_sha NOT IN (SELECT text_sha FROM mention)"
DATA = "enriched rows of the demo company"
FULL, MORE, IDLE = "full run", "1 % more", "nothing new"
READING = "enrich"


@dataclass(frozen=True)
class Cost:
    """Of one step of one run: wall seconds, processor seconds (all processes), most memory (MB), rows in."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    n_in: int


Told = dict[str, Cost]


def entries(source: Settings, n: int, say: Say) -> list[Entry]:
    """Cost of each step over `n` rows, at one per cent more, and without any; the ratio and the memory beside their aims.

    The memory is taken at a quarter of the rows too, with as many new ones: it must not grow with the history.
    """
    large = _measured(source, n, None, say)
    small = _measured(source, n // 4, large.n_new, say)
    return [*_costs(large), *_memory(small, large)]


@dataclass(frozen=True)
class Growth:
    """The three runs over one history of `n` feedback, with `n_new` more in the second."""

    n: int
    n_new: int
    runs: dict[str, Told]

    @property
    def size(self) -> str:
        """The column *size* of the report."""
        return f"{self.n:,} feedback, then {self.n_new:,} more"


def _measured(source: Settings, n: int, n_new: int | None, say: Say) -> Growth:
    with TemporaryDirectory(prefix="voc-scale-") as folder:
        place = {"reference_dir": source.reference_dir, "extension_dir": source.extension_dir}
        settings = own_stores(Path(folder), **place)
        new, held = prepared(source, settings, n, n_new, say)
        runs: dict[str, Told] = {}
        for name in (FULL, MORE, IDLE):
            if name == MORE:
                bring_in(settings, new)
            runs[name] = _apart(settings)
            told = sorted(runs[name].items(), key=lambda one: -one[1].cpu_seconds)
            say(f"  {held:,} rows, {name}: " + ", ".join(f"{step} {cost.cpu_seconds:.1f} s" for step, cost in told))
    return Growth(held, len(new["feedback"]), runs)


def prepared(
    source: Settings, settings: Settings, n: int, n_new: int | None, say: Say
) -> tuple[dict[str, pd.DataFrame], int]:
    """A company of about `n` enriched feedback at `settings`, some unread, nothing counted.

    Returns the `n_new` newest rows (None: one per cent), which are still to come, by table; and how many feedback are held.
    """
    multiply(source, settings, n, say)
    for fitted in settings.models_dir.glob("churn-*"):
        fitted.unlink()
    with open_lake(settings) as lake:
        asked = n_new or int(lake.scalar("SELECT count(*) FROM feedback")) // (SHARE + 1)
        ids = list(lake.read(NEWEST, n=asked)["feedback_id"])
        new = {table: lake.read(f'SELECT * FROM "{table}" WHERE {THESE}', ids=ids) for table in FACTS}
        with lake.write() as writer:
            for table in COUNTED:
                writer.execute(f'DELETE FROM "{table}"')
            unread = [row[0] for row in writer.execute(SOME, n=n // UNREAD)]
            for table in READ:
                writer.execute(f'DELETE FROM "{table}" WHERE {OF_THEIRS[table]}', ids=[*ids, *unread])
            for table in FACTS:
                writer.execute(f'DELETE FROM "{table}" WHERE {THESE}', ids=ids)
            writer.execute(UNUSED)
        lake.maintain(0)
        return new, int(lake.scalar("SELECT count(*) FROM feedback"))


def bring_in(settings: Settings, new: dict[str, pd.DataFrame]) -> None:
    """The new rows arrive, as ingest would have written them."""
    with open_lake(settings) as lake, lake.write() as writer:
        for table, rows in new.items():
            writer.insert_new(table, rows)


def run_steps(settings: Settings) -> Told:
    """The steps of `flows.everything` after ingest, in its order: the cost of each."""
    told: Told = {}
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        for place, step in enumerate(_steps()):
            with Meter() as meter:
                report = step(lake, ledger, run_id=f"scale-{place}")
            before = told.get(report.step, Cost(0, 0, 0, 0))
            told[report.step] = Cost(
                before.seconds + meter.seconds,
                before.cpu_seconds + meter.cpu_seconds,
                max(before.peak_mb, meter.peak_mb),
                max(before.n_in, report.n_in),
            )
    return told


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


def _apart(settings: Settings) -> Told:
    """One run in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "insights.bench.scale_growth", str(settings.data_dir.parent)]
    place = {
        "VOC_REFERENCE_DIR": str(settings.reference_dir),
        "VOC_EXTENSION_DIR": str(settings.extension_dir),
        "VOC_TRANSCRIPT_RETENTION_DAYS": str(KEPT_DAYS),
    }
    done = subprocess.run(command, env={**os.environ, **place}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ModelError(f"The chain failed in the benchmark of scale: {done.stderr.strip()[-500:]}")
    return {step: Cost(*cost) for step, cost in json.loads(done.stdout.strip().splitlines()[-1]).items()}


def reading(full: Cost, more: Cost, n: int) -> float:
    """Processor seconds of reading `n` feedback, from two parts read for real: what a row adds, over what a start costs."""
    each = max(0.0, full.cpu_seconds - more.cpu_seconds) / max(1, full.n_in - more.n_in)
    return full.cpu_seconds + each * (n - full.n_in)


def _costs(found: Growth) -> Iterator[Entry]:
    full, more, idle = (found.runs[name] for name in (FULL, MORE, IDLE))
    data, size = DATA, found.size
    whole = {step: cost.cpu_seconds for step, cost in full.items()}
    whole[READING] = reading(full[READING], more[READING], found.n)
    for step, before in whole.items():
        value = more[step].cpu_seconds
        yield Entry(PART, f"{step}: processor, {MORE}", value, "s", data, size, rival=FULL, rival_value=before)
    for name, run in ((MORE, more), (IDLE, idle)):
        spent = sum(one.cpu_seconds for one in run.values())
        total = sum(whole.values())
        aim = f"<= {AIM}" if name == MORE else ""
        yield Entry(PART, f"all steps: processor, {name}", spent, "s", data, size, rival=FULL, rival_value=total)
        yield Entry(PART, f"all steps: processor, {name} over a full run", spent / total, "", data, size, aim)
    about = f"from {full[READING].n_in:,} and {more[READING].n_in:,} read"
    yield Entry(PART, "enrich: processor a feedback", 1000 * whole[READING] / found.n, "ms", data, about)


def _memory(small: Growth, large: Growth) -> Iterator[Entry]:
    for name in (FULL, MORE):
        peaks = [max(cost.peak_mb for cost in one.runs[name].values()) for one in (small, large)]
        yield Entry(
            PART, f"peak memory of all processes, {name}", peaks[1], "MB", DATA, large.size,
            rival=f"{small.n:,} feedback, as many new", rival_value=peaks[0],
        )  # fmt: skip


def main() -> None:
    told = run_steps(own_stores(Path(sys.argv[1])))
    costs = {step: (one.seconds, one.cpu_seconds, one.peak_mb, one.n_in) for step, one in told.items()}
    sys.stdout.write(json.dumps(costs) + "\n")


if __name__ == "__main__":
    main()
