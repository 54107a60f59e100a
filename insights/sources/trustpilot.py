"""Trustpilot service reviews: pages of its API, webhooks (new, changed, deleted) and the shape its own pages carry.

Stars are csat on 1-5. The company's reply is not the customer's voice and is never read.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from insights.errors import SetAside
from insights.sources import posts
from insights.sources.base import Hook, Item, RawRecord, RecordSource, required, text_or_none
from insights.sources.files import read_json
from insights.sources.options import Options
from insights.sources.paging import ascending
from insights.sources.pull import Client, Page, Pull
from insights.sources.signatures import body_key, verify_token

PAGE = 100
HIDDEN = "Trustpilot has taken it off its pages"


def split(document: Any) -> Iterator[Any]:
    """Reviews of a list, an API page, a webhook's events, or one review. ValueError for other data."""
    if isinstance(document, list):
        yield from document
    elif "reviews" in document:
        yield from document["reviews"]
    elif "events" in document:
        yield from map(_of_event, document["events"])
    elif "id" in document:
        yield document
    else:
        raise ValueError(f"no review in it ({', '.join(map(str, document))})")


def _of_event(event: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(event.get("eventName", ""))
    if not name.startswith("service-review-"):
        return {"other_event": name}
    if name.endswith("-deleted"):
        return {"removed": event["eventData"]["id"]}
    return dict(event["eventData"])


def parse(record: RawRecord, options: Options) -> Item:
    """One review, or the removal of one. Raises SetAside for what Trustpilot hides and for product reviews."""
    data = record.data
    if "removed" in data:
        return Item(str(data["removed"]), deleted=True)
    if "other_event" in data:
        raise SetAside("other_event: not about a service review")
    if data.get("filtered") or data.get("pending") or data.get("status") in ("filtered", "pending"):
        raise SetAside(f"hidden: {HIDDEN}")
    dates, consumer = data.get("dates") or {}, data.get("consumer") or {}
    updated = data.get("updatedAt") or dates.get("updatedDate")
    answers = posts.stars(data["stars"] if "stars" in data else data.get("rating"), "stars")
    return Item(
        source_id=str(required(data, "id")),
        feedback=posts.described(
            data,
            options,
            kind="review",
            touchpoint="trustpilot",
            occurred_at=posts.moment(data.get("createdAt") or dates.get("publishedDate"), "createdAt", "UTC"),
            revised_at=posts.moment(updated, "updatedAt", "UTC") if updated else None,
            verbatim=posts.titled(data.get("title"), data.get("text")),
            language=posts.language_of(data.get("language")),
            country=posts.country_of(consumer.get("countryCode")),
        ),
        answers=answers,
        author=text_or_none(consumer.get("id")),
        emails=posts.names(data.get("referralEmail")),
        names=posts.names(consumer.get("displayName"), consumer.get("name")),
    )


def verify(headers: Mapping[str, str], _body: bytes, secrets: Sequence[str], _now: datetime) -> None:
    """Accept the user and password written into the webhook's address: Trustpilot signs nothing else."""
    basic = ["Basic " + base64.b64encode(secret.encode()).decode() for secret in secrets if secret]
    verify_token(headers, basic)


def event_key(_headers: Mapping[str, str], body: bytes) -> str:
    """The hash of the body: an event has no id, and a retry repeats it byte for byte."""
    return body_key(body)


def pages(client: Client, options: Options, cursor: str | None) -> Iterator[Page]:
    """Pages of the private reviews at `options.url`, by date of creation. Changes and deletions come by webhook."""
    return ascending(
        client,
        options.url,
        cursor,
        ask=lambda since, page: {
            **({"startDateTime": since} if since else {}),
            "orderBy": "createdat.asc",
            "perPage": PAGE,
            "page": page,
        },
        read=lambda body: list(body.get("reviews") or []),
        stamp=lambda review: str(review["createdAt"]),
        size=PAGE,
    )


SOURCE = RecordSource(
    "trustpilot",
    ("trustpilot/*.json", "trustpilot/*.jsonl"),
    partial(read_json, split=split),
    parse,
    title="Trustpilot",
    set_aside={"hidden": HIDDEN, "other_event": "not about a service review"},
    hook=Hook(verify, event_key, lambda payload: split(json.loads(payload) if isinstance(payload, str) else payload)),
    pull=Pull(pages),
)
