"""What pages note in the audit log: whose page was opened, what left as a file, what was erased."""

from __future__ import annotations

from dataclasses import replace

from dashboard.deciding import reader
from dashboard.page import Page
from insights.access import Viewer
from insights.ledger.readings import EXPORT, note


def noted(page: Page, view: str, what: str, customer_id: str | None = None, detail: str = "") -> None:
    """Keep that this reader opened this. Raises LedgerError: what cannot be noted is not shown."""
    note(page.store.ledger, who(page), view, what, customer_id=customer_id, detail=detail)


def exported(page: Page, view: str, table: str, n_rows: int, form: str) -> None:
    """Keep that a table left as a file; to be called when it is downloaded."""
    noted(page, view, EXPORT, detail=f"{table} {n_rows} {form}")


def who(page: Page) -> Viewer:
    """The reader with the name they told, where nobody signs in."""
    return replace(page.viewer, name=reader() or page.viewer.name)
