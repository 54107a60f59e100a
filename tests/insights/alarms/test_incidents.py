"""Incidents: one ring for one thing, decisions that can be taken back, and what a later one is held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.alarms import POOLED, Alarm
from insights.alarms.decide import step_event, undo_event
from insights.alarms.incidents import (
    COOL_DOWN,
    FALSE_ALARM,
    REAL,
    Incident,
    false_alarms,
    fold_incidents,
    home_of,
    joining,
    known_as,
    masked,
    opening,
    similar,
)
from insights.errors import LedgerError

AT = datetime(2026, 10, 31, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Event:
    event_id: int
    kind: str
    subject: str
    at: datetime
    actor: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    idempotency_key: str = ""


class Book:
    """Events in order, each key once, as the ledger keeps them."""

    def __init__(self) -> None:
        self.rows: dict[str, Event] = {}

    def add(self, row: Mapping[str, Any]) -> int:
        one = Event(
            len(self.rows) + 1, row["kind"], row["subject"], row["at"], row["actor"], row["payload"], row["key"]
        )
        return self.rows.setdefault(row["key"], one).event_id

    @property
    def known(self) -> dict[str, Incident]:
        return fold_incidents(self.rows.values())


def alarm(series: str = "IR-0001", minute: float = 0, ids: tuple[str, ...] = ("f1",), key: str = "") -> Alarm:
    start = AT + minute * MINUTE
    return Alarm(key or f"{series}-{minute:g}", series, start, start + 5 * MINUTE, 6, 0.4, 7.0, 5.0, ids)


@pytest.fixture
def book() -> Book:
    found = Book()
    found.add(opening(alarm(), replayed=False, at=AT))
    return found


def only(book: Book) -> Incident:
    return next(iter(book.known.values()))


def decided(book: Book, step: str, actor: str = "Nadia", **more: Any) -> int:
    return book.add(step_event(only(book), step, actor, AT + 60 * MINUTE, **more))


def test_the_same_alarm_twice_is_one_incident(book: Book) -> None:
    book.add(opening(alarm(), replayed=False, at=AT + MINUTE))
    assert list(book.known) == ["IR-0001-0"]
    assert only(book).is_open


@pytest.mark.parametrize(
    ("other", "joins"),
    [
        (alarm(minute=130), False),  # starts after the cool-down
        (alarm(minute=124), True),
        (alarm("IR-0009", 3, ("f8",)), False),
        (alarm("IR-0002", 3), True),  # the same theme
        (alarm("IR-0009", 3, ("f1", "f8", "f9")), True),  # a third of the smaller one's feedback
        (alarm(POOLED, 3, ("f7",)), True),
    ],
)
def test_an_alarm_joins_what_it_belongs_to(book: Book, other: Alarm, joins: bool) -> None:
    parents = {"IR-0001": "TH-01", "IR-0002": "TH-01", "IR-0009": "TH-02"}
    home = home_of(other, book.known.values(), {"IR-0001-0": frozenset({"f1", "f2", "f3"})}, parents)
    assert (home is not None) == joins


def test_a_closed_incident_takes_no_more_alarms(book: Book) -> None:
    decided(book, "close", reason=REAL)
    assert home_of(alarm(minute=10), book.known.values(), {}, {}) is None


def test_an_incident_is_named_after_its_first_irritant() -> None:
    book = Book()
    book.add(opening(alarm(POOLED), replayed=False, at=AT))
    assert only(book).lead == POOLED
    book.add(joining(alarm("IR-0003", 2), only(book), AT))
    assert only(book).lead == "IR-0003"
    assert only(book).last_at == AT + 7 * MINUTE
    assert only(book).n_authors == 6


def test_a_start_that_a_late_post_has_moved_is_no_second_alarm(book: Book) -> None:
    moved = replace(alarm(key="other"), started_at=AT - 3 * MINUTE)
    found = known_as(moved, book.known.values())
    assert found is not None and found[1] == "IR-0001-0"
    assert known_as(alarm(minute=121), book.known.values()) is None
    assert known_as(alarm("IR-0002"), book.known.values()) is None


def test_every_decision_can_be_taken_back_the_newest_first(book: Book) -> None:
    taken = decided(book, "take")
    closed = decided(book, "close", reason=FALSE_ALARM)
    assert (only(book).taken_by, only(book).reason, only(book).is_open) == ("Nadia", FALSE_ALARM, False)
    with pytest.raises(LedgerError, match="A later decision rests on this one"):
        undo_event(only(book), taken, "Paul", AT)
    book.add(undo_event(only(book), closed, "Paul", AT))
    assert (only(book).reason, only(book).is_open, only(book).taken_by) == (None, True, "Nadia")
    with pytest.raises(LedgerError, match="taken back already"):
        undo_event(only(book), closed, "Paul", AT)
    again = decided(book, "close", reason=REAL)
    assert again != closed and only(book).reason == REAL
    reopened = decided(book, "reopen")
    assert only(book).is_open
    book.add(undo_event(only(book), reopened, "Paul", AT))
    assert only(book).reason == REAL


def test_impossible_steps_are_refused_with_a_sentence(book: Book) -> None:
    with pytest.raises(LedgerError, match="Dites ce que c'était"):
        step_event(only(book), "close", "Nadia", AT, reason="whatever", language="fr")
    with pytest.raises(LedgerError, match="is not closed"):
        step_event(only(book), "reopen", "Nadia", AT)
    decided(book, "close", reason=REAL)
    with pytest.raises(LedgerError, match="is closed already"):
        step_event(only(book), "close", "Paul", AT, reason=REAL)
    with pytest.raises(LedgerError, match="is over"):
        step_event(only(book), "answer", "Paul", AT)
    with pytest.raises(LedgerError, match="no such incident"):
        step_event(None, "take", "Paul", AT)


def test_a_double_click_records_once(book: Book) -> None:
    one = only(book)
    rows = [step_event(one, "take", "Nadia", AT), step_event(one, "take", "Nadia", AT + MINUTE)]
    assert book.add(rows[0]) == book.add(rows[1])


def test_a_replayed_incident_is_never_open_and_can_be_judged() -> None:
    book = Book()
    book.add(opening(alarm(), replayed=True, at=AT))
    assert not only(book).is_open
    with pytest.raises(LedgerError, match="is over"):
        step_event(only(book), "take", "Nadia", AT)
    decided(book, "close", reason=FALSE_ALARM)
    assert only(book).reason == FALSE_ALARM


def test_a_false_alarm_is_an_ordinary_week_and_counts_against_the_budget(book: Book) -> None:
    assert masked(book.known.values()) == [(AT, AT + 5 * MINUTE + COOL_DOWN)]
    assert false_alarms(book.known.values(), AT, AT + COOL_DOWN) == 0
    decided(book, "close", reason=FALSE_ALARM)
    assert masked(book.known.values()) == []
    assert false_alarms(book.known.values(), AT, AT + COOL_DOWN) == 1
    assert false_alarms(book.known.values(), AT + COOL_DOWN, AT + 2 * COOL_DOWN) == 0


def test_similar_ones_are_of_the_same_irritant_or_near_by_terms_and_earlier() -> None:
    book = Book()
    for series, minute in (
        ("IR-0001", -9000),
        ("IR-0002", -6000),
        (POOLED, -5000),
        ("IR-0003", -3000),
        ("IR-0001", 9000),
    ):
        book.add(opening(alarm(series, minute), replayed=False, at=AT))
    book.add(opening(alarm(), replayed=False, at=AT))
    terms = {"IR-0001-0": frozenset({"panne", "page blanche"}), "IR-0003--3000": frozenset({"panne", "x"})}
    found = similar(book.known["IR-0001-0"], book.known.values(), terms)
    assert [(one.incident_id, sorted(common)) for one, common in found] == [
        ("IR-0001--9000", []),
        ("IR-0003--3000", ["panne"]),
    ]


STEPS = st.lists(st.sampled_from(["take", "close", "reopen", "answer", "undo"]), max_size=12)


@given(STEPS)
def test_taking_everything_back_leaves_the_incident_as_it_was(steps: list[str]) -> None:
    book = Book()
    book.add(opening(alarm(), replayed=False, at=AT))
    before = only(book)
    for step in steps:
        one = only(book)
        try:
            if step == "undo":
                row = undo_event(one, one.decisions[-1] if one.decisions else 0, "Nadia", AT)
            else:
                row = step_event(one, step, "Nadia", AT, reason=REAL)
        except LedgerError:
            continue
        book.add(row)
    while only(book).decisions:
        book.add(undo_event(only(book), only(book).decisions[-1], "Nadia", AT))
    assert replace(only(book), counts=before.counts) == before
