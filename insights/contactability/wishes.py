"""What customers told us of being contacted, and the sales calls made outside cases: a fold of ledger events `contact.*`.

The subject of an event is the customer; payloads hold codes and references only, never words or addresses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from insights.cases.model import EventDraft
from insights.contactability.model import CHANNELS, PHONE, PURPOSES, Ask
from insights.errors import LedgerError
from insights.events import LedgerEvent

PREFIX = "contact."
DO_NOT, DO_NOT_WITHDRAWN = "contact.do_not", "contact.do_not_withdrawn"
CONSENTED, CONSENT_WITHDRAWN = "contact.consented", "contact.consent_withdrawn"
REFUSED, PREFERRED = "contact.refused", "contact.preferred"
MADE, LISTED = "contact.made", "contact.listed"
KINDS = (DO_NOT, DO_NOT_WITHDRAWN, CONSENTED, CONSENT_WITHDRAWN, REFUSED, PREFERRED, MADE, LISTED)
REFERENCE = re.compile(r"[\w.:/#-]{1,80}")


@dataclass(frozen=True)
class Wish:
    """What one customer told us. `calls`: sales calls made outside cases. `listed`: surveys they were put on a list for."""

    do_not_at: datetime | None = None
    consent_at: datetime | None = None
    consent_source: str | None = None
    withdrawn_at: datetime | None = None
    refused_at: datetime | None = None
    preferred_channel: str | None = None
    calls: tuple[datetime, ...] = ()
    listed: tuple[tuple[datetime, str, str], ...] = ()


def fold_wishes(events: Iterable[LedgerEvent]) -> dict[str, Wish]:
    """Wishes by customer from ledger events in order; other kinds are passed over."""
    found: dict[str, Wish] = {}
    for event in events:
        if event.kind in KINDS:
            found[event.subject] = _after(found.get(event.subject, Wish()), event)
    return found


def _after(wish: Wish, event: LedgerEvent) -> Wish:
    data = event.payload
    at = _instant(data.get("on_at")) or event.at
    match event.kind:
        case "contact.do_not":
            return replace(wish, do_not_at=at)
        case "contact.do_not_withdrawn":
            return replace(wish, do_not_at=None)
        case "contact.consented":
            return replace(wish, consent_at=at, consent_source=str(data["source"]))
        case "contact.consent_withdrawn":
            return replace(wish, withdrawn_at=at)
        case "contact.refused":
            return replace(wish, refused_at=at)
        case "contact.preferred":
            return replace(wish, preferred_channel=data.get("channel"))
        case "contact.listed":
            listed = (at, str(data["survey"]), str(data.get("channel") or ""))
            return replace(wish, listed=(*wish.listed, listed))
    sold = data.get("purpose") == "prospecting" and data.get("channel") == PHONE
    return replace(wish, calls=(*wish.calls, at)) if sold else wish


def wish_draft(
    kind: str, customer_id: str, *, actor: str, at: datetime, on_at: datetime | None = None, **payload: Any
) -> EventDraft:
    """The event of a wish, checked. `on_at`: when the customer said it, where that is not now.

    Raises LedgerError for a consent without source, an unknown channel or purpose, a source with words in it.
    """
    if kind not in KINDS:
        raise LedgerError(f"{kind!r} is no event of a contact: use one of {', '.join(KINDS)}.")
    _check(kind, payload, on_at, at)
    told: Mapping[str, Any] = payload if on_at is None else {**payload, "on_at": on_at.astimezone(UTC).isoformat()}
    said = (on_at or at).astimezone(UTC).isoformat()
    detail = payload.get("survey") or payload.get("channel") or ""
    return EventDraft(kind, customer_id, told, actor, at, f"{kind}:{customer_id}:{said}:{detail}")


def _check(kind: str, payload: Mapping[str, Any], on_at: datetime | None, at: datetime) -> None:
    channel, purpose = payload.get("channel"), payload.get("purpose")
    if channel is not None and channel not in CHANNELS:
        raise LedgerError(f"{channel!r} is no channel: use one of {', '.join(CHANNELS)}.")
    if purpose is not None and purpose not in PURPOSES:
        raise LedgerError(f"{purpose!r} is no purpose: use one of {', '.join(PURPOSES)}.")
    if on_at is not None and on_at > at:
        raise LedgerError(f"{on_at.isoformat()} lies in the future: a wish is noted once it was said.")
    if kind == CONSENTED and not REFERENCE.fullmatch(str(payload.get("source") or "")):
        raise LedgerError(
            "A consent needs its source: the reference of the form or recording, without spaces or words."
        )


def listed_asks(wish: Wish, kind_of: Mapping[str, str]) -> tuple[Ask, ...]:
    """Lists the customer was put on, as questions asked."""
    return tuple(Ask(at, kind_of.get(survey, "transactional"), channel) for at, survey, channel in wish.listed)


def _instant(text: Any) -> datetime | None:
    return None if not text else datetime.fromisoformat(str(text)).astimezone(UTC)
