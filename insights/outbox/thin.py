"""Bodies that hold ids, codes and times: nothing personal but the CRM's own customer_id, and that in case messages only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from insights.cases.model import Case
from insights.events import LedgerEvent


def payload(event: LedgerEvent, case: Case) -> bytes:
    """Thin body of a case message, the same bytes for every attempt. `customer_id` is null where nobody knows it."""
    data: dict[str, Any] = {
        "case_id": case.case_id,
        "customer_id": case.customer_id if case.customer_known else None,
        "reason": case.reason,
        "promise": case.promise,
        "due_at": stamp(case.due_at),
        "owner_team": case.owner_team,
    }
    if case.resolve_by is not None:
        data["resolve_by"] = stamp(case.resolve_by)
    if case.marks:  # such as do_not_contact
        data["marks"] = list(case.marks)
    if case.held_by:  # nobody is to be called: one answer for all is written
        data["held_by"] = case.held_by
    if not case.is_open:
        data |= {"state": case.state, "outcome": case.outcome}
    body: dict[str, Any] = {"type": event.kind, "timestamp": stamp(event.at), "data": data}
    return as_bytes(body)


def notice(event: LedgerEvent) -> bytes:
    """What was queued for people, as it stands in the ledger: codes, counts and times."""
    return as_bytes(dict(event.payload))


def incident(queued: Mapping[str, Any], at: datetime) -> bytes:
    """Thin body of an incident, out of the payload of `message.queued`: ids, counts and times."""
    return as_bytes({"type": queued["subject_code"], "timestamp": stamp(at), "data": dict(queued["facts"])})


def as_bytes(body: dict[str, Any]) -> bytes:
    """Compact JSON with sorted keys."""
    return json.dumps(body, separators=(",", ":"), sort_keys=True).encode()


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
