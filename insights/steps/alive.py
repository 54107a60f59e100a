"""Whether who began something is still at it: they hold the lock of a file, which the system takes back when they end.

A process id proves nothing: it may be another's by now, after a restart or in another container.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TRY_SECONDS = 0.02


def take(path: Path, seconds: float) -> int | None:
    """Lock a file for as long as the descriptor given back, or a child's copy of it, is open; None when another holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                os.close(descriptor)
                return None
            time.sleep(TRY_SECONDS)
        else:
            return descriptor


@contextmanager
def at_work(path: Path) -> Iterator[None]:
    """Hold the file's lock during the block; where another is at the same, theirs tells it."""
    descriptor = take(path, seconds=1)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def held(path: Path) -> bool:
    """Whether somebody, in whatever process, holds the file's lock."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
