"""Processes started afresh that do not import the calling program: what they work with they import themselves.

Python's `spawn` imports the program's main module again in each new process, for functions that it may have defined. Ours
are functions of modules, and the command line imports all of the house: four to five seconds of the processor a process.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from threading import Lock
from types import ModuleType
from typing import Any

_ONE = Lock()


class _Bare(SpawnProcess):
    @staticmethod
    def _Popen(process_obj: Any) -> Any:
        with _without_main():
            return SpawnProcess._Popen(process_obj)


class BareContext(SpawnContext):
    """As `get_context("spawn")`; functions and values that are sent must be of modules, not of the main program."""

    Process = _Bare


@contextmanager
def _without_main() -> Iterator[None]:
    """An empty main module, for as long as a process takes to be told what to import."""
    with _ONE:
        own = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = own
