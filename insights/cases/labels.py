"""What the codes of a case are called on screen and in mail."""

from __future__ import annotations

from collections.abc import Mapping

from insights.i18n import translator

LABELS: Mapping[str, str] = {
    # states
    "open": "to take",
    "assigned": "taken",
    "scheduled": "appointment made",
    "attempted": "called, no answer",
    "reached": "customer reached",
    "resolved": "outcome noted",
    "not_reached": "not reached",
    "closed": "closed",
    "reopened": "reopened",
    # reasons
    "urgency": "urgency or vulnerability",
    "leave_intent": "says they are leaving",
    "high_value_detractor": "detractor of high value",
    "detractor": "detractor",
    "risk": "risk of leaving",
    # outcomes
    "solved": "problem solved",
    "explained": "explanation given",
    "goodwill": "goodwill gesture",
    "passed_on": "passed on to another team",
    "staying": "the customer stays",
    "leaving": "the customer leaves",
    "declined": "does not wish to talk",
    # promises
    "urgent": "urgent",
    "high_value": "high value",
    "standard": "standard",
    # why a signal opens no case
    "no_customer": "no known customer",
    "anonymous": "anonymity was promised",
    "no_recontact": "the customer does not want to be called",
    "objection": "the customer objected to scoring",
    "too_old": "older than the look-back",
    "in_the_future": "dated in the future",
    "no_rule": "no rule fits",
    "quiet_days": "called recently",
    "holdout": "hold-out group",
    "capacity": "no capacity left today",
    "not_a_customer": "no longer a customer",
    "not_worth": "a call would cost more than it brings",
}
REFUSAL_LABELS: Mapping[str, str] = {"leaving": "departure already under way"}  # `leaving` is an outcome too


def label(code: str, language: str) -> str:
    """A code in the reader's language; the code itself when it is unknown."""
    return translator(language)(LABELS[code]) if code in LABELS else code


def refusal_label(code: str, language: str) -> str:
    """Why a signal opened nothing, in the reader's language."""
    return translator(language)(REFUSAL_LABELS[code]) if code in REFUSAL_LABELS else label(code, language)
