"""Exports of posts, comments and reviews that follow no API: Facebook downloads, listening tools, spreadsheets as CSV.

Columns are found by their usual names in French and English, or by `fields` in sources.yaml. Unlike a mapping, it
knows the brand's own posts, reposts, comments below a post, and recommendations without stars.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from insights.errors import RowError, SetAside, SourceError
from insights.sources import posts
from insights.sources.base import KEY_PREFIX, Item, RawRecord, RecordSource, text_or_none
from insights.sources.files import read_csv, read_json
from insights.sources.options import Options

USUAL = {
    "source_id": ("id", "post_id", "comment_id", "tweet_id", "review_id", "identifiant", "url", "permalink", "lien"),
    "verbatim": ("text", "message", "comment", "content", "review_text", "commentaire", "texte", "contenu", "avis"),
    "occurred_at": ("created_time", "created_at", "date", "published_at", "timestamp", "date_de_publication"),
    "revised_at": ("updated_time", "updated_at", "edited_at", "modifié_le"),
    "author": ("author_id", "user_id", "from_id", "author", "username", "user", "auteur", "pseudo", "compte"),
    "name": ("author_name", "from_name", "name", "display_name", "nom", "author", "username", "auteur", "pseudo"),
    "stars": ("rating", "stars", "note", "étoiles"),
    "language": ("lang", "language", "langue"),
    "touchpoint": ("platform", "network", "source", "réseau", "plateforme"),
}
FALSE = {"false", "0", "no", "non"}
_REPOST = re.compile(r"rt (?:@|:)", re.IGNORECASE)
_WORDS = re.compile(r"[\W_]+")


def read(path: Path) -> Iterator[RawRecord]:
    """Records of a CSV export, whatever its delimiter, or of a JSON one."""
    if path.suffix.lower() == ".csv":
        return read_csv(path, (), delimiter=_delimiter(path))
    return read_json(path, split)


def _delimiter(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as stream:
            header = stream.readline()
    except OSError as error:
        raise SourceError(f"{path.name}: cannot be read ({error.strerror}).") from error
    try:
        return csv.Sniffer().sniff(header, delimiters=",;\t|").delimiter
    except csv.Error:
        return ","


def split(document: Any) -> Iterator[Any]:
    """Posts of a list or a Graph page, each followed by the comments below it. ValueError for other data."""
    if isinstance(document, Mapping) and "data" not in document and "id" not in document:
        raise ValueError(f"no posts in it ({', '.join(map(str, document))})")
    rows = document if isinstance(document, list) else document.get("data", [document])
    for row in rows:
        yield row
        if isinstance(row, Mapping) and isinstance(row.get("comments"), Mapping):
            yield from split(row["comments"])


def parse(record: RawRecord, options: Options) -> Item:
    """One post, comment or review. Raises SetAside for the brand's own and for reposts."""
    data = record.data
    given = _usual(data, options)
    sender = data.get("from") or data.get("reviewer") or {}
    sender = sender if isinstance(sender, Mapping) else {"name": sender}
    author, name = given.get("author") or sender.get("id"), given.get("name") or sender.get("name")
    posts.refuse_own(options, author, name)
    if str(data.get("inbound", "true")).strip().casefold() in FALSE:
        raise SetAside(f"own_post: {posts.OWN_POST}")
    text = str(given.get("verbatim") or "")
    if _REPOST.match(text):
        raise SetAside(f"repost: {posts.REPOST}")
    answers = posts.stars(given.get("stars"), "stars") or _recommended(data)
    verbatim = posts.tidy(text) if answers else posts.words_of(text)
    occurred_at = posts.moment(given.get("occurred_at"), "date", options.timezone)
    revised = given.get("revised_at")
    known = set(given) | {"email"}
    return Item(
        source_id=str(given["source_id"]) if given.get("source_id") else f"{KEY_PREFIX}{author}|{occurred_at}|{text}",
        feedback=posts.described(
            data,
            replace_fields(options, known),
            kind="review" if answers else "post",
            touchpoint=str(given.get("touchpoint") or "social").casefold(),
            occurred_at=occurred_at,
            revised_at=posts.moment(revised, "revised_at", options.timezone) if revised else None,
            verbatim=verbatim or None,
            language=posts.language_of(given.get("language")),
        ),
        answers=answers,
        author=text_or_none(author or name),
        names=posts.names(name),
    )


def replace_fields(options: Options, known: set[str]) -> Options:
    """The options without the fields this source reads itself."""
    return options.model_copy(update={"fields": {k: v for k, v in options.fields.items() if k not in known}})


def _usual(data: Mapping[str, Any], options: Options) -> dict[str, Any]:
    """Values by our names: from the declared column, else from the first usual one that is filled."""
    columns = {_WORDS.sub("_", str(column).strip().casefold()): column for column in data}
    found: dict[str, Any] = {}
    for target, usual in USUAL.items():
        declared = options.fields.get(target)
        candidates = [declared] if declared else [columns[name] for name in usual if name in columns]
        values = (data.get(column) for column in candidates)
        found[target] = next((v for v in values if text_or_none(v) and not isinstance(v, (Mapping, list))), None)
    return {target: value for target, value in found.items() if value is not None}


def _recommended(data: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """Facebook's yes or no to `would you recommend`: neither stars nor an NPS, kept as an answer of its own."""
    kind = text_or_none(data.get("recommendation_type"))
    if kind is None:
        return ()
    if kind not in ("positive", "negative"):
        raise RowError("bad_recommendation_type: neither positive nor negative")
    value = float(kind == "positive")
    return ({"question_id": "recommendation", "metric": "other", "scale": "0-1", "value": value},)


SOURCE = RecordSource(
    "social_export",
    ("social_export/*.csv", "social_export/*.json", "social_export/*.jsonl"),
    read,
    parse,
    title="Facebook and other exports",
    set_aside=posts.SETTLED,
)
