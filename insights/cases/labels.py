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
    "waiting": "waiting for a third party",
    "transferred": "passed to another team",
    "cancelled": "cancelled",
    # steps that move no state
    "reminded": "reminder sent",
    "escalated": "told to the lead: late",
    "acknowledged": "receipt confirmed to the customer",
    "marked": "marked",
    "held": "held behind one answer for all",
    "released": "released to be answered singly",
    "signal_removed": "a feedback was deleted at its source",
    # reasons
    "urgency": "urgency or vulnerability",
    "leave_intent": "says they are leaving",
    "high_value_detractor": "detractor of high value",
    "detractor": "detractor",
    "dissatisfied": "low answer on satisfaction or effort",
    "risk": "risk of leaving",
    "formal_complaint": "formal complaint",
    "public_complaint": "public complaint",
    "moment": "service contact before a moment",
    # families
    "family_danger": "danger",
    "family_complaint": "formal complaints",
    "family_public": "public posts",
    "family_answer": "answers and calls",
    "family_moment": "moments",
    # matters
    "general": "formal complaint, general",
    "refund": "refund of an overpayment",
    "final_bill": "final bill",
    "first_bill": "first bill",
    "catch_up_bill": "catch-up bill",
    "price_change": "price change",
    "end_of_fixed_price": "end of the fixed price",
    "move": "move of house",
    # third parties
    "network_operator": "network operator",
    "technician": "technician",
    "bank": "bank",
    "previous_supplier": "previous supplier",
    "authority": "public authority",
    # marks, and why a case was cancelled
    "do_not_contact": "the customer does not want to be contacted",
    "deleted_at_source": "the feedback was deleted at its source",
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
    "public": "public",
    "complaint": "formal complaint",
    "service": "service contact",
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
    "case_open": "a case of this customer is open already",
    # rules of contact (insights/contactability) by which a call of our own making is not planned
    "refusal_silence": "rest after a refusal",
    "attempts": "called too often",
    "banned_offer": "banned offer",
    "consent": "no proven consent",
    "consent_withdrawn": "consent withdrawn",
    "consent_expired": "consent expired",
}
REFUSAL_LABELS: Mapping[str, str] = {"leaving": "departure already under way"}  # `leaving` is an outcome too


def label(code: str, language: str) -> str:
    """A code in the reader's language; the code itself when it is unknown."""
    return translator(language)(LABELS[code]) if code in LABELS else code


def refusal_label(code: str, language: str) -> str:
    """Why a signal opened nothing, in the reader's language."""
    return translator(language)(REFUSAL_LABELS[code]) if code in REFUSAL_LABELS else label(code, language)
