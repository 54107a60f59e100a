"""Rules on refusals, consent and offers: one function a rule, each with the parameters it takes from contact_rules.yaml.

A function answers a `Finding` when its rule speaks against the contact, else None. It is only asked where the rule
binds (purpose, person, channel, day). What the functions rest on, with the texts: data/reference/contact_rules.yaml.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, Field

from insights.contactability import clock, quarantine
from insights.contactability.config import ContactRules, NoParameters, Strict
from insights.contactability.model import SERVICE, SURVEY, Facts, Finding, Request


class BannedOffers(Strict):
    """`contract_exception`: such an offer is allowed to a customer whose contract it is about."""

    offers: tuple[str, ...] = Field(min_length=1)
    contract_exception: bool = False


class Consent(Strict):
    """`contract_exception`: no consent needed for an offer related to the current contract."""

    contract_exception: bool = True


class ConsentExpired(Consent):
    """Days a consent is good for, from the day it was given."""

    days: int = Field(365, ge=1)


class SmsBefore(Strict):
    """Minutes before the call at which the message is sent."""

    minutes: int = Field(60, ge=1)


def anonymous(request: Request, _facts: Facts, _rules: ContactRules, _own: NoParameters) -> Finding | None:
    """An answer promised anonymous is never followed by a contact."""
    return Finding() if request.anonymous else None


def no_recontact(request: Request, facts: Facts, _rules: ContactRules, _own: NoParameters) -> Finding | None:
    """« Do not call me back »: said with the words that are answered or later; words said since open an answer anew.

    An answer that is owed by law is given all the same: then it only warns.
    """
    owed = request.owed and request.purpose == SERVICE
    if request.said_no:
        return Finding(since=request.said_at, warns=owed)
    said = facts.recontact_no_at
    if said is None or said > request.at:
        return None
    answers = request.purpose == SERVICE and request.said_at is not None and said < request.said_at
    return None if answers else Finding(since=said, warns=owed)


def do_not_contact(request: Request, facts: Facts, _rules: ContactRules, _own: NoParameters) -> Finding | None:
    """The customer asked not to be contacted any more."""
    return Finding(since=facts.do_not_at) if facts.do_not_at is not None and facts.do_not_at <= request.at else None


def objection(_request: Request, facts: Facts, _rules: ContactRules, _own: NoParameters) -> Finding | None:
    """The customer objected: to scoring in the CRM, or to us by `voc object`."""
    return Finding() if facts.objection else None


def survey_refused(request: Request, facts: Facts, _rules: ContactRules, _own: NoParameters) -> Finding | None:
    """The survey tool holds a refusal of surveys."""
    said = facts.survey_no_at
    return Finding(since=said) if said is not None and said <= request.at else None


def leaving(_request: Request, facts: Facts, _rules: ContactRules, _own: NoParameters) -> Finding | None:
    """A customer whose departure is under way is not prospected."""
    return Finding() if facts.leaving else None


def former(request: Request, facts: Facts, rules: ContactRules, _own: NoParameters) -> Finding | None:
    """Who is no customer any more is not asked by a relationship survey."""
    return Finding() if not facts.current and rules.kind_of(request.survey) == "relational" else None


def banned_offer(request: Request, facts: Facts, rules: ContactRules, own: BannedOffers) -> Finding | None:
    """Offers nobody may make to a consumer, consent or not."""
    if request.offer not in own.offers or (own.contract_exception and by_contract(request, facts, rules)):
        return None
    return Finding(values=_offered(request, rules))


def consent_withdrawn(request: Request, facts: Facts, _rules: ContactRules, _own: NoParameters) -> Finding | None:
    """A withdrawn consent binds until a new one, contract or not."""
    gone = facts.withdrawn_at
    if gone is None or gone > request.at or (facts.consent_at is not None and gone < facts.consent_at <= request.at):
        return None
    return Finding(since=gone)


def consent(request: Request, facts: Facts, rules: ContactRules, own: Consent) -> Finding | None:
    """No sales call without a consent that can be shown: its instant and where it was given."""
    if own.contract_exception and by_contract(request, facts, rules):
        return None
    shown = facts.consent_at is not None and facts.consent_at <= request.at and (facts.consent_source or "").strip()
    return None if shown else Finding(values=_offered(request, rules))


def consent_expired(request: Request, facts: Facts, rules: ContactRules, own: ConsentExpired) -> Finding | None:
    """A consent is good for a year from the day it was given, without tacit renewal."""
    given = facts.consent_at
    if given is None or given > request.at or (own.contract_exception and by_contract(request, facts, rules)):
        return None
    zone = rules.place(facts.region).timezone
    last = clock.local_day(given, zone) + timedelta(days=own.days)
    if clock.local_day(request.at, zone) < last:
        return None
    return Finding(since=clock.midnight(last, zone), values={"day": given, "days": own.days})


def electronic_consent(request: Request, facts: Facts, rules: ContactRules, _own: NoParameters) -> Finding | None:
    """By message, only a customer is offered something, and only what is like their contract: we hold no consent to more."""
    return None if by_contract(request, facts, rules) else Finding()


def preferred_channel(request: Request, facts: Facts, _rules: ContactRules, _own: NoParameters) -> Finding | None:
    """The customer chose another channel."""
    chosen = facts.preferred_channel
    return Finding(values={"channel": chosen}) if chosen and chosen != request.channel else None


def sms_before(_request: Request, _facts: Facts, _rules: ContactRules, own: SmsBefore) -> Finding | None:
    """A text message before the call: something to do, nothing forbidden."""
    return Finding(step=True, values={"minutes": own.minutes})


def _offered(request: Request, rules: ContactRules) -> dict[str, Any]:
    known = rules.offers.get(request.offer or "")
    return {"offer": request.offer, "offer_name": dict(known.name) if known else {}}


def by_contract(request: Request, facts: Facts, rules: ContactRules) -> bool:
    """Whether the contract exception holds: a current customer, and an offer related to the object of the contract.

    A sales call without a declared offer is not: nobody can tell what it is about.
    """
    offer = rules.offers.get(request.offer or "")
    return facts.current and offer is not None and offer.current_contract


@dataclass(frozen=True)
class Law:
    """The function of a rule and the shape of its parameters."""

    ask: Callable[[Request, Facts, ContactRules, Any], Finding | None]
    parameters: type[BaseModel] = NoParameters


LAWS: Mapping[str, Law] = {
    "anonymous": Law(anonymous),
    "no_recontact": Law(no_recontact),
    "do_not_contact": Law(do_not_contact),
    "objection": Law(objection),
    "survey_refused": Law(survey_refused),
    "leaving": Law(leaving),
    "former": Law(former),
    "banned_offer": Law(banned_offer, BannedOffers),
    "consent_withdrawn": Law(consent_withdrawn),
    "consent": Law(consent, Consent),
    "consent_expired": Law(consent_expired, ConsentExpired),
    "electronic_consent": Law(electronic_consent),
    "refusal_silence": Law(clock.refusal_silence, clock.Days),
    "attempts": Law(clock.attempts, clock.Attempts),
    "hours": Law(clock.hours, clock.Hours),
    "team_hours": Law(clock.team_hours, clock.Appointment),
    "appointment": Law(clock.appointment, clock.Appointment),
    "preferred_channel": Law(preferred_channel),
    "sms_before": Law(sms_before, SmsBefore),
    "open_case": Law(quarantine.open_case),
    "open_complaint": Law(quarantine.open_complaint, quarantine.OpenComplaint),
    "survey_rest": Law(quarantine.survey_rest, quarantine.SurveyRest),
}


def purpose_of(rules: ContactRules, *, offer: str | None = None, survey: bool = False, proactive: bool = False) -> str:
    """The purpose a contact has in law: an offer makes it prospecting, whatever it was meant for.

    `proactive`: of our own making, no words of the customer are answered; contact_rules.yaml says what that is.
    """
    if offer:
        return "prospecting"
    if survey:
        return SURVEY
    return rules.proactive.purpose if proactive else SERVICE
