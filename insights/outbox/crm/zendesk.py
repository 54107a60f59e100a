"""Zendesk tickets by external_id: found, then updated; or created under an idempotency key.

https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/: external ids need not be unique there, so the
ticket is looked up first (`GET /api/v2/tickets.json?external_id=`). A create carries `Idempotency-Key` (kept two hours
there); an update carries `safe_update` (409 when somebody changed the ticket meanwhile) and a tag with our message id,
so that a repeated message adds no second comment. Incremental export: 10 calls a minute, a cursor, `end_of_stream`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from insights.outbox.carrier import Parcel
from insights.outbox.crm.upsert import Change, Changes, Crm, case_of, priority
from insights.outbox.http import Answer

MOST_PAGES = 8  # of ten calls a minute
TAG = "voc_insights"
PREFIX = "voc-"


class Zendesk(Crm):
    """`token`: an OAuth token, or `e-mail:api token`. Fields have numbers there: `fields: {due_at: "360001"}`."""

    calls = 2
    limit: ClassVar[tuple[int, float]] = (400, 60.0)
    statuses: ClassVar[Mapping[str, str]] = {"open": "new", "ended": "solved"}

    def authorization(self) -> dict[str, str]:
        user, found, token = self.endpoint.token.rpartition(":")
        if not found:
            return super().authorization()
        return {"authorization": "Basic " + base64.b64encode(f"{user}/token:{token}".encode()).decode()}

    def record(self, parcel: Parcel) -> dict[str, Any]:
        """The ticket; the comment repeats the facts, so that nothing depends on custom fields."""
        case = case_of(parcel)
        told_facts = {
            "case_id": case.case_id,
            "customer_id": case.customer_id if case.customer_known else "",
            "reason": case.reason,
            "team": case.owner_team,
            "state": case.state,
            "marks": " ".join(case.marks),
        }
        lines = [f"{name}: {value}" for name, value in told_facts.items() if value]
        fields = [{"id": int(number), "value": value} for number, value in self.facts(parcel).items()]
        told: dict[str, Any] = {
            "external_id": PREFIX + case.case_id,
            "type": "task",
            "due_at": case.due_at.isoformat(),
            "priority": priority(case),
            "tags": [TAG, parcel.message_id],
            "comment": {"body": "\n".join([self.title(case), *lines]), "public": False},
            **({"custom_fields": fields} if fields else {}),
        }
        if status := self.status(parcel):
            told["status"] = status
        return told

    def upsert(self, parcels: Sequence[Parcel], at: datetime) -> list[Answer]:
        """One ticket after the other."""
        return [self._put(one, at) for one in parcels]

    def _put(self, parcel: Parcel, at: datetime) -> Answer:
        told = self.record(parcel)
        reply = self.call("GET", f"/api/v2/tickets.json?external_id={quote(told['external_id'], safe='')}")
        if reply.status != 200:
            return self.refused(reply, at)
        there = [one for one in json.loads(reply.body)["tickets"] if one["status"] not in ("closed", "deleted")]
        if any(parcel.message_id in one.get("tags", ()) for one in there):
            return Answer(200, None, "known there")
        if not there:
            return self._create(parcel, told, at)
        return self._update(min(there, key=lambda one: int(one["id"])), told, at)

    def _create(self, parcel: Parcel, told: dict[str, Any], at: datetime) -> Answer:
        case = case_of(parcel)
        if not case.is_open:
            return Answer(200, None, "nothing left to close there")
        told |= {"subject": self.title(case), "status": told.get("status") or self.statuses["open"]}
        key = {"idempotency-key": f"{parcel.message_id}-{case.state}"}
        reply = self.call("POST", "/api/v2/tickets.json", {"ticket": told}, key)
        return (
            Answer(reply.status) if reply.status in (200, 201) else self.refused(reply, at, final=reply.status == 422)
        )

    def _update(self, ticket: Mapping[str, Any], told: dict[str, Any], at: datetime) -> Answer:
        more: dict[str, Any] = {"tags": sorted({*ticket.get("tags", ()), *told["tags"]})}
        if ticket.get("updated_at"):
            more |= {"safe_update": True, "updated_stamp": ticket["updated_at"]}
        reply = self.call("PUT", f"/api/v2/tickets/{int(ticket['id'])}.json", {"ticket": {**told, **more}})
        return Answer(reply.status) if reply.status == 200 else self.refused(reply, at, final=reply.status == 422)

    def changes(self, position: str | None, now: datetime) -> Changes:
        """Tickets of ours changed since `position` (the export's cursor)."""
        start = int((now - timedelta(hours=1)).timestamp())
        found: list[Change] = []
        for _ in range(MOST_PAGES):
            query = {"cursor": position} if position else {"start_time": start}
            page = self.asked("GET", f"/api/v2/incremental/tickets/cursor.json?{urlencode(query)}")
            found += [self._change(one) for one in page["tickets"] if str(one.get("external_id")).startswith(PREFIX)]
            position = page.get("after_cursor") or position
            if page.get("end_of_stream", True):
                break
        return Changes(tuple(found), position or "")

    def _change(self, ticket: Mapping[str, Any]) -> Change:
        at = datetime.fromisoformat(str(ticket["updated_at"])).astimezone(UTC)
        number = str(self.options.get("outcome_field", ""))
        outcome = next((one["value"] for one in ticket.get("custom_fields", ()) if str(one["id"]) == number), "")
        by = str(ticket.get("assignee_id") or "")
        return Change(
            str(ticket["external_id"]).removeprefix(PREFIX), str(ticket["status"]), at, by, str(outcome or "")
        )

    def probe(self) -> Answer:
        """Asks who we are."""
        reply = self.call("GET", "/api/v2/users/me.json")
        return Answer(reply.status) if reply.status == 200 else self.refused(reply, datetime.now(UTC))
