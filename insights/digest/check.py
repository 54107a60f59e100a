"""Nothing invented: quotes are found again before sending, and what was said is kept as rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pandas as pd

from insights.contracts import PUBLISHED
from insights.digest.model import Digest

FIGURE, QUOTE, TEXT = "figure", "quote", "text"


def verify(digest: Digest, mentions: pd.DataFrame) -> list[str]:
    """Problems as sentences; empty means that the digest may be sent.

    `mentions`: MENTION rows read again from the lake, at least those quoted. Each quote must be an exact piece of the
    text that stands there under its id; each figure must lie inside its own range.
    """
    known = dict(zip(mentions["mention_id"].astype(str), mentions["text"].astype(str), strict=True))
    problems = []
    for quote in digest.quotes:
        text = known.get(quote.mention_id)
        if text is None:
            problems.append(f"Quote {quote.mention_id}: no such mention in the lake; it may have been erased.")
        elif not quote.text or quote.text not in text:
            problems.append(f"Quote {quote.mention_id}: its words are not those of the mention in the lake.")
    return [*problems, *_outside(digest)]


def _outside(digest: Digest) -> Iterator[str]:
    """Figures that contradict their own range."""
    for item in digest.items:
        if not item.rank_low <= item.rank <= item.rank_high:
            yield f"Irritant {item.irritant_id}: rank {item.rank} lies outside {item.rank_low} to {item.rank_high}."
        ends = (item.value_low_eur, item.value_eur, item.value_high_eur)
        if all(end is not None for end in ends) and sorted(ends, key=float) != list(ends):  # type: ignore[arg-type]
            yield f"Irritant {item.irritant_id}: the margin at risk lies outside its range."
    for score in digest.scores:
        if not score.low <= score.value <= score.high:
            yield f"Score {score.metric}, {score.survey}: {score.value} lies outside {score.low} to {score.high}."


def published_rows(digest: Digest) -> pd.DataFrame:
    """What leaves the house, as PUBLISHED rows: one per figure, quote and sentence. Key (publication_id, item)."""
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
        for item, kind, value, mention_id in _said(digest)
    ]
    frame = pd.DataFrame(rows, columns=list(PUBLISHED.column_names))
    frame["snapshot_id"] = frame["snapshot_id"].astype("int64")
    return frame.astype({"mention_id": "str"}).assign(mention_id=frame["mention_id"].astype("str"))


def _said(digest: Digest) -> Iterator[tuple[str, str, Any, str | None]]:
    """(item, kind, value, mention_id) of everything said, in reading order."""
    whole = asdict(digest)
    inner = ("headline", "decision", "items", "scores", "news", "callbacks")
    yield "frame", TEXT, {key: value for key, value in whole.items() if key not in inner}, None
    for place, sentence in enumerate(digest.headline):
        yield f"headline.{place}", TEXT, sentence, None
    yield "decision", TEXT, digest.decision, None
    for place, item in enumerate(whole["items"]):
        quotes = item.pop("quotes")
        yield f"irritant.{place}", FIGURE, item, None
        for number, quote in enumerate(quotes):
            yield f"irritant.{place}.quote.{number}", QUOTE, quote, quote["mention_id"]
    for name in ("scores", "news"):
        for place, value in enumerate(whole[name]):
            yield f"{name}.{place}", FIGURE, value, None
    yield "callbacks", FIGURE, whole["callbacks"], None
