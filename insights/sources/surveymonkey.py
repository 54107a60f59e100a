"""SurveyMonkey: bodies of the API v3 (`responses/bulk`), thin webhook events, and a pull that fetches what they announce.

A response holds ids only. Wordings, choices and their weights come from the survey's details (GET /surveys/{id}/details):
the pull fetches them, a folder of files holds them as `details_<name>.json`, and without either the response waits in
quarantine. `url` in sources.yaml names the surveys to pull, `https://<host>/v3/surveys/<id>`, separated by blanks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from insights.errors import SetAside, SourceError
from insights.sources import signatures
from insights.sources.base import Hook, Item, RawRecord, RecordSource, required
from insights.sources.files import read_beside, read_json
from insights.sources.options import Options
from insights.sources.pull import Client, Page, Pull
from insights.sources.reading import as_list, as_map, when
from insights.sources.response import NOTHING_SAID, Response, to_item
from insights.sources.surveymonkey_details import asked, needed, questions_of

PER_PAGE = 100
SET_ASIDE = {
    "thin_event": "says that there is a response, not what it says: fetched by the next pull",
    "not_a_response": "a survey or a collector changed, or a list of surveys",
    "disqualified": "the survey itself turned the respondent away",
    **NOTHING_SAID,
}


def split(document: Any) -> Iterator[Mapping[str, Any]]:
    """Responses of a page of the API, or webhook events. Details of a survey and lists of surveys give none."""
    for part in document if isinstance(document, list) else [document]:
        if "event_type" in part:
            yield part
        elif "questions" not in part and "question_count" not in part:
            found = part.get("data", [part])
            yield from (record for record in found if "nickname" not in record)


def read(path: Path) -> Iterator[RawRecord]:
    """Records of a file, each with the questions it answers, from the details that lie beside it."""
    known: dict[str, Any] = {}
    for details in read_beside(path, "details*.json"):
        known |= questions_of(details)
    for record in read_json(path, split):
        yield RawRecord(record.file, record.line, _with_questions(record.data, known))


def _with_questions(response: Mapping[str, Any], known: Mapping[str, Any]) -> Mapping[str, Any]:
    found = {question: known[question] for question in needed(response) if question in known}
    return {**response, "questions_asked": found} if found else response


def parse(record: RawRecord, options: Options) -> Item:
    """One response, or the deletion of one. Raises SetAside for thin events, RowError where it cannot be used."""
    data = record.data
    if "event_type" in data:
        return _event(data, options)
    return _response(data, options)


def _event(event: Mapping[str, Any], options: Options) -> Item:
    type_ = str(event["event_type"])
    if not type_.startswith("response_"):
        raise SetAside(f"not_a_response: {SET_ASIDE['not_a_response']}")
    if type_ == "response_deleted":
        return Item(source_id=str(required(event, "object_id")), deleted=True)
    carried = event.get("response") or as_map(event.get("resources")).get("response")
    if not isinstance(carried, Mapping):
        raise SetAside(f"thin_event: {SET_ASIDE['thin_event']}")
    return _response(carried, options)


def _response(data: Mapping[str, Any], options: Options) -> Item:
    status = str(data.get("response_status", "completed"))
    if status in {"disqualified", "overquota"}:
        raise SetAside(f"disqualified: {SET_ASIDE['disqualified']}")
    modified = when(data.get("date_modified"), "date_modified", "UTC")
    contact = {
        name: as_map(found).get("value") for name, found in as_map(as_map(data.get("metadata")).get("contact")).items()
    }
    own = ("survey_id", "collector_id", "recipient_id", "custom_value", "collection_mode")
    return to_item(
        Response(
            source_id=str(required(data, "id")),
            occurred_at=when(data.get("date_created") or data.get("date_modified"), "date_created", "UTC"),
            available_at=modified,
            revised_at=modified,
            complete=status == "completed",
            answers=tuple(asked(data, as_map(data.get("questions_asked")), options)),
            hidden={**{name: data.get(name) for name in own}, **contact, **as_map(data.get("custom_variables"))},
            emails=(data.get("email_address"), contact.get("email")),
            phones=(contact.get("phone_number"),),
            names=(data.get("first_name"), data.get("last_name"), contact.get("first_name"), contact.get("last_name")),
        ),
        options,
    )


def pages(client: Client, options: Options, cursor: str | None) -> Iterator[Page]:
    """Responses of each survey changed since the cursor, oldest first. The last second is fetched again, and known."""
    surveys = options.url.split()
    if not surveys:
        raise SourceError("surveymonkey: no survey to pull; set `url` in sources.yaml, https://<host>/v3/surveys/<id>.")
    since: dict[str, str] = json.loads(cursor) if cursor else {}
    for survey in surveys:
        known = questions_of(client.get(f"{survey}/details"))
        for records in _survey_pages(client, survey, since.get(survey)):
            newest = max((str(record.get("date_modified", "")) for record in records), default="")
            since[survey] = max(since.get(survey, ""), newest)
            yield Page([_with_questions(record, known) for record in records], json.dumps(since, sort_keys=True))


def _survey_pages(client: Client, survey: str, start: str | None) -> Iterator[list[Mapping[str, Any]]]:
    params: dict[str, Any] = {"per_page": PER_PAGE, "sort_by": "date_modified", "sort_order": "ASC"}
    if start:
        params["start_modified_at"] = start[:19]
    page, more = 1, True
    while more:
        body = client.get(f"{survey}/responses/bulk", {**params, "page": page})
        records = [record for record in as_list(as_map(body).get("data")) if isinstance(record, Mapping)]
        if records:
            yield records
        more = bool(records) and "next" in as_map(body.get("links"))
        page += 1


def event_key(_headers: Mapping[str, str], body: bytes) -> str:
    """SurveyMonkey's event id and type: an id alone stands for its survey's response, not for one event of it."""
    try:
        event = json.loads(body)
        return f"{event['event_type']}:{event['event_id']}:{event.get('event_datetime', '')}"
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return signatures.body_key(body)


def _verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], _now: datetime) -> None:
    """Each secret is `<api key or client id>&<api secret>`: together they are the key of the HMAC."""
    signatures.verify_hmac(headers, body, secrets, header="sm-signature", algorithm="sha1", encoding="base64")


SOURCE = RecordSource(
    "surveymonkey",
    ("surveymonkey/responses*.json*", "surveymonkey/events*.json*"),
    read,
    parse,
    title="SurveyMonkey",
    set_aside=SET_ASIDE,
    hook=Hook(_verify, event_key, split),
    pull=Pull(pages),
)
