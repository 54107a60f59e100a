"""What posts and reviews share: their columns, their dates in every form, stars, and who wrote them."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from insights.errors import RowError, SetAside
from insights.sources.base import score, text_or_none
from insights.sources.options import Options

OWN_POST = "written by the brand itself"
REPOST = "counted once, with the original"
PRIVATE = "not meant for the public"
NO_INDEX = "the account asks not to be indexed or searched"
NO_WORDS = "only a picture or a link"
SETTLED = {"own_post": OWN_POST, "repost": REPOST, "no_words": NO_WORDS}

_LINK = re.compile(r"https?://\S+")
_BLANKS = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_LETTER = re.compile(r"[^\W\d_]|[\U0001F300-\U0001FAFF]")
_RFC_LIKE = "%a %b %d %H:%M:%S %z %Y"  # Wed Oct 11 06:55:44 +0000 2017


def moment(value: Any, column: str, zone: str) -> datetime:
    """A UTC instant from ISO 8601, a Unix time in seconds, or X's old form; without a zone it is in `zone`.

    A date without an hour is noon, so that no zone moves its day.
    """
    found = _read_moment(value, column)
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _read_moment(value: Any, column: str) -> datetime:
    if isinstance(value, datetime):
        return value
    given = text_or_none(value)
    if given is None:
        raise RowError(f"missing_{column}: no date")
    try:
        if given.isdigit() and len(given) in (9, 10):
            return datetime.fromtimestamp(int(given), UTC)
        found = datetime.fromisoformat(given)
        return found.replace(hour=12) if len(given) == 10 else found
    except (ValueError, OverflowError, OSError):
        pass
    try:
        return datetime.strptime(given, _RFC_LIKE)  # noqa: DTZ007 - %z stands in the pattern
    except ValueError as error:
        raise RowError(f"bad_{column}: not a date this source knows") from error


def described(
    data: Mapping[str, Any],
    options: Options,
    *,
    kind: str,
    touchpoint: str,
    occurred_at: datetime,
    verbatim: str | None,
    revised_at: datetime | None = None,
    language: str | None = None,
    country: str | None = None,
) -> dict[str, Any]:
    """Columns of FEEDBACK for a post or review; `options.fields` (dotted paths) and `constants` come last.

    A public text is held by its platform from the moment it stands there; a revised one from its revision.
    """
    delay = timedelta(days=options.available_delay_days)
    found = {
        "kind": kind,
        "channel": "review_site" if kind == "review" else "social",
        "touchpoint": touchpoint,
        "occurred_at": occurred_at,
        "available_at": (revised_at or occurred_at) + delay,
        "available_basis": "declared" if delay else "source",
        "verbatim": verbatim,
        "recontact": "not_asked",
        "revised_at": revised_at,
        "language": language,
        "country": country,
    }
    named = {column: text_or_none(at_path(data, path)) for column, path in options.fields.items()}
    found |= {column: value for column, value in named.items() if value is not None} | options.constants
    return {column: value for column, value in found.items() if value is not None}


def at_path(data: Any, path: str) -> Any:
    """The value at a dotted path of nested objects; None where it ends early."""
    for part in path.split("."):
        data = data.get(part) if isinstance(data, Mapping) else None
    return data


def stars(value: Any, column: str) -> tuple[dict[str, Any], ...]:
    """Stars 1 to 5 as a csat answer; none where none were given. Raises RowError out of 1 to 5."""
    if value is None or value == "":
        return ()
    return ({"question_id": "stars", "metric": "csat", "scale": "1-5", "value": score(value, "1-5", column)},)


def tidy(text: Any) -> str:
    """A text as its author wrote it: entities decoded, links and blanks at the ends taken out."""
    plain = _LINK.sub("", html.unescape(str(text or "")))
    lines = (_BLANKS.sub(" ", line).strip() for line in plain.splitlines())
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def words_of(text: Any) -> str:
    """A tidy text. Raises SetAside where not one letter or picture of a face is left."""
    found = tidy(text)
    if not _LETTER.search(found):
        raise SetAside(f"no_words: {NO_WORDS}")
    return found


def titled(title: Any, text: Any) -> str | None:
    """A review's title as its first line, unless the text begins with it; None for neither."""
    head, body = tidy(title), tidy(text)
    start = head.rstrip(".… ").casefold()
    if not head or (body and body.casefold().startswith(start)):
        return body or None
    return f"{head}\n{body}" if body else head


def language_of(code: Any) -> str | None:
    """The two letters of a language code such as `fr` or `fr-FR`; None for `und`, `qme` and the like."""
    head = str(code or "").replace("_", "-").partition("-")[0].casefold()
    return head if len(head) == 2 and head.isascii() and head.isalpha() else None


def country_of(code: Any) -> str | None:
    """A two-letter country code in capitals; None for anything else."""
    given = str(code or "").strip().upper()
    return given if len(given) == 2 and given.isascii() and given.isalpha() else None


def refuse_own(options: Options, *accounts: Any) -> None:
    """Raises SetAside where one of the author's names or ids is the brand's."""
    if any(options.is_own(text_or_none(account)) for account in accounts):
        raise SetAside(f"own_post: {OWN_POST}")


def names(*given: Any) -> tuple[str, ...]:
    """The names that are not empty, each once, in order."""
    found = (text_or_none(name) for name in given)
    return tuple(dict.fromkeys(name for name in found if name))
