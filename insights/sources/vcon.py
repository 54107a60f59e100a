"""vCon conversations (IETF): parties, dialog, transcripts under analysis, consent under attachments.

Attachments other than consent are not read, nor any analysis other than a transcript.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from insights.errors import RowError
from insights.sources.base import Item, RawRecord, RecordSource, text_or_none
from insights.sources.calls import SET_ASIDE, Conversation, Utterance, call_item, number, usable
from insights.sources.files import read_json
from insights.sources.options import Options
from insights.sources.sidecars import beside, is_sidecar, metadata, moment, sidecar_record, with_metadata
from insights.sources.speakers import ADVISER, CUSTOMER, UNKNOWN, folded, role_of

_LINE = re.compile(r"^\s*([^:\n]{1,60}?)\s*:\s*(\S.*)$")
_PURPOSES = ("record", "transcri", "analy", "analyt")  # consents that rule whether the words may be used here


def read(path: Path) -> Iterator[RawRecord]:
    """One record per vCon; several in a list or one a line. Raises SourceError for another shape."""
    if is_sidecar(path):
        yield sidecar_record(path)
        return
    yield from with_metadata(list(read_json(path, _documents)), metadata(path))


def _documents(document: Any) -> list[Any]:
    found = document if isinstance(document, list) else document.get("vcons", [document])
    if not all("parties" in one or "ciphertext" in one or "payload" in one for one in found):
        raise KeyError("parties")
    return list(found)


def parse(record: RawRecord, options: Options) -> Item:
    """One conversation. Raises RowError where it cannot be used and SetAside outside the sample."""
    meta, data = usable(record.data), record.data
    if "parties" not in data:
        raise RowError("sealed_vcon: signed or encrypted; verify and open it first")
    parties = _objects(data.get("parties"))
    dialog = _objects(data.get("dialog"))
    roles = [_role(party, options) for party in parties]
    recorded = any(one.get("type") == "recording" for one in dialog) or not dialog
    said = _typed(dialog, parties, roles, options) or _transcript(data, parties, roles, options)
    if not said:
        raise RowError("no_transcript: no text dialog and no transcript under analysis; transcribe it first")
    called = [party for party, role in zip(parties, roles, strict=True) if role == CUSTOMER]
    first = next((one.get("start") for one in dialog if one.get("start")), None)
    spoken = Conversation(
        said,
        first or data.get("created_at"),
        str(data.get("uuid") or ""),
        *(("call", "phone") if recorded else ("chat", "chat")),
        sampled=recorded,
        consent=_consent(data),
        names=tuple(name for party in parties if (name := text_or_none(party.get("name")))),
        emails=tuple(_address(party) for party in called if _address(party)),
        phones=tuple(str(party["tel"]) for party in called if party.get("tel")),
    )
    return call_item(spoken, meta, options)


def _objects(found: Any) -> list[Mapping[str, Any]]:
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _role(party: Mapping[str, Any], options: Options) -> str:
    about = party.get("meta")
    told = [party.get("role"), about.get("role") if isinstance(about, Mapping) else None, party.get("name")]
    found = (role_of(label, options) for label in told if label)
    return next((role for role in found if role != UNKNOWN), UNKNOWN)


def _address(party: Mapping[str, Any]) -> str:
    return str(party.get("mailto") or party.get("email") or "").removeprefix("mailto:")


def _typed(
    dialog: list[Mapping[str, Any]], parties: list[Mapping[str, Any]], roles: list[str], options: Options
) -> list[Utterance]:
    """Messages of text dialogs, in seconds from the first."""
    texts = [one for one in dialog if one.get("type") == "text" and isinstance(one.get("body"), str)]
    starts = [moment(one["start"], options.timezone, "start") if one.get("start") else None for one in texts]
    origin = next((start for start in starts if start), None)
    said = []
    for one, start in zip(texts, starts, strict=True):
        who = one.get("originator", one.get("parties"))
        place = who[0] if isinstance(who, list) and who else who
        role, name = _party(place, parties, roles)
        seconds = (start - origin).total_seconds() if start and origin else None
        said.append(Utterance(str(one["body"]), name, seconds, None, role=role))
    return said


def _party(place: Any, parties: list[Mapping[str, Any]], roles: list[str]) -> tuple[str, str | None]:
    if isinstance(place, int) and 0 <= place < len(parties):
        return roles[place], text_or_none(parties[place].get("name"))
    return UNKNOWN, None


def _transcript(
    data: Mapping[str, Any], parties: list[Mapping[str, Any]], roles: list[str], options: Options
) -> list[Utterance]:
    """The best transcript under analysis: the one most of whose words have a speaker with a role."""
    by_name = {folded(str(party.get("name"))): role for party, role in zip(parties, roles, strict=True)}
    best: list[Utterance] = []
    for analysis in _objects(data.get("analysis")):
        said = [_placed(one, by_name, roles, options) for one in _messages(analysis)]
        best = max(best, said, key=lambda found: (sum(one.role in (CUSTOMER, ADVISER) for one in found), len(found)))
    return best


def _messages(analysis: Mapping[str, Any]) -> list[Utterance]:
    body = analysis.get("body")
    if isinstance(body, str) and body.lstrip()[:1] in ("[", "{"):
        try:
            body = json.loads(body)
        except (json.JSONDecodeError, RecursionError) as error:
            raise RowError("bad_analysis: its body is no JSON") from error
    if isinstance(body, Mapping):
        body = body.get("segments") or body.get("messages") or body.get("utterances") or body.get("transcript")
    if isinstance(body, str) and str(analysis.get("type")).startswith(("transcript", "diarized")):
        return [Utterance(match[2], match[1]) for line in body.splitlines() if (match := _LINE.match(line))]
    found = [(one, one.get("message", one.get("text", one.get("transcript")))) for one in _objects(body)]
    return [_message(one, text) for one, text in found if isinstance(text, str)]


def _message(one: Mapping[str, Any], text: str) -> Utterance:
    label = one.get("speaker", one.get("party"))
    return Utterance(text, None if label is None else str(label), number(one.get("start")), number(one.get("end")))


def _placed(one: Utterance, by_name: Mapping[str, str], roles: list[str], options: Options) -> Utterance:
    """The utterance with the role of its label, of the party it names, or of the party whose number it is."""
    label = one.label or ""
    role = role_of(one.label, options)
    if role == UNKNOWN:
        role = by_name.get(folded(label), UNKNOWN)
    if role == UNKNOWN and label.isdigit() and int(label) < len(roles):
        role = roles[int(label)]
    return Utterance(one.text, one.label, one.start_s, one.end_s, role=role)


def _consent(data: Mapping[str, Any]) -> str | None:
    """What the consent attachments say of recording and analysis: one denial counts."""
    said: set[str] = set()
    for attachment in _objects(data.get("attachments")):
        if "consent" not in (attachment.get("type"), attachment.get("purpose")):
            continue
        body = attachment.get("body")
        try:
            body = json.loads(body) if isinstance(body, str) else body
        except json.JSONDecodeError as error:
            raise RowError("bad_consent: the consent attachment is no JSON") from error
        said |= set(_statuses(body))
    return "no" if "no" in said else "yes" if "yes" in said else None


def _statuses(body: Any) -> Iterator[str]:
    """A consent that cannot be understood counts as none."""
    for consent in _objects(body.get("consents", [body]) if isinstance(body, Mapping) else body):
        purpose = folded(str(consent.get("purpose") or "record"))
        if purpose.startswith(_PURPOSES):
            status = folded(str(consent.get("status", consent.get("consent", ""))))
            yield "yes" if status in {"granted", "given", "yes", "true", "active"} else "no"


SOURCE = RecordSource(
    "vcon", ("vcon/*.json", "*.vcon.json"), read, parse, title="vCon", set_aside=SET_ASIDE, beside=beside
)
