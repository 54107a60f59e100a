"""The part `scale`: what new rows cost beside a full run, two processes beside one, files kept, discovery on a sample.

Sizes by environment: VOC_SCALE_ROWS (feedback of the company), VOC_SCALE_READ (feedback read for the speed-up) and
VOC_SCALE_TEXTS (texts of the sample). The defaults take some 35 minutes on two quiet cores; 1,000, 600 and 1,500 some ten.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from insights.bench import scale_costs, scale_files, scale_growth, scale_sample, scale_speedup
from insights.bench.pipeline import bench_settings, run_chain
from insights.bench.report import Entry
from insights.errors import VocError
from insights.lake import open_lake
from insights.settings import Settings, load_settings
from insights.simulate.enriched import LAST_DAY

Say = Callable[[str], None]
SHARED = Path(__file__).parents[3] / "shared" / "data"
ROWS, READ, TEXTS, SEEDS = 20_000, 4_000, 20_000, 1


def entries(say: Say) -> list[Entry]:
    """All figures of the part; the demo company is made first where there is none. A trial that fails is said; the others stay."""
    source, n, texts = _company(say), _size("VOC_SCALE_READ", READ), _size("VOC_SCALE_TEXTS", TEXTS)
    trials: list[Callable[[], list[Entry]]] = [
        lambda: scale_files.entries(say),
        lambda: scale_costs.entries(source, n // 4, say),
        lambda: scale_speedup.entries(source, n, say),
        lambda: scale_sample.entries(SHARED, texts, SEEDS, say),
        lambda: scale_growth.entries(source, _size("VOC_SCALE_ROWS", ROWS), say),
    ]
    found: list[Entry] = []
    for trial in trials:
        try:
            found += trial()
        except VocError as error:
            say(f"  left out: {error}")
    return found


def _company(say: Say) -> Settings:
    source = load_settings(as_of=LAST_DAY)
    if not (source.lake_dir / "catalog.sqlite").exists():
        source = bench_settings()
        run_chain(source, say)
    with open_lake(source):  # one of an older version gets what it lacks: copies are read from it
        return source


def _size(name: str, default: int) -> int:
    return int(os.environ.get(name, default))
