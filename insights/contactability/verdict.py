"""The verdict on one contact: every rule that binds it is asked, and none is outweighed by another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from insights.calendar import Calendar
from insights.contactability.config import ContactRules
from insights.contactability.law import LAWS
from insights.contactability.model import PROSPECTING, Facts, Finding, Request, Verdict

MOST_STEPS = 200  # rules of time in turn push the instant on; as many turns without an end mean there is none


def may_contact(
    facts: Facts,
    purpose: str,
    channel: str,
    at: datetime,
    *,
    rules: ContactRules,
    offer: str | None = None,
    survey: str | None = None,
    said_at: datetime | None = None,
    said_no: bool = False,
    anonymous: bool = False,
    urgent: bool = False,
    owed: bool = False,
    hours: Calendar | None = None,
    appointment_at: datetime | None = None,
) -> Verdict:
    """Whether a customer may be contacted at `at` (timezone-aware); see `Request` for the details. Reads no clock.

    An offer makes any contact prospecting.
    """
    request = Request(
        PROSPECTING if offer else purpose,
        channel,
        at.astimezone(UTC),
        offer=offer,
        survey=survey,
        said_at=said_at,
        said_no=said_no,
        anonymous=anonymous,
        urgent=urgent,
        owed=owed and not offer,
        hours=hours,
        appointment_at=appointment_at,
    )
    return judge(request, facts, rules)


def judge(request: Request, facts: Facts, rules: ContactRules) -> Verdict:
    """The verdict on a request. Named first: what blocks, what time does not lift, then what lasts longest."""
    found = list(findings(request, facts, rules))
    against, steps = tuple(one for one in found if not one.step), tuple(one for one in found if one.step)
    zone = rules.place(facts.region).timezone
    if not against:
        return Verdict(request, facts, True, steps=steps, timezone=rules.timezone, customer_timezone=zone)
    first = min(against, key=lambda one: (one.warns, one.until is not None, -(one.until or request.at).timestamp()))
    return Verdict(
        request,
        facts,
        False,
        blocks=any(not one.warns for one in against),
        rule_id=first.rule_id,
        since=first.since,
        until=earliest(request, facts, rules, against),
        findings=(first, *(one for one in against if one is not first)),
        steps=steps,
        timezone=rules.timezone,
        customer_timezone=zone,
    )


def findings(request: Request, facts: Facts, rules: ContactRules) -> Iterator[Finding]:
    """What each rule says that binds this contact, in the order of the file."""
    timezone = rules.place(facts.region).timezone
    for entry in rules.rules:
        if entry.binds(request, facts, timezone):
            found = LAWS[entry.id].ask(request, facts, rules, rules.parameters[entry.id])
            if found is not None:
                yield replace(found, rule_id=entry.id, warns=found.warns or request.purpose in entry.warns)


def earliest(
    request: Request, facts: Facts, rules: ContactRules, against: tuple[Finding, ...] | None = None
) -> datetime | None:
    """First instant from `request.at` on at which nothing blocks the contact and no hour is awaited; None: there is none.

    A warning that time does not lift is passed over. Every rule gives the first instant it allows itself, so that none
    earlier is allowed by all (a least fixed point).
    """
    at = request.at
    for _ in range(MOST_STEPS):
        found = against if against is not None else tuple(findings(replace(request, at=at), facts, rules))
        binding = [one for one in found if not one.step and not (one.warns and one.until is None)]
        if not binding:
            return at if at > request.at else None
        ends = [one.until for one in binding]
        if any(end is None or end <= at for end in ends):
            return None
        at, against = max(end for end in ends if end is not None), None
    return None
