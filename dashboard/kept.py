"""Answers kept in memory: as many as fit into a number of bytes, the longest unused let go first.

One answer is computed once, however many readers ask for it at the same time; each gets a copy of its own.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

import pandas as pd

MB = 1024 * 1024


class Kept:
    """Tables by key, at most `most_bytes` of them. Safe to share between threads."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.n_bytes = 0
        self._found: OrderedDict[Hashable, tuple[pd.DataFrame, int]] = OrderedDict()
        self._busy: dict[Hashable, Lock] = {}
        self._lock = Lock()
        self._epoch: Hashable = None

    def get(self, key: Hashable, compute: Callable[[], pd.DataFrame], epoch: Hashable = None) -> pd.DataFrame:
        """A copy of the answer, computed when it is not kept. Another `epoch` than the last empties everything.

        Raises what `compute` raises; then nothing is kept.
        """
        with self._lock:
            if epoch != self._epoch:
                self._clear(epoch)
            busy = self._busy.setdefault(key, Lock())
        if (found := self._take(key)) is not None:
            return found
        with busy:
            if (found := self._take(key)) is not None:
                return found
            try:
                frame = compute()
                self._put(key, frame, epoch)
            finally:
                with self._lock:
                    self._busy.pop(key, None)
        return frame.copy()

    def __len__(self) -> int:
        return len(self._found)

    def _take(self, key: Hashable) -> pd.DataFrame | None:
        with self._lock:
            if key not in self._found:
                return None
            self._found.move_to_end(key)
            self._busy.pop(key, None)
            frame = self._found[key][0]
        return frame.copy()

    def _put(self, key: Hashable, frame: pd.DataFrame, epoch: Hashable) -> None:
        size = int(frame.memory_usage(deep=True).sum())
        with self._lock:
            if epoch != self._epoch or size > self.most_bytes:
                return
            self.n_bytes += size - self._found.pop(key, (frame, 0))[1]
            self._found[key] = (frame, size)
            while self._found and self.n_bytes > self.most_bytes:
                self.n_bytes -= self._found.popitem(last=False)[1][1]

    def _clear(self, epoch: Hashable) -> None:
        self._epoch = epoch
        self._found.clear()
        self.n_bytes = 0


def frozen(value: object) -> Hashable:
    """A query's parameter as part of a key; lists and dicts as tuples, types told apart (1 is not True)."""
    if isinstance(value, dict):
        return tuple((name, frozen(one)) for name, one in sorted(value.items()))
    if isinstance(value, (list, tuple)):
        return tuple(frozen(one) for one in value)
    return type(value).__name__, value if isinstance(value, Hashable) else repr(value)
