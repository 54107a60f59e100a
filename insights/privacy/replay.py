"""After a backup was restored: erase again whoever the erasure log names, and end what a crash left half done.

Somebody who came back after their erasure keeps what is dated later: only the old rows go.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select

from insights.cases import fold_cases
from insights.contracts import TABLES
from insights.lake import Lake
from insights.ledger import Ledger
from insights.ledger.schema import EVENT_TEXT, IDENTITY, NAME
from insights.privacy.erase import Receipt, erase
from insights.privacy.held import DAYS
from insights.privacy.log import Erased, ErasureLog
from insights.privacy.work import unfinished


def replay_erasures(lake: Lake, ledger: Ledger) -> list[Receipt]:
    """Receipts of the erasures done now; empty, and quick, when nobody named in the log is there."""
    done = [
        erase(lake, ledger, work.held.customer_id, until=work.held.until, more=work.held.feedback_ids)
        for work in unfinished(ledger.keys)
    ]
    erased = ErasureLog(ledger.keys).erased()
    if not erased:
        return done
    for customer, day in _returned(lake, ledger, erased):
        later = _has_rows(lake, customer, day, after=True)
        if later and not _has_rows(lake, customer, day, after=False):
            continue  # a new relation, and nothing of the old one
        done.append(erase(lake, ledger, customer, until=day if later else None, erased_on=day))
    stray = _stray_feedback(lake, erased)
    if stray:
        last = max(entry.day for entry in erased.entries)
        done.append(erase(lake, ledger, "(unlinked)", until=date.min, more=stray, erased_on=last))
    return done


def _returned(lake: Lake, ledger: Ledger, erased: Erased) -> Iterator[tuple[str, date]]:
    """Customers in the stores who stand in the log, with the day of their erasure."""
    known = {case.customer_id for case in fold_cases(ledger.events(("case.",))).values()}
    with ledger.engine.connect() as connection:
        for table in (IDENTITY, NAME, EVENT_TEXT):
            known |= set(connection.execute(select(table.c.customer_id).distinct()).scalars())
    for name in _tables():
        known |= set(lake.read(f'SELECT DISTINCT customer_id FROM "{name}"')["customer_id"].dropna())
    for customer in sorted(known):
        if day := erased.customer_day(customer):
            yield customer, day


def _tables() -> dict[str, str]:
    """Tables with a customer, and the SQL of each row's day."""
    found = {}
    for table in TABLES:
        columns = table.column_names
        if "customer_id" in columns:
            days = ", ".join(f'CAST("{name}" AS DATE)' for name in DAYS if name in columns)
            found[table.name] = f"coalesce({days})"
    return found


def _has_rows(lake: Lake, customer: str, day: date, *, after: bool) -> bool:
    """Whether the lake holds rows of a customer after a day, or up to it."""
    compared = ">" if after else "<="
    return any(
        lake.scalar(
            f'SELECT count(*) FROM "{name}" WHERE customer_id = $customer AND {dated} {compared} $day',
            customer=customer,
            day=day,
        )
        for name, dated in _tables().items()
    )


def _stray_feedback(lake: Lake, erased: Erased) -> list[str]:
    """Erased feedback that is there again without its customer."""
    if not any(entry.feedback for entry in erased.entries):
        return []
    return [one for one in lake.read("SELECT feedback_id FROM feedback")["feedback_id"] if erased.has_feedback(one)]
