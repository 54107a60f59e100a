"""Qualtrics: CSV exports with three header rows, the older ones with two, and the API's JSON (`responses`).

A Qualtrics workflow posts a response with its Web Service task, as the JSON of the API, with a shared token in the header
Authorization: the platform's own event subscriptions are thin, form-encoded, and say nothing of how they are signed.
Questions carry no type here: NPS shows by its companion column `<question>_NPS_GROUP`, the others by wording and scale, or
by sources.yaml. Times without a zone are of `timezone`: an export shows the account's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from insights.errors import SetAside, SourceError
from insights.sources import signatures
from insights.sources.base import RAGGED, Hook, Item, RawRecord, RecordSource, required, text_or_none
from insights.sources.files import read_csv, read_json
from insights.sources.options import Options
from insights.sources.reading import as_list, as_map, when, yes_no
from insights.sources.response import NOTHING_SAID, Asked, Response, to_item
from insights.sources.scales import is_number

META = {
    "_recordid": "responseid", "externaldatareference": "externaldatareference", "externalreference": "externaldatareference",
    "recipientemail": "email", "emailaddress": "email", "recipientlastname": "lastname", "recipientfirstname": "firstname",
}  # fmt: skip
OWN = frozenset({
    "responseid", "responseset", "name", "externaldatareference", "email", "lastname", "firstname", "ipaddress", "status",
    "startdate", "enddate", "recordeddate", "finished", "progress", "duration", "durationinseconds", "locationlatitude",
    "locationlongitude", "locationaccuracy", "distributionchannel", "userlanguage", "",
})  # fmt: skip
NOT_CUSTOMERS = {"1": "preview", "survey preview": "preview", "2": "preview", "survey test": "preview", "8": "spam",
                 "spam": "spam", "survey preview spam": "spam", "9": "spam"}  # fmt: skip
GROUP = "_NPS_GROUP"
QUESTION = re.compile(r"^Q(?:ID)?\d+")
ANALYSED = re.compile(
    r"_TEXT_[0-9a-z]{8,}| - (Topics|Parent Topics|Topic Hierarchy|Sentiment|Actionability|Effort)\b", re.I
)
SET_ASIDE = {
    "preview": "answered by the survey's author, to try it",
    "spam": "marked as spam by Qualtrics",
    **NOTHING_SAID,
}


def split(document: Any) -> Iterator[Mapping[str, Any]]:
    """Responses of an export, of one answer of the API (`result`), or of a list of them."""
    for part in document if isinstance(document, list) else [document]:
        if "responses" in part:
            yield from part["responses"]
        else:
            yield part["result"] if "result" in part else {**part, "values": part["values"]}


def read(path: Path) -> Iterator[RawRecord]:
    """One record a response: values by code, and the wording of each question where the file has it."""
    if path.suffix.lower() in {".json", ".jsonl", ".ndjson"}:
        yield from read_json(path, split)
        return
    wordings: dict[str, str] = {}
    codes: dict[str, str] = {}
    for place, record in enumerate(read_csv(path, [])):
        if place == 0:
            wordings = {str(code): str(text) for code, text in record.data.items()}
            _refuse_other(path, wordings)
        elif place == 1 and _is_import_row(record.data.values()):
            codes = {str(code): _import_id(cell) for code, cell in record.data.items()}
        elif RAGGED in record.data:
            yield record
        else:
            yield RawRecord(record.file, record.line, _in_shape(record.data, wordings, codes))


def _refuse_other(path: Path, wordings: Mapping[str, str]) -> None:
    named = {_plain(name) for pair in wordings.items() for name in pair}
    if "responseid" not in named:
        raise SourceError(
            f"{path.name}, line 1: neither of its first two rows names a ResponseId; export it from Data & Analysis as "
            "CSV with its header rows, or read it with a mapping."
        )


def _is_import_row(cells: Any) -> bool:
    return any(str(cell).startswith('{"ImportId"') for cell in cells)


def _import_id(cell: Any) -> str:
    try:
        return str(json.loads(str(cell))["ImportId"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def _in_shape(row: Mapping[str, Any], wordings: Mapping[str, str], codes: Mapping[str, str]) -> dict[str, Any]:
    """A CSV row as its own and embedded `values`, and its `questions`; topics that Qualtrics computed are left out."""
    values: dict[str, Any] = {}
    questions: list[dict[str, Any]] = []
    for code, cell in row.items():
        imported, text = codes.get(code, ""), wordings.get(code, "")
        own = _own_name(code, imported, text)
        if ANALYSED.search(imported) or ANALYSED.search(code):
            continue
        if own or text in {"", code} or (codes and not imported.startswith("QID")):
            values[own or code] = cell
        else:
            typed = "" if not codes else "open" if imported.endswith("_TEXT") else "closed"
            questions.append({"code": code, "value": cell, "text": text, "type": typed})
    return {"values": values, "questions": questions}


def _own_name(code: str, imported: str, text: str) -> str:
    """The name of a column that Qualtrics fills itself, whatever the language of its label; empty for all others."""
    if imported.startswith("QID"):
        return ""
    name = _plain(imported or (text if re.fullmatch(r"V\d+", code) else code))
    return META.get(name, name) if META.get(name, name) in OWN else ""


def parse(record: RawRecord, options: Options) -> Item:
    """One response. Raises SetAside for previews and spam, RowError where it cannot be used."""
    data = record.data
    given = as_map(required(data, "values"))
    values = {**{META.get(_plain(str(name)), _plain(str(name))): value for name, value in given.items()}, **given}
    status = str(values.get("status", "")).strip().lower()
    if status in NOT_CUSTOMERS:
        code = NOT_CUSTOMERS[status]
        raise SetAside(f"{code}: {SET_ASIDE[code]}")
    recorded = _instant(values, ("recordeddate", "enddate"), options)
    source_id = text_or_none(data.get("responseId")) or text_or_none(values.get("responseid"))
    return to_item(
        Response(
            source_id=str(required({"response_id": source_id}, "response_id")),
            occurred_at=_instant(values, ("enddate", "recordeddate"), options),
            available_at=recorded,
            revised_at=recorded,
            complete=yes_no(values["finished"]) if text_or_none(values.get("finished")) else None,
            answers=tuple(_asked(data.get("questions"), given)),
            hidden=values,
            emails=(values.get("email"),),
            names=(values.get("firstname"), values.get("lastname")),
        ),
        options,
    )


def _instant(values: Mapping[str, Any], names: Sequence[str], options: Options) -> datetime:
    return when(next((values[name] for name in names if values.get(name)), None), names[0], options.timezone)


def _asked(questions: Any, values: Mapping[str, Any]) -> Iterator[Asked]:
    """Answered questions: those of the CSV, else what the API's values hold by question id."""
    found = as_list(questions) or [
        {"code": code, "value": value, "type": "open" if code.endswith("_TEXT") else "closed"}
        for code, value in values.items()
        if QUESTION.match(code) and not ANALYSED.search(code)
    ]
    codes = {str(question["code"]) for question in found}
    for question in found:
        code, value, kind = str(question["code"]), question["value"], str(question["type"])
        if code.endswith(GROUP):
            continue
        if code + GROUP in codes:
            kind = "nps"
        elif kind == "closed":
            kind = "" if is_number(value) else "choice"
        yield Asked(code, value, kind, str(question.get("text") or ""))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z_]", "", name.lower())


def event_key(_headers: Mapping[str, str], body: bytes) -> str:
    """The hash of the body: a workflow sends no id of its own."""
    return signatures.body_key(body)


def _verify(headers: Mapping[str, str], _body: bytes, secrets: Sequence[str], _now: datetime) -> None:
    signatures.verify_token(headers, secrets)


SOURCE = RecordSource(
    "qualtrics",
    ("qualtrics/*.csv", "qualtrics/*.json", "qualtrics/*.jsonl"),
    read,
    parse,
    title="Qualtrics",
    set_aside=SET_ASIDE,
    hook=Hook(_verify, event_key, split),
)
