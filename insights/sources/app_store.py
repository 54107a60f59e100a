"""App Store reviews: App Store Connect API, the public JSON feed and the common scraper. Replies are never read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from insights.errors import SetAside
from insights.sources import posts
from insights.sources.base import Item, RawRecord, RecordSource, required, text_or_none
from insights.sources.files import read_json
from insights.sources.options import Options

NOT_A_REVIEW = "the app itself or an answer of its developer"
TERRITORIES = {"FRA": "FR", "BEL": "BE", "CHE": "CH", "LUX": "LU", "CAN": "CA", "GBR": "GB", "USA": "US", "IRL": "IE"}


def split(document: Any) -> Iterator[Any]:
    """Reviews of a list, an API page, a feed or one review. ValueError for other data."""
    if isinstance(document, list):
        yield from document
    elif "feed" in document:
        entries = document["feed"].get("entry") or []
        yield from entries if isinstance(entries, list) else [entries]
    elif isinstance(document.get("data"), list):
        yield from document["data"]
    elif "id" in document:
        yield document
    else:
        raise ValueError(f"no review in it ({', '.join(map(str, document))})")


def parse(record: RawRecord, options: Options) -> Item:
    """One review with its stars. Raises SetAside for entries that are no review."""
    data = record.data
    said = _of_api(data) if "attributes" in data else _of_feed(data) if "content" in data else data
    if data.get("type", "customerReviews") != "customerReviews" or ("im:name" in data and "im:rating" not in data):
        raise SetAside(f"not_a_review: {NOT_A_REVIEW}")
    changed_at = posts.moment(said.get("updated"), "updated", options.timezone)
    return Item(
        source_id=str(required(said, "id")),
        feedback=posts.described(
            data,
            options,
            kind="review",
            touchpoint="app_store",
            occurred_at=changed_at,
            revised_at=changed_at,
            verbatim=posts.titled(said.get("title"), said.get("text")),
            country=posts.country_of(said.get("country")),
        ),
        answers=posts.stars(said.get("score"), "score"),
        author=text_or_none(said.get("userUrl") or said.get("userName")),
        names=posts.names(said.get("userName")),
    )


def _of_api(data: Mapping[str, Any]) -> dict[str, Any]:
    given = data["attributes"]
    return {
        "id": data.get("id"),
        "score": given.get("rating"),
        "title": given.get("title"),
        "text": given.get("body"),
        "userName": given.get("reviewerNickname"),
        "updated": given.get("createdDate"),
        "country": TERRITORIES.get(str(given.get("territory"))),
    }


def _of_feed(data: Mapping[str, Any]) -> dict[str, Any]:
    def label(name: str) -> Any:
        return posts.at_path(data, f"{name}.label")

    return {
        "id": label("id"),
        "score": label("im:rating"),
        "title": label("title"),
        "text": label("content"),
        "userName": posts.at_path(data, "author.name.label"),
        "userUrl": posts.at_path(data, "author.uri.label"),
        "updated": label("updated"),
    }


SOURCE = RecordSource(
    "app_store",
    ("app_store/*.json", "app_store/*.jsonl"),
    partial(read_json, split=split),
    parse,
    title="App Store",
    set_aside={"not_a_review": NOT_A_REVIEW},
)
