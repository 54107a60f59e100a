"""Delighted: webhooks, survey responses of the API, and the CSV export.

The type of a survey gives its metric and scale: nps 0-10, csat and ces 1-5, stars and smileys 1-5, thumbs 0-1. Person
properties are hidden fields. A webhook comes for the score and again for the comment: the later version stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from insights.errors import SetAside
from insights.sources import signatures
from insights.sources.base import RAGGED, Hook, Item, RawRecord, RecordSource, required, text_or_none
from insights.sources.files import read_csv, read_json
from insights.sources.options import Options
from insights.sources.reading import as_list, as_map, when
from insights.sources.response import NOTHING_SAID, Asked, Response, to_item

TYPES: Mapping[str, tuple[str, float, float]] = {
    "nps": ("nps", 0, 10),
    "csat": ("csat", 1, 5),
    "csat3": ("csat", 1, 3),
    "ces": ("ces", 1, 5),
    "ces7": ("ces", 1, 7),
    "stars": ("stars", 1, 5),
    "stars_five": ("stars", 1, 5),
    "smileys": ("smileys", 1, 5),
    "thumbs": ("csat", 0, 1),
    "enps": ("scale", 0, 10),  # asked of employees: no NPS of customers
}
COLUMNS = {
    "response id": "id", "survey type": "survey_type", "score": "score", "comment": "comment", "name": "name",
    "email": "email", "phone number": "phone_number", "created at": "created_at", "updated at": "updated_at",
    "response created at": "created_at", "response updated at": "updated_at",
}  # fmt: skip
FORMATS = ("%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%d %H:%M:%S %z")


def split(document: Any) -> Iterator[Mapping[str, Any]]:
    """Responses of a webhook event, of an answer of the API, or of a list of either, in the shape of an event."""
    for part in document if isinstance(document, list) else [document]:
        yield part if "event_data" in part else {"event_data": {**part, "id": part["id"]}}


def read(path: Path) -> Iterator[RawRecord]:
    """Records of a CSV export or of JSON."""
    if path.suffix.lower() == ".csv":
        for record in read_csv(path, []):
            yield record if RAGGED in record.data else RawRecord(record.file, record.line, _from_row(record.data))
    else:
        yield from read_json(path, split)


def _from_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A CSV row in the shape of an event; columns of ours are person properties."""
    known = {COLUMNS[name.lower()]: cell for name, cell in row.items() if name.lower() in COLUMNS}
    person = {name: known.pop(name, None) for name in ("name", "email", "phone_number")}
    properties = {name: cell for name, cell in row.items() if name.lower() not in COLUMNS}
    return {"event_data": {**known, "person": person, "person_properties": properties}}


def parse(record: RawRecord, options: Options) -> Item:
    """One response. Raises SetAside for an unsubscription, RowError where it cannot be used."""
    data = record.data
    if "unsubscribe" in str(data.get("event_type", "")):
        raise SetAside("not_a_response: another event than a response")
    response = as_map(required(data, "event_data"))
    person = as_map(response.get("person"))
    created = when(response.get("created_at"), "created_at", "UTC", FORMATS)
    updated = when(response.get("updated_at") or response.get("created_at"), "updated_at", "UTC", FORMATS)
    hidden = {"survey_type": response.get("survey_type"), "person_id": person.get("id")}
    return to_item(
        Response(
            source_id=str(required(response, "id")),
            occurred_at=created,
            available_at=updated,
            revised_at=updated,
            answers=tuple(_asked(response)),
            hidden={**hidden, **as_map(response.get("person_properties"))},
            emails=(person.get("email"),),
            phones=(person.get("phone_number"),),
            names=(person.get("name"),),
        ),
        options,
    )


def _asked(response: Mapping[str, Any]) -> Iterator[Asked]:
    """The score, the comment, and the additional questions."""
    kind, low, high = TYPES.get(str(response.get("survey_type", "")).lower(), ("scale", None, None))
    if text_or_none(response.get("score")) is not None:
        yield Asked("score", response["score"], kind, low=low, high=high)
    yield Asked("comment", response.get("comment"), "open")
    for place, more in enumerate(as_list(response.get("additional_answers"))):
        if isinstance(more, Mapping):
            yield _additional(more, place)


def _additional(answer: Mapping[str, Any], place: int) -> Asked:
    question = as_map(answer.get("question"))
    value = answer.get("value")
    if isinstance(value, Mapping):
        value = next(iter(value.values()), None)
    type_ = str(question.get("type", ""))
    kind = "open" if type_ == "free_response" else "scale" if type_ == "scale" else "choice"
    low, high = question.get("scale_min", 1 if type_ == "scale" else None), question.get("scale_max")
    ends = (float(low), float(high)) if isinstance(low, int) and isinstance(high, int) else (None, None)
    return Asked(
        str(question.get("id") or f"additional_{place}"), value, kind, str(question.get("text") or ""), "", *ends
    )


def event_key(_headers: Mapping[str, str], body: bytes) -> str:
    """Delighted's event id, the same for every retry."""
    try:
        return str(json.loads(body)["event_id"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return signatures.body_key(body)


def _verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], _now: datetime) -> None:
    signatures.verify_hmac(headers, body, secrets, header="x-delighted-webhook-signature", prefix="sha256=")


SOURCE = RecordSource(
    "delighted",
    ("delighted/*.json", "delighted/*.jsonl", "delighted/*.csv"),
    read,
    parse,
    title="Delighted",
    set_aside={"not_a_response": "another event than a response", **NOTHING_SAID},
    hook=Hook(_verify, event_key, split),
)
