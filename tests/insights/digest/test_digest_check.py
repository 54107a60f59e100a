"""Nothing invented: a changed quote or figure is caught, and what was said is kept as rows of the contract."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from insights.contracts import PUBLISHED
from insights.digest import published_rows, verify


def with_quote(digest, **changes):
    first = digest.items[0]
    quotes = (replace(first.quotes[0], **changes), *first.quotes[1:])
    return replace(digest, items=(replace(first, quotes=quotes), *digest.items[1:]))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_honest_digest_passes(make_digest, verbatims, language):
    digest = make_digest(language)
    assert len(digest.quotes) == 6
    assert verify(digest, verbatims[["mention_id", "text"]]) == []


def test_a_word_changed_in_the_digest_is_caught(make_digest, verbatims):
    digest = make_digest()
    tampered = with_quote(digest, text=digest.quotes[0].text.replace("940", "490"))
    assert verify(tampered, verbatims) == ["Quote m0: its words are not those of the mention in the lake."]
    assert verify(with_quote(digest, text=""), verbatims)


def test_a_word_changed_in_the_lake_after_computing_is_caught(make_digest, verbatims):
    changed = verbatims.assign(text=verbatims["text"].str.replace("940", "490"))
    assert len(verify(make_digest(), changed)) == 1


def test_an_erased_mention_is_caught(make_digest, verbatims):
    problems = verify(make_digest(), verbatims[verbatims["mention_id"] != "m0"])
    assert problems == ["Quote m0: no such mention in the lake; it may have been erased."]
    assert len(verify(make_digest(), verbatims.iloc[:0])) == 6


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"rank": 9}, "rank 9 lies outside 1 to 2"),
        ({"value_eur": 99999.0}, "margin at risk lies outside its range"),
    ],
)
def test_a_figure_outside_its_range_is_caught(make_digest, verbatims, changes, sentence):
    digest = make_digest()
    tampered = replace(digest, items=(replace(digest.items[0], **changes), *digest.items[1:]))
    assert [sentence in problem for problem in verify(tampered, verbatims)] == [True]


def test_a_score_outside_its_range_is_caught(make_digest, verbatims):
    digest = make_digest()
    tampered = replace(digest, scores=(replace(digest.scores[0], value=40.0), *digest.scores[1:]))
    assert "40.0 lies outside" in verify(tampered, verbatims)[0]


def test_what_was_said_becomes_rows_of_the_contract(make_digest):
    digest = make_digest("en")
    rows = published_rows(digest)
    assert list(rows.columns) == list(PUBLISHED.column_names)
    assert not rows.duplicated(["publication_id", "item"]).any()
    assert rows["publication_id"].unique().tolist() == ["digest-2026-10-26-all-en"]
    assert rows["snapshot_id"].unique().tolist() == [412]
    assert set(rows["kind"]) == {"figure", "quote", "text"}
    quotes = rows[rows["kind"] == "quote"]
    assert quotes["mention_id"].tolist() == [quote.mention_id for quote in digest.quotes]
    assert [json.loads(value)["text"] for value in quotes["value"]] == [quote.text for quote in digest.quotes]
    assert rows.loc[rows["kind"] != "quote", "mention_id"].isna().all()
    assert rows["published_at"].unique().tolist() == [pd.Timestamp(digest.as_of)]


def test_every_figure_is_in_the_rows(make_digest):
    digest = make_digest("fr")
    held = {row["item"]: json.loads(row["value"]) for row in published_rows(digest).to_dict("records")}
    assert held["irritant.0"]["value_eur"] == 34217
    assert held["irritant.1"]["trend_ratio"] == 2.13
    assert "quotes" not in held["irritant.0"]
    assert held["scores.1"]["value"] == 63.0
    assert held["callbacks"]["n_kept"] == 12
    assert held["decision"] == digest.decision
    assert [held[f"headline.{place}"] for place in range(2)] == list(digest.headline)
    assert held["frame"]["subject"] == digest.subject


def test_an_empty_digest_still_leaves_its_rows(make_digest, priorities, verbatims):
    rows = published_rows(make_digest(priorities=priorities.iloc[:0], verbatims=verbatims.iloc[:0]))
    assert "decision" in set(rows["item"])
    assert str(rows["mention_id"].dtype) == "str"
