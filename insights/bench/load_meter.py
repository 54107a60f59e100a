"""What a run costs: wall seconds, processor seconds of a process tree, and the most memory the tree held at once.

Processor seconds stay true on a machine that is busy with other work; wall seconds do not.
"""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

import psutil

LOOK_SECONDS = 0.5  # a process that lived shorter may be missed; looking costs a few milliseconds


class Meter:
    """Watches the tree of a process (default: this one), or the process `alone`, while a `with` block runs.

    `seconds`, `cpu_seconds` (user and system) and `peak_mb` (resident memory summed over the tree: pages that processes
    share count more than once, so the true figure is lower) are right after the block.
    """

    def __init__(self, pid: int | None = None, *, alone: bool = False) -> None:
        self._root, self._alone = psutil.Process(pid), alone
        self._before: dict[psutil.Process, float] = {}
        self._last: dict[psutil.Process, float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="meter", daemon=True)
        self.seconds = self.cpu_seconds = self.peak_mb = 0.0

    def __enter__(self) -> Self:
        self._look()
        self._before = dict(self._last)
        self._started = time.perf_counter()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self._look()
        self.seconds = time.perf_counter() - self._started
        self.cpu_seconds = sum(self._last.values()) - sum(self._before.values())

    def _watch(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            self._look()

    def _look(self) -> None:
        resident = 0
        for process in self._tree():
            try:
                with process.oneshot():
                    times = process.cpu_times()
                    self._last[process] = times.user + times.system
                    resident += process.memory_info().rss
            except psutil.Error:  # it ended meanwhile: what was seen of it last counts
                continue
        self.peak_mb = max(self.peak_mb, resident / 1e6)

    def _tree(self) -> list[psutil.Process]:
        if self._alone:
            return [self._root]
        try:
            return [self._root, *self._root.children(recursive=True)]
        except psutil.Error:
            return []
