"""Posts of X, API v2: pages as the API gives them or one flat post a line; reposts are set aside, originals taken.

Edited posts keep the id of their first version. Posts the API no longer finds, and compliance events, are deletions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from insights.errors import SetAside
from insights.sources import posts
from insights.sources.base import Item, RawRecord, RecordSource, required, text_or_none
from insights.sources.files import read_json
from insights.sources.options import Options
from insights.sources.pull import Client, Page, Pull

ASKED = {"id", "ids"}  # parameters by which a post itself is asked for; others only lead to it
GONE = ("resource-not-found", "not-authorized-for-resource")  # deleted, or its account is protected by now
EPOCH_MS = 1_288_834_974_657  # zero of the clock in X's ids
SEARCHED = timedelta(days=6, hours=23)  # the recent search refuses an older since_id
FIELDS = {
    "max_results": 100,
    "tweet.fields": "created_at,lang,author_id,referenced_tweets,note_tweet,edit_history_tweet_ids,geo",
    "expansions": "author_id,referenced_tweets.id,referenced_tweets.id.author_id,geo.place_id",
    "user.fields": "username,name,protected",
    "place.fields": "country_code",
}


def split(document: Any) -> Iterator[Any]:
    """The records of a document: posts with their author, originals of reposts, removals. ValueError for other data."""
    if isinstance(document, list):
        for part in document:
            yield from split(part)
        return
    removed = list(_removed(document))
    yield from removed
    data = document.get("data")
    if data is None and "text" in document and "id" in document:
        yield from _flat(document)
    elif isinstance(data, list) or (isinstance(data, Mapping) and "text" in data):
        yield from _page(document, data if isinstance(data, list) else [data])
    elif not removed and document.get("meta", {}).get("result_count") != 0:
        raise ValueError(f"no post in it ({document.get('title') or ', '.join(map(str, document))})")


def _removed(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    data = document.get("data")
    for event in (document.get("delete"), data.get("tweet_delete") if isinstance(data, Mapping) else None):
        if event:
            yield {"removed": event["tweet"]["id"]}
    if document.get("action") == "delete" and "id" in document:  # a line of batch compliance
        yield {"removed": document["id"]}
    for error in document.get("errors") or []:
        about = error.get("resource_type") == "tweet" and error.get("parameter") in ASKED
        if about and str(error.get("type", "")).endswith(GONE):
            yield {"removed": error.get("resource_id") or error["value"]}


def _flat(post: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield post
    for reference in post.get("referenced_tweets") or []:
        if reference.get("type") == "retweeted" and "text" in reference:
            yield {key: value for key, value in reference.items() if key != "type"}


def _page(document: Mapping[str, Any], data: Iterable[Any]) -> Iterator[Any]:
    includes = document.get("includes") or {}
    users = {user["id"]: user for user in includes.get("users") or []}
    places = {place["id"]: place for place in includes.get("places") or []}
    originals = {post["id"]: post for post in includes.get("tweets") or []}
    reposted: dict[str, None] = {}
    for post in data:
        if isinstance(post, Mapping) and "text" not in post:
            raise ValueError(f"no posts in it, but rows of {', '.join(list(post)[:4])}")
        if not isinstance(post, Mapping) or "author" in post:
            yield post
            continue
        originals.pop(post.get("id", ""), None)
        reposted |= {ref["id"]: None for ref in post.get("referenced_tweets") or [] if ref.get("type") == "retweeted"}
        yield _joined(post, users, places)
    yield from (_joined(originals[key], users, places) for key in reposted if key in originals)


def _joined(post: Mapping[str, Any], users: Mapping[str, Any], places: Mapping[str, Any]) -> Mapping[str, Any]:
    place = places.get((post.get("geo") or {}).get("place_id", ""))
    return {**post, "author": users.get(post.get("author_id", ""), {}), **({"place": place} if place else {})}


def parse(record: RawRecord, options: Options) -> Item:
    """One post, or the removal of one. Raises SetAside for reposts, the brand's own posts and protected accounts."""
    data = record.data
    if "removed" in data:
        return Item(str(data["removed"]), deleted=True)
    short = str(required(data, "text"))
    kinds = {ref.get("type") for ref in data.get("referenced_tweets") or []}
    if "retweeted" in kinds or (not kinds and short.startswith("RT @")):
        raise SetAside(f"repost: {posts.REPOST}")
    author = data.get("author") or {}
    author_id = text_or_none(data.get("author_id") or author.get("id"))
    posts.refuse_own(options, author.get("username"), author_id)
    if author.get("protected"):
        raise SetAside(f"private: {posts.PRIVATE}")
    versions = [str(version) for version in data.get("edit_history_tweet_ids") or []] or [str(required(data, "id"))]
    created_at = posts.moment(data.get("created_at"), "created_at", options.timezone)
    edited = len(versions) > 1
    place = data.get("place") or data.get("geo") or {}
    return Item(
        source_id=versions[0],
        feedback=posts.described(
            data,
            options,
            kind="post",
            touchpoint="x",
            occurred_at=(_written_at(versions[0]) or created_at) if edited else created_at,
            revised_at=created_at if edited else None,
            verbatim=posts.words_of((data.get("note_tweet") or {}).get("text") or short),
            language=posts.language_of(data.get("lang")),
            country=posts.country_of(place.get("country_code")),
        ),
        author=author_id,
        names=posts.names(author.get("name"), author.get("username")),
    )


def _written_at(post_id: str) -> datetime | None:
    """The instant X's clock put into an id; None for ids older than that clock."""
    if not post_id.isdigit() or int(post_id) < 1 << 40:
        return None
    return datetime.fromtimestamp(((int(post_id) >> 22) + EPOCH_MS) // 1000, UTC)


def pages(client: Client, options: Options, cursor: str | None) -> Iterator[Page]:
    """Pages of the recent search at `options.url` (which carries the query).

    X gives the newest first, so the cursor holds three ids: `since` (all up to it is in), `newest` (seen in this round)
    and `until` (how far down the round has come). A round cut short goes on at `until`; a finished one leaves `since`.
    """
    state = {name: int(value) for name, value in json.loads(cursor or "{}").items()}
    while True:
        body = client.get(options.url, FIELDS | _between(state))
        found = [int(post["id"]) for post in body.get("data") or []]
        more = bool(found) and bool((body.get("meta") or {}).get("next_token"))
        newest = max([*found, state.get("newest", 0), state.get("since", 0)])
        going_on = {"since": state.get("since", 0), "newest": newest, "until": min(found, default=0)}
        state = going_on if more else {"since": newest}
        records = list(split(body)) if found or body.get("errors") else []
        yield Page(records, json.dumps(state))
        if not more:
            return


def _between(state: Mapping[str, int]) -> dict[str, str]:
    asked = {}
    since = state.get("since", 0)
    written_at = _written_at(str(since))
    if since and (written_at is None or datetime.now(UTC) - written_at < SEARCHED):
        asked["since_id"] = str(since)
    if "until" in state:
        asked["until_id"] = str(state["until"])
    return asked


SOURCE = RecordSource(
    "x_api",
    ("x_api/*.json", "x_api/*.jsonl"),
    partial(read_json, split=split),
    parse,
    title="X (API v2)",
    set_aside=posts.SETTLED | {"private": posts.PRIVATE},
    pull=Pull(pages),
)
