"""Facts of customers for the rules of contact: the CRM picture, what they said, their cases, what we asked them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from insights.cases.model import ATTEMPTED, CANCELLED, CLOSED, PREFIX, REACHED, Case
from insights.contactability.config import ContactRules
from insights.contactability.model import CALL, PHONE, Ask, Facts
from insights.contactability.wishes import Wish, listed_asks

UNKNOWN_DAY = datetime(1970, 1, 1, tzinfo=UTC)  # said, and nobody noted when
CALLED = (PREFIX + ATTEMPTED, PREFIX + REACHED)
OVER = (CLOSED, CANCELLED)
Row = Mapping[Any, Any]


def customer_facts(
    customer_id: str,
    profile: Row | None,
    rules: ContactRules,
    *,
    wish: Wish | None = None,
    cases: Iterable[Case] = (),
    asks: Iterable[Ask] = (),
) -> Facts:
    """The facts of one customer.

    `profile`: a CUSTOMER_SNAPSHOT row of the newest picture, None for somebody who is in none. It may also hold
    `recontact` (yes, no, not_asked: the latest answer), `recontact_at`, `survey_no_at`, `complaint_at`, and
    `is_current` (False: in an older picture only, or gone since).
    """
    row, said, theirs = profile or {}, wish or Wish(), list(cases)
    given, source = _latest_consent(row, said)
    refused = _refused(row)
    return Facts(
        customer_id,
        business=text(row.get("segment")) in rules.business_segments,
        current=profile is not None and row.get("is_current") is not False,
        leaving=_true(row.get("leaving")),
        objection=_true(row.get("objection")),
        region=text(row.get("region")),
        preferred_channel=said.preferred_channel or text(row.get("preferred_channel")),
        recontact_no_at=refused,
        do_not_at=said.do_not_at,
        survey_no_at=instant(row.get("survey_no_at")),
        consent_at=given,
        consent_source=source,
        withdrawn_at=_last(instant(row.get("consent_withdrawn_at")), said.withdrawn_at),
        refused_at=_last(said.refused_at, *(_refused_in(case, rules) for case in theirs)),
        calls=tuple(sorted([*said.calls, *(at for case in theirs if is_sales(case, rules) for at in calls_of(case))])),
        asks=tuple(sorted([*asks, *_calls_as_asks(theirs), *listed_asks(said, rules.survey_kinds)], key=_when)),
        case_since=min((case.opened_at for case in theirs if case.state not in OVER), default=None),
        complaint_at=instant(row.get("complaint_at")),
    )


def calls_of(case: Case) -> list[datetime]:
    """Instants at which the customer was called about a case, answered or not."""
    return [at for at, kind, _ in case.history if kind in CALLED]


def is_sales(case: Case, rules: ContactRules) -> bool:
    """Whether the calls of a case count as sales calls: those of our own making, where the file says so."""
    return bool(case.plan) and rules.proactive.purpose == "prospecting"


def by_customer(cases: Iterable[Case]) -> dict[str, list[Case]]:
    """Cases by customer, in their order."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(case.customer_id, []).append(case)
    return found


def asks_by_customer(asked: pd.DataFrame, rules: ContactRules) -> dict[str, list[Ask]]:
    """Questions by customer. `asked`: customer_id, survey, channel, asked_at (UTC), one row a question."""
    found: dict[str, list[Ask]] = {}
    rows: Sequence[tuple[Any, ...]] = list(
        zip(asked["customer_id"], asked["survey"], asked["channel"], asked["asked_at"], strict=True)
    )
    for customer, survey, channel, at in rows:
        moment = instant(at)
        if moment is not None:
            found.setdefault(str(customer), []).append(Ask(moment, rules.kind_of(text(survey)), text(channel) or ""))
    return found


def _latest_consent(row: Row, wish: Wish) -> tuple[datetime | None, str | None]:
    """The newer of the CRM's consent and the ledger's, with its source."""
    theirs = instant(row.get("consent_phone_at"))
    if wish.consent_at is not None and (theirs is None or wish.consent_at >= theirs):
        return wish.consent_at, wish.consent_source
    return theirs, text(row.get("consent_phone_source"))


def _refused(row: Row) -> datetime | None:
    if text(row.get("recontact")) != "no":
        return None
    return instant(row.get("recontact_at")) or UNKNOWN_DAY


def _refused_in(case: Case, rules: ContactRules) -> datetime | None:
    return case.resolved_at if case.outcome in rules.refusal_outcomes else None


def _calls_as_asks(cases: Iterable[Case]) -> list[Ask]:
    return [Ask(at, CALL, PHONE) for case in cases for at in calls_of(case)]


def _when(ask: Ask) -> tuple[datetime, str, str]:
    return ask.at, ask.kind, ask.channel


def _last(*instants: datetime | None) -> datetime | None:
    return max((one for one in instants if one is not None), default=None)


def instant(value: Any) -> datetime | None:
    """A cell as a UTC instant; a day is its first instant; None when empty."""
    if value is None or pd.isna(value):
        return None
    found = pd.Timestamp(value)
    whole = found.tz_localize("UTC") if found.tzinfo is None else found.tz_convert("UTC")
    return datetime.fromtimestamp(whole.timestamp(), UTC)


def text(value: Any) -> str | None:
    """A cell as text; None when empty."""
    return None if value is None or pd.isna(value) or not str(value).strip() else str(value)


def _true(value: Any) -> bool:
    return False if value is None or pd.isna(value) else bool(value)
