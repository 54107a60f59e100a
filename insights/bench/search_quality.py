"""Does the search find what is asked for? The demo company's irritants by their names, relevant: texts of that irritant.

The truth says which clauses tell of which irritant. Queries are the names of the thirty irritants, in French and in
English; a verbatim is relevant when one of its clauses tells of that irritant. P@10 is the share of relevant ones among
the first ten; `other language` the same among the English texts for the French names, where ten such texts exist.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.bench.report import Entry
from insights.lake import open_lake
from insights.search.finder import Finder, Ranked, fused
from insights.search.query import parse
from insights.settings import Settings
from insights.simulate.bank import irritants
from insights.topics.encoder import Encoder, encoder_for

PART = "search"
FIRST, DEEP, LEAST = 10, 200, 10
KEYS = "SELECT hash(feedback_id) AS key, source, source_id, language FROM feedback WHERE verbatim IS NOT NULL"
Keys = NDArray[np.uint64]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """One query with the keys of its relevant verbatims."""

    text: str
    language: str
    relevant: Keys


def entries(settings: Settings, say: Say) -> list[Entry]:
    """P@10 by words, by meaning and by both; none where the demo company or its index is absent."""
    finder, truth = Finder.load(settings.search_dir), settings.data_dir / "demo" / "truth" / "clauses.parquet"
    if finder is None or not truth.exists():
        say("  no demo company with an index below VOC_DATA_DIR: quality left out")
        return []
    with open_lake(settings, read_only=True) as lake:
        known = lake.read(KEYS)
    asked = queries(known, pd.read_parquet(truth))
    encode = encoder_for(settings.encoder)
    english = np.sort(known.loc[known["language"] == "en", "key"].to_numpy(np.uint64))
    size = f"{len(asked)} names, {finder.n_docs:,} verbatims"
    found = {way: precision(finder, encode, asked, way, None) for way in ("words", "meaning", "both")}
    crossing = [one for one in asked if one.language == "fr" and np.isin(one.relevant, english).sum() >= LEAST]
    rows = [("P@10, both", found["both"], "by words", found["words"]),
            ("P@10, by meaning", found["meaning"], "by words", found["words"])]  # fmt: skip
    if crossing:
        ways = [precision(finder, encode, crossing, way, english) for way in ("both", "words")]
        rows.append((f"P@10 of {len(crossing)} French names among English texts, both", ways[0], "by words", ways[1]))
    return [Entry(PART, name, value, "", "simulated company", size, "", None, rival, beside)
            for name, value, rival, beside in rows]  # fmt: skip


def queries(known: pd.DataFrame, clauses: pd.DataFrame) -> list[Asked]:
    """The names in both languages, of the irritants that at least ten verbatims tell of."""
    joined = clauses[clauses["kind"] == "irritant"] if "irritant" in set(clauses["kind"]) else clauses
    joined = joined.dropna(subset=["irritant_id"]).merge(known, on=["source", "source_id"])
    asked = []
    for one in irritants():
        relevant = np.unique(joined.loc[joined["irritant_id"] == one.id, "key"].to_numpy(np.uint64))
        if len(relevant) >= LEAST:
            asked += [Asked(one.label_fr, "fr", relevant), Asked(one.label_en, "en", relevant)]
    return asked


def precision(finder: Finder, encode: Encoder, asked: list[Asked], way: str, allowed: Keys | None) -> float:
    """Mean share of relevant verbatims among the first ten (of fewer found, the rest count as wrong)."""
    return float(
        np.mean([np.isin(found(finder, encode, one, way, allowed).keys, one.relevant).sum() / FIRST for one in asked])
    )


def found(finder: Finder, encode: Encoder, one: Asked, way: str, allowed: Keys | None) -> Ranked:
    """The first ten of one query, as the page ranks them."""
    query = parse(one.text)
    words, _ = finder.said(query, allowed, DEEP)
    nearest = finder.by_meaning(encode([query.meaning])[0], allowed, DEEP)
    return ({"words": words, "meaning": nearest}.get(way) or fused([words, nearest], DEEP)).first(FIRST)
