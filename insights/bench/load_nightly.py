"""The nightly run over a long history: a lake of enriched rows, brought up to date once, then new feedback on top.

A first load without enriched rows: `python -m insights.bench.load_nightly 1000000`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from insights.bench.dashboard import to_write_in
from insights.bench.intake import read_answers
from insights.bench.load_meter import Meter
from insights.bench.load_words import new_answers
from insights.bench.report import Entry, write_part
from insights.lake import open_lake
from insights.settings import Settings, load_settings
from insights.simulate import write
from insights.simulate.enriched import LAST_DAY, enriched, own_stores, run_chain

Say = Callable[[str], None]
STEPS = "SELECT step, sum(seconds) AS seconds FROM run WHERE started_at > $since AND seconds IS NOT NULL GROUP BY step"
LAST = "SELECT max(started_at) FROM run"
FIRST_PART = "load-first"


@dataclass(frozen=True)
class Night:
    """One run of the whole chain: its cost, seconds by step, and the rows of feedback before and after."""

    cost: Meter
    steps: dict[str, float]
    n_before: int
    n_after: int


def nights(folder: Path, size: str, n: int, n_new: int, say: Say) -> tuple[Night, Night]:
    """A run over `n` enriched rows that no step has seen yet, then one with `n_new` more. The lake stays in `folder`."""
    made = enriched(folder, size, n, say)
    rows = read_answers(folder / "seed" / "data" / "exports")
    with tempfile.TemporaryDirectory(dir=folder, prefix="night_") as name:
        settings = to_write_in(made, Path(name))
        one = new_answers(rows, Path(name) / "one", 1, LAST_DAY, settings.seed)  # without a file, sources are asked
        news = new_answers(rows, Path(name) / "new", n_new, LAST_DAY, settings.seed + 1)
        return night(settings, [one], say), night(settings, [news], say)


def night(settings: Settings, files: Sequence[Path], say: Say) -> Night:
    """The whole chain on these files, as `voc run` does it."""
    with open_lake(settings) as lake:
        n_before, since = int(lake.scalar("SELECT count(*) FROM feedback")), lake.scalar(LAST)
    with Meter() as cost:
        run_chain(settings, files)
    with open_lake(settings) as lake:
        since = since or pd.Timestamp("1970-01-01", tz="UTC")
        steps = {row.step: float(row.seconds) for row in lake.read(STEPS, since=since).itertuples()}
        n_after = int(lake.scalar("SELECT count(*) FROM feedback"))
    say(
        f"  {n_after:,} feedback: {cost.seconds:.0f} s, {cost.cpu_seconds:.0f} s of the processor, {cost.peak_mb:.0f} MB"
    )
    return Night(cost, steps, n_before, n_after)


def first_load(folder: Path, n: int, say: Say) -> list[Entry]:
    """`n` items of the simulated company from its raw exports through the whole chain, into an empty lake. No limit."""
    settings = own_stores(folder)
    say(f"  {write('large', settings.data_dir, seed=settings.seed, n_items=n)}")
    found = night(settings, [settings.data_dir / "exports"], say)
    about = f"{found.n_after:,} feedback from raw exports, nothing enriched before"
    data = "simulated company, large"
    return [
        Entry(FIRST_PART, "first load: seconds", found.cost.seconds, "s", data, about, aim="reported, no limit"),
        Entry(FIRST_PART, "first load: processor seconds", found.cost.cpu_seconds, "s", data, about),
        Entry(FIRST_PART, "first load: memory of the process tree", found.cost.peak_mb, "MB", data, about),
        *(
            Entry(FIRST_PART, f"first load, {step}: seconds", one, "s", data, about)
            for step, one in found.steps.items()
        ),
    ]


def main(arguments: list[str]) -> int:
    """`python -m insights.bench.load_nightly N`: a first load of N items, written to docs/benchmark.md."""
    folder = load_settings().data_dir / "bench_first"
    with tempfile.TemporaryDirectory(dir=_made(folder), prefix="load_") as name:
        write_part(FIRST_PART, first_load(Path(name), int(arguments[0]), print))
    return 0


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
