"""What the adapters of CRMs share: one record a case, found by our id; what changed there, since when.

A record holds ids, codes and times. Names, phones and notes stay in the CRM.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import httpx

from insights.cases.labels import label
from insights.cases.model import Case
from insights.errors import DeliveryError
from insights.i18n import translator
from insights.outbox.carrier import Parcel
from insights.outbox.crm.rate import Bucket
from insights.outbox.endpoint import Endpoint
from insights.outbox.http import Answer, Client, Reply, no_answer, retry_after
from insights.outbox.thin import as_bytes, stamp

LEAST_PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class Change:
    """What somebody did to a case's record in the CRM. `by` is the CRM's id of an adviser, never a name."""

    case_id: str
    status: str
    at: datetime
    by: str = ""
    outcome: str = ""


@dataclass(frozen=True)
class Changes:
    """Changes in order, and the position to go on from."""

    found: tuple[Change, ...]
    position: str


class Crm:
    """Base of the adapters: guarded HTTP, rate limit, errors as answers. One adapter: one account of one CRM."""

    together = 1
    claim = 1
    folder, suffix = "crm", ".json"
    calls = 1  # of one `carry`
    limit: ClassVar[tuple[int, float]] = (100, 60.0)  # calls, seconds: where endpoints.yaml says nothing
    names: ClassVar[Mapping[str, str]] = {}  # field of the CRM by fact of a case
    statuses: ClassVar[Mapping[str, str]] = {"open": "open", "ended": "closed"}

    def __init__(self, endpoint: Endpoint, used: Sequence[float] = ()) -> None:
        self.endpoint, self.options = endpoint, endpoint.options
        self.client = Client(
            allow_private=endpoint.allow_private, timeout_seconds=endpoint.timeout_seconds, tls=endpoint.tls
        )
        calls, seconds = self.options.get("limit_calls"), self.options.get("limit_seconds")
        spent = [age for age in used[:: self.together] for _ in range(self.calls)]
        self.bucket = Bucket(calls or self.limit[0], seconds or self.limit[1], spent)
        self.fields = {**self.names, **self.options.get("fields", {})}

    def close(self) -> None:
        self.client.close()

    def wait_seconds(self) -> float:
        """Seconds until the plan's limit lets one more `carry` pass."""
        return self.bucket.wait_seconds(self.calls)

    def written(self, parcel: Parcel, at: datetime) -> bytes:
        """The record as it would be put."""
        return as_bytes(self.record(parcel))

    def record(self, parcel: Parcel) -> dict[str, Any]:
        """Fields of the CRM's record."""
        raise NotImplementedError

    def upsert(self, parcels: Sequence[Parcel], at: datetime) -> list[Answer]:
        """Put the records; one answer each. May raise what `call` raises."""
        raise NotImplementedError

    def changes(self, position: str | None, now: datetime) -> Changes:
        """What changed there since `position` (None: since an hour ago). Raises DeliveryError."""
        raise NotImplementedError

    def probe(self) -> Answer:
        """Whether address and token are right; changes nothing there."""
        raise NotImplementedError

    def carry(self, parcels: Sequence[Parcel], at: datetime) -> list[Answer]:
        """Put the records; never raises for what the CRM does."""
        try:
            return self.upsert(parcels, at)
        except (DeliveryError, httpx.HTTPError) as error:
            return [no_answer(error)] * len(parcels)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return [Answer(None, "unreadable", f"an answer of another shape ({type(error).__name__})")] * len(parcels)

    def call(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Reply:
        """One call within the rate limit, with its body read."""
        if wait := self.bucket.wait_seconds():
            time.sleep(min(wait, self.endpoint.timeout_seconds))
        self.bucket.take()
        content = None if body is None else json.dumps(body).encode()
        told = {"accept": "application/json", **self.authorization(), **(headers or {})}
        if content is not None:
            told["content-type"] = "application/json"
        url = self.endpoint.url.rstrip("/") + path
        return self.client.call(method, url, headers=told, content=content, read=True)

    def authorization(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.endpoint.token}"}

    def asked(self, method: str, path: str, body: Any = None) -> Any:
        """JSON of a call that must succeed. Raises DeliveryError naming the endpoint and the status."""
        name = self.endpoint.endpoint_id
        try:
            reply = self.call(method, path, body)
            if 200 <= reply.status < 300:
                return json.loads(reply.body)
        except (httpx.HTTPError, ValueError) as error:
            raise DeliveryError(
                f"{name} could not be asked ({type(error).__name__}): tried again next time."
            ) from error
        hint = "check its token in VOC_OUTBOX_SECRETS" if reply.status in (401, 403) else "tried again next time"
        raise DeliveryError(f"{name} answered {reply.status} when asked for its news: {hint}.")

    def refused(self, reply: Reply, at: datetime, *, final: bool = False, pause: float | None = None) -> Answer:
        """The answer for a status that is no success. Its text is left out: it may repeat what a customer said."""
        wait = retry_after(reply, at)
        if reply.status == 429 or pause is not None:
            wait = max(wait or 0.0, pause or 0.0, LEAST_PAUSE_SECONDS)
        return Answer(reply.status, None, code_of(reply), wait, final)

    def facts(self, parcel: Parcel) -> dict[str, str]:
        """What the record says of a case, under the CRM's own field names; a field named "" is left out."""
        case = case_of(parcel)
        facts = {
            "case_id": case.case_id,
            "customer_id": case.customer_id if case.customer_known else "",
            "reason": case.reason,
            "promise": case.promise,
            "due_at": stamp(case.due_at),
            "marks": " ".join(case.marks),
            "owner_team": case.owner_team,
            "state": case.state,
            "outcome": case.outcome or "",
            "message_id": parcel.message_id,
        }
        return {self.fields[name]: value for name, value in facts.items() if self.fields.get(name)}

    def status(self, parcel: Parcel) -> str | None:
        """The CRM's status to set; None leaves the one its people have chosen."""
        known: dict[str, str] = {**self.statuses, **self.options.get("status_of", {})}
        case = case_of(parcel)
        if not case.is_open:
            return known["ended"]
        again = parcel.kind == "case.reopened"
        return known["open"] if parcel.is_new or again else None

    def title(self, case: Case) -> str:
        language = str(self.options.get("language", "fr"))
        return translator(language)("Callback: {reason}").format(reason=label(case.reason, language))


def case_of(parcel: Parcel) -> Case:
    """The parcel's case. Raises DeliveryError for a parcel that speaks of none."""
    if parcel.case is None:
        raise DeliveryError(f"{parcel.message_id} speaks of no case: a CRM takes cases only.")
    return parcel.case


def priority(case: Case) -> str:
    """urgent, high or normal, from what was promised."""
    return {"urgent": "urgent", "high_value": "high"}.get(case.promise, "normal")


def code_of(reply: Reply) -> str:
    """The CRM's own short code of an error, where it gives one."""
    try:
        found = json.loads(reply.body)
    except ValueError:
        return str(reply.status)
    first = found[0] if isinstance(found, list) and found else found
    if not isinstance(first, dict):
        return str(reply.status)
    code = first.get("errorCode") or first.get("category") or first.get("error") or ""
    return f"{reply.status} {code}"[:80].strip() if isinstance(code, str) else str(reply.status)
