"""The mail: html with its styles inlined, the same in plain text, and the pictures it refers to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from insights.digest.charts import THEMES, describe, trend_png
from insights.digest.model import Digest, Item
from insights.digest.sentences import on_callbacks, on_change, on_effect, on_new, on_yours
from insights.digest.skeleton import CUT, END, START, Skeleton, cut_out, place
from insights.digest.words import Words

if TYPE_CHECKING:
    from insights.digest.links import Links

TEMPLATES = Path(__file__).parents[1] / "templates"
TEXT_WIDTH = 76
IMAGE_WIDTH = 354


@dataclass(frozen=True)
class RenderedDigest:
    """A digest ready to be sent. `images` by content id. `skeleton`: what html and text were put together from."""

    subject: str
    html: str
    text: str
    images: dict[str, bytes]
    skeleton: Skeleton

    def standalone_html(self) -> str:
        """The same page with its pictures inside, to be opened from a file."""
        import base64

        html = self.html
        for cid, png in self.images.items():
            html = html.replace(f"cid:{cid}", f"data:image/png;base64,{base64.b64encode(png).decode()}")
        return html


def render(digest: Digest, links: Links | None = None) -> RenderedDigest:
    """Html, text and pictures of a digest in its language; with `links`, what a reader can answer."""
    words = Words(digest.language, digest.timezone)
    drawn = {f"trend-{item.irritant_id.lower()}": item for item in digest.items if _has_trend(item)}
    names = _names(digest, words, drawn, links)
    html = environment().get_template("digest.html.j2").render(names)
    text = environment().get_template("digest.txt.j2").render(names)
    bones = cut_out(_inliner().inline(html), text)
    page, twin = bones.filled(links)
    return RenderedDigest(
        subject=digest.subject,
        html=page,
        text=twin,
        images={
            f"{cid}-{theme}": trend_png(item.points, words, theme) for cid, item in drawn.items() for theme in THEMES
        },
        skeleton=bones,
    )


def _names(digest: Digest, words: Words, drawn: dict[str, Item], links: Links | None) -> dict[str, Any]:
    """What the templates name."""
    return {
        "d": digest,
        "w": words,
        "_": words._,
        "cids": {item.irritant_id: cid for cid, item in drawn.items()},
        "alt": {item.irritant_id: describe(item.points, words) for item in drawn.values()},
        "callbacks": on_callbacks(digest.callbacks, words),
        "changes": {item.irritant_id: on_change(item, words) for item in digest.items},
        "effects": {item.irritant_id: on_effect(item, words) for item in digest.items},
        "yours": {item.irritant_id: on_yours(item, words) for item in digest.items},
        "news": [on_new(new, words) for new in digest.news],
        "image_width": IMAGE_WIDTH,
        "answered": {irritant for irritant, _answer in links.answers} if links is not None else set(),
        "has_links": links is not None,
        "place": place,
        "mark": lambda name: f"{START}{name}{CUT}",
        "end": END,
    }


def _has_trend(item: Item) -> bool:
    return any(point.rate is not None for point in item.points)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Templates of the mail. Html is escaped; the text twin is not html and is wrapped."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html", "html.j2")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["fold"] = fold
    return found


def fold(text: str, indent: int = 0, first: str | None = None) -> str:
    """Text wrapped for a mail, every line indented; `first` replaces the indent of the first."""
    import textwrap

    start = " " * indent if first is None else first
    return textwrap.fill(text, TEXT_WIDTH, initial_indent=start, subsequent_indent=" " * indent, break_long_words=False)


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
