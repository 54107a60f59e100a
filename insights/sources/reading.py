"""Reading single values of a payload: instants, ticks, texts, and what stands for a missing id."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from insights.errors import RowError, SettingsError
from insights.sources.base import ROW_PREFIX, text_or_none

YES = frozenset({"yes", "y", "oui", "o", "true", "vrai", "1", "accepted", "ok", "ja", "si", "sí"})
NO = frozenset({"no", "n", "non", "false", "faux", "0", "dismissed", "nein"})
FLAGS = ("recontact", "anonymous", "consent")
FIRST_YEAR, LAST_YEAR = 1990, 2100


def flags(columns: Mapping[str, Any]) -> dict[str, Any]:
    """`recontact`, `anonymous` and `consent` as the tables hold them, from whatever the customer ticked.

    What is neither yes nor no is read the careful way: not to be called back, anonymous. Of a consent it is refused.
    """
    found: dict[str, Any] = {}
    for name in FLAGS:
        given = text_or_none(columns.get(name))
        if given is None or given == "not_asked":
            continue
        said = yes_no(given)
        if name == "consent" and said is None:
            raise RowError("bad_consent: neither yes nor no; say what it means with `values`")
        if name == "anonymous":
            found[name] = said is not False
        else:
            found[name] = "yes" if said else "no"
    return {"recontact": "not_asked"} | found


def yes_no(value: Any) -> bool | None:
    """What a tick, a number or the first word of a sentence says: `Oui, par téléphone` is yes, `Non merci` is no."""
    first = re.split(r"[\s,.;:!()]+", str(value).strip().casefold()[:40], maxsplit=1)[0]
    return True if first in YES else False if first in NO else None


def text_of(value: Any) -> str | None:
    """The words of an answer; a list or an object of several inputs gives its texts, one line."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(found for part in value if (found := text_or_none(part))) or None
    return text_or_none(value)


def when(value: Any, column: str, timezone: str, formats: Sequence[str] = ()) -> datetime:
    """A UTC instant from ISO 8601, Unix seconds or one of `formats`; without a zone it is a time of `timezone`.

    Raises RowError naming the column, also for a year that no customer of ours has lived.
    """
    found = value if isinstance(value, datetime) else _read_instant(value, column, formats)
    found = in_our_years(found, column)
    return (found if found.tzinfo else found.replace(tzinfo=zone(timezone))).astimezone(UTC)


def in_our_years(found: datetime, column: str) -> datetime:
    """The same time. Raises RowError for a year that no record of ours can have: it would break every sum by day."""
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise RowError(f"bad_{column}: the year {found.year} lies outside {FIRST_YEAR}-{LAST_YEAR}")
    return found


def _read_instant(value: Any, column: str, formats: Sequence[str]) -> datetime:
    text = text_or_none(value)
    if text is None:
        raise RowError(f"missing_{column}: no date")
    if re.fullmatch(r"\d{9,11}(\.\d+)?", text):
        return datetime.fromtimestamp(float(text), UTC)
    for pattern in formats:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 - the caller adds the zone
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise RowError(f"bad_{column}: not a date this source knows") from error


def zone(name: str) -> ZoneInfo:
    """The time zone of that name. Raises SettingsError for one that does not exist."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsError(f"There is no time zone {name!r}: write it as Europe/Paris in sources.yaml.") from error


def row_id(row: Mapping[str, Any]) -> str:
    """What stands for the id of a row without one; the border hashes it, with its occurrence number in the file.

    Empty cells say nothing, so that a question added to the form does not make new responses of the old ones.
    """
    given = {str(column): text for column, value in row.items() if (text := text_or_none(value))}
    return ROW_PREFIX + "|".join(f"{column}={given[column]}" for column in sorted(given))


def as_map(value: Any) -> Mapping[str, Any]:
    """The object that should be there, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def as_list(value: Any) -> list[Any]:
    """The list that should be there, or an empty one."""
    return value if isinstance(value, list) else []
