"""The worker: takes events from the inbox with its models loaded, and leaves rows staged and cases opened.

It may be killed at any statement: an event is taken again until its rows, its state and its case events have been
written together, and each of those is known by its key.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import FrameType

from filelock import FileLock, Timeout
from sqlalchemy.exc import SQLAlchemyError

from insights.cases import EventDraft
from insights.errors import LakeError, LedgerError, ModelError, SettingsError, VocError
from insights.intake.committer import Committer
from insights.intake.pulse import CASE_SECONDS, STAGED_SECONDS, STARTING, STOPPED, WORKING, Heart, pulse_path
from insights.intake.sources import hook_sources
from insights.lake import Lake, open_lake
from insights.ledger import Ledger, open_ledger
from insights.ledger.inbox import MAX_ATTEMPTS, Waiting, give_back, retry_later, take
from insights.ledger.staged import CASES_REST_ON, stage
from insights.logs import configure
from insights.settings import Settings, default_settings
from insights.sources.base import RecordSource
from insights.steps.hot import Enriched, HotPath, Read, disjoint
from insights.steps.hot_cases import CaseDesk

LOG = logging.getLogger("voc.intake")
POLL_SECONDS = 0.2
NICE = 5  # the door answers first where both want the processor; beside a nightly run a quarter of a core is left
PAUSE_SECONDS = 2.0  # after a store did not answer
RETRY_SECONDS = (5.0, 30.0, 120.0, 600.0)  # before the second attempt, the third, ...
DECISIONS = 8  # times a case is decided again because another writer was faster
STORES = (LakeError, LedgerError, ModelError, SettingsError, OSError, SQLAlchemyError)  # no fault of an event


class Worker:
    """One round after the other. Give it a lake to read and the ledger; `retry_seconds` grow with the attempts."""

    def __init__(
        self,
        lake: Lake,
        ledger: Ledger,
        sources: Mapping[str, RecordSource],
        heart: Heart,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
    ) -> None:
        self.ledger, self.heart, self.retry_seconds = ledger, heart, retry_seconds
        self.hot = HotPath(lake, ledger, sources)
        self.desk = CaseDesk(lake, ledger)
        self.problem = ""

    def round(self) -> int:
        """Take the next events and bring each as far as it goes; returns how many were taken."""
        self.hot.check_settings()  # broken reference files: no event is taken, none is blamed
        batch = take(self.ledger, datetime.now(UTC))
        reads = [read for event in batch if (read := self._read(event)) is not None]
        for place, group in enumerate(groups := disjoint(reads)):
            try:
                self._group(group)
            except STORES as error:
                give_back(self.ledger, [read.event for rest in groups[place:] for read in rest])
                raise error
        return len(batch)

    def _read(self, event: Waiting) -> Read | None:
        if event.attempts > MAX_ATTEMPTS:  # it was taken and never finished: the process died of it each time
            self._reject(event, "worker_died")
            return None
        try:
            return self.hot.read(event)
        except Exception as error:  # a foreign payload may break anything; its text is not told
            self._failed(event, error)
            return None

    def _group(self, group: Sequence[Read]) -> None:
        """Events that share no feedback, together; if they break, one by one."""
        try:
            gone = self._write(self.hot.enrich(group), [read.event for read in group])
        except STORES:
            raise
        except Exception as error:  # one event must not stop the others
            if len(group) > 1:
                for read in group:
                    self._group([read])
            else:
                self._failed(group[0].event, error)
            return
        if left := [read for read in group if read.event.inbox_id not in gone] if gone else []:
            self._group(left)

    def _write(self, enriched: Enriched, events: Sequence[Waiting]) -> frozenset[int]:
        """Rows, states and cases in one transaction; the cases are decided again while others write.

        Returns the events that are gone; then nothing was written, and the others must be enriched without them.
        """
        for _ in range(DECISIONS):
            try:
                opened, version = self.desk.decide(enriched.tables)
                drafts = opened.events()
                self.problem = ""
            except SettingsError as error:  # the rules are broken: the rows go on, `callbacks` opens the cases later
                drafts, version, self.problem = (
                    [],
                    self.ledger.version(CASES_REST_ON),
                    f"No case can be opened: {error}",
                )
            written = stage(self.ledger, enriched.outcomes, drafts, version)
            if written.ok:
                self._observe(enriched, events, drafts if written.n_events else [])
            if written.ok or written.gone:
                return written.gone
        raise LedgerError("The ledger is written so often that no case could be decided: it is tried again.")

    def _observe(self, enriched: Enriched, events: Sequence[Waiting], drafts: Sequence[EventDraft]) -> None:
        now, histograms = datetime.now(UTC), self.heart.pulse.histograms
        called = {enriched.owner.get(key) for key in _feedback_of(drafts)}
        for event in events:
            seconds = (now - event.received_at).total_seconds()
            histograms[STAGED_SECONDS].observe(seconds)
            if event.inbox_id in called:
                histograms[CASE_SECONDS].observe(seconds)

    def _failed(self, event: Waiting, error: Exception) -> None:
        name = type(error).__name__
        LOG.warning("Event %s of %s failed (%s), attempt %s", event.inbox_id, event.source, name, event.attempts)
        if event.attempts >= MAX_ATTEMPTS:
            self._reject(event, name)
            return
        wait = self.retry_seconds[min(event.attempts, len(self.retry_seconds)) - 1]
        retry_later(self.ledger, event.inbox_id, datetime.now(UTC) + timedelta(seconds=wait), name)

    def _reject(self, event: Waiting, error: str) -> None:
        LOG.error("Event %s of %s is rejected (%s): see quarantine", event.inbox_id, event.source, error)
        stage(self.ledger, [self.hot.refused(event, error)])


def _feedback_of(drafts: Sequence[EventDraft]) -> set[str]:
    """Ids of the feedback that opened or joined a case; a signal id is `kind:feedback_id`."""
    signals = [one for draft in drafts for one in draft.payload.get("signals", ())]
    signals += [draft.payload["signal"] for draft in drafts if "signal" in draft.payload]
    return {str(one).partition(":")[2] for one in signals}


def work(
    settings: Settings,
    sources: Mapping[str, RecordSource] | None = None,
    *,
    stop: threading.Event | None = None,
    parent: int | None = None,
    retry_seconds: Sequence[float] = RETRY_SECONDS,
) -> None:
    """Work until `stop` is set or process `parent` is gone. One worker at a time: a second one waits for its turn."""
    stop = stop or threading.Event()
    heart = Heart(pulse_path(settings))
    lock = FileLock(settings.data_dir / "intake" / "worker.lock")
    while not (_ended(stop, parent) or _locked(lock)):
        pass
    if _ended(stop, parent):
        return
    try:
        heart.beat(STARTING)
        open_lake(settings).close()  # made and brought to this version before it is read
        with Lake(settings, read_only=True) as lake, open_ledger(settings) as ledger:
            worker = Worker(lake, ledger, hook_sources(settings) if sources is None else sources, heart, retry_seconds)
            worker.hot.warm_up()
            with Committer(settings, ledger) as committer:
                _rounds(worker, committer, stop, parent)
    finally:
        heart.beat(STOPPED)
        lock.release()


def _rounds(worker: Worker, committer: Committer, stop: threading.Event, parent: int | None) -> None:
    while not _ended(stop, parent):
        try:
            n_taken = worker.round()
            problem = worker.problem or committer.problem
        except STORES as error:
            n_taken, problem = 0, f"The worker waits for a store ({type(error).__name__})."
            stop.wait(PAUSE_SECONDS)
        worker.heart.beat(WORKING, problem)
        if not n_taken:
            stop.wait(POLL_SECONDS)


def _locked(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=1)
    except Timeout:
        return False
    return True


def _ended(stop: threading.Event, parent: int | None) -> bool:
    return stop.is_set() or (parent is not None and os.getppid() != parent)


def main(arguments: Sequence[str]) -> int:
    """`python -m insights.intake.worker [PARENT_PID]`: works until SIGTERM, SIGINT (twice: at once) or the end of its parent."""
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():  # asked twice: what is in hand is taken again at the next start
            sys.exit(0)
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    try:
        configure(default_settings(), "intake-worker")
        os.nice(NICE)
        work(default_settings(), stop=stop, parent=int(arguments[0]) if arguments else None)
    except VocError as error:
        LOG.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
