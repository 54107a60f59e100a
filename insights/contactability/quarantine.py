"""Rules of surveys: rest between two questions over all channels, and none while a case or a complaint is open."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from insights.contactability import clock
from insights.contactability.config import ContactRules, Kind, NoParameters, Strict
from insights.contactability.model import Ask, Facts, Finding, Request


class OpenComplaint(Strict):
    """Days a complaint of which no end is known counts as open; `after_complaint`: surveys sent once it is answered."""

    days: int = Field(60, ge=1)
    after_complaint: tuple[str, ...] = ()


class Rest(Strict):
    """Days of rest since the last question of each kind, and since our last call."""

    relational: int = Field(ge=0)
    transactional: int = Field(ge=0)
    call: int = Field(0, ge=0)


class SurveyRest(Strict):
    """For each kind of survey, the rest it needs."""

    rest_days: dict[Kind, Rest]


def open_case(request: Request, facts: Facts, _rules: ContactRules, _own: NoParameters) -> Finding | None:
    """The survey comes after the case is closed."""
    opened = facts.case_since
    return Finding(since=opened) if opened is not None and opened <= request.at else None


def open_complaint(request: Request, facts: Facts, rules: ContactRules, own: OpenComplaint) -> Finding | None:
    """Nobody is asked for a score while a complaint waits for its answer."""
    made = facts.complaint_at
    if made is None or made > request.at or request.survey in own.after_complaint:
        return None
    zone = rules.place(facts.region).timezone
    free = clock.midnight(clock.local_day(made, zone) + timedelta(days=own.days), zone)
    return Finding(since=made, until=free, values={"days": own.days}) if request.at < free else None


def survey_rest(request: Request, facts: Facts, rules: ContactRules, own: SurveyRest) -> Finding | None:
    """Rest since the last questions and calls of ours, whatever channel they came by."""
    kind = rules.kind_of(request.survey)
    rest = own.rest_days.get(kind)  # type: ignore[call-overload]
    if rest is None:
        return None
    zone, found = rules.place(facts.region).timezone, None
    for ask in facts.asks:
        days = int(getattr(rest, ask.kind))
        if ask.at > request.at or not days:
            continue
        free = clock.midnight(clock.local_day(ask.at, zone) + timedelta(days=days), zone)
        if request.at < free and (found is None or found.until is None or free > found.until):
            found = Finding(since=ask.at, until=free, values={"kind": ask.kind, "days": days, "survey": kind})
    return found


def longest_rest(rules: ContactRules) -> int:
    """Days of the longest rest any survey needs: how far back questions must be known."""
    own = rules.parameters["survey_rest"]
    if not isinstance(own, SurveyRest):
        return 0
    return max((max(rest.relational, rest.transactional, rest.call) for rest in own.rest_days.values()), default=0)


__all__ = ["Ask", "OpenComplaint", "SurveyRest", "longest_rest", "open_case", "open_complaint", "survey_rest"]
