"""What a scrape, a backup and a restore cost: `python tests/ops_measure.py DATA KEYS` prints the tables of docs/operations.md
and docs/backup.md. It works on copies of both folders; wall clock and seconds of the processor of it and its children.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from insights.backup.restore import restore
from insights.backup.take import Taken, back_up
from insights.intake.gauges import Gauges
from insights.ledger import open_ledger
from insights.settings import Settings, load_settings
from insights.telemetry import operations


def spent(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What `work` gives, seconds by the clock and of the processor."""
    before, began = os.times(), time.perf_counter()
    done = work()
    wall, after = time.perf_counter() - began, os.times()
    return done, wall, sum(after[:4]) - sum(before[:4])


def scrapes(settings: Settings) -> None:
    """The first scrape, one that reads all parts anew, one that finds them kept; then each part alone."""
    with open_ledger(settings) as ledger:
        gauges = Gauges(settings, ledger)
        rows = {"first after the start": spent(gauges.text), "within 5 s (kept)": spent(gauges.text)}
        kept, operations.KEEP_SECONDS = operations.KEEP_SECONDS, dict.fromkeys(operations.KEEP_SECONDS, 0.0)
        again = [spent(gauges.text) for _ in range(5)]
        rows["all parts read anew (median of 5)"] = sorted(again, key=lambda one: one[1])[2]
        operations.KEEP_SECONDS = kept
        _say("| scrape | by the clock | processor |", rows, 1000, "ms")
        from datetime import UTC, datetime

        whole = operations.Operations(settings, ledger)
        parts = {name: spent(lambda read=read: list(read(datetime.now(UTC)))) for name, read in whole._parts.items()}
        _say("| part, read anew | by the clock | processor |", parts, 1000, "ms")
        size = len(gauges.text())
        sys.stdout.write(f"{size / 1000:.0f} kB a scrape\n")


def backups(settings: Settings, folder: Path) -> None:
    """A first backup, a second one with nothing new, and a restore into an empty place."""
    rows: dict[str, tuple[Any, float, float]] = {}
    for name in ("first backup", "second backup, nothing new"):
        rows[name] = spent(partial(back_up, settings, folder / "backups"))
        taken: Taken = rows[name][0]
        size, held = taken.new_bytes / 1e6, taken.held_seconds
        sys.stdout.write(f"{name}: {taken.n_new} new files, {size:.1f} MB, writers waited {held:.2f} s\n")
    there = settings.model_copy(update={"data_dir": folder / "restored" / "data"})
    rows["restore, with all checks"] = spent(partial(restore, there, folder / "backups"))
    done = rows["restore, with all checks"][0]
    sys.stdout.write(f"restored: equal {done.lake == done.manifest.lake}, problems {list(done.problems)}\n")
    _say("| | by the clock | processor |", rows, 1, "s")


def _say(head: str, rows: dict[str, tuple[Any, float, float]], times: int, unit: str) -> None:
    sys.stdout.write(f"{head}\n|---|---|---|\n")
    for name, (_, wall, processor) in rows.items():
        sys.stdout.write(f"| {name} | {wall * times:.1f} {unit} | {processor * times:.1f} {unit} |\n")
    sys.stdout.flush()


def main(data: Path, keys: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for source, target in ((data, "data"), (keys, "keys")):
            shutil.copytree(source, folder / target, ignore=shutil.ignore_patterns("extensions", "prefect"))
        settings = load_settings(data_dir=folder / "data", keys_dir=folder / "keys", backup_dir=folder / "backups")
        scrapes(settings)
        backups(settings, folder)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
