"""Processes kept alive together: one that dies starts again after a pause, and nothing is left when all are stopped.

Each child leads a session of its own, so that its children are found with it; what leaves that session is adopted by
this process (Linux: PR_SET_CHILD_SUBREAPER) and ended too. When this process is killed, the children are told to end.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

CALM_SECONDS = 60.0  # a child that lived this long is started again after the first pause
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
GRACE_SECONDS = 30.0  # for a child to finish what is in hand, then for what it has left behind
LOOK_SECONDS = 0.2
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


@dataclass
class Child:
    """One process. `answers`: a sentence of what is wrong, empty once it does its work; `after`: waits for that one."""

    name: str
    command: Sequence[str]
    answers: Callable[[], str]
    env: Mapping[str, str] = field(default_factory=dict)
    after: str = ""
    silent: bool = False  # its stdout tells people things that are said here already
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.0
    again_at: float = 0.0
    ready: bool = False

    @property
    def pid(self) -> int:
        """Of its process; 0 where there is none."""
        return self.process.pid if self.process else 0


class Children:
    """Give it the children in order; `run()` returns after SIGTERM or Ctrl-C, `stop()` having ended them all."""

    def __init__(self, children: Sequence[Child], say: Callable[[str], None]) -> None:
        self.children, self._say = list(children), say
        self._ready = {one.name: one for one in self.children}
        self.asked = 0

    def run(self) -> int:
        """Keep them alive until somebody asks to stop; 1 when one had to be killed, else 0."""
        _prctl(PR_SET_CHILD_SUBREAPER)
        before = {number: signal.signal(number, self._ask) for number in (signal.SIGTERM, signal.SIGINT)}
        looked = 0.0
        try:
            while not self.asked:
                for child in self.children:
                    self._keep(child)
                if time.monotonic() - looked > 1.0:
                    self._look()
                    looked = time.monotonic()
                _reap({child.pid for child in self.children})
                time.sleep(LOOK_SECONDS)
        finally:
            killed = self.stop()
            for number, handler in before.items():
                signal.signal(number, handler)
        return 1 if killed else 0

    def _ask(self, _number: int, _frame: object) -> None:
        self.asked += 1  # a second time: the grace is over at once

    def _keep(self, child: Child) -> None:
        """Start a child whose time has come; note one that has died."""
        now = time.monotonic()
        if child.process is None:
            waits = child.after and not self._ready[child.after].ready and not child.started
            if now >= child.again_at and not waits:
                self._start(child)
            return
        code = child.process.poll()
        if code is None:
            return
        _signal_group(child.pid, signal.SIGTERM)  # what it has left behind
        child.pause = FIRST_PAUSE if now - child.started > CALM_SECONDS else min(2 * child.pause, LONGEST_PAUSE)
        child.pause = max(child.pause, FIRST_PAUSE)
        child.process, child.ready, child.again_at = None, False, now + child.pause
        self._say(f"{child.name}  ended ({code}), starts again in {child.pause:.0f} s")

    def _start(self, child: Child) -> None:
        child.process = subprocess.Popen(
            list(child.command),
            env={**os.environ, "VOC_PROCESS": child.name, **child.env},
            stdout=subprocess.DEVNULL if child.silent else None,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - this process has no other thread
        )
        child.started = time.monotonic()
        self._say(f"{child.name}  started, process {child.pid}")

    def _look(self) -> None:
        for child in self.children:
            if child.process is not None and not child.ready and not child.answers():
                child.ready = True
                self._say(f"{child.name}  answers after {time.monotonic() - child.started:.0f} s")

    def stop(self) -> list[str]:
        """End every child and all they have started, those that others wait for last; names of those that had to be killed."""
        first = {child.after for child in self.children}
        running = [child for child in self.children if child.process is not None]
        killed = self._end([child for child in running if child.name not in first])
        killed += self._end([child for child in running if child.name in first])
        _sweep()
        return killed

    def _end(self, children: Sequence[Child]) -> list[str]:
        """Ask the children to end, then what they have left behind; what does neither is killed."""
        for child in children:
            _signal(child.pid, signal.SIGTERM)
        self._wait(lambda: any(child.process and child.process.poll() is None for child in children))
        for child in children:
            _signal_group(child.pid, signal.SIGTERM)
        self._wait(lambda: any(_in_group(child.pid) for child in children))
        killed = []
        for child in children:
            if left := _in_group(child.pid):
                killed.append(child.name)
                _signal_group(child.pid, signal.SIGKILL)
            if child.process:
                child.process.wait()
            told = f"killed: {len(left)} processes did not end" if left else "stopped"
            self._say(f"{child.name}  {told}")
        return killed

    def _wait(self, busy: Callable[[], bool]) -> None:
        until = time.monotonic() + GRACE_SECONDS
        while busy() and time.monotonic() < until and self.asked < 2:
            time.sleep(0.1)


def _end_with_parent() -> None:
    _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _prctl(option: int, value: int = 1) -> None:
    """Ask the kernel; elsewhere than on Linux there is nobody to ask."""
    if _libc is not None:
        _libc.prctl(option, value, 0, 0, 0)


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _signal_group(group: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _in_group(group: int) -> list[psutil.Process]:
    """Living processes below this one that belong to a session."""
    found = []
    for one in _descendants():
        with suppress(ProcessLookupError, psutil.Error):
            if os.getsid(one.pid) == group:
                found.append(one)
    return found


def _descendants() -> list[psutil.Process]:
    found = []
    for one in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if one.status() != psutil.STATUS_ZOMBIE:
                found.append(one)
    return found


def _sweep() -> None:
    """End what has left its session and was adopted here."""
    left = _descendants()
    for one in left:
        with suppress(psutil.Error):
            one.terminate()
    for one in psutil.wait_procs(left, timeout=GRACE_SECONDS / 10)[1]:
        with suppress(psutil.Error):
            one.kill()
    psutil.wait_procs(left, timeout=GRACE_SECONDS / 10)


def _reap(own: set[int]) -> None:
    """Take the exit of adopted processes, whose parents died before them."""
    for one in psutil.Process().children():
        with suppress(psutil.Error, ChildProcessError):
            if one.pid not in own and one.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(one.pid, os.WNOHANG)
