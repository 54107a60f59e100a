"""Processes of this machine: started afresh (a forked child would inherit locked BLAS threads), models loaded once each."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from insights.partitions.worker import end_with_parent, place_of, work_on
from insights.settings import Settings
from insights.spawning import BareContext


class Processes:
    """A crew of `workers` processes. One that dies takes the others with it (the pool's way): `renew` starts new ones."""

    lost: tuple[type[BaseException], ...] = (BrokenProcessPool,)
    tries = 3

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool = self._started()

    def _started(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._settings.workers, BareContext(), initializer=end_with_parent)

    def width(self) -> int:
        return self._settings.workers

    def send(self, work: Callable[..., Any], shared: Any, part: Any) -> Future[Any]:
        """The part goes to the next free process; in a pool that has broken the answer says so."""
        try:
            return self._pool.submit(work_on, place_of(self._settings), work, shared, part)
        except BrokenProcessPool as error:
            broken: Future[Any] = Future()
            broken.set_exception(error)
            return broken

    def renew(self) -> None:
        self._pool.shutdown(wait=False)
        self._pool = self._started()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
