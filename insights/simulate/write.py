"""Write the demo company's raw exports and the truth beside them: same seed, same bytes.

`small` and `demo` are one portfolio; `large` is as many independent blocks as it takes, each written and forgotten, so
that memory does not grow with the number of items.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from insights.simulate import contacts
from insights.simulate.block import Block, trained_teams
from insights.simulate.events import events
from insights.simulate.plan import (
    BLOCK_ITEMS,
    DEMO_ITEMS,
    MANY_ITEMS,
    Plan,
    check_size,
    demo_plan,
    small_plan,
)
from insights.simulate.sink import SimulationSummary, Sink

DEFAULT_SEED = 20261031


def write(
    size: str,
    folder: Path,
    seed: int = DEFAULT_SEED,
    n_items: int | None = None,
    progress: Callable[[str], None] | None = None,
    *,
    block_items: int | None = None,
) -> SimulationSummary:
    """Write `exports/` and `truth/` below `folder`. Raises SettingsError for a size that makes no sense.

    Sizes: small (about 400 customers, 600 items), demo (12,000 customers, about 8,026 items), large (`n_items`, in
    blocks of `block_items`, by default 2,000, or 8,026 for many). The same size and seed give the same bytes.
    """
    check_size(size, n_items)
    tell = progress or (lambda text: None)
    started = time.perf_counter()
    summary = SimulationSummary(size, folder)
    sink = Sink(folder, summary)
    try:
        first_customer = 1
        for block, plan in enumerate(_plans(size, n_items, block_items, summary)):
            first_customer += Block(plan, seed, block, first_customer, size, sink, tell).write()
        _events(folder, seed)
    finally:
        sink.close()
    summary.seconds = round(time.perf_counter() - started, 2)
    return summary


def _plans(size: str, n_items: int | None, block_items: int | None, summary: SimulationSummary) -> Iterable[Plan]:
    """Plans of the blocks: one, or as many as it takes to reach the number of items."""
    if size == "small":
        yield small_plan()
    elif size == "demo":
        yield demo_plan()
    else:
        wanted = n_items or 0
        block = block_items or (BLOCK_ITEMS if wanted <= MANY_ITEMS else DEMO_ITEMS)
        while wanted - summary.n_items > 0.02 * min(wanted, block) + 20:
            yield demo_plan(min(block, wanted - summary.n_items) / DEMO_ITEMS)


def _events(folder: Path, seed: int) -> None:
    """truth/events.json: the calendar, the actions and the draw of teams."""
    trained = [contacts.TEAMS[i] for i in np.flatnonzero(trained_teams(seed))]
    told = events() | {"seed": seed, "trained_teams": trained}
    text = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    (folder / "truth" / "events.json").write_text(text + "\n", encoding="utf-8")
