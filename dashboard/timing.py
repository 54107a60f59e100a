"""How long each page took on the server: one line of JSON a drawing, in the log `dashboard.pages` (docs/speed.md)."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import uuid4

from insights.logs import now_about

LOG = logging.getLogger("dashboard.pages")


@dataclass
class Drawing:
    """What one drawing of one page asked of the lake."""

    page: str
    started: float = field(default_factory=time.perf_counter)
    n_reads: int = 0
    n_first: int = 0  # reads that no earlier drawing had kept: they went to the lake
    lake_ms: float = 0.0
    snapshot: int | None = None


_now: ContextVar[Drawing | None] = ContextVar("drawing", default=None)


@contextmanager
def drawing(page: str, log_from_ms: int | None) -> Iterator[Drawing]:
    """Time one drawing of a page; tell it when it took `log_from_ms` or more, never when that is None."""
    one = Drawing(page)
    before = _now.set(one)
    try:
        yield one
    finally:
        _now.reset(before)
        if log_from_ms is not None:
            _tell(one, log_from_ms)


@contextmanager
def lake_read() -> Iterator[None]:
    """Count what is read within as a read of the lake by the page that is being drawn."""
    one, started = _now.get(), time.perf_counter()
    try:
        yield
    finally:
        if one is not None:
            one.n_first += 1
            one.lake_ms += 1000 * (time.perf_counter() - started)


def asked() -> None:
    """Count a question of the page that is being drawn, kept or not."""
    if (one := _now.get()) is not None:
        one.n_reads += 1


def _tell(one: Drawing, log_from_ms: int) -> None:
    ms = 1000 * (time.perf_counter() - one.started)
    if ms < log_from_ms:
        return
    if not LOG.hasHandlers():
        LOG.addHandler(logging.StreamHandler())
    LOG.setLevel(logging.INFO)
    line = {
        "page": one.page,
        "ms": round(ms, 1),
        "lake_ms": round(one.lake_ms, 1),
        "reads": one.n_reads,
        "first_reads": one.n_first,
        "cached": one.n_first == 0,
        "snapshot": one.snapshot,
        "reference": now_about().get("reference") or uuid4().hex[:8],
    }
    LOG.info(json.dumps(line))
