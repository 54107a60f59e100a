"""HubSpot tickets, upserted a hundred at a time by a unique property.

https://developers.hubspot.com/docs/api-reference/latest/crm/objects/tickets: `POST .../tickets/batch/upsert` takes
`inputs` of idProperty, id and properties; 207 says which failed; one bad input may refuse the whole batch (400).
Search: https://developers.hubspot.com/docs/api-reference/search/guide (10,000 results at most, low rate).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from insights.outbox.carrier import Parcel
from insights.outbox.crm.upsert import Change, Changes, Crm, case_of, priority
from insights.outbox.http import Answer, Reply

PATH = "/crm/objects/2026-03/tickets"
PAGE, MOST_PAGES = 100, 90
WINDOW_SECONDS, DAILY_PAUSE_SECONDS = 10.0, 3600.0
PRIORITIES = {"urgent": "URGENT", "high": "HIGH", "normal": "MEDIUM"}


class HubSpot(Crm):
    """`token`: of a private app with the scope tickets. The unique property must exist (docs/outbox.md)."""

    together = 100
    limit: ClassVar[tuple[int, float]] = (190, WINDOW_SECONDS)
    names: ClassVar[Mapping[str, str]] = {
        "case_id": "voc_case_id",
        "customer_id": "voc_customer_id",
        "reason": "voc_reason",
        "promise": "voc_promise",
        "due_at": "voc_due_at",
        "owner_team": "voc_team",
        "marks": "voc_marks",
        "message_id": "voc_message_id",
        "outcome": "",  # theirs to fill
    }
    statuses: ClassVar[Mapping[str, str]] = {"open": "1", "ended": "4"}  # stages of the default support pipeline

    @property
    def path(self) -> str:
        return str(self.options.get("path") or PATH)

    def record(self, parcel: Parcel) -> dict[str, Any]:
        """One input of the batch."""
        case = case_of(parcel)
        told = {**self.facts(parcel), "subject": self.title(case), "hs_ticket_priority": PRIORITIES[priority(case)]}
        if status := self.status(parcel):
            told |= {"hs_pipeline": str(self.options.get("pipeline", "0")), "hs_pipeline_stage": status}
        return {"idProperty": self.fields["case_id"], "id": case.case_id, "properties": told}

    def upsert(self, parcels: Sequence[Parcel], at: datetime) -> list[Answer]:
        """One call; a batch refused as a whole is halved until the bad input stands alone."""
        inputs = [self.record(one) for one in parcels]
        reply = self.call("POST", f"{self.path}/batch/upsert", {"inputs": inputs})
        if reply.status == 207:
            return self._mixed(reply, parcels)
        if 200 <= reply.status < 300:
            return [Answer(reply.status)] * len(parcels)
        if reply.status in (400, 409) and len(parcels) > 1:
            half = len(parcels) // 2
            return [*self.upsert(parcels[:half], at), *self.upsert(parcels[half:], at)]
        return [self.refused(reply, at, final=reply.status == 400, pause=_pause(reply))] * len(parcels)

    def _mixed(self, reply: Reply, parcels: Sequence[Parcel]) -> list[Answer]:
        """Answers of a 207: what is among the results has arrived, the others have not."""
        done = {one["properties"].get(self.fields["case_id"]) for one in json.loads(reply.body)["results"]}
        refused = Answer(400, None, "refused in a batch", final=True)
        return [Answer(200) if case_of(one).case_id in done else refused for one in parcels]

    def changes(self, position: str | None, now: datetime) -> Changes:
        """Tickets of ours modified since `position` (milliseconds), oldest first."""
        since = position or str(int((now - timedelta(hours=1)).timestamp() * 1000))
        key, outcome = self.fields["case_id"], self.fields["outcome"] or "voc_outcome"
        wanted = [key, outcome, "hs_pipeline_stage", "hubspot_owner_id", "hs_lastmodifieddate"]
        filters = [
            {"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": since},
            {"propertyName": key, "operator": "HAS_PROPERTY"},
        ]
        order = [{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}]
        query = {"filterGroups": [{"filters": filters}], "sorts": order, "properties": wanted, "limit": PAGE}
        found: list[Change] = []
        for _ in range(MOST_PAGES):
            page = self.asked("POST", f"{self.path}/search", query)
            found += [self._change(one["properties"], key, outcome) for one in page["results"]]
            after = page.get("paging", {}).get("next", {}).get("after")
            if not after:
                break
            query["after"] = after
        newest = max((int(one.at.timestamp() * 1000) for one in found), default=int(since))
        return Changes(tuple(found), str(newest))

    @staticmethod
    def _change(told: Mapping[str, Any], key: str, outcome: str) -> Change:
        at = datetime.fromisoformat(str(told["hs_lastmodifieddate"])).astimezone(UTC)
        stage, by = str(told.get("hs_pipeline_stage") or ""), str(told.get("hubspot_owner_id") or "")
        return Change(str(told[key]), stage, at, by, str(told.get(outcome) or ""))

    def probe(self) -> Answer:
        """Reads one ticket."""
        reply = self.call("GET", f"{self.path}?limit=1")
        return Answer(reply.status) if reply.status == 200 else self.refused(reply, datetime.now(UTC))


def _pause(reply: Reply) -> float | None:
    """Seconds to wait after a 429: an hour when the day's limit is used up, else the window of the burst limit."""
    if reply.status != 429:
        return None
    try:
        daily = "DAILY" in str(json.loads(reply.body).get("policyName", ""))
    except (ValueError, AttributeError):
        daily = False
    return DAILY_PAUSE_SECONDS if daily else WINDOW_SECONDS
