"""« You said it, we did it »: who may be told that a fix works, and in which words. A person approves both."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import date

import pandas as pd

from insights.digest.words import Words

COLUMNS = ["customer_id", "language", "named_on"]
MAY = "yes"


def recipients(
    named: pd.DataFrame, customers: pd.DataFrame, objectors: Collection[str], busy: Collection[str]
) -> pd.DataFrame:
    """Customers who named the irritant and may be contacted; one row each, by id: customer_id, language, named_on.

    `named`: customer_id, named_on (date), language of feedback that named it. `customers`: the newest CRM picture with
    customer_id, preferred_language, objection, recontact (yes, no, not_asked, as last said). Left out: who is not in the
    picture any more, who did not say yes to being contacted, who objected (there or in the ledger), who has an open case.
    """
    if named.empty or customers.empty:
        return pd.DataFrame(columns=COLUMNS)
    silent = customers["objection"].fillna(False).astype(bool) | customers["customer_id"].isin(list(objectors))
    may = customers[~silent & (customers["recontact"] == MAY) & ~customers["customer_id"].isin(list(busy))]
    last = named.sort_values("named_on").drop_duplicates("customer_id", keep="last")
    found = last.merge(may[["customer_id", "preferred_language"]], on="customer_id")
    language = found["preferred_language"].fillna(found["language"]).where(lambda one: one.isin(["fr", "en"]), "fr")
    return found.assign(language=language)[COLUMNS].sort_values("customer_id").reset_index(drop=True)


def message(words: Words, company: str, label: str, title: str, since: date) -> str:
    """The text for one language; no name, no address: the sending tool adds them."""
    _ = words._
    return _(
        "You told us about « {irritant} ». You were right, and we acted: {action} (since {day}). We have checked on the "
        "figures that it works. Thank you for having told us.\n\n{company}"
    ).format(irritant=label, action=title, day=words.long_day(since), company=company)


def digest_of(texts: dict[str, str]) -> str:
    """What an approval stands for: another text needs another approval."""
    return hashlib.sha256("\n".join(f"{name}:{texts[name]}" for name in sorted(texts)).encode()).hexdigest()[:16]
