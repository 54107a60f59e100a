"""Mastodon statuses: public ones only, their HTML as text; reposts set aside with the original taken, opt-outs kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import partial
from html.parser import HTMLParser
from typing import Any

from insights.errors import SetAside
from insights.sources import posts
from insights.sources.base import Item, RawRecord, RecordSource, required, text_or_none
from insights.sources.files import read_json
from insights.sources.options import Options
from insights.sources.paging import ascending
from insights.sources.pull import Client, Page, Pull

OPEN = {"public", "unlisted"}
PAGE = 40
_OPTED_OUT = re.compile(r"#(?:no_?bots?|no_?index|no_?search|no_?archive)\b", re.IGNORECASE)
_EVENTS = {"update", "status.update", "delete"}


class _Text(HTMLParser):
    """Collects the words of a status: paragraphs as lines, links left out, mentions and hashtags kept."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        if tag == "br":
            self.parts.append("\n")
        elif self._hidden or tag in {"script", "style"} or (tag == "a" and not {"mention", "hashtag"} & set(classes)):
            self._hidden.append(tag)
        elif tag in {"p", "li", "blockquote"}:
            self.parts.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            while self._hidden.pop() != tag:
                pass
        elif tag == "p" and not self._hidden:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def plain(content: str) -> str:
    """The text of a status's HTML."""
    reader = _Text()
    reader.feed(content)
    reader.close()
    return posts.tidy("".join(reader.parts))


def split(document: Any) -> Iterator[Any]:
    """Statuses of a timeline, a search, one status or streaming events; and the original of each repost."""
    if isinstance(document, list):
        for part in document:
            yield from split(part) if isinstance(part, Mapping) else [part]
    elif "event" in document:
        yield from _event(document)
    elif "statuses" in document:
        yield from split(document["statuses"])
    else:
        yield document
        if isinstance(document.get("reblog"), Mapping):
            yield document["reblog"]


def _event(document: Mapping[str, Any]) -> Iterator[Any]:
    kind, payload = document["event"], document.get("payload")
    if kind == "delete":
        yield {"removed": str(payload)}
    elif kind in _EVENTS:
        yield from split(json.loads(payload) if isinstance(payload, str) else payload)


def parse(record: RawRecord, options: Options) -> Item:
    """One status. Raises SetAside for reposts, private ones, accounts that opted out, and the brand's own."""
    data = record.data
    if "removed" in data:
        return Item(str(data["removed"]), deleted=True)
    source_id = str(required(data, "id"))
    if data.get("reblog"):
        raise SetAside(f"repost: {posts.REPOST}")
    if str(required(data, "visibility")) not in OPEN:
        raise SetAside(f"private: {posts.PRIVATE}")
    account = data.get("account") or {}
    posts.refuse_own(options, account.get("acct"), account.get("username"), account.get("id"))
    if _opted_out(account):
        raise SetAside(f"no_index: {posts.NO_INDEX}")
    edited = data.get("edited_at")
    warning, words = posts.tidy(data.get("spoiler_text")), plain(str(data.get("content") or ""))
    return Item(
        source_id=source_id,
        feedback=posts.described(
            data,
            options,
            kind="post",
            touchpoint="mastodon",
            occurred_at=posts.moment(data.get("created_at"), "created_at", options.timezone),
            revised_at=posts.moment(edited, "edited_at", options.timezone) if edited else None,
            verbatim=posts.words_of(f"{warning}\n{words}"),
            language=posts.language_of(data.get("language")),
        ),
        author=text_or_none(account.get("url") or account.get("id")),
        names=posts.names(account.get("display_name"), account.get("username")),
    )


def _opted_out(account: Mapping[str, Any]) -> bool:
    """Whether the account says so, by a setting or by the hashtags people write into their profile."""
    refused = account.get("noindex") is True or account.get("indexable") is False
    return refused or bool(_OPTED_OUT.search(plain(str(account.get("note") or ""))))


def pages(client: Client, options: Options, cursor: str | None) -> Iterator[Page]:
    """Pages of the hashtag or account timeline at `options.url`, oldest first: `min_id` gives what follows an id."""
    return ascending(
        client,
        options.url,
        cursor,
        ask=lambda since, _page: {"min_id": since or "0", "limit": PAGE},
        read=lambda body: list(reversed(body)),
        stamp=lambda status: str(status["id"]),
        records=split,
    )


SOURCE = RecordSource(
    "mastodon",
    ("mastodon/*.json", "mastodon/*.jsonl"),
    partial(read_json, split=split),
    parse,
    title="Mastodon",
    set_aside=posts.SETTLED | {"private": posts.PRIVATE, "no_index": posts.NO_INDEX},
    pull=Pull(pages),
)
