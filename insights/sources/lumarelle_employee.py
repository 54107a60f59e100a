"""Comments of the demo company's advisers: kept apart from customers, by team only."""

from __future__ import annotations

from insights.sources.base import Item, RawRecord, RecordSource, instant, required, text_or_none
from insights.sources.files import read_json_lines
from insights.sources.options import Options


def parse(record: RawRecord, _options: Options) -> Item:
    """One comment. Raises RowError where it cannot be used."""
    data = record.data
    return Item(
        source_id=str(required(data, "comment_id")),
        feedback={
            "kind": "employee",
            "channel": "internal",
            "agent_team": text_or_none(data.get("team")),
            "occurred_at": instant(required(data, "written_at"), "written_at"),
            "available_at": instant(required(data, "received_at"), "received_at"),
            "verbatim": str(required(data, "text")),
            "recontact": "no",
            "anonymous": True,
        },
    )


SOURCE = RecordSource("lumarelle_employee", ("employee/comments*.jsonl",), read_json_lines, parse)
