"""Objection to scoring: the customer's data are kept, they are not scored and never called proactively.

The CRM's own flag (customer_snapshot.objection) and the ledger's count alike: either is enough.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

import pandas as pd

from insights.lake import Lake
from insights.lake.lake import Writer
from insights.ledger import Ledger

OBJECTED, WITHDRAWN = "privacy.objected", "privacy.objection_withdrawn"
SCORED = ("churn_panel", "churn_score", "callback_uplift")
STILL_SCORED = " UNION ALL ".join(f"SELECT customer_id FROM {table} WHERE customer_id = $customer" for table in SCORED)
CRM_SAYS = """
SELECT customer_id FROM customer_snapshot WHERE as_of <= $day
GROUP BY customer_id HAVING coalesce(arg_max(objection, as_of), false) ORDER BY customer_id
"""


def object_to_scoring(lake: Lake, ledger: Ledger, customer_id: str, *, actor: str, at: datetime) -> bool:
    """Record an objection and take the customer's scores out; False when it already stood.

    The word comes first: where the lake is busy it stands, and asking again takes out what was left.
    """
    new = customer_id not in objectors(ledger)
    if new:
        key = f"{OBJECTED}:{customer_id}:{ledger.version()}"
        ledger.append(OBJECTED, customer_id, {}, actor=actor, at=at, key=key)
    with lake.write() as writer:
        for table in SCORED:
            writer.execute(f'DELETE FROM "{table}" WHERE customer_id = $id', id=customer_id)
    return new


def withdraw_objection(ledger: Ledger, customer_id: str, *, actor: str, at: datetime) -> bool:
    """Record that an objection was withdrawn; False when none stood."""
    if customer_id not in objectors(ledger):
        return False
    key = f"{WITHDRAWN}:{customer_id}:{ledger.version()}"
    ledger.append(WITHDRAWN, customer_id, {}, actor=actor, at=at, key=key)
    return True


def objectors(ledger: Ledger) -> frozenset[str]:
    """Customers whose objection stands in the ledger."""
    standing: set[str] = set()
    for event in ledger.events((OBJECTED, WITHDRAWN)):
        if event.kind == OBJECTED:
            standing.add(event.subject)
        else:
            standing.discard(event.subject)
    return frozenset(standing)


def refusing(lake: Lake, ledger: Ledger, day: date) -> frozenset[str]:
    """Customers who are not to be scored: their objection stands in the ledger, or in their newest CRM picture by `day`."""
    told = lake.read(CRM_SAYS, day=day)["customer_id"]
    return objectors(ledger) | frozenset(str(one) for one in told)


def forget_scores(writer: Writer, who: Collection[str]) -> None:
    """Delete every score these customers ever had, in an open transaction."""
    if who:
        listed = sorted(who)
        writer.execute("DELETE FROM churn_score WHERE list_contains($who::VARCHAR[], customer_id)", who=listed)


def marked(customers: pd.DataFrame, who: Collection[str]) -> pd.DataFrame:
    """CUSTOMER_SNAPSHOT rows with `objection` true for these customers too."""
    if customers.empty or not who:
        return customers
    said = customers["objection"].fillna(False).astype(bool)
    return customers.assign(objection=said | customers["customer_id"].isin(list(who)))


def without(panel: pd.DataFrame, who: Collection[str]) -> pd.DataFrame:
    """Panel rows of everybody else."""
    return panel if panel.empty or not who else panel[~panel["customer_id"].isin(list(who))]
