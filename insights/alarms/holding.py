"""Cases that an incident explains, and duplicate callbacks that wait behind one answer for all.

Held is only a case that says nothing but the incident, that nobody has taken, under the standard promise. Never held:
danger and distress (minutes count), formal complaints (the law wants each answered), public posts (the answer there is
the answer), customers of high value (a shorter promise was given) and those who say they leave (one text for all does
not answer that). A case is given back when the incident is over, and in any case in time to keep its own promise.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from insights.alarms.incidents import ACTOR, Incident
from insights.calendar import Calendar
from insights.cases.endings import feedback_of
from insights.cases.model import ANSWER, HELD, INCIDENT, LEAVE_INTENT, MARKED, OPEN, RELEASED, Case, EventDraft

STANDARD = "standard"
HOURS_LEFT = 4.0  # opening hours of the team that are left for the call itself
OVER, DUE, NO_DUPLICATE = "incident_over", "promise_due", "no_duplicate"


@dataclass(frozen=True)
class Reach:
    """Feedback and customers that named the incident's irritants while it went on."""

    feedback_ids: frozenset[str]
    customers: frozenset[str]
    say_more: frozenset[str] = frozenset()  # of the feedback, those that name another irritant too


def explains(one: Incident, reach: Reach, case: Case) -> bool:
    """Whether a case stands on the incident: a signal of it falls in, or it is a call of our own to somebody it hit."""
    if any(feedback in reach.feedback_ids for feedback in feedback_of(case).values()):
        return True
    return bool(case.plan) and case.opened_at >= one.started_at and case.customer_id in reach.customers


def is_duplicate(one: Incident, reach: Reach, case: Case) -> bool:
    """Whether one answer for all answers the case: it says nothing else, and nothing forbids to hold it."""
    said = feedback_of(case).values()
    ordinary = case.family == ANSWER and case.promise == STANDARD and case.reason != LEAVE_INTENT
    leaving = any(signal.startswith(f"{LEAVE_INTENT}:") for signal in case.signals)
    untouched = case.state == OPEN and case.assignee is None
    only = reach.feedback_ids - reach.say_more
    return ordinary and not leaving and untouched and all(feedback in only for feedback in said)


def marks(
    cases: Iterable[Case],
    known: Mapping[str, Incident],
    reaches: Mapping[str, Reach],
    calendars: Mapping[str, Calendar],
    now: datetime,
) -> list[EventDraft]:
    """Events to record at `now`: cases marked, held and given back. On their own fold they give none.

    `reaches`: by id of the open incidents. A case without a calendar of its team is never held.
    """
    drafts: list[EventDraft] = []
    for case in cases:
        drafts += _released(case, known, reaches, calendars, now) if case.held_by else []
        if not case.is_open:
            continue
        for key in sorted(reaches):
            one = known[key]
            if not explains(one, reaches[key], case):
                continue
            if f"{INCIDENT}{key}" not in case.marks:
                drafts.append(_draft(MARKED, case, {"mark": f"{INCIDENT}{key}"}, f"marked:{INCIDENT}{key}", now))
            if (
                case.held_by is None
                and key not in case.released_from
                and not any(draft.kind == HELD and draft.subject == case.case_id for draft in drafts)
            ):
                drafts += _held(case, one, reaches[key], calendars, now)
    return drafts


def _held(
    case: Case, one: Incident, reach: Reach, calendars: Mapping[str, Calendar], now: datetime
) -> list[EventDraft]:
    if not is_duplicate(one, reach, case) or _soon(case, calendars, now):
        return []
    return [_draft(HELD, case, {"incident": one.incident_id}, f"held:{one.incident_id}", now)]


def _released(
    case: Case,
    known: Mapping[str, Incident],
    reaches: Mapping[str, Reach],
    calendars: Mapping[str, Calendar],
    now: datetime,
) -> list[EventDraft]:
    one = known.get(str(case.held_by))
    why = ""
    if one is None or not one.is_open:
        why = OVER
    elif _soon(case, calendars, now):
        why = DUE
    elif one.incident_id in reaches and not is_duplicate(one, reaches[one.incident_id], case):
        why = NO_DUPLICATE
    payload = {"incident": str(case.held_by), "why": why}
    return [_draft(RELEASED, case, payload, f"released:{case.held_by}", now)] if why else []


def _soon(case: Case, calendars: Mapping[str, Calendar], now: datetime) -> bool:
    """Whether so little opening time is left for the promise that the call must be made now."""
    calendar = calendars.get(case.owner_team)
    return calendar is None or calendar.business_minutes(now, case.due_at) <= HOURS_LEFT * 60


def _draft(kind: str, case: Case, payload: Mapping[str, str], step: str, now: datetime) -> EventDraft:
    return EventDraft(kind, case.case_id, payload, ACTOR, now, f"case:{case.case_id}:{step}")


def held(cases: Iterable[Case], incident_id: str) -> list[Case]:
    """The cases that wait behind an incident's answer, the first promise first."""
    found = [case for case in cases if case.held_by == incident_id and case.is_open]
    return sorted(found, key=lambda case: (case.due_at, case.case_id))


def customers_in(ids: Collection[object]) -> frozenset[str]:
    """Customer ids out of a column that holds NULLs."""
    return frozenset(str(one) for one in ids if isinstance(one, str))


def lasting(one: Incident, now: datetime) -> timedelta:
    """How long an incident has lasted."""
    return (one.closed_at or now) - one.started_at
