"""Sources that are asked for their news: pages with a cursor, saved only after the page is in the lake."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from insights.sources.options import Options


class Client(Protocol):
    """What a pull needs of the network: one JSON page at a time, with retries and Retry-After behind it."""

    def get(self, url: str, params: Mapping[str, Any] | None = None) -> Any: ...


@dataclass(frozen=True)
class Page:
    """Records of one page, in the shape `parse` reads, and where to go on after it."""

    records: list[Mapping[str, Any]]
    cursor: str


@dataclass(frozen=True)
class Pull:
    """`pages(client, options, cursor)` yields pages from a cursor on (None: from the beginning), oldest first."""

    pages: Callable[[Client, Options, str | None], Iterator[Page]]
