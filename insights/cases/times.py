"""By when: the due times of a case, from its rule's promise, a moment's own day and the law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from insights.calendar import Calendar
from insights.cases.config import Rule, Rules
from insights.cases.model import COMPLAINT, Case, Signal
from insights.errors import SettingsError


@dataclass(frozen=True)
class Times:
    """First human contact, end, and the law's instants (ISO text, as events keep them)."""

    due_at: datetime
    resolve_by: datetime | None = None
    legal: Mapping[str, Any] = field(default_factory=dict)


def times_of(rule: Rule, signal: Signal, rules: Rules, calendars: Mapping[str, Calendar], now: datetime) -> Times:
    """Due times of a signal taken by a rule at `now`. Raises SettingsError when its team has no calendar."""
    team = rule.team_of(signal.segment)
    if team not in calendars:
        raise SettingsError(f"Team {team!r} of rule {rule.reason!r} has no calendar in data/reference/teams.yaml.")
    calendar, promise = calendars[team], rules.promises[rule.promise]
    start = signal.at if rules.promise_starts == "signal" and not rule.proactive else now
    due, end = promise.due_at(start, calendar), promise.resolve_by(start, calendar)
    if signal.by is not None:
        due = calendar.last_open_before(signal.by, now) or due
    if rule.family != COMPLAINT:
        return Times(due, end)
    legal = rules.complaints.legal(signal.matter, signal.at)
    limit = _instant(legal.get("answer_by"))
    return Times(min(due, limit or due), min(filter(None, (end, limit)), default=None), legal)


def times_again(case: Case, rules: Rules, calendars: Mapping[str, Calendar], now: datetime) -> dict[str, datetime]:
    """`due_at` and `resolve_by` of a new round of a case: the same promise, counted from now; the law's day stays where it
    was. Empty where promise or team are gone."""
    promise, calendar = rules.promises.get(case.promise), calendars.get(case.owner_team)
    if promise is None or calendar is None:
        return {}
    limit = _instant(case.legal.get("answer_by"))
    end = promise.resolve_by(now, calendar)
    found = {"due_at": promise.due_at(now, calendar)}
    return found | ({"resolve_by": min(end, limit) if limit and limit > now else end} if end else {})


def earlier(case_legal: Mapping[str, Any], legal: Mapping[str, Any]) -> bool:
    """Whether a further letter sets an earlier day to answer."""
    mine, theirs = _instant(legal.get("answer_by")), _instant(case_legal.get("answer_by"))
    return mine is not None and (theirs is None or mine < theirs)


def _instant(text: Any) -> datetime | None:
    return datetime.fromisoformat(str(text)).astimezone(UTC) if text else None
