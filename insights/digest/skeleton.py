"""A rendered digest with holes where quotes and links go, so that the same bytes can be put together again.

What is sent is put together from the same holes and pieces as what is replayed: a quote that was erased since leaves its
hole, which then says so, and nothing else of the page moves. Links are never kept: they open without a password.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from insights.digest.links import Links

GONE = "gone"
ANSWERS = ("accept", "known", "wrong", "not_mine")
FREQUENCY, UNSUBSCRIBE = "frequency", "unsubscribe"
PLACE = "https://voc.invalid/{name}"  # stands for a link until it is put in
START, CUT, END = "\x02", "\x03", "\x04"  # around a piece of the plain text; no quote holds them (quotes.py)
HTML_PIECE = re.compile(r"<!--\[([a-z0-9.]+)\]-->(.*?)<!--\[/\]-->", re.DOTALL)
TEXT_PIECE = re.compile(f"{START}([a-z0-9.]+){CUT}(.*?){END}", re.DOTALL)
HTML_HOLE = re.compile(r"<!--\[([a-z0-9.]+)\]-->")
TEXT_HOLE = re.compile(f"{START}([a-z0-9.]+){END}")
LINK = re.compile(re.escape(PLACE.format(name="")) + r"([A-Za-z0-9_-]+(?:/[a-z_]+)?)")


@dataclass(frozen=True)
class Piece:
    """One quote as it stands in the html and in the plain text."""

    html: str
    text: str


@dataclass(frozen=True)
class Skeleton:
    """The pages with holes, what fills them by item of `published`, and what stands in the hole of a quote that is gone."""

    html: str
    text: str
    pieces: Mapping[str, Piece]
    gone: Piece

    def filled(self, links: Links | None = None) -> tuple[str, str]:
        """Html and plain text, links put in where they are given."""
        html = HTML_HOLE.sub(lambda hole: self.pieces.get(hole[1], self.gone).html, self.html)
        text = TEXT_HOLE.sub(lambda hole: self.pieces.get(hole[1], self.gone).text, self.text)
        urls = dict(_urls(links))
        return (
            LINK.sub(lambda found: escape(urls.get(found[1], found[0])), html),
            LINK.sub(lambda found: urls.get(found[1], found[0]), text),
        )

    @property
    def missing(self) -> list[str]:
        """Items whose quote is gone, in reading order."""
        return [name for name in HTML_HOLE.findall(self.html) if name not in self.pieces]

    @property
    def has_links(self) -> bool:
        return LINK.search(self.html) is not None


def cut_out(html: str, text: str) -> Skeleton:
    """The skeleton of two pages whose quotes are marked."""
    said = {name: Piece(piece, "") for name, piece in HTML_PIECE.findall(html)}
    plain = dict(TEXT_PIECE.findall(text))
    pieces = {name: Piece(piece.html, plain.get(name, "")) for name, piece in said.items()}
    gone = pieces.pop(GONE)
    page = HTML_PIECE.sub(lambda found: "" if found[1] == GONE else f"<!--[{found[1]}]-->", html)
    twin = TEXT_PIECE.sub(lambda found: "" if found[1] == GONE else f"{START}{found[1]}{END}", text)
    return Skeleton(page, twin.strip() + "\n", pieces, gone)


def place(*names: str) -> str:
    """What stands for a link: an irritant's id and an answer, or the name of a page."""
    return PLACE.format(name="/".join(names))


def _urls(links: Links | None) -> Iterator[tuple[str, str]]:
    if links is not None:
        for (irritant_id, answer), url in links.answers.items():
            yield f"{irritant_id}/{answer}", url
        yield FREQUENCY, links.frequency
        yield UNSUBSCRIBE, links.unsubscribe
