"""Formbricks: webhooks responseCreated, responseUpdated, responseFinished. One response, of which the later version stays.

A payload holds answers by question id, without wording or type: declare scores in sources.yaml, and say with
`fields: {verbatim: q1, q2}` which questions hold words. Hidden fields stand among the answers, attributes beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from insights.errors import SetAside
from insights.sources import signatures
from insights.sources.base import Hook, Item, RawRecord, RecordSource, required
from insights.sources.files import read_json
from insights.sources.options import Options
from insights.sources.reading import as_map, when
from insights.sources.response import NOTHING_SAID, Asked, Response, to_item

EVENTS = frozenset({"responseCreated", "responseUpdated", "responseFinished"})
PRESSED = frozenset({"clicked", "dismissed", "accepted", "booked"})  # a button, a tick: no words


def split(document: Any) -> Iterator[Mapping[str, Any]]:
    """Webhook events, or the responses of a page of the API, in the shape of an event."""
    for part in document if isinstance(document, list) else [document]:
        if "event" in part:
            yield part
        else:
            found = part["data"]
            yield from ({"data": response} for response in (found if isinstance(found, list) else [found]))


def read(path: Path) -> Iterator[RawRecord]:
    """Records of a file of events or API pages."""
    return read_json(path, split)


def parse(record: RawRecord, options: Options) -> Item:
    """One version of a response. Raises SetAside while nothing has been said, RowError where it cannot be used."""
    data = record.data
    if data.get("event", "responseFinished") not in EVENTS:
        raise SetAside("not_a_response: another event than a response")
    response = as_map(required(data, "data"))
    answers = as_map(response.get("data"))
    created = when(response.get("createdAt"), "createdAt", options.timezone)
    updated = when(response.get("updatedAt") or response.get("createdAt"), "updatedAt", options.timezone)
    contact = {**as_map(response.get("contactAttributes")), **as_map(response.get("contact"))}
    survey = as_map(response.get("survey"))
    hidden = {"surveyId": response.get("surveyId"), "survey": survey.get("title"), **as_map(response.get("meta"))}
    hidden |= {"language": response.get("language"), **as_map(response.get("variables")), **contact, **answers}
    return to_item(
        Response(
            source_id=str(required(response, "id")),
            occurred_at=created,
            available_at=updated,
            revised_at=updated,
            complete=response.get("finished") is True,
            answers=tuple(_asked(str(name), value) for name, value in answers.items()),
            hidden=hidden,
            emails=(contact.get("email"),),
            phones=(contact.get("phone"),),
            names=(contact.get("firstName"), contact.get("lastName")),
        ),
        options,
    )


def _asked(name: str, value: Any) -> Asked:
    """An answer. Lists and objects are choices, rankings and matrices; a question called `nps` is one."""
    pressed = isinstance(value, str) and value.strip().lower() in PRESSED
    if isinstance(value, list | dict) or pressed:
        return Asked(name, value, "choice")
    return Asked(name, value, "nps" if name.lower() == "nps" else "")


def event_key(headers: Mapping[str, str], body: bytes) -> str:
    """The message id of Standard Webhooks, the same for every retry."""
    return headers.get("webhook-id") or signatures.body_key(body)


def _verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> None:
    signatures.verify_standard(headers, body, secrets, now)


SOURCE = RecordSource(
    "formbricks",
    ("formbricks/*.json", "formbricks/*.jsonl"),
    read,
    parse,
    title="Formbricks",
    set_aside={"not_a_response": "another event than a response", **NOTHING_SAID},
    hook=Hook(_verify, event_key, split),
)
