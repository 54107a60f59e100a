"""Many readers at once while a flow writes: how long each of their pages took."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Thread

from insights.bench.dashboard_viewer import Drawn, Viewer
from insights.errors import SourceError
from insights.lake import open_lake
from insights.settings import Settings

THINK_SECONDS, PATIENCE_SECONDS, COMMIT_EVERY_SECONDS, ROWS = 3.0, 60.0, 5.0, 200
NEW = "SELECT * FROM feedback WHERE occurred_at >= $since ORDER BY feedback_id LIMIT $rows"


def crowd(address: str, asked: Sequence[tuple[str, str]], n: int, seconds: float, seed: int) -> list[Drawn]:
    """What `n` readers saw who open pages at random for so many seconds, with some seconds between two pages.

    A page that is not drawn within PATIENCE_SECONDS counts with these; its reader leaves.
    """
    with ThreadPoolExecutor(n) as pool:
        walks = [pool.submit(_walk, address, asked, seconds, seed + one) for one in range(n)]
        return [drawn for walk in walks for drawn in walk.result()]


def _walk(address: str, asked: Sequence[tuple[str, str]], seconds: float, seed: int) -> list[Drawn]:
    chance, end, seen = random.Random(seed), time.monotonic() + seconds, []
    with Viewer(address, PATIENCE_SECONDS) as viewer:
        while time.monotonic() < end:
            page, query = chance.choice(asked)
            try:
                seen.append(viewer.open(page, query))
            except SourceError:
                return [*seen, Drawn(page, query, 1000 * PATIENCE_SECONDS, 0)]
            time.sleep(chance.uniform(0.5, 1.5) * THINK_SECONDS)
    return seen


@contextmanager
def writing(settings: Settings) -> Iterator[list[float]]:
    """A flow that commits new feedback every few seconds until the block ends; gives the seconds of its commits."""
    stop, took = Event(), list[float]()
    thread = Thread(target=_write, args=(settings, stop, took), daemon=True)
    thread.start()
    try:
        yield took
    finally:
        stop.set()
        thread.join(timeout=60)


def _write(settings: Settings, stop: Event, took: list[float]) -> None:
    with open_lake(settings) as lake:
        last = lake.scalar("SELECT max(occurred_at) FROM feedback")
        rows = lake.read(NEW, since=last.replace(hour=0, minute=0, second=0), rows=ROWS)
        while not stop.wait(COMMIT_EVERY_SECONDS):
            mark = f"-{time.time_ns()}"
            started = time.perf_counter()
            with lake.write() as writer:
                fresh = {name: rows[name] + mark for name in ("feedback_id", "source_id")}
                writer.insert_new("feedback", rows.assign(**fresh))
            took.append(time.perf_counter() - started)
