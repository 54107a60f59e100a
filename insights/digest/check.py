"""Nothing invented: quotes are found again by id and offset, and every value is compared with a second computing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

import pandas as pd

from insights.digest.model import Digest, Quote

MOST_TOLD = 5


def verify(digest: Digest, mentions: pd.DataFrame) -> list[str]:
    """Problems as sentences; empty means that the digest may be sent.

    `mentions`: at least those quoted, read again from the lake: mention_id, feedback_id, turn_no, start_char, text, and
    `source`, the whole verbatim or turn (NULL where it was removed since: then the clause alone is looked at). Each quote
    must stand at its place in the text of its id; each figure must lie inside its own range.
    """
    known = {str(row["mention_id"]): row for row in mentions.to_dict("records")}
    problems = [problem for quote in digest.quotes if (problem := _quote_problem(quote, known.get(quote.mention_id)))]
    return [*problems, *_outside(digest)]


def _quote_problem(quote: Quote, row: dict[Any, Any] | None) -> str:
    """What is wrong with a quote; empty when it stands where it says it does."""
    if row is None:
        return f"Quote {quote.mention_id}: no such mention in the lake; it may have been erased."
    text, source = str(row["text"]), row.get("source")
    if not quote.text or quote.text not in text:
        return f"Quote {quote.mention_id}: its words are not those of the mention in the lake."
    if row.get("feedback_id") != quote.feedback_id or _whole(row.get("turn_no")) != quote.turn_no:
        return f"Quote {quote.mention_id}: the mention in the lake is of another feedback or turn."
    if quote.start is None or not isinstance(source, str):
        return ""
    if source[quote.start : quote.start + len(quote.text)] != quote.text:
        return f"Quote {quote.mention_id}: its words do not stand at character {quote.start} of what was said."
    return ""


def _whole(value: Any) -> int | None:
    return None if value is None or pd.isna(value) else int(value)


def differences(sent: Digest, again: Digest, where: str) -> list[str]:
    """What a second computing gives otherwise, one sentence a value, the first few. `where`: of what it was computed."""
    same_place = replace(again, snapshot_id=sent.snapshot_id)
    if same_place == sent:
        return []
    then, now = dict(_leaves(asdict(sent))), dict(_leaves(asdict(same_place)))
    apart = [name for name in dict.fromkeys([*then, *now]) if then.get(name) != now.get(name)]
    told = [f"{name} is {then.get(name)!r} here and {now.get(name)!r} {where}." for name in apart[:MOST_TOLD]]
    return [*told, *([f"{len(apart) - MOST_TOLD} more values differ."] if len(apart) > MOST_TOLD else [])]


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every single value below, with its path: `items.0.value_eur`."""
    parts: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        parts = list(value.items())
    elif isinstance(value, list | tuple):
        parts = list(enumerate(value))
    else:
        yield name, value
    for key, part in parts:
        yield from _leaves(part, f"{name}.{key}" if name else str(key))


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
