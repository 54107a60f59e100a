"""Reminders before a due time and escalations after it, each told once.

The ledger event holds the whole notice, so that a sender that dies loses none: it asks `notices_from` for all notices of
the events and sends those whose key it has not noted yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from insights.calendar import Team
from insights.cases.config import Rules
from insights.cases.decision import ACTOR
from insights.cases.due import Promise
from insights.cases.model import COMPLAINT, DANGER, ESCALATED, REMINDED, TRANSFERRED, Case, EventDraft
from insights.cases.notices import (
    ACKNOWLEDGE,
    ESCALATION,
    OMBUDSMAN,
    OPENED_URGENT,
    REMINDER,
    RESOLUTION_LATE,
    RESOLUTION_SOON,
    TRANSFERRED_TO_YOU,
    Notice,
)
from insights.events import LedgerEvent

CONTACT, RESOLUTION = "contact", "resolution"
ACKNOWLEDGE_BEFORE = timedelta(days=3)


@dataclass(frozen=True)
class _Due:
    """One threshold that has been passed: of what, which, and whether somebody above is told."""

    of: str
    threshold: str
    code: str
    due_at: datetime
    escalates: bool = False


def reminders(cases: Iterable[Case], *, rules: Rules, teams: Mapping[str, Team], now: datetime) -> list[EventDraft]:
    """Events to record at `now`; a threshold already told is not told again, nor one that a later one has overtaken."""
    drafts: list[EventDraft] = []
    for case in cases:
        if case.is_open and case.owner_team in teams:
            for due in _passed(case, rules, teams[case.owner_team], now):
                threshold = f"{due.of}:{due.threshold}:{case.n_reopened}:{due.due_at.isoformat()}"
                if threshold not in case.told:
                    drafts.append(_draft(case, due, threshold, teams[case.owner_team], now))
    return drafts


def notices_from(events: Iterable[LedgerEvent]) -> list[Notice]:
    """All notices that events of the ledger hold, oldest first; other kinds are passed over."""
    found = []
    for event in events:
        notice = event.payload.get("notice") if event.kind in (REMINDED, ESCALATED) else None
        if notice:
            threshold = str(event.payload["threshold"])
            found.append(
                Notice(
                    key=f"notice:{event.subject}:{threshold}",
                    team=str(notice["team"]),
                    person=notice.get("person"),
                    subject_code=str(notice["code"]),
                    case_id=event.subject,
                    at=event.at,
                    facts=notice.get("facts") or {},
                )
            )
    return found


def _passed(case: Case, rules: Rules, team: Team, now: datetime) -> list[_Due]:
    """The latest threshold passed of each due time of the case."""
    promise = rules.promises.get(case.promise)
    found = [_urgent(case), _handed_over(case)]
    if promise is not None and case.waits_for_contact:
        found.append(_around(CONTACT, case.due_at, promise, team, now))
    elif promise is not None and case.resolve_by is not None:
        found.append(_around(RESOLUTION, case.resolve_by, promise, team, now))
    if case.family == COMPLAINT:
        found += [_to_acknowledge(case, now), _ombudsman(case, now)]
    return [one for one in found if one is not None]


def _around(of: str, due_at: datetime, promise: Promise, team: Team, now: datetime) -> _Due | None:
    """The last escalation whose time has come, else the nearest reminder; None while there is time left."""
    calendar = team.calendar
    if now >= due_at:
        late = [hours for hours in promise.escalate_after_hours if now >= calendar.add_business_hours(due_at, hours)]
        code = ESCALATION if of == CONTACT else RESOLUTION_LATE
        return _Due(of, f"+{max(late):g}", code, due_at, escalates=True) if late else None
    left = calendar.business_minutes(now, due_at) / 60
    near = [hours for hours in promise.remind_before_hours if left <= hours]
    code = REMINDER if of == CONTACT else RESOLUTION_SOON
    return _Due(of, f"-{min(near):g}", code, due_at) if near else None


def _urgent(case: Case) -> _Due | None:
    """The team on call is told of a danger at once."""
    waits = case.family == DANGER and case.waits_for_contact
    return _Due("opened", "0", OPENED_URGENT, case.opened_at) if waits else None


def _handed_over(case: Case) -> _Due | None:
    if case.state != TRANSFERRED:
        return None
    n = case.counts.get("case." + TRANSFERRED, 0)
    return _Due("transferred", str(n), TRANSFERRED_TO_YOU, case.due_at)


def _to_acknowledge(case: Case, now: datetime) -> _Due | None:
    """Three days before the acknowledgement of a formal complaint is due, unless sent or the customer was reached."""
    by = case.legal_at("acknowledge_by")
    done = case.acknowledged_at is not None or case.first_reached_at is not None
    if by is None or done or now < by - ACKNOWLEDGE_BEFORE:
        return None
    return _Due("acknowledge", "-72", ACKNOWLEDGE, by)


def _ombudsman(case: Case, now: datetime) -> _Due | None:
    """The customer may go to the ombudsman from now on."""
    at = case.legal_at("ombudsman_at")
    return _Due("ombudsman", "0", OMBUDSMAN, at, escalates=True) if at is not None and now >= at else None


def _draft(case: Case, due: _Due, threshold: str, team: Team, now: datetime) -> EventDraft:
    told = team.escalates_to if due.escalates and team.escalates_to else case.owner_team
    person = (team.lead if due.escalates else None) or case.assignee
    waited = (now - (case.waiting_since or case.opened_at)) / timedelta(hours=1)
    facts: dict[str, Any] = {
        "reason": case.reason,
        "state": case.state,
        "owner_team": case.owner_team,
        "due_at": due.due_at.astimezone(UTC).isoformat(),
        "waited_hours": round(waited, 1),
    }
    notice = {"team": told, "person": person, "code": due.code, "facts": facts}
    payload = {"of": due.of, "threshold": threshold, "notice": notice}
    kind = ESCALATED if due.escalates else REMINDED
    return EventDraft(kind, case.case_id, payload, ACTOR, now, f"case:{case.case_id}:told:{threshold}")
