"""The mail: html with its styles inlined, the same in plain text, and the pictures it refers to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from insights.digest.charts import THEMES, describe, trend_png
from insights.digest.model import Digest, Item
from insights.digest.sentences import on_callbacks, on_effect, on_new
from insights.digest.words import Words

TEMPLATES = Path(__file__).parents[1] / "templates"
TEXT_WIDTH = 76
IMAGE_WIDTH = 354


@dataclass(frozen=True)
class RenderedDigest:
    """A digest ready to be sent. `images` by content id."""

    subject: str
    html: str
    text: str
    images: dict[str, bytes]

    def standalone_html(self) -> str:
        """The same page with its pictures inside, to be opened from a file."""
        import base64

        html = self.html
        for cid, png in self.images.items():
            html = html.replace(f"cid:{cid}", f"data:image/png;base64,{base64.b64encode(png).decode()}")
        return html


def render(digest: Digest) -> RenderedDigest:
    """Html, text and pictures of a digest in its language."""
    words = Words(digest.language, digest.timezone)
    drawn = {f"trend-{item.irritant_id.lower()}": item for item in digest.items if _has_trend(item)}
    names: dict[str, Any] = {
        "d": digest,
        "w": words,
        "_": words._,
        "cids": {item.irritant_id: cid for cid, item in drawn.items()},
        "alt": {item.irritant_id: describe(item.points, words) for item in drawn.values()},
        "callbacks": on_callbacks(digest.callbacks, words),
        "effects": {item.irritant_id: on_effect(item, words) for item in digest.items},
        "news": [on_new(new, words) for new in digest.news],
        "image_width": IMAGE_WIDTH,
    }
    html = environment().get_template("digest.html.j2").render(names)
    text = environment().get_template("digest.txt.j2").render(names)
    return RenderedDigest(
        subject=digest.subject,
        html=_inliner().inline(html),
        text=text.strip() + "\n",
        images={
            f"{cid}-{theme}": trend_png(item.points, words, theme) for cid, item in drawn.items() for theme in THEMES
        },
    )


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
