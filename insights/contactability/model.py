"""The words of the law of contacts: a contact somebody is about to make, what is known of the customer, the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from insights.calendar import Calendar

SERVICE, SURVEY, PROSPECTING = "service", "survey", "prospecting"
PURPOSES = (SERVICE, SURVEY, PROSPECTING)
CONSUMER, BUSINESS = "consumer", "business"
WHO = (CONSUMER, BUSINESS)
PHONE, SMS, EMAIL, LETTER, APP = "phone", "sms", "email", "letter", "app"
CHANNELS = (PHONE, SMS, EMAIL, LETTER, APP)
CALL = "call"  # kind of a past contact that was one of our calls; the others are kinds of survey


@dataclass(frozen=True)
class Request:
    """One contact about to be made. `offer`: id of contact_rules.yaml; an offer in a call makes it prospecting.

    `said_at`, `said_no`, `anonymous`: of the customer's words that are answered (when, None: no words are; "do not call
    me back"; promised anonymous). `urgent`: danger or distress. `owed`: the law demands an answer (a formal complaint).
    `hours`: opening hours of the team that calls.
    """

    purpose: str
    channel: str
    at: datetime
    offer: str | None = None
    survey: str | None = None
    said_at: datetime | None = None
    said_no: bool = False
    anonymous: bool = False
    urgent: bool = False
    owed: bool = False
    hours: Calendar | None = None
    appointment_at: datetime | None = None


@dataclass(frozen=True)
class Ask:
    """A past question or call of ours. `kind`: relational or transactional survey, or `call`."""

    at: datetime
    kind: str
    channel: str = ""


@dataclass(frozen=True)
class Facts:
    """What is known of one customer that a rule reads. Instants are timezone-aware; None: not known or never.

    `calls`: our sales calls, answered or not; `asks`: surveys and calls of ours; both oldest first. `case_since`: when
    the oldest case that is not closed was opened. `complaint_at`: the last formal complaint.
    """

    customer_id: str
    business: bool = False
    current: bool = True
    leaving: bool = False
    objection: bool = False
    region: str | None = None
    preferred_channel: str | None = None
    recontact_no_at: datetime | None = None
    do_not_at: datetime | None = None
    survey_no_at: datetime | None = None
    consent_at: datetime | None = None
    consent_source: str | None = None
    withdrawn_at: datetime | None = None
    refused_at: datetime | None = None
    calls: tuple[datetime, ...] = ()
    asks: tuple[Ask, ...] = ()
    case_since: datetime | None = None
    complaint_at: datetime | None = None

    @property
    def who(self) -> str:
        return BUSINESS if self.business else CONSUMER


@dataclass(frozen=True)
class Finding:
    """One rule that speaks against a contact. `until`: first instant at which it no longer does; None: time changes nothing.

    `values` fill the rule's sentence. `warns`: the rule is told and does not block. `step`: nothing is forbidden, there
    is something to do first.
    """

    rule_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    warns: bool = False
    step: bool = False


@dataclass(frozen=True)
class Verdict:
    """Whether a contact is allowed, by which rule it is not, and from when it will be.

    `until`: earliest instant at which nothing blocks it and no hour is awaited; None when allowed, or when time alone
    changes nothing.
    `blocks`: the contact must not be made; False with `allowed` False: people are warned and decide. `timezone`: of those
    who read the verdict.
    """

    request: Request
    facts: Facts
    allowed: bool
    blocks: bool = False
    rule_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    findings: tuple[Finding, ...] = ()
    steps: tuple[Finding, ...] = ()
    timezone: str = "Europe/Paris"
    customer_timezone: str = "Europe/Paris"

    def sentence(self, language: str) -> str:
        """Why, and from when, in one or two sentences; see insights/contactability/words.py."""
        from insights.contactability.words import verdict_sentence

        return verdict_sentence(self, language)
