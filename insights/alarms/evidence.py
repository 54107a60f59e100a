"""What an alarm rests on: where the people are, what they say that was not said before, and three of their sentences."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pandas as pd

from insights.copies import normal

MOST_PLACES = 4
QUOTES = 3
LONGEST = 220  # characters of a quote in a message
GOOD_LENGTH = 90
ALIKE = 0.6  # share of common words above which two quotes say the same


def places(posts: pd.DataFrame, column: str) -> dict[str, int]:
    """Distinct people by value of a column, the largest first, at most MOST_PLACES; unknown values are left out.

    `posts`: one row a complaint, with feedback_id, author (NULL: a person of its own) and the column.
    """
    known = posts[posts[column].notna()]
    if known.empty:
        return {}
    people = known["author"].where(known["author"].notna(), known["feedback_id"])
    counts = people.groupby(known[column]).nunique()
    ranked = sorted(((str(name), int(n)) for name, n in counts.items()), key=lambda pair: (-pair[1], pair[0]))
    return dict(ranked[:MOST_PLACES])


def evidence(posts: pd.DataFrame, terms: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The JSON of `alert.evidence`: counts by channel, region and product, and emerging terms; no id and no sentence."""
    return {
        **{f"{name}s": places(posts, name) for name in ("channel", "region", "product")},
        "terms": [dict(term) for term in terms],
    }


def quotes(posts: pd.DataFrame, terms: Collection[str] = (), most: int = QUOTES) -> pd.DataFrame:
    """At most `most` sentences by different people that say different things, those with emerging terms first.

    `posts`: one row a complaint, with mention_id, feedback_id, author, said. Ties are broken by mention_id.
    """
    rows = posts[posts["said"].notna()].drop_duplicates("mention_id")
    wanted = {normal(term) for term in terms}
    forms = [normal(text) for text in rows["said"]]
    named = [sum(bool(re.search(rf"\b{re.escape(term)}\b", form)) for term in wanted if term) for form in forms]
    people = rows["author"].where(rows["author"].notna(), rows["feedback_id"])
    ranked = rows.assign(
        _form=forms, _who=people, _named=named, _off=[abs(len(text) - GOOD_LENGTH) for text in rows["said"]]
    ).sort_values(["_named", "_off", "mention_id"], ascending=[False, True, True])
    kept: list[int] = []
    for place, row in enumerate(ranked[["_form", "_who"]].itertuples(index=False)):
        before = [ranked.iloc[one] for one in kept]
        if len(kept) < most and not any(row[1] == one["_who"] or _alike(row[0], one["_form"]) for one in before):
            kept.append(place)
    return ranked.iloc[kept].drop(columns=["_form", "_who", "_named", "_off"]).reset_index(drop=True)


def shortened(text: str) -> str:
    """A quote for a message; a cut is shown."""
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1].rstrip() + "…"


def _alike(one: str, other: str) -> bool:
    a, b = set(one.split()), set(other.split())
    return bool(a | b) and len(a & b) >= ALIKE * len(a | b)
