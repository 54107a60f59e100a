"""The hot path: a posted event becomes redacted, enriched rows and, where the rules ask for it, a case, within seconds.

Same border, same reading, same rules as the scheduled steps; models are loaded once. Nothing is written to the lake
here: rows wait in `ledger.staged` for `drain`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from insights.advisers import team_sizes
from insights.border import Border, BorderBatch, Rejected
from insights.errors import RowError, SetAside, SourceError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.ledger.inbox import DONE, MAX_ATTEMPTS, REJECTED, STAGED_STATE, Waiting
from insights.ledger.staged import Outcome, quarantine_row
from insights.mentions.build import build_mentions, contradictions
from insights.retention import load_policy
from insights.sources.base import KEY_PREFIX, ROW_PREFIX, Item, RawRecord, RecordSource, feedback_id
from insights.sources.options import NO_OPTIONS, load_options
from insights.steps.fresh import Fresh
from insights.steps.hot_models import Models
from insights.steps.ingest import parse_all, quarantine_rows
from insights.steps.staging import DELETED, TABLES, WITHDRAWN, contract_frame, dump

Pair = tuple[Item, RawRecord]
Tables = dict[str, pd.DataFrame]
Shares = dict[int, dict[str, Any]]  # rows by table, by inbox_id
BAD_SHAPE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


@dataclass(frozen=True)
class Read:
    """One event as read: still raw, never stored."""

    event: Waiting
    items: list[Pair]
    rejected: list[Rejected] = field(default_factory=list)
    set_aside: Counter[str] = field(default_factory=Counter)

    @property
    def ids(self) -> set[tuple[str, str]]:
        return {(self.event.source, item.source_id) for item, _ in self.items}


@dataclass(frozen=True)
class Enriched:
    """Rows of several events by table, and the event each feedback came from."""

    tables: Tables
    deleted: list[str]
    owner: dict[str, int]  # feedback_id -> inbox_id
    outcomes: list[Outcome]


class HotPath:
    """Turns events into outcomes. Give it a lake to read, the ledger for keys and customers, and the sources."""

    def __init__(self, lake: Lake, ledger: Ledger, sources: Mapping[str, RecordSource]) -> None:
        self.lake, self.ledger, self.sources = lake, ledger, sources
        self.settings = lake.settings
        self.models = Models(ledger, self.settings)
        folder = self.settings.reference_dir
        self._options = Fresh([folder / "sources.yaml"], lambda: load_options(folder))

    def check_settings(self) -> None:
        """Read what people edit. Raises SettingsError before an event is taken, so that none is blamed for it."""
        self._options.get()
        load_policy(self.settings)
        team_sizes(self.settings.reference_dir)

    def read(self, event: Waiting) -> Read:
        """The items of an event. Raises what its unsealing raises; a payload of an unforeseen shape is one bad row."""
        source = self.sources.get(event.source)
        if source is None or source.hook is None:
            raise SourceError(f"There is no webhook source {event.source!r} any more.")
        payload = json.loads(self.ledger.keys.unseal(event.sealed))
        name = f"hook-{event.event_key[:16]}"
        try:
            found = [RawRecord(name, line, data) for line, data in enumerate(source.hook.records(payload), start=1)]
        except SetAside as error:
            return Read(event, [], set_aside=Counter([str(error).partition(": ")[0]]))
        except RowError as error:
            code, _, detail = str(error).partition(": ")
            return Read(event, [], [Rejected(name, code, detail, RawRecord(name, 1, {"payload": payload}))])
        except BAD_SHAPE as error:
            record = RawRecord(name, 1, {"payload": payload})
            return Read(event, [], [Rejected(name, "bad_shape", type(error).__name__, record)])
        items, rejected, set_aside = parse_all(source, found, self._options.get().get(source.name, NO_OPTIONS))
        return Read(
            event,
            [(with_event_id(item, event.event_key, record), record) for item, record in items],
            rejected,
            set_aside,
        )

    def enrich(self, reads: Sequence[Read]) -> Enriched:
        """Rows of events that share no feedback, through the border and the models. Writes nothing."""
        border = Border.of(self.ledger, self.settings, self.models.redactor, datetime.now(UTC))
        batches: list[tuple[str, BorderBatch]] = []
        for name in dict.fromkeys(read.event.source for read in reads):
            own = [read for read in reads if read.event.source == name]
            batch = border.pass_items(name, [pair for read in own for pair in read.items], Counter())
            batch.rejected += [rejected for read in own for rejected in read.rejected]
            batches.append((name, batch))
        tables = self._read_words({name: _joined(name, batches) for name in ("feedback", "answer", "turn")})
        tables["quarantine"] = pd.concat([quarantine_rows(border, name, batch.rejected) for name, batch in batches])
        deleted = [key for _, batch in batches for key in batch.deleted]
        owner = {self._id(read, item): read.event.inbox_id for read in reads for item, _ in read.items}
        withdrawn = [key for _, batch in batches for key in batch.withdrawn]
        shares = _by_event(tables, {DELETED: deleted, WITHDRAWN: withdrawn}, owner, reads)
        outcomes = [self._outcome(read, shares[read.event.inbox_id]) for read in reads]
        return Enriched(tables, deleted, owner, outcomes)

    def _read_words(self, tables: Tables) -> Tables:
        """The tables with mentions, vectors and irritants of what was said."""
        feedback, answers, turns = tables["feedback"], tables["answer"], tables["turn"]
        mentions = contract_frame("mention", pd.DataFrame())
        if not feedback.empty:
            mentions = build_mentions(feedback, turns, self.models.polarity, self.settings.competitors)
            flagged = contradictions(feedback, answers, mentions)
            mentions = mentions.assign(score_contradicts=mentions["feedback_id"].map(flagged))
        vectors = self.models.vectors(mentions)
        assigned = self.models.assigned(mentions, vectors)
        return {**tables, "mention": mentions, "embedding": vectors, "mention_irritant": assigned}

    def _id(self, read: Read, item: Item) -> str:
        own = item.source_id
        return feedback_id(read.event.source, self.ledger.keys.row_hash(own) if own.startswith(KEY_PREFIX) else own)

    def _outcome(self, read: Read, frames: dict[str, Any]) -> Outcome:
        aside = ", ".join(f"{n} {code}" for code, n in sorted(read.set_aside.items()))
        detail = f"set aside: {aside}"[:400] if aside else None
        if frames:
            return Outcome(read.event, frames, STAGED_STATE, detail)
        ends = self.settings.business_day() + timedelta(days=self.settings.inbox_days)
        return Outcome(read.event, {}, DONE, detail or "nothing to keep", ends)

    def refused(self, event: Waiting, error: str) -> Outcome:
        """What becomes of an event that failed too often: rejected, its sealed body in quarantine."""
        ends = self.settings.business_day() + timedelta(days=self.settings.quarantine_days)
        row = quarantine_row(event.source, event.event_key, event.sealed, error, self.settings)
        detail = f"{error} after {min(event.attempts, MAX_ATTEMPTS)} attempts"
        return Outcome(event, {"quarantine": [row]}, REJECTED, detail, ends)

    def warm_up(self) -> None:
        """Load every model on an invented answer in both languages. Nothing is written."""
        at = datetime.now(UTC)
        said = (
            "Je n'ai pas pu joindre Paul Durand, la facture est fausse.",
            "The invoice is wrong and nobody answers.",
        )
        pairs = [
            (
                Item(f"warm-{place}", {"kind": "survey", "occurred_at": at, "available_at": at, "verbatim": text}),
                RawRecord("warm-up", place, {}),
            )
            for place, text in enumerate(said)
        ]
        self.enrich([Read(Waiting(0, "warm-up", "0" * 64, at, "", 1), pairs)])


def disjoint(reads: Sequence[Read]) -> list[list[Read]]:
    """The events in order, cut before a feedback that comes again, so that its versions stay in their order."""
    groups: list[list[Read]] = []
    seen: set[tuple[str, str]] = set()
    for read in reads:
        if not groups or read.ids & seen:
            groups.append([])
            seen = set()
        groups[-1].append(read)
        seen |= read.ids
    return groups


def with_event_id(item: Item, event_key: str, record: RawRecord) -> Item:
    """An item without an id of its own takes that of its event: two equal answers are two, one retried stays one."""
    if not item.source_id.startswith(ROW_PREFIX):
        return item
    return replace(item, source_id=f"{KEY_PREFIX}{event_key}:{record.line}")


def _joined(table: str, batches: Sequence[tuple[str, BorderBatch]]) -> pd.DataFrame:
    frames = [frame for _, batch in batches if not (frame := getattr(batch, table)).empty]
    return contract_frame(table, pd.concat(frames, ignore_index=True) if frames else pd.DataFrame())


def _by_event(
    tables: Tables, leaving: Mapping[str, Sequence[str]], owner: Mapping[str, int], reads: Sequence[Read]
) -> Shares:
    """The rows of each event, as JSON; tables without a row are left out."""
    shares: Shares = {read.event.inbox_id: {} for read in reads}
    by_file = {f"hook-{read.event.event_key[:16]}": {read.event.inbox_id} for read in reads}
    by_feedback = {key: {inbox_id} for key, inbox_id in owner.items()}
    by_mention: dict[str, set[int]] = {}
    by_text: dict[str, set[int]] = {}
    for row in tables["mention"][["mention_id", "text_sha", "feedback_id"]].itertuples(index=False):
        by_mention[row.mention_id] = by_feedback[row.feedback_id]
        by_text.setdefault(row.text_sha, set()).update(by_feedback[row.feedback_id])
    of = {"embedding": ("text_sha", by_text), "mention_irritant": ("mention_id", by_mention)}
    of["quarantine"] = ("file", by_file)
    for table in TABLES:
        column, owners = of.get(table, ("feedback_id", by_feedback))
        for row in dump(table, tables[table]):
            for inbox_id in owners[row[column]]:
                shares[inbox_id].setdefault(table, []).append(row)
    for kind, keys in leaving.items():
        for key in keys:
            shares[owner[key]].setdefault(kind, []).append(key)
    return shares
