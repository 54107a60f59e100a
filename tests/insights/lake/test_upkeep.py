"""The lake's files are rewritten by a process of its own, which may be killed without harm."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

import psutil
import pytest

from insights.errors import LakeBusyError, LakeError
from insights.lake import Lake
from insights.lake.locks import write_lock
from insights.lake.upkeep import upkeep

MARK = "insights.lake.upkeep"


def abort_children(times: int) -> Callable[[], int]:
    """Abort the next `times` upkeep processes of this process; the function returned says how many it got."""
    killed: list[int] = []
    stop = threading.Event()

    def watch() -> None:
        while len(killed) < times and not stop.wait(0.02):
            for child in psutil.Process().children():
                try:
                    ours = child.pid not in killed and any(MARK in part for part in child.cmdline())
                except psutil.Error:
                    continue
                if ours:
                    os.kill(child.pid, signal.SIGABRT)
                    killed.append(child.pid)

    watcher = threading.Thread(target=watch)
    watcher.start()

    def stopped() -> int:
        stop.set()
        watcher.join()
        return len(killed)

    return stopped


def test_a_process_that_aborts_is_tried_once_more(lake: Lake) -> None:
    stopped = abort_children(1)
    lake.maintain(35)
    assert stopped() == 1


def test_two_aborts_are_told_and_nothing_is_lost(lake: Lake) -> None:
    before = lake.counts()
    stopped = abort_children(2)
    with pytest.raises(LakeError, match="ended with code -6, 2 times"):
        lake.maintain(35)
    assert stopped() == 2
    assert lake.counts() == before


def test_a_refused_statement_is_told(lake: Lake) -> None:
    with pytest.raises(LakeError, match="could not be compacted: .*no_such_function"):
        upkeep(lake.settings, ["CALL no_such_function()"], 1)


def test_another_writer_is_waited_for_and_then_told(lake: Lake) -> None:
    with write_lock(lake.settings, 1), pytest.raises(LakeBusyError, match="Another process has been writing"):
        upkeep(lake.settings, ["SELECT 1"], 0.1)
