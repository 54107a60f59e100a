"""Ends and marks cases whose ground has gone, by what lake and ledger say now."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from insights.calendar import load_teams
from insights.cases import Case, fold_cases, load_rules
from insights.cases.endings import endings, feedback_of
from insights.contactability.wishes import PREFIX, fold_wishes
from insights.lake import Lake
from insights.ledger import Ledger
from insights.privacy.objection import objectors

GONE = "SELECT feedback_id FROM tombstone WHERE feedback_id IN (SELECT unnest($ids::VARCHAR[]))"
REFUSED = """
SELECT customer_id, occurred_at FROM (
    SELECT customer_id, recontact, occurred_at FROM feedback
    WHERE customer_id IN (SELECT unnest($ids::VARCHAR[])) AND recontact IN ('yes', 'no') AND kind = 'survey'
      AND occurred_at <= $now
    QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY occurred_at DESC) = 1
) WHERE recontact = 'no'
"""
OBJECTED = """
SELECT customer_id FROM customer_snapshot
WHERE objection AND as_of = (SELECT max(as_of) FROM customer_snapshot)
  AND customer_id IN (SELECT unnest($ids::VARCHAR[]))
"""


def end_cases(lake: Lake, ledger: Ledger) -> dict[str, int]:
    """Record what `endings` asks for; how many events, for the run's note, empty when none."""
    known = [case for case in fold_cases(ledger.events(("case.",))).values() if case.is_open]
    if not known:
        return {}
    settings = lake.settings
    teams = load_teams(settings.reference_dir / "teams.yaml")
    rules = load_rules(settings.reference_dir / "case_rules.yaml", settings, teams)
    drafts = endings(
        known,
        deleted=_deleted(lake, known),
        refused=_refused(lake, ledger, known, settings.business_now()),
        objected=_objected(lake, ledger, known),
        is_proactive=rules.is_proactive,
        now=settings.business_now(),
    )
    n = ledger.append_many([draft.row() for draft in drafts])
    return {"ended_or_marked": n} if n else {}


def _deleted(lake: Lake, cases: Iterable[Case]) -> frozenset[str]:
    ids = sorted({feedback for case in cases for feedback in feedback_of(case).values()})
    return frozenset(map(str, lake.read(GONE, ids=ids)["feedback_id"]))


def _refused(lake: Lake, ledger: Ledger, cases: Iterable[Case], now: datetime) -> dict[str, datetime]:
    """Customers who do not want to be contacted, by their last survey or by what they told us, and since when."""
    found = lake.read(REFUSED, ids=_customers(cases), now=now)
    said = {str(key): at.to_pydatetime() for key, at in zip(found["customer_id"], found["occurred_at"], strict=True)}
    return said | do_not_contact(ledger)


def do_not_contact(ledger: Ledger) -> dict[str, datetime]:
    """Customers whose "do not contact" stands in the ledger, and when they said so."""
    wishes = fold_wishes(ledger.events((PREFIX,)))
    return {customer: wish.do_not_at for customer, wish in wishes.items() if wish.do_not_at is not None}


def _objected(lake: Lake, ledger: Ledger, cases: Iterable[Case]) -> Collection[str]:
    told = lake.read(OBJECTED, ids=_customers(cases))["customer_id"]
    return objectors(ledger) | frozenset(map(str, told))


def _customers(cases: Iterable[Case]) -> list[str]:
    return sorted({case.customer_id for case in cases if case.customer_known})
