"""Google Play reviews: the Android Publisher API and the two common scrapers. The developer's reply is never read.

The store tells only when a review was last changed: that day is both when it was said and its revision.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from insights.sources import posts
from insights.sources.base import Item, RawRecord, RecordSource, required, text_or_none
from insights.sources.files import read_json
from insights.sources.options import Options

NOBODY = {"a google user", "google user", "un utilisateur de google", "utilisateur google"}  # a shared name, no author


def split(document: Any) -> Iterator[Any]:
    """Reviews of a list, of an API page (`reviews`), of a scraper's page (`data`), or one. ValueError for other data."""
    if isinstance(document, list):
        if document and isinstance(document[0], list):  # the Python scraper gives a pair: reviews, token
            document = document[0]
        yield from document
    elif isinstance(document.get("reviews"), list):
        yield from document["reviews"]
    elif isinstance(document.get("data"), list):
        yield from document["data"]
    elif "reviewId" in document or "id" in document:
        yield document
    else:
        raise ValueError(f"no review in it ({', '.join(map(str, document))})")


def parse(record: RawRecord, options: Options) -> Item:
    """One review with its stars."""
    data = record.data
    source_id = str(data["reviewId"] if data.get("reviewId") else required(data, "id"))
    said = _customer_words(data)
    changed_at = posts.moment(said["at"], "at", options.timezone)
    author = text_or_none(data.get("userName") or data.get("authorName"))
    author = None if author and author.casefold() in NOBODY else author
    return Item(
        source_id=source_id,
        feedback=posts.described(
            data,
            options,
            kind="review",
            touchpoint="google_play",
            occurred_at=changed_at,
            revised_at=changed_at,
            verbatim=posts.titled(said.get("title"), said.get("text")),
            language=posts.language_of(said.get("language")),
        ),
        answers=posts.stars(said.get("stars"), "score"),
        author=author,
        names=posts.names(author),
    )


def _customer_words(data: Mapping[str, Any]) -> Mapping[str, Any]:
    comments = [comment["userComment"] for comment in data.get("comments") or [] if "userComment" in comment]
    if comments:
        said = comments[0]
        title, _, text = str(said.get("text") or "").rpartition("\t")  # the API puts the old titles before a tab
        language, at = said.get("reviewerLanguage"), said["lastModified"]["seconds"]
        return {"title": title, "text": text, "stars": said.get("starRating"), "at": at, "language": language}
    return {
        "title": data.get("title"),
        "text": data["content"] if "content" in data else data.get("text"),
        "stars": data.get("score"),
        "at": data.get("at") or data.get("date"),
    }


SOURCE = RecordSource(
    "google_play",
    ("google_play/*.json", "google_play/*.jsonl"),
    partial(read_json, split=split),
    parse,
    title="Google Play",
)
