"""Values read from files once, and again only when a file has changed: for processes that live long."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Fresh(Generic[Value]):
    """`get()` gives what `load()` read from `paths`, which need not exist; older than `seconds`, it is read again."""

    def __init__(self, paths: Sequence[Path], load: Callable[[], Value], seconds: float = math.inf) -> None:
        self._paths, self._load, self._seconds = paths, load, seconds
        self._read_at = -math.inf
        self._kept: tuple[tuple[int, ...], Value] | None = None

    def get(self) -> Value:
        """The value as the files are now."""
        stamp = tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in self._paths)
        old = time.monotonic() - self._read_at > self._seconds
        if self._kept is None or self._kept[0] != stamp or old:
            self._kept, self._read_at = (stamp, self._load()), time.monotonic()
        return self._kept[1]
