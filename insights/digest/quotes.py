"""Two or three real sentences per irritant: typical, recent, from different people and channels, never altered."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd

from insights.digest.model import Quote

MAX_QUOTES = 2
RECENT_DAYS = 28
SHORTEST, LONGEST = 25, 150
TOKENS = r"\[[A-ZÀ-Ý_]+(?:_\d+)?\]"  # what redaction leaves behind


def choose(
    verbatims: pd.DataFrame, irritant_id: str, last_day: date, timezone: str, limit: int = MAX_QUOTES
) -> tuple[Quote, ...]:
    """Quotes of one irritant from mention rows with irritant_id, channel and confidence.

    Best first: of the last four weeks, without redaction marks, of readable length, most typical (confidence), newest.
    One per feedback, no text twice, and another channel before a second quote from the same.
    """
    rows = verbatims[(verbatims["irritant_id"] == irritant_id) & (verbatims["polarity"].fillna(-1) < 0)]
    if rows.empty:
        return ()
    length = rows["text"].str.len()
    ranked = rows.assign(
        _old=rows["occurred_at"] < pd.Timestamp(last_day - timedelta(days=RECENT_DAYS), tz=timezone),
        _marked=rows["text"].str.contains(TOKENS),
        _odd=(length < SHORTEST) | (length > LONGEST),
        _same=rows["text"].str.casefold().str.strip(" .!?…"),
    ).sort_values(
        ["_old", "_marked", "_odd", "confidence", "occurred_at", "mention_id"],
        ascending=[True, True, True, False, False, True],
    )
    ranked = ranked.drop_duplicates("_same").drop_duplicates("feedback_id")
    first_of_channel = ranked.drop_duplicates("channel")
    others = ranked[~ranked["mention_id"].isin(first_of_channel["mention_id"])]
    recent_first = pd.concat([first_of_channel, others]).sort_values("_old", kind="stable")
    chosen = recent_first.head(limit)
    return tuple(_quote(row, timezone) for row in chosen.to_dict("records"))


def shorten(text: str, longest: int = LONGEST) -> tuple[str, bool]:
    """The text, or its first words up to `longest` characters and True. Always an exact piece of the text."""
    if len(text) <= longest:
        return text, False
    end = text.rfind(" ", 0, longest + 1)
    return text[: end if end > longest // 2 else longest].rstrip(" ,;:-"), True


def _quote(row: dict[Any, Any], timezone: str) -> Quote:
    text, cut = shorten(str(row["text"]).strip())
    language = row.get("language")
    return Quote(
        mention_id=str(row["mention_id"]),
        text=text,
        cut=cut,
        channel=str(row["channel"]) if pd.notna(row.get("channel")) else "",
        said_on=pd.Timestamp(row["occurred_at"]).tz_convert(timezone).date(),
        language=str(language) if language in ("fr", "en") else None,
    )
