"""Comments of advisers: apart from customers, by team only, without their author.

Read are the comment, its team, its day, its id and the site's country, under common column names or those that `fields`
gives (verbatim, agent_team, occurred_at, source_id, site_country). Columns that name a person are not read; the hour is
dropped, because a shift plan would name the author.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from insights.errors import RowError, SourceError
from insights.sources.base import KEY_PREFIX, ROW_PREFIX, Item, RawRecord, RecordSource, text_or_none
from insights.sources.cues import read_text
from insights.sources.files import read_csv, read_json, read_json_lines
from insights.sources.options import Options
from insights.sources.sidecars import moment
from insights.sources.speakers import folded

_COLUMNS = {
    "verbatim": ("comment", "commentaire", "text", "texte", "verbatim", "message", "remarque", "feedback", "contenu"),
    "agent_team": ("team", "equipe", "agent_team", "service", "plateau", "department"),
    "occurred_at": ("date", "written_at", "occurred_at", "created_at", "submitted_at", "ecrit_le", "horodatage", "timestamp"),
    "source_id": ("comment_id", "id", "source_id", "numero", "reference"),
    "site_country": ("site_country", "pays_site", "pays", "country"),
    "touchpoint": ("touchpoint", "point_de_contact", "sujet", "topic"),
}  # fmt: skip
_FRENCH_DAY = ("%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S")


def read(path: Path) -> Iterator[RawRecord]:
    """One record a comment, from CSV (comma, semicolon or tab), JSON or JSON lines."""
    if path.suffix.lower() == ".jsonl":
        return read_json_lines(path, "utf-8-sig")
    if path.suffix.lower() == ".json":
        return read_json(path, _documents)
    first = read_text(path).split("\n", 1)[0]
    return read_csv(path, [], delimiter=max(";,\t", key=first.count))


def _documents(document: Any) -> list[Any]:
    found = document if isinstance(document, list) else next(v for v in document.values() if isinstance(v, list))
    if not found:
        raise SourceError("no comment in the list")
    return list(found)


def parse(record: RawRecord, options: Options) -> Item:
    """One comment, anonymous. Raises RowError where it has no words or no date."""
    row = {folded(str(key)).replace(" ", "_"): value for key, value in record.data.items()}
    found = {column: _cell(row, column, options) for column in _COLUMNS}
    if found["verbatim"] is None:
        raise RowError("missing_verbatim: no comment; name its column under fields: verbatim in sources.yaml")
    day = _noon(found["occurred_at"], options)
    team = found["agent_team"] or options.constants.get("agent_team")
    said = f"{day:%Y-%m-%d}|{team}|{found['verbatim']}"
    return Item(
        source_id=f"{KEY_PREFIX}{found['source_id']}" if found["source_id"] else f"{ROW_PREFIX}{said}",
        feedback={
            "kind": "employee",
            "channel": "internal",
            "agent_team": team,
            "site_country": found["site_country"] or options.constants.get("site_country"),
            "country": options.constants.get("country"),
            "touchpoint": found["touchpoint"],
            "occurred_at": day,
            "available_at": day + timedelta(days=options.available_delay_days),
            "available_basis": "declared",
            "verbatim": found["verbatim"],
            "recontact": "no",
            "anonymous": True,
        },
    )


def _cell(row: Mapping[str, Any], column: str, options: Options) -> str | None:
    own = options.fields.get(column)
    names = (folded(own).replace(" ", "_"),) if own else _COLUMNS[column]
    return next((found for name in names if (found := text_or_none(row.get(name))) is not None), None)


def _noon(value: str | None, options: Options) -> datetime:
    """Noon of the day, in the company's zone."""
    if value is None:
        raise RowError("missing_occurred_at: no date; name its column under fields: occurred_at in sources.yaml")
    zone = ZoneInfo(options.timezone)
    for pattern in _FRENCH_DAY:
        try:
            found = datetime.strptime(value, pattern).replace(tzinfo=zone)
            break
        except ValueError:
            continue
    else:
        found = moment(value, options.timezone, "occurred_at").astimezone(zone)
    return found.replace(hour=12, minute=0, second=0, microsecond=0).astimezone(UTC)


SOURCE = RecordSource(
    "employee_voice",
    ("employee_voice/*.csv", "employee_voice/*.json", "employee_voice/*.jsonl"),
    read,
    parse,
    title="Adviser comments",
)
