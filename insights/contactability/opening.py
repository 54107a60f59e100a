"""May a call of our own making be planned at all? The rules of contact, asked before its case is opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from insights.cases.model import Case
from insights.contactability.config import ContactRules
from insights.contactability.facts import customer_facts
from insights.contactability.model import PHONE, PROSPECTING, Verdict
from insights.contactability.verdict import may_contact
from insights.contactability.wishes import Wish

PLANNED_DAYS = 7.0  # a call that may not be made within a week is not planned
Barred = Callable[[str, Mapping[Any, Any], Iterable[Case]], str]


def proactive_verdict(
    customer_id: str,
    profile: Mapping[Any, Any],
    cases: Iterable[Case],
    rules: ContactRules,
    now: datetime,
    wish: Wish | None = None,
) -> Verdict:
    """Whether a customer may be called about a risk; `profile`: their CRM row, see `customer_facts`."""
    facts = customer_facts(customer_id, profile or None, rules, wish=wish, cases=cases)
    offer = rules.proactive.offer if rules.proactive.purpose == PROSPECTING else None
    return may_contact(facts, rules.proactive.purpose, PHONE, now, rules=rules, offer=offer)


def barring(rules: ContactRules, wishes: Mapping[str, Wish], now: datetime, days: float = PLANNED_DAYS) -> Barred:
    """What is asked of each proactive call: customer, CRM row and their cases in; id of a rule, or empty, out.

    A call that only has to wait for its hour is planned; one that may not be made within `days` is not.
    """
    by = now + timedelta(days=days)

    def barred(customer_id: str, profile: Mapping[Any, Any], cases: Iterable[Case]) -> str:
        verdict = proactive_verdict(customer_id, profile, cases, rules, now, wishes.get(customer_id))
        waits = verdict.until is not None and verdict.until <= by
        return verdict.rule_id if verdict.blocks and not waits else ""

    return barred
