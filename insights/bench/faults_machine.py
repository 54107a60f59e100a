"""Faults of the machine while the chain runs: a disk that is full from some moment on, a clock that jumps."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LIBRARY = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")  # Debian's package libfaketime


@contextmanager
def disk_of(home: Path, megabytes: int) -> Iterator[bool]:
    """A file system of its own at `home`; False where this user may mount none."""
    home.mkdir(parents=True)
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "voc-faults", str(home)], capture_output=True, check=False
    )
    try:
        yield made.returncode == 0
    finally:
        if made.returncode == 0:
            subprocess.run(["umount", str(home)], check=True)
        home.rmdir()


@contextmanager
def filled(home: Path, after_seconds: float) -> Iterator[None]:
    """The disk of `home` is full so many seconds from now; at the end there is room again."""
    ballast = home / "ballast"
    timer = threading.Timer(after_seconds, _fill, (ballast,))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        ballast.unlink(missing_ok=True)


def _fill(ballast: Path) -> None:
    room = os.statvfs(ballast.parent)
    try:
        with ballast.open("wb") as stream:
            os.posix_fallocate(stream.fileno(), 0, room.f_bavail * room.f_frsize)
            stream.seek(0, os.SEEK_END)
            while True:  # what was given back meanwhile
                stream.write(bytes(4096))
                stream.flush()
    except OSError:
        return


class Clock:
    """The wall clock of the processes started with `environment`: the real one, so many seconds off. Waits stay as long."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock-offset"
        self.set(0)

    @property
    def environment(self) -> dict[str, str]:
        """Variables of libfaketime, which looks into the file at each question."""
        return {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",
        }

    def set(self, seconds: float) -> None:
        """Put the clock this far from real time, at once."""
        draft = self._file.with_suffix(".new")
        draft.write_text(f"{seconds:+.0f}\n", encoding="utf-8")
        os.replace(draft, self._file)
