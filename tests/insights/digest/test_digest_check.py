"""Nothing invented: a changed quote or figure is caught, and what was said is kept as rows of the contract."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from insights.contracts import PUBLISHED
from insights.digest import differences, published_rows, render, verify


def rows_of(digest):
    return published_rows(digest, render(digest))


def with_quote(digest, **changes):
    first = digest.items[0]
    quotes = (replace(first.quotes[0], **changes), *first.quotes[1:])
    return replace(digest, items=(replace(first, quotes=quotes), *digest.items[1:]))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_honest_digest_passes(make_digest, verbatims, language):
    digest = make_digest(language)
    assert len(digest.quotes) == 6
    assert verify(digest, verbatims) == []


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
    rows = rows_of(digest)
    assert list(rows.columns) == list(PUBLISHED.column_names)
    assert not rows.duplicated(["publication_id", "item"]).any()
    assert rows["publication_id"].unique().tolist() == ["digest-2026-10-26-all-en"]
    assert rows["snapshot_id"].unique().tolist() == [412]
    assert set(rows["kind"]) == {"figure", "quote", "text", "picture"}
    quotes = rows[rows["kind"] == "quote"]
    assert quotes["mention_id"].tolist() == [quote.mention_id for quote in digest.quotes]
    assert [json.loads(value)["text"] for value in quotes["value"]] == [quote.text for quote in digest.quotes]
    assert rows.loc[rows["kind"] != "quote", "mention_id"].isna().all()
    assert rows["published_at"].unique().tolist() == [pd.Timestamp(digest.as_of)]


def test_every_figure_is_in_the_rows(make_digest):
    digest = make_digest("fr")
    held = {row["item"]: json.loads(row["value"]) for row in rows_of(digest).to_dict("records")}
    assert held["irritant.0"]["value_eur"] == 34217
    assert held["irritant.1"]["trend_ratio"] == 2.13
    assert "quotes" not in held["irritant.0"]
    assert held["scores.1"]["value"] == 63.0
    assert held["callbacks"]["n_kept"] == 12
    assert held["decision"] == digest.decision
    assert [held[f"headline.{place}"] for place in range(2)] == list(digest.headline)
    assert held["frame"]["subject"] == digest.subject


def test_an_empty_digest_still_leaves_its_rows(make_digest, priorities, verbatims):
    rows = rows_of(make_digest(priorities=priorities.iloc[:0], verbatims=verbatims.iloc[:0]))
    assert "decision" in set(rows["item"])
    assert str(rows["mention_id"].dtype) == "str"


def test_a_quote_that_no_longer_stands_at_its_place_is_caught(make_digest, verbatims):
    """The clause still says it, what was said does not: the offset is looked at in the verbatim."""
    digest = make_digest()
    assert digest.quotes[0].start == len("Bonjour, ")
    moved = verbatims.assign(source="Oh. " + verbatims["source"])
    assert len(verify(digest, moved)) == 6
    assert "do not stand at character 9" in verify(digest, moved)[0]
    gone = verbatims.assign(source=None)  # the verbatim was removed since, its clauses stay
    assert verify(digest, gone) == []


@pytest.mark.parametrize("changes", [{"feedback_id": "another"}, {"turn_no": 3}])
def test_a_quote_of_another_feedback_is_caught(make_digest, verbatims, changes):
    problems = verify(make_digest(), verbatims.assign(**changes))
    assert len(problems) == 6 and "another feedback or turn" in problems[0]


def test_a_second_computing_that_differs_is_told_value_by_value(make_digest, priorities, scores):
    digest = make_digest()
    assert differences(digest, make_digest(snapshot_id=413), "now") == []
    dearer = priorities.assign(value_at_risk_eur=priorities["value_at_risk_eur"].replace(22640, 22649))
    told = differences(digest, make_digest(priorities=dearer), "in the lake now")
    assert told == ["items.1.value_eur is 22640.0 here and 22649.0 in the lake now."]
    lower = scores.assign(value=scores["value"].replace(63.0, 62.0))
    assert "scores.1.value is 63.0 here and 62.0 now." in differences(digest, make_digest(scores=lower), "now")
    assert differences(digest, make_digest("en"), "now")[-1].endswith("more values differ.")
    fewer = make_digest(priorities=priorities.head(2))
    assert any(problem.startswith("items.2") for problem in differences(digest, fewer, "now"))
