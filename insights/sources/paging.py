"""Ways through pages that lose nothing: by what follows the last record, or by the link to the next page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from insights.sources.pull import Client, Page

Read = Callable[[Any], list[Any]]
Stamp = Callable[[Mapping[str, Any]], str]


def ascending(
    client: Client,
    url: str,
    cursor: str | None,
    *,
    ask: Callable[[str | None, int], Mapping[str, Any]],
    read: Read,
    stamp: Stamp,
    size: int = 0,
    records: Callable[[list[Any]], Iterable[Any]] | None = None,
) -> Iterator[Page]:
    """Pages of a list sorted by `stamp`, oldest first, each asked for from the last stamp seen.

    `ask(since, page)` gives the parameters: a record that moves to the end while we read shifts numbered pages, so
    `page` grows beyond 1 only while a whole page holds one and the same stamp. It ends at an empty page, at one
    shorter than `size` (0: not used), or at one that brings nothing new. `records` turns a page's list into records.
    """
    since, number = cursor, 1
    seen: set[str] = set()
    while found := read(client.get(url, ask(since, number))):
        last = stamp(found[-1])
        fresh = {repr(record) for record in found}
        if last == since and fresh <= seen:
            return
        seen = seen | fresh if last == since else fresh
        yield Page(list(records(found) if records else found), last)
        if len(found) < size:
            return
        since, number = (since, number + 1) if last == since else (last, 1)


def linked(
    client: Client,
    url: str,
    cursor: str | None,
    *,
    ask: Callable[[str | None], Mapping[str, Any]],
    read: Read,
    stamp: Stamp,
    next_url: Callable[[Any], str | None],
) -> Iterator[Page]:
    """Pages by their link to the next, for lists sorted by `stamp`, oldest first: the cursor is the last stamp."""
    body = client.get(url, ask(cursor))
    while True:
        found, following = read(body), next_url(body)
        if found:
            cursor = stamp(found[-1])
            yield Page(found, cursor)
        if not following:
            return
        body = client.get(following)
