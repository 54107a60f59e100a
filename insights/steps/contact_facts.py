"""What the stores know of being contacted: facts of customers, for the rules of insights/contactability."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pandas as pd

from insights.cases import Case, fold_cases
from insights.contactability import (
    FILE,
    ContactRules,
    Facts,
    Wish,
    asks_by_customer,
    by_customer,
    customer_facts,
    fold_wishes,
    load_contact_rules,
)
from insights.contactability.quarantine import longest_rest
from insights.contactability.wishes import PREFIX
from insights.lake import Lake
from insights.ledger import Ledger
from insights.privacy.objection import marked, objectors
from insights.settings import Settings

# the newest picture of each customer, whether they are still in it, what they said last, their last complaint
PICTURES = """
WITH newest AS (
    SELECT max(as_of) AS as_of FROM customer_snapshot WHERE as_of <= $day
),
pictures AS (
    SELECT * FROM customer_snapshot
    WHERE as_of <= $day AND ($ids IS NULL OR list_contains($ids::VARCHAR[], customer_id))
    QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY as_of DESC) = 1
),
gone AS (
    SELECT e.customer_id, min(e.effective_on) AS effective_on
    FROM churn_event e JOIN pictures p ON p.customer_id = e.customer_id AND e.learned_on >= p.as_of
    WHERE e.learned_on <= $day
    GROUP BY e.customer_id
),
said AS (
    SELECT customer_id, recontact, occurred_at AS recontact_at FROM feedback
    WHERE customer_id IS NOT NULL AND recontact IN ('yes', 'no') AND kind = 'survey' AND occurred_at <= $now
        AND ($ids IS NULL OR list_contains($ids::VARCHAR[], customer_id))
    QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY occurred_at DESC, feedback_id) = 1
),
refused AS (
    SELECT customer_id, max(available_at) FILTER (suppressed_reason = 'opt_out') AS survey_no_at
    FROM invitation
    WHERE customer_id IS NOT NULL AND available_at <= $now AND ($ids IS NULL OR list_contains($ids::VARCHAR[], customer_id))
    GROUP BY customer_id
    HAVING survey_no_at > coalesce(max(sent_at) FILTER (suppressed_reason IS NULL), TIMESTAMPTZ '1970-01-01')
),
complained AS (
    SELECT customer_id, max(occurred_at) AS complaint_at FROM feedback
    WHERE customer_id IS NOT NULL AND kind = 'ticket' AND occurred_at <= $now AND suspect_wave IS NULL
        AND ($ids IS NULL OR list_contains($ids::VARCHAR[], customer_id))
    GROUP BY customer_id
)
SELECT p.* EXCLUDE (leaving), coalesce(s.recontact, 'not_asked') AS recontact, s.recontact_at, r.survey_no_at,
    c.complaint_at, coalesce(p.leaving, false) OR g.customer_id IS NOT NULL AS leaving,
    p.as_of = n.as_of AND coalesce(g.effective_on > $day, true) AS is_current
FROM pictures p
CROSS JOIN newest n
LEFT JOIN gone g USING (customer_id)
LEFT JOIN said s USING (customer_id)
LEFT JOIN refused r USING (customer_id)
LEFT JOIN complained c USING (customer_id)
ORDER BY p.customer_id
"""
# every survey put to a customer, by any channel: sent, or answered where no invitation is known
ASKED = """
SELECT customer_id, survey, channel, sent_at AS asked_at FROM invitation
WHERE sent_at > $since AND sent_at <= $now AND suppressed_reason IS NULL AND customer_id IS NOT NULL
  AND ($ids IS NULL OR list_contains($ids::VARCHAR[], customer_id))
UNION ALL
SELECT customer_id, survey, channel, occurred_at AS asked_at FROM feedback
WHERE kind = 'survey' AND occurred_at > $since AND occurred_at <= $now AND customer_id IS NOT NULL
  AND NOT coalesce(anonymous, false)
  AND feedback_id NOT IN (SELECT feedback_id FROM invitation WHERE feedback_id IS NOT NULL AND sent_at IS NOT NULL)
  AND ($ids IS NULL OR list_contains($ids::VARCHAR[], customer_id))
ORDER BY customer_id, asked_at, survey, channel
"""


def contact_rules(settings: Settings) -> ContactRules:
    """The rules of data/reference/contact_rules.yaml."""
    return load_contact_rules(settings.reference_dir / FILE)


def wishes(ledger: Ledger, customer_id: str | None = None) -> dict[str, Wish]:
    """What customers told us of being contacted, as the ledger keeps it."""
    return fold_wishes(ledger.events((PREFIX,), subject=customer_id))


def params(settings: Settings, rules: ContactRules, ids: Sequence[str] | None = None) -> dict[str, dict[str, Any]]:
    """Parameters of the queries above, by name."""
    now, day = settings.business_now(), settings.business_day()
    chosen = None if ids is None else list(ids)
    since = now - timedelta(days=longest_rest(rules) + 1)
    return {
        "pictures": {"day": day, "now": now, "ids": chosen},
        "asked": {"since": since, "now": now, "ids": chosen},
    }


def contact_facts(
    lake: Lake, ledger: Ledger, rules: ContactRules, ids: Sequence[str] | None = None
) -> dict[str, Facts]:
    """Facts by customer: of `ids` (also of those in no picture), or of everybody who is in one."""
    asked_for = params(lake.settings, rules, ids)
    pictures = marked(lake.read(PICTURES, **asked_for["pictures"]), objectors(ledger))
    asked = lake.read(ASKED, **asked_for["asked"])
    cases = fold_cases(ledger.events(("case.",))).values()
    return facts_of(pictures, asked, wishes(ledger), cases, rules, ids)


def facts_of(
    pictures: pd.DataFrame,
    asked: pd.DataFrame,
    wished: Mapping[str, Wish],
    cases: Iterable[Case],
    rules: ContactRules,
    ids: Sequence[str] | None = None,
) -> dict[str, Facts]:
    """Facts by customer from the rows of the two queries, the wishes and all cases."""
    profiles = {str(row["customer_id"]): row for row in pictures.to_dict("records")}
    asks, theirs = asks_by_customer(asked, rules), by_customer(cases)
    return {
        one: customer_facts(
            one, profiles.get(one), rules, wish=wished.get(one), cases=theirs.get(one, ()), asks=asks.get(one, ())
        )
        for one in (profiles if ids is None else ids)
    }


__all__ = ["ASKED", "PICTURES", "contact_facts", "contact_rules", "facts_of", "params", "wishes"]
