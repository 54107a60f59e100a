"""Who may be contacted, what for, how and when: the law of calls, consent and the quarantine of surveys."""

from insights.contactability.config import FILE, ContactRules, load_contact_rules
from insights.contactability.facts import asks_by_customer, by_customer, customer_facts
from insights.contactability.law import purpose_of
from insights.contactability.model import (
    CHANNELS,
    PHONE,
    PROSPECTING,
    PURPOSES,
    SERVICE,
    SURVEY,
    Ask,
    Facts,
    Finding,
    Request,
    Verdict,
)
from insights.contactability.opening import barring, proactive_verdict
from insights.contactability.verdict import earliest, findings, judge, may_contact
from insights.contactability.wishes import Wish, fold_wishes, wish_draft
from insights.contactability.words import offer_name, rule_name, verdict_sentence, why_not

__all__ = [
    "Ask",
    "CHANNELS",
    "ContactRules",
    "FILE",
    "Facts",
    "Finding",
    "PHONE",
    "PROSPECTING",
    "PURPOSES",
    "Request",
    "SERVICE",
    "SURVEY",
    "Verdict",
    "Wish",
    "asks_by_customer",
    "barring",
    "by_customer",
    "customer_facts",
    "earliest",
    "findings",
    "fold_wishes",
    "judge",
    "load_contact_rules",
    "may_contact",
    "offer_name",
    "proactive_verdict",
    "purpose_of",
    "rule_name",
    "verdict_sentence",
    "why_not",
    "wish_draft",
]
