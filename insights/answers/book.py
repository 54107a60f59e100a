"""What the readers of digests answered, and how often each wants it: a fold of ledger events.

Payloads, by kind:
  digest.answer.given    publication_id, recipient_id, irritant_id, answer, action_id (of an accepted one, else absent)
  digest.answer.undone   event_id of the answer taken back
  digest.frequency       recipient_id, frequency, via (page, one_click, operator)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from insights.answers.model import GIVEN, UNDONE, WISHED, Answer
from insights.events import LedgerEvent

KINDS = (GIVEN, UNDONE, WISHED)


@dataclass(frozen=True)
class Answers:
    """`all`: every answer in order, those taken back too. `wishes`: frequency last asked for, by recipient."""

    all: tuple[Answer, ...] = ()
    wishes: Mapping[str, str] = field(default_factory=dict)
    version: int = 0

    @property
    def standing(self) -> tuple[Answer, ...]:
        """Answers that were not taken back."""
        return tuple(one for one in self.all if not one.undone)

    def to(self, publication_id: str, recipient_id: str, irritant_id: str) -> tuple[Answer, ...]:
        """All answers of one recipient on one irritant of one issue, in order, those taken back too."""
        asked = (publication_id, recipient_id, irritant_id)
        return tuple(one for one in self.all if (one.publication_id, one.recipient_id, one.irritant_id) == asked)


def fold_answers(events: Iterable[LedgerEvent]) -> Answers:
    """The answers after these events; other kinds are passed over."""
    known: dict[int, Answer] = {}
    wishes: dict[str, str] = {}
    version = 0
    for event in sorted((one for one in events if one.kind in KINDS), key=lambda one: one.event_id):
        version, said = event.event_id, event.payload
        if event.kind == GIVEN:
            known[event.event_id] = Answer(
                event.event_id, str(said["publication_id"]), str(said["recipient_id"]), str(said["irritant_id"]),
                str(said["answer"]), event.at, said.get("action_id"),
            )  # fmt: skip
        elif event.kind == UNDONE and (found := known.get(int(said["event_id"]))) is not None:
            known[found.event_id] = replace(found, undone=True)
        elif event.kind == WISHED:
            wishes[str(said["recipient_id"])] = str(said["frequency"])
    return Answers(tuple(known.values()), wishes, version)


def question(publication_id: str, recipient_id: str, irritant_id: str) -> str:
    """Subject of the events of one question: one recipient, one irritant, one issue."""
    asked = "\n".join((publication_id, recipient_id, irritant_id))
    return f"answer:{hashlib.sha256(asked.encode()).hexdigest()[:32]}"
