"""Delighted: the type of the survey gives metric and scale; the score comes first, the comment later."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from loading import FIXTURES, live, load, source

from insights.lake import Lake
from insights.ledger import Ledger
from insights.sources import Item


def response(**changes: object) -> dict[str, object]:
    return {"id": "1", "person": {"id": "2"}, "score": 1, "created_at": 1772442000, "survey_type": "nps", **changes}


@pytest.mark.parametrize(
    ("type_", "metric", "scale"),
    [("nps", "nps", "0-10"), ("csat", "csat", "1-5"), ("ces", "ces", "1-5"), ("ces7", "ces", "1-7"), ("stars", "csat", "1-5"),
     ("thumbs", "csat", "0-1"), ("enps", "other", "0-10"), ("new_kind", "other", None)],
)  # fmt: skip
def test_types_of_survey(type_: str, metric: str, scale: str | None) -> None:
    found = live("delighted", response(survey_type=type_))[0]
    assert isinstance(found, Item) and (found.answers[0]["metric"], found.answers[0]["scale"]) == (metric, scale)


def test_the_comment_comes_later_and_twice_is_once(lake: Lake, ledger: Ledger) -> None:
    load(lake, ledger, FIXTURES / "delighted" / "events.json", source("delighted"))
    counts = lake.counts()
    assert (counts["feedback"], counts["answer"]) == (1, 2)
    assert "à côté" in lake.read("SELECT verbatim FROM feedback")["verbatim"][0]
    load(lake, ledger, FIXTURES / "delighted" / "events.json", source("delighted"), "r2")
    assert {**lake.counts(), "run": 0} == {**counts, "run": 0}


def test_real_responses_of_the_library_tests(shared_data: Path) -> None:
    tree = ast.parse((shared_data / "payloads_survey" / "delighted_python_test_resource.py").read_text())
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            try:
                found.append(ast.literal_eval(node))
            except ValueError:
                continue
    scored = [one for one in found if {"id", "score", "person"} <= set(one)]
    assert len(scored) >= 4
    for one in scored:  # ids and scores only: without a date nothing can be followed over time
        assert live("delighted", one) == ["missing_created_at"]
        item = live("delighted", {**one, "created_at": 1772442000})[0]
        assert isinstance(item, Item) and item.answers[0]["value"] == one["score"]
