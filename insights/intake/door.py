"""The one writer of the inbox: seals bodies and commits those that arrive together in one transaction, on the disk."""

from __future__ import annotations

import asyncio
import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

from insights.errors import LedgerError
from insights.ledger import Ledger
from insights.ledger.inbox import Posted, put

TOGETHER = 200  # bodies of one transaction


@dataclass(frozen=True)
class _Job:
    source: str
    key: str
    received_at: datetime
    body: str
    done: Future[bool]


class Door:
    """Give it a durable ledger; `start()`, then `await keep(...)`, and `close()` at the end."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="inbox-writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def close(self) -> None:
        """Write what was handed in, then end."""
        self._jobs.put(None)
        self._thread.join()

    async def keep(self, source: str, key: str, received_at: datetime, body: str) -> bool:
        """Whether the event is new, once it is on the disk. Raises LedgerError when it could not be kept."""
        done: Future[bool] = Future()
        self._jobs.put(_Job(source, key, received_at, body, done))
        return await asyncio.wrap_future(done)

    def _run(self) -> None:
        while (first := self._jobs.get()) is not None:
            jobs = [first]
            ends = False
            while len(jobs) < TOGETHER and not self._jobs.empty():
                job = self._jobs.get()
                if job is None:
                    ends = True
                    break
                jobs.append(job)
            self._write([job for job in jobs if job.done.set_running_or_notify_cancel()])
            if ends:
                return

    def _write(self, jobs: list[_Job]) -> None:
        keys = self._ledger.keys
        try:
            posted = [
                Posted(job.source, keys.row_hash(f"{job.source}\x1f{job.key}"), job.received_at, keys.seal(job.body))
                for job in jobs
            ]
            for job, is_new in zip(jobs, put(self._ledger, posted), strict=True):
                job.done.set_result(is_new)
        except Exception as error:  # whatever it is, each post is answered and the next are taken
            for job in jobs:
                if not job.done.done():
                    job.done.set_exception(LedgerError(f"The inbox could not be written ({type(error).__name__})."))
