"""What a digest said, as rows of `published`, and the same mail put together again from them alone."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from insights.contracts import PUBLISHED
from insights.digest.model import Digest
from insights.digest.render import RenderedDigest
from insights.digest.skeleton import HTML_HOLE, Piece, Skeleton
from insights.errors import ContractError

if TYPE_CHECKING:
    from insights.digest.links import Links

FIGURE, QUOTE, TEXT, PICTURE = "figure", "quote", "text", "picture"
PAGES, PICTURES = "mail", "picture."
ERASED = "[effacé]"  # what an erasure leaves where the words of a person stood (insights/privacy/lake_rows.py)
INNER = ("headline", "decision", "items", "scores", "news", "fixes", "callbacks")
Said = tuple[str, str, Any, str | None]


@dataclass(frozen=True)
class Replayed:
    """A digest as it left the house. `gone`: items whose quote was taken out since. `same`: the very bytes that were
    sent, but for links; `exact`: links too. `changed`: the pages around the quotes are not those that were kept."""

    publication_id: str
    owner_id: str
    week: date
    language: str
    snapshot_id: int
    rendered: RenderedDigest
    gone: tuple[str, ...]
    same: bool
    exact: bool = False
    changed: bool = False


def published_rows(digest: Digest, rendered: RenderedDigest) -> pd.DataFrame:
    """What leaves the house, as PUBLISHED rows: figures, quotes and sentences as they were computed, and the pages and
    pictures as they were drawn. Key (publication_id, item)."""
    rows = [
        {
            "publication_id": digest.publication_id,
            "item": item,
            "kind": kind,
            "value": json.dumps(value, ensure_ascii=False, sort_keys=True, default=str),
            "mention_id": mention_id,
            "snapshot_id": digest.snapshot_id,
            "published_at": pd.Timestamp(digest.as_of).tz_convert("UTC"),
        }
        for item, kind, value, mention_id in (*_said(digest, rendered.skeleton.pieces), *_drawn(rendered))
    ]
    frame = pd.DataFrame(rows, columns=list(PUBLISHED.column_names))
    frame["snapshot_id"] = frame["snapshot_id"].astype("int64")
    return frame.assign(mention_id=frame["mention_id"].astype("str"))


def _said(digest: Digest, pieces: Mapping[str, Piece]) -> Iterator[Said]:
    """(item, kind, value, mention_id) of everything said, in reading order."""
    whole = asdict(digest)
    yield "frame", TEXT, {key: value for key, value in whole.items() if key not in INNER}, None
    for place, sentence in enumerate(digest.headline):
        yield f"headline.{place}", TEXT, sentence, None
    yield "decision", TEXT, digest.decision, None
    for place, item in enumerate(whole["items"]):
        quotes = item.pop("quotes")
        yield f"irritant.{place}", FIGURE, item, None
        for number, quote in enumerate(quotes):
            name = f"irritant.{place}.quote.{number}"
            shown = {"html": pieces[name].html, "plain": pieces[name].text}
            yield name, QUOTE, quote | shown, quote["mention_id"]
    for name in ("scores", "news", "fixes"):
        for place, value in enumerate(whole[name]):
            yield f"{name}.{place}", FIGURE, value, None
    yield "callbacks", FIGURE, whole["callbacks"], None


def _drawn(rendered: RenderedDigest) -> Iterator[Said]:
    """The pages line by line (an erasure takes out a line, not a page) and the pictures."""
    bones = rendered.skeleton
    yield PAGES, TEXT, {
        "subject": rendered.subject,
        "html": bones.html.splitlines(keepends=True),
        "text": bones.text.splitlines(keepends=True),
        "gone": asdict(bones.gone),
        "pictures": list(rendered.images),
        "sha256": _sha(*bones.filled(), rendered.images),
        "pages_sha256": _sha(bones.html, bones.text, rendered.images),
        "linked_sha256": _sha(rendered.html, rendered.text, rendered.images),
        "quotes_sha256": {item: _sha(piece.html, piece.text, {}) for item, piece in sorted(bones.pieces.items())},
    }, None  # fmt: skip
    for cid, png in rendered.images.items():
        yield PICTURES + cid, PICTURE, {"png": base64.b64encode(png).decode()}, None


def holes(pages: str) -> list[str]:
    """Items of the quotes that the pages (the value of row `mail`) were sent with."""
    return HTML_HOLE.findall("".join(json.loads(pages)["html"]))


def replayed(rows: pd.DataFrame, links: Links | None = None) -> Replayed:
    """The mail of one publication from its PUBLISHED rows. Raises ContractError where its pages were not kept."""
    kept = {str(row["item"]): row for row in rows.to_dict("records")}
    if PAGES not in kept or "frame" not in kept:
        named = str(rows["publication_id"].iloc[0]) if len(rows) else "it"
        raise ContractError(
            f"The pages of {named} are not in the table published: it was sent by an older version, or it is no digest."
        )
    values = {item: json.loads(row["value"]) for item, row in kept.items()}
    pages, frame = values[PAGES], values["frame"]
    pieces = {item: _piece(values[item]) for item, row in kept.items() if row["kind"] == QUOTE}
    whole = {item: piece for item, piece in pieces.items() if piece is not None}
    bones = Skeleton("".join(pages["html"]), "".join(pages["text"]), whole, Piece(**pages["gone"]))
    html, text = bones.filled(links)
    images = {cid: base64.b64decode(values[PICTURES + cid]["png"]) for cid in pages["pictures"]}
    return Replayed(
        publication_id=str(frame["publication_id"]),
        owner_id=str(frame["owner_id"]),
        week=date.fromisoformat(frame["week"]),
        language=str(frame["language"]),
        snapshot_id=int(frame["snapshot_id"]),
        rendered=RenderedDigest(str(pages["subject"]), html, text, images, bones),
        gone=tuple(bones.missing),
        same=_sha(*bones.filled(), images) == pages["sha256"],
        exact=_sha(html, text, images) == pages.get("linked_sha256"),
        changed=_changed(pages, bones, images),
    )


def _changed(pages: Mapping[str, Any], bones: Skeleton, images: Mapping[str, bytes]) -> bool:
    """Whether pages or quotes are not those that were kept. A line or a quote that an erasure took is no change."""
    kept = pages.get("quotes_sha256", {})
    if any(_sha(piece.html, piece.text, {}) != kept.get(item) for item, piece in bones.pieces.items()):
        return True
    erased = ERASED in bones.html or ERASED in bones.text
    return not erased and _sha(bones.html, bones.text, images) != pages.get("pages_sha256")


def _piece(value: Mapping[str, Any]) -> Piece | None:
    """A kept quote; None when an erasure has taken its words."""
    if ERASED in (value.get("text"), value.get("html"), value.get("plain")):
        return None
    return Piece(str(value["html"]), str(value["plain"]))


def _sha(html: str, text: str, images: Mapping[str, bytes]) -> str:
    """Hash of the pages, their links left as holes, and of the pictures."""
    seen = hashlib.sha256(f"{html}\n{text}".encode())
    for cid, png in images.items():
        seen.update(cid.encode() + hashlib.sha256(png).digest())
    return seen.hexdigest()
