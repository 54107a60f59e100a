"""How far back the months of a metric are whole: before that, retention may have taken rows it counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from insights.metrics import ANSWERS, CONTACTS, METRICS, Metric
from insights.retention import Policy

WORDS = frozenset({"call", "chat", "mail", "ticket"})  # kinds that tell what a contact was about
TABLES = {ANSWERS: ("invitation", "customer_snapshot"), CONTACTS: ("contact", "customer_snapshot")}
OTHERS = ("invitation", "customer_snapshot")


def first_whole_months(policy: Policy, today: date) -> dict[str, date]:
    """First day of the first month, by metric, of which no row that counts can have gone by its retention."""
    return {name: _first_whole(today - timedelta(days=min(_days(policy, entry)))) for name, entry in METRICS.items()}


def _first_whole(gone: date) -> date:
    """First month that begins two days or more after a day whose rows may be gone (instants are kept in UTC)."""
    after = gone + timedelta(days=2)
    return after if after.day == 1 else (after.replace(day=28) + timedelta(days=4)).replace(day=1)


def _days(policy: Policy, entry: Metric) -> Iterator[int]:
    """Days of every rule that may take a row of this metric."""
    yield from (policy.of_table(table).days for table in TABLES.get(entry.source, OTHERS))
    kinds = frozenset({"survey"}) if entry.source == ANSWERS else WORDS if entry.by_irritant else frozenset()
    for rule in policy.rules:
        if rule.table == "feedback" and kinds and (not rule.kinds or rule.kinds & kinds):
            yield rule.days
