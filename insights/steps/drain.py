"""Drain: staged rows become rows of the lake in one transaction. Draining twice, or two at once, changes no count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import duckdb
import pandas as pd
import pyarrow as pa

from insights.errors import ContractError, LakeError
from insights.keys import KeyRing
from insights.lake import Lake, Writer
from insights.ledger import Ledger
from insights.ledger.staged import Staged, finish, refuse, waiting
from insights.privacy.log import ErasureLog
from insights.privacy.refuse import erased_feedback
from insights.settings import Settings
from insights.steps.keep import keep, still_unread
from insights.steps.staging import DELETED, WITHDRAWN, load

BATCH = 2_000  # events a transaction


@dataclass(frozen=True)
class DrainReport:
    """Events drained, and what the lake made of their feedback."""

    n_events: int = 0
    n_new: int = 0
    n_revised: int = 0
    n_known: int = 0
    n_deleted: int = 0
    n_quarantined: int = 0
    n_refused: int = 0

    def __add__(self, other: DrainReport) -> DrainReport:
        return DrainReport(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))


def drain(lake: Lake, ledger: Ledger) -> DrainReport:
    """Put every staged row into the lake, then end its event. Raises LakeError where the lake cannot be written.

    The lake commits first: after a crash in between, the rows are found known and only the ledger changes.
    """
    total = DrainReport()
    while rows := waiting(ledger, BATCH):
        try:
            total += _drain(lake, ledger, rows)
        except (ContractError, LakeError, pa.ArrowException) as error:
            if not _is_about_the_rows(error):
                raise
            total = sum((_alone(lake, ledger, row) for row in rows), total)
    return total


def _drain(lake: Lake, ledger: Ledger, rows: Sequence[Staged]) -> DrainReport:
    report = DrainReport()
    with lake.write() as writer:
        asked = {row.staged_id for row in rows}  # read again: another drain, or an erasure, may have come before us
        rows = [row for row in waiting(ledger, BATCH) if row.staged_id in asked]
        for group in _disjoint(rows):
            report += _write(writer, group, lake.settings.business_now(), ledger.keys)
    finish(ledger, rows, _expiry(lake.settings))
    return replace(report, n_events=len(rows))


def _expiry(settings: Settings) -> date:
    return settings.business_day() + timedelta(days=settings.inbox_days)


def _alone(lake: Lake, ledger: Ledger, row: Staged) -> DrainReport:
    """One event by itself; one the lake refuses goes to quarantine with its sealed body, and the others go on."""
    try:
        return _drain(lake, ledger, [row])
    except (ContractError, LakeError, pa.ArrowException) as error:
        if not _is_about_the_rows(error):
            raise
        refuse(ledger, row, lake.settings, type(error).__name__)
        return DrainReport(n_refused=1)


def _is_about_the_rows(error: Exception) -> bool:
    """Whether the rows are at fault, not the lock, the disk or the catalog."""
    cause = error.__cause__ if isinstance(error, LakeError) else error
    return isinstance(cause, ContractError | pa.ArrowException | duckdb.DataError | duckdb.IntegrityError)


def _disjoint(rows: Sequence[Staged]) -> Iterator[list[Staged]]:
    """The rows in order, cut before a feedback that comes again: a later version meets the earlier one in the lake."""
    group: list[Staged] = []
    seen: set[str] = set()
    for row in rows:
        ids = {one["feedback_id"] for one in row.frames.get("feedback", ())}
        ids |= {key for kind in (DELETED, WITHDRAWN) for key in row.frames.get(kind, ())}
        if ids & seen:
            yield group
            group, seen = [], set()
        group.append(row)
        seen |= ids
    if group:
        yield group


def _write(writer: Writer, rows: Sequence[Staged], now: datetime, keys: KeyRing) -> DrainReport:
    frames = [row.frames for row in rows]
    feedback = load(frames, "feedback")
    if barred := erased_feedback(feedback, ErasureLog(keys).erased()):  # an erasure may have run since the border
        feedback = feedback[~feedback["feedback_id"].isin(barred)]
    deleted, withdrawn = ([key for one in frames for key in one.get(kind, ())] for kind in (DELETED, WITHDRAWN))
    answer, turn = load(frames, "answer"), load(frames, "turn")
    kept = keep(writer, feedback, answer, turn, deleted=deleted, withdrawn=withdrawn, now=now)
    _write_readings(writer, feedback, frames)
    n_quarantined = writer.insert_new("quarantine", load(frames, "quarantine"))
    return DrainReport(0, kept.n_new, kept.n_revised, kept.n_known, kept.n_deleted, n_quarantined)


def _write_readings(writer: Writer, feedback: pd.DataFrame, frames: Sequence[dict[str, object]]) -> None:
    """Mentions, vectors and irritants of the feedback whose stored words are these and have not been read yet."""
    mentions = load(frames, "mention")
    if mentions.empty:
        return
    mentions = still_unread(writer, feedback, mentions)
    writer.insert_new("mention", mentions)
    vectors, assigned = load(frames, "embedding"), load(frames, "mention_irritant")
    if not vectors.empty:
        writer.insert_new("embedding", vectors[vectors["text_sha"].isin(mentions["text_sha"])])
    if not assigned.empty:
        writer.insert_new("mention_irritant", assigned[assigned["mention_id"].isin(mentions["mention_id"])])
