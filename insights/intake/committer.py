"""Brings staged rows into the lake beside the worker's rounds: a lake that is locked delays no case."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from insights.errors import VocError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.ledger.inbox import backlog
from insights.settings import Settings
from insights.steps.drain import BATCH, drain

LOOK_SECONDS = 1.0
LOCK_SECONDS = 10.0  # then the lock is asked for again at the next look


class Committer:
    """A thread with its own connection to the lake. `problem` says why the last commit failed; empty when it did not."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self.settings, self.ledger = settings, ledger
        self.problem = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lake-committer", daemon=True)
        self._lake: Lake | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            self._look(self.settings.intake_commit_seconds)
        self._look(0)  # leave as little as possible to the next process
        self._close()

    def _look(self, wait_seconds: float) -> None:
        """Commit when the oldest row has waited long enough, or there is a batch full."""
        try:
            found = backlog(self.ledger)
            since = found.oldest_staged_at
            waited = (datetime.now(UTC) - since).total_seconds() if since else -1.0
            if since is not None and (waited >= wait_seconds or found.n_staged >= BATCH):
                self._lake = self._lake or Lake(self.settings, read_only=False, lock_seconds=LOCK_SECONDS)
                drain(self._lake, self.ledger)
            self.problem = ""
        except Exception as error:  # whatever it is, the thread goes on and /healthz tells
            self._close()
            if isinstance(error, VocError) and "Another process" in str(error):
                return  # locked: asked again in a second, and /healthz tells when it lasts
            self.problem = f"The lake did not take the staged rows ({type(error).__name__})."

    def _close(self) -> None:
        if self._lake is not None:
            self._lake.close()
            self._lake = None
