"""Two or three real sentences per irritant: typical, recent, from different people and channels, never altered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd

from insights.digest.model import Quote
from insights.digest.owners import plain

MAX_QUOTES = 2
RECENT_DAYS = 28
SHORTEST, LONGEST = 25, 150
HELD_BACK = "[\x02-\x04]"  # the marks of insights/digest/skeleton.py
TELLING = r"[^\W\d_]{5,}"
FEWEST_TELLING = 3  # words of five letters: « non ça je l'ai pas reçu ça » tells a reader nothing
STUMBLED = re.compile(r"\b(?!vous |nous )([\w'’]+) \1\b|\b(?:euh|heu|um|uh)\b")
ALIKE = 0.4  # share of common words from which two quotes are one
TOKENS = r"\[[A-ZÀ-Ý_]+(?:_\d+)?\]"  # what redaction leaves behind


def choose(
    verbatims: pd.DataFrame, irritant_id: str, last_day: date, timezone: str, limit: int = MAX_QUOTES
) -> tuple[Quote, ...]:
    """Quotes of one irritant from mention rows with irritant_id, channel and confidence.

    Best first: of the last four weeks, without redaction marks, of readable length, with something said, said without
    stumbling, most typical (confidence), newest. One per feedback, no text twice or nearly so, and another channel before
    a second quote from the same.
    """
    rows = verbatims[(verbatims["irritant_id"] == irritant_id) & (verbatims["polarity"].fillna(-1) < 0)]
    rows = rows[~rows["text"].str.contains(HELD_BACK)]
    if rows.empty:
        return ()
    length = rows["text"].str.len()
    ranked = rows.assign(
        _old=rows["occurred_at"] < pd.Timestamp(last_day - timedelta(days=RECENT_DAYS), tz=timezone),
        _marked=rows["text"].str.contains(TOKENS),
        _odd=(length < SHORTEST) | (length > LONGEST),
        _thin=rows["text"].str.count(TELLING) < FEWEST_TELLING,
        _rough=[STUMBLED.search(text) is not None for text in rows["text"].str.casefold()],
    ).sort_values(
        ["_old", "_marked", "_odd", "_thin", "_rough", "confidence", "occurred_at", "mention_id"],
        ascending=[True, True, True, True, True, False, False, True],
    )
    ranked = ranked.drop_duplicates("feedback_id")
    first_of_channel = ranked.drop_duplicates("channel")
    others = ranked[~ranked["mention_id"].isin(first_of_channel["mention_id"])]
    good_first = pd.concat([first_of_channel, others]).sort_values(["_old", "_marked", "_odd", "_thin"], kind="stable")
    return tuple(_quote(row, timezone) for row in _apart(good_first.to_dict("records"), limit))


def _apart(rows: Sequence[dict[Any, Any]], limit: int) -> list[dict[Any, Any]]:
    """The first rows that say different things; more than two only where the others are as good."""
    chosen: list[dict[Any, Any]] = []
    said: list[set[str]] = []
    for row in rows:
        words = set(plain(str(row["text"])).split())
        poor = any(row[name] for name in ("_old", "_marked", "_odd", "_thin", "_rough"))
        new = not any(len(words & other) > ALIKE * len(words | other) for other in said)
        if new and len(chosen) < (min(limit, MAX_QUOTES) if poor else limit):
            chosen.append(row)
            said.append(words)
    return chosen


def shorten(text: str, longest: int = LONGEST) -> tuple[str, bool]:
    """The text, or its first words up to `longest` characters and True. Always an exact piece of the text."""
    if len(text) <= longest:
        return text, False
    end = text.rfind(" ", 0, longest + 1)
    return text[: end if end > longest // 2 else longest].rstrip(" ,;:-"), True


def _quote(row: dict[Any, Any], timezone: str) -> Quote:
    said = str(row["text"])
    text, cut = shorten(said.strip())
    language, start, turn = (row.get(name) for name in ("language", "start_char", "turn_no"))
    return Quote(
        mention_id=str(row["mention_id"]),
        text=text,
        cut=cut,
        channel=str(row["channel"]) if pd.notna(row.get("channel")) else "",
        said_on=pd.Timestamp(row["occurred_at"]).tz_convert(timezone).date(),
        language=str(language) if language in ("fr", "en") else None,
        feedback_id=str(row["feedback_id"]),
        turn_no=None if turn is None or pd.isna(turn) else int(turn),
        start=None if start is None or pd.isna(start) else int(start) + len(said) - len(said.lstrip()),
    )
