"""E-mails, forms and formal complaints sent to the demo company."""

from __future__ import annotations

from insights.sources.base import Item, RawRecord, RecordSource, instant, required, text_or_none
from insights.sources.files import read_json_lines
from insights.sources.options import Options

COPIED = ("touchpoint", "journey_stage", "product", "segment", "region", "customer_id")


def parse(record: RawRecord, _options: Options) -> Item:
    """One message; its subject is its first line. Raises RowError where it cannot be used."""
    data = record.data
    body = str(required(data, "body")).strip()
    subject = text_or_none(data.get("subject"))
    email = text_or_none(data.get("from_email"))
    kind = str(required(data, "kind"))
    return Item(
        source_id=str(required(data, "message_id")),
        feedback={
            **{name: text_or_none(data.get(name)) for name in COPIED},
            "kind": kind,
            "channel": "email" if kind == "mail" else "form",
            "occurred_at": instant(required(data, "sent_at"), "sent_at"),
            "available_at": instant(required(data, "received_at"), "received_at"),
            "verbatim": f"{subject}\n{body}" if subject else body,
            "recontact": "yes",  # who writes to us expects an answer
        },
        emails=(email,) if email else (),
    )


SOURCE = RecordSource("lumarelle_messages", ("messages/messages*.jsonl",), read_json_lines, parse)
