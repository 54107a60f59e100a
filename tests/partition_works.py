"""Works for the tests of partitions: functions of a module, as worker processes find them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from insights.lake import Lake


def told(lake: Lake, shared: str, part: int) -> tuple[str, int, bool]:
    """What was shared, the rows of `run` up to this part's number, and whether another process reads them."""
    n = int(lake.scalar("SELECT count(*) FROM run WHERE seconds <= $part", part=part))
    return shared, n, lake.read_only


def dies_once(_lake: Lake, mark: Path, part: int) -> int:
    """The part; the first process that works on part 2 is killed in the middle of it."""
    if part == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return part


def dies(_lake: Lake, _shared: None, _part: int) -> int:
    """Kills whoever works on it."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)
    return 0


@contextmanager
def cluster_of(workers: int) -> Iterator[Any]:
    """A Dask cluster of processes on loopback."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, memory_limit="3GB"
    ) as cluster:
        yield cluster
