"""Which cases wait behind one answer for all, which never do, and that none waits past its own promise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from insights.alarms.holding import DUE, NO_DUPLICATE, OVER, Reach, held, marks
from insights.alarms.incidents import Incident
from insights.calendar import Calendar
from insights.cases import Case
from insights.cases.fold import apply
from insights.cases.model import HELD, MARKED, RELEASED, EventDraft

AT = datetime(2026, 10, 29, 9, tzinfo=UTC)  # a Thursday, ten o'clock in Paris
HOUR = timedelta(hours=1)
OPEN = {day: ((8 * 60, 20 * 60),) for day in range(5)}
CALENDARS = {"callbacks": Calendar("Europe/Paris", OPEN)}
INCIDENT = Incident("i1", ("IR-0001",), ("i1",), AT - HOUR, AT, AT, 9, 0.4)
REACH = {"i1": Reach(frozenset({"f1", "f2"}), frozenset({"C1", "C9"}))}
CASE = Case("k1", "C1", "detractor", "callbacks", "standard", AT, AT + 48 * HOUR, signals=("detractor:f1",))


@dataclass(frozen=True)
class Event:
    event_id: int
    kind: str
    subject: str
    at: datetime
    actor: str
    payload: Any
    idempotency_key: str = ""


def after(case: Case, *drafts: EventDraft) -> Case:
    for n, draft in enumerate(drafts, start=1):
        case = apply(case, Event(n, draft.kind, draft.subject, draft.at, draft.actor, draft.payload)) or case
    return case


def decided(case: Case, incident: Incident = INCIDENT, now: datetime = AT, reach: Any = REACH) -> list[EventDraft]:
    reaches = reach if incident.is_open else {}
    return marks([case], {"i1": incident}, reaches, CALENDARS, now)


def kinds(drafts: list[EventDraft]) -> list[str]:
    return [draft.kind for draft in drafts]


def test_a_duplicate_is_marked_and_held_once() -> None:
    drafts = decided(CASE)
    assert kinds(drafts) == [MARKED, HELD]
    case = after(CASE, *drafts)
    assert (case.marks, case.held_by) == (("incident:i1",), "i1")
    assert decided(case) == []
    assert held([case], "i1") == [case]


@pytest.mark.parametrize(
    "change",
    [
        {"family": "danger", "reason": "urgency", "promise": "urgent"},
        {"family": "complaint", "reason": "formal_complaint", "promise": "complaint"},
        {"family": "public", "reason": "public_complaint", "promise": "public"},
        {"reason": "high_value_detractor", "promise": "high_value"},
        {"reason": "leave_intent"},
        {"signals": ("detractor:f1", "leave_intent:f1")},
        {"signals": ("detractor:f1", "detractor:f77")},  # says something else too
        {"state": "assigned", "assignee": "Nadia"},
        {"due_at": AT + 3 * HOUR},  # no time left
        {"owner_team": "unknown"},
    ],
)
def test_what_is_more_than_a_duplicate_is_marked_and_never_held(change: dict[str, Any]) -> None:
    assert kinds(decided(replace(CASE, **change))) == [MARKED]


def test_a_case_that_says_something_else_is_left_alone() -> None:
    assert decided(replace(CASE, signals=("detractor:f99",))) == []
    assert decided(replace(CASE, state="closed")) == []


def test_a_call_of_our_own_to_somebody_it_hit_is_held() -> None:
    call = replace(CASE, customer_id="C9", reason="risk", plan={"explored": False}, signals=("risk:2026-10-29",))
    assert kinds(decided(call)) == [MARKED, HELD]
    assert decided(replace(call, customer_id="C5")) == []
    assert decided(replace(call, opened_at=AT - 5 * HOUR)) == []  # planned before it began


def test_all_are_given_back_when_the_incident_closes() -> None:
    case = after(CASE, *decided(CASE))
    drafts = decided(case, replace(INCIDENT, closed_at=AT + HOUR, reason="real"))
    assert [(draft.kind, draft.payload["why"]) for draft in drafts] == [(RELEASED, OVER)]
    free = after(case, *drafts)
    assert free.held_by is None
    assert decided(free) == []  # the same incident, opened again, holds it no more


def test_none_waits_past_its_own_promise() -> None:
    case = after(CASE, *decided(CASE))
    assert (
        decided(case, now=datetime(2026, 10, 30, 14, 30, tzinfo=UTC)) == []
    )  # open until 19:00 UTC, closed on Saturday
    drafts = decided(case, now=datetime(2026, 10, 30, 15, 30, tzinfo=UTC))
    assert [draft.payload["why"] for draft in drafts] == [DUE]
    assert after(case, *drafts).held_by is None


def test_taking_a_held_case_frees_it() -> None:
    case = after(CASE, *decided(CASE))
    taken = apply(case, Event(9, "case.assigned", "k1", AT, "Nadia", {}))
    assert taken is not None and (taken.held_by, taken.assignee) == (None, "Nadia")


def test_a_signal_that_says_more_frees_it() -> None:
    case = after(CASE, *decided(CASE))
    raised = {"signal": "urgency:f5", "reason": "urgency", "promise": "urgent", "owner_team": "callbacks"}
    urgent = apply(case, Event(9, "case.signal_added", "k1", AT, "rules", raised))
    assert urgent is not None and urgent.held_by is None
    other = apply(case, Event(9, "case.signal_added", "k1", AT, "rules", {"signal": "detractor:f50"}))
    assert other is not None and other.held_by == "i1"
    assert [draft.payload["why"] for draft in decided(other)] == [NO_DUPLICATE]
