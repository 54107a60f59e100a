"""The verdict on contacting one customer, from the stores: for the command line, the pages and the senders."""

from __future__ import annotations

from datetime import datetime

from insights.calendar import Calendar, load_teams
from insights.cases import Case, fold_cases
from insights.cases.model import COMPLAINT, DANGER, MOMENT, RISK, URGENCY
from insights.contactability import (
    CHANNELS,
    PHONE,
    PURPOSES,
    SERVICE,
    ContactRules,
    Facts,
    Verdict,
    may_contact,
    purpose_of,
)
from insights.errors import SettingsError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.settings import Settings
from insights.steps.contact_facts import contact_facts, contact_rules


def verdict_for(
    lake: Lake,
    ledger: Ledger,
    customer_id: str,
    *,
    purpose: str = "",
    channel: str = PHONE,
    at: datetime | None = None,
    offer: str | None = None,
    survey: str | None = None,
    team: str | None = None,
) -> tuple[Verdict, ContactRules]:
    """The verdict and the rules it rests on. Raises SettingsError for a purpose, channel, offer or team nobody knows."""
    settings, rules = lake.settings, contact_rules(lake.settings)
    _known("purpose", purpose or SERVICE, PURPOSES)
    _known("channel", channel, CHANNELS)
    _known("offer", offer, tuple(rules.offers))
    facts = contact_facts(lake, ledger, rules, [customer_id])[customer_id]
    verdict = may_contact(
        facts,
        purpose_of(rules, offer=offer) if offer else purpose or SERVICE,
        channel,
        at or settings.business_now(),
        rules=rules,
        offer=offer,
        survey=survey,
        said_at=_last_words(ledger, customer_id),
        hours=team_hours(settings, team),
    )
    return verdict, rules


def case_verdict(
    case: Case, facts: Facts, rules: ContactRules, at: datetime, *, hours: Calendar | None, offer: str | None = None
) -> Verdict:
    """The verdict on calling about a case now: by its kind, the time the customer gave, and when they spoke.

    A call of our own making (a planned case that no words of the customer have joined) is what contact_rules.yaml says;
    an offer makes any call prospecting.
    """
    proactive = bool(case.plan) and not _answers(case)
    own = offer or (rules.proactive.offer if proactive and rules.proactive.purpose != SERVICE else None)
    return may_contact(
        facts,
        purpose_of(rules, offer=own, proactive=proactive),
        PHONE,
        at,
        rules=rules,
        offer=own,
        said_at=(case.waiting_since or case.opened_at) if _answers(case) else None,
        urgent=case.family == DANGER or case.reason == URGENCY,
        owed=case.family == COMPLAINT,
        hours=hours,
        appointment_at=case.scheduled_at if case.waits_for_contact else None,
    )


def _answers(case: Case) -> bool:
    """Whether a case answers words of the customer: not a risk, not a moment of their contract."""
    return any(not signal.startswith((f"{RISK}:", f"{MOMENT}:")) for signal in case.signals)


def _last_words(ledger: Ledger, customer_id: str) -> datetime | None:
    """When a customer last spoke in a case that is open; None without one."""
    cases = fold_cases(ledger.events(("case.",))).values()
    theirs = [case for case in cases if case.customer_id == customer_id and case.is_open and _answers(case)]
    return max((case.waiting_since or case.opened_at for case in theirs), default=None)


def team_hours(settings: Settings, team: str | None) -> Calendar | None:
    """Opening hours of a team; None without one. Raises SettingsError for a team that teams.yaml lacks."""
    if not team:
        return None
    teams = load_teams(settings.reference_dir / "teams.yaml")
    _known("team", team, tuple(teams))
    return teams[team].calendar


def _known(what: str, value: str | None, allowed: tuple[str, ...]) -> None:
    if value is not None and value not in allowed:
        raise SettingsError(f"There is no {what} {value!r}: use one of {', '.join(allowed)}.")
