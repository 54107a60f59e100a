"""Hot surveys and the relational barometer of the demo company: NPS, CSAT, CES with a comment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from insights.errors import RowError
from insights.sources.base import Hook, Item, RawRecord, RecordSource, instant, required, score, text_or_none
from insights.sources.files import read_json_lines
from insights.sources.options import Options
from insights.sources.signatures import verify_standard

COPIED = (
    "survey",
    "channel",
    "touchpoint",
    "journey_stage",
    "product",
    "segment",
    "region",
    "agent_team",
    "customer_id",
)


def parse(record: RawRecord, _options: Options) -> Item:
    """One response. Raises RowError where it cannot be used."""
    data = record.data
    answers = tuple(
        {
            "question_id": str(required(answer, "question_id")),
            "metric": str(required(answer, "metric")),
            "scale": str(required(answer, "scale")),
            "value": score(required(answer, "value"), str(answer["scale"]), str(answer["question_id"])),
            "touchpoint": text_or_none(data.get("touchpoint")),
        }
        for answer in data.get("answers") or ()
    )
    verbatim = text_or_none(data.get("comment"))
    if not answers and verbatim is None:
        raise RowError("empty_row: neither a comment nor a score")
    email = text_or_none(data.get("email"))
    return Item(
        source_id=str(required(data, "response_id")),
        feedback={
            **{name: text_or_none(data.get(name)) for name in COPIED},
            "kind": "survey",
            "occurred_at": instant(required(data, "submitted_at"), "submitted_at"),
            "available_at": instant(required(data, "received_at"), "received_at"),
            "verbatim": verbatim,
            "recontact": text_or_none(data.get("recontact")) or "not_asked",
            "anonymous": bool(data.get("anonymous")),
        },
        answers=answers,
        emails=(email,) if email else (),
    )


def _event_key(headers: Mapping[str, str], _body: bytes) -> str:
    return headers["webhook-id"]


def _records(payload: Any) -> list[Mapping[str, Any]]:
    """One response, or a list of them."""
    return payload if isinstance(payload, list) else [payload]


SOURCE = RecordSource(
    "lumarelle_survey",
    ("survey/responses*.jsonl",),
    read_json_lines,
    parse,
    hook=Hook(verify_standard, _event_key, _records),
)
