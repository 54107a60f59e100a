"""Salesforce cases, upserted one by one by an external id field.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_upsert.htm: `PATCH
.../sobjects/Case/VoC_Case_Id__c/{id}` answers 201 (made), 200 or 204 (changed), 300 when two records carry the id.
Limits are by day: `Sforce-Limit-Info: api-usage=used/limit` comes with each answer, and no Retry-After; a used-up day
is 403 REQUEST_LIMIT_EXCEEDED.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from insights.errors import DeliveryError
from insights.outbox.carrier import Parcel
from insights.outbox.crm.rate import SHARE
from insights.outbox.crm.upsert import Change, Changes, Crm, case_of, code_of, priority
from insights.outbox.endpoint import Endpoint
from insights.outbox.http import Answer, Reply
from insights.outbox.thin import stamp

VERSION = "v62.0"
USAGE = re.compile(r"api-usage=(\d+)/(\d+)")
DAY_PAUSE_SECONDS = 900.0  # the day is a rolling one: room comes back bit by bit
LOCKED = ("UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE")
PRIORITIES = {"urgent": "High", "high": "High", "normal": "Medium"}


class Salesforce(Crm):
    """`token`: an access token, or `client id:client secret` of a connected app (client credentials flow)."""

    limit: ClassVar[tuple[int, float]] = (100_000, 86_400.0)
    names: ClassVar[Mapping[str, str]] = {
        "case_id": "VoC_Case_Id__c",
        "customer_id": "VoC_Customer_Id__c",
        "reason": "VoC_Reason__c",
        "promise": "VoC_Promise__c",
        "due_at": "VoC_Due_At__c",
        "owner_team": "VoC_Team__c",
        "marks": "VoC_Marks__c",
        "message_id": "VoC_Message_Id__c",
        "outcome": "VoC_Outcome__c",
    }
    statuses: ClassVar[Mapping[str, str]] = {"open": "New", "ended": "Closed"}

    def __init__(self, endpoint: Endpoint, used: Sequence[float] = ()) -> None:
        super().__init__(endpoint, used)
        self._token = "" if ":" in endpoint.token else endpoint.token
        self.share_used = 0.0  # of the day's calls, all users of the organisation together

    @property
    def path(self) -> str:
        return f"/services/data/{self.options.get('version', VERSION)}"

    def wait_seconds(self) -> float:
        """A quarter of an hour once the whole organisation has used 70 % of its day."""
        return DAY_PAUSE_SECONDS if self.share_used >= SHARE else super().wait_seconds()

    def authorization(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._token}"}

    def call(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Reply:
        """One call; an expired token is renewed once."""
        if not self._token:
            self._log_in()
        reply = super().call(method, path, body, headers)
        if reply.status == 401 and ":" in self.endpoint.token:
            self._log_in()
            reply = super().call(method, path, body, headers)
        usage = USAGE.search(reply.headers.get("sforce-limit-info", ""))
        if usage and int(usage[2]):
            self.share_used = int(usage[1]) / int(usage[2])
        return reply

    def _log_in(self) -> None:
        identity, _, secret = self.endpoint.token.partition(":")
        form = urlencode({"grant_type": "client_credentials", "client_id": identity, "client_secret": secret})
        reply = self.client.call(
            "POST",
            self.endpoint.url.rstrip("/") + "/services/oauth2/token",
            headers={"content-type": "application/x-www-form-urlencoded", "accept": "application/json"},
            content=form.encode(),
            read=True,
        )
        if reply.status != 200:
            name = self.endpoint.endpoint_id
            raise DeliveryError(f"{name} gives no token ({reply.status}): check its secret in VOC_OUTBOX_SECRETS.")
        self._token = str(json.loads(reply.body)["access_token"])

    def record(self, parcel: Parcel) -> dict[str, Any]:
        """Fields of the case; the external id stands in the address, not here."""
        case = case_of(parcel)
        told = self.facts(parcel)
        told.pop(self.fields["case_id"])
        told = {name: value for name, value in told.items() if value}
        told |= {"Subject": self.title(case), "Priority": PRIORITIES[priority(case)], "Origin": "VoC"}
        if status := self.status(parcel):
            told["Status"] = status
        return told

    def upsert(self, parcels: Sequence[Parcel], at: datetime) -> list[Answer]:
        """One PATCH each."""
        return [self._put(one, at) for one in parcels]

    def _put(self, parcel: Parcel, at: datetime) -> Answer:
        key = quote(case_of(parcel).case_id, safe="")
        reply = self.call("PATCH", f"{self.path}/sobjects/Case/{self.fields['case_id']}/{key}", self.record(parcel))
        if reply.status in (200, 201, 204):
            return Answer(reply.status)
        code = code_of(reply)
        if reply.status == 403 and "REQUEST_LIMIT_EXCEEDED" in code:
            return self.refused(Reply(429, reply.headers, reply.body), at, pause=DAY_PAUSE_SECONDS)
        if reply.status == 300:
            return Answer(300, "twice", f"two cases carry the external id {key}: merge them there", final=True)
        final = reply.status in (400, 404) and not any(word in code for word in LOCKED)
        return self.refused(reply, at, final=final)

    def changes(self, position: str | None, now: datetime) -> Changes:
        """Cases of ours changed since `position` (SystemModstamp), oldest first."""
        since = position or stamp(now - timedelta(hours=1))
        key, outcome = self.fields["case_id"], self.fields["outcome"] or "VoC_Outcome__c"
        columns = f"{key}, {outcome}, Status, OwnerId, SystemModstamp"
        asked = f"SELECT {columns} FROM Case WHERE {key} != null AND SystemModstamp >= {since} ORDER BY SystemModstamp"
        path: str | None = f"{self.path}/query?{urlencode({'q': asked})}"
        found: list[Change] = []
        while path:
            page = self.asked("GET", path)
            found += [self._change(one, key, outcome) for one in page["records"]]
            path = page.get("nextRecordsUrl")
        newest = max((stamp(one.at) for one in found), default=since)
        return Changes(tuple(found), newest)

    @staticmethod
    def _change(row: Mapping[str, Any], key: str, outcome: str) -> Change:
        at = datetime.fromisoformat(str(row["SystemModstamp"])).astimezone(UTC)
        return Change(str(row[key]), str(row["Status"]), at, str(row.get("OwnerId") or ""), str(row.get(outcome) or ""))

    def probe(self) -> Answer:
        """Reads the organisation's limits."""
        reply = self.call("GET", f"{self.path}/limits")
        return Answer(reply.status) if reply.status == 200 else self.refused(reply, datetime.now(UTC))
