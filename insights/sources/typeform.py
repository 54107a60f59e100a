"""Typeform: webhook events, files of them, and pages of the Responses API (`items`) with the form's definition beside.

A webhook carries its questions; a page of responses does not: put the form's body (GET /forms/{id}) in the same folder as
`form_<name>.json`, or declare the questions in sources.yaml by their reference.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from insights.errors import SetAside
from insights.sources import signatures
from insights.sources.base import Hook, Item, RawRecord, RecordSource, required, text_or_none
from insights.sources.files import read_beside, read_json
from insights.sources.options import Options
from insights.sources.reading import as_list, as_map, when
from insights.sources.response import NOTHING_SAID, Asked, Response, to_item

EVENTS = frozenset({"form_response", "form_response_partial"})
NAMES = frozenset({"first_name", "last_name"})
KINDS = {
    "nps": "nps",
    "opinion_scale": "scale",
    "rating": "stars",
    "csat": "csat",
    "short_text": "open",
    "long_text": "open",
    "email": "email",
    "phone_number": "phone",
    "number": "number",
}


def split(document: Any) -> Iterator[dict[str, Any]]:
    """Responses of a webhook event, of a list of events, or of a page of the Responses API."""
    for part in document if isinstance(document, list) else [document]:
        if "form_response" in part or "event_type" in part:
            yield part
        elif "fields" not in part:
            yield from ({"form_response": item} for item in part["items"])


def read(path: Path) -> Iterator[RawRecord]:
    """Records of a file; where a form's definition lies beside it, each record gets the one of its form."""
    forms = {str(form.get("id")): form for form in read_beside(path, "form_*.json") if "fields" in form}
    for record in read_json(path, split):
        response = as_map(record.data.get("form_response"))
        found = forms.get(str(response.get("form_id"))) or (next(iter(forms.values())) if len(forms) == 1 else None)
        if found is None or "definition" in response or not response:
            yield record
        else:
            data = {**record.data, "form_response": {**response, "definition": {"fields": found["fields"]}}}
            yield RawRecord(record.file, record.line, data)


def parse(record: RawRecord, options: Options) -> Item:
    """One response. Raises SetAside for another event, RowError where it cannot be used."""
    data = record.data
    if data.get("event_type", "form_response") not in EVENTS:
        raise SetAside("not_a_response: another event than a response")
    response = required(data, "form_response")
    if response.get("response_type") == "started":
        raise SetAside(f"nothing_said: {NOTHING_SAID['nothing_said']}")
    submitted = when(response.get("submitted_at"), "submitted_at", options.timezone)
    partial_ = data.get("event_type") == "form_response_partial" or response.get("response_type") == "partial"
    fields = _fields(as_map(response.get("definition")))
    token = response.get("token") or response.get("response_id") or data.get("event_id")
    return to_item(
        Response(
            source_id=str(required({"token": token}, "token")),
            occurred_at=submitted,
            available_at=submitted,
            revised_at=submitted,
            complete=not partial_,
            answers=tuple(_asked(answer, fields) for answer in as_list(response.get("answers"))),
            hidden={**_variables(response), **as_map(response.get("hidden"))},
        ),
        options,
    )


def _fields(form: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Questions by id, those within groups and contact blocks too."""
    found: dict[str, Mapping[str, Any]] = {}
    for question in as_list(form.get("fields")):
        found[str(question.get("id"))] = question
        found |= {str(inner.get("id")): inner for inner in as_list(as_map(question.get("properties")).get("fields"))}
    return found


def _asked(answer: Mapping[str, Any], fields: Mapping[str, Mapping[str, Any]]) -> Asked:
    """One answer; a choice gives its label, a choice of many its labels."""
    given = as_map(answer.get("field"))
    question = {**fields.get(str(given.get("id")), {}), **given}
    type_ = str(question.get("type") or "")
    low, high = _bounds(type_, as_map(question.get("properties")))
    value = answer.get(str(answer.get("type")))
    kind = KINDS.get(type_, {"email": "email", "phone_number": "phone"}.get(str(answer.get("type")), "choice"))
    if question.get("subfield_key") in NAMES:
        kind = "name"
    if isinstance(value, Mapping):
        value = value.get("label") or value.get("labels") or value.get("other")
    return Asked(
        str(required({"field_id": question.get("id")}, "field_id")),
        value,
        kind,
        str(question.get("title") or ""),
        text_or_none(question.get("ref")) or "",
        low,
        high,
    )


def _bounds(type_: str, properties: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """The ends of a scale with a known number of steps; stars begin at 1, an opinion scale where it says."""
    steps = properties.get("steps")
    if not isinstance(steps, int) or type_ not in {"opinion_scale", "rating"}:
        return None, None
    first = 1 if type_ == "rating" or properties.get("start_at_one") else 0
    return float(first), float(first + steps - 1)


def _variables(response: Mapping[str, Any]) -> dict[str, Any]:
    return {
        str(found.get("key")): found.get("text", found.get("number"))
        for found in as_list(response.get("variables"))
        if isinstance(found, Mapping)
    }


def event_key(headers: Mapping[str, str], body: bytes) -> str:
    """Typeform's event id, the same for every retry."""
    try:
        return str(json.loads(body)["event_id"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return signatures.body_key(body)


def _verify(headers: Mapping[str, str], body: bytes, secrets: Any, _now: Any) -> None:
    signatures.verify_hmac(headers, body, secrets, header="typeform-signature", encoding="base64", prefix="sha256=")


SOURCE = RecordSource(
    "typeform",
    ("typeform/events*.json*", "typeform/responses*.json*"),
    read,
    parse,
    title="Typeform",
    set_aside={"not_a_response": "another event than a response", **NOTHING_SAID},
    hook=Hook(_verify, event_key, split),
)
