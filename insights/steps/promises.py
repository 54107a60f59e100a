"""The table `case_promise`: what each round of a case promised and kept, folded anew from the ledger."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from insights.cases import fold_cases
from insights.cases.frame import promise_rows
from insights.lake import Lake
from insights.ledger import Ledger


def refresh_promises(lake: Lake, ledger: Ledger, now: datetime | None = None) -> pd.DataFrame:
    """Rows of CASE_PROMISE as of `now` (business time), written when the table holds others."""
    rows = promise_rows(fold_cases(ledger.events(("case.",))), now or lake.settings.business_now())
    stored = lake.read("SELECT * FROM case_promise ORDER BY due_at, case_id, round")
    if not same(rows, stored):
        with lake.write() as writer:
            writer.replace("case_promise", rows)
    return rows


def judged(rows: pd.DataFrame) -> pd.DataFrame:
    """Those that a metric counts: somebody has spoken to the customer, or the promise is kept or missed."""
    return rows[rows["kept"].notna() | rows["contacted_at"].notna()]


def same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two frames hold the same rows in the same order, whatever their types."""
    return len(one) == len(other) and one.to_json(date_format="iso") == other[list(one)].to_json(date_format="iso")
