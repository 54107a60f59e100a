"""Qualtrics: three header rows, two header rows, and the API's shape say the same of a response."""

from __future__ import annotations

from pathlib import Path

import pytest
from loading import FIXTURES, items, live, load, source

from insights.errors import SourceError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.sources import Item


def test_a_workflow_posts_one_response_or_an_answer_of_the_api() -> None:
    values = {
        "endDate": "2026-02-11T08:02:00Z",
        "status": 0,
        "finished": 1,
        "QID1": 9,
        "QID1_NPS_GROUP": 3,
        "QID2_TEXT": "Bien",
    }
    one = {"responseId": "R_1", "values": values}
    assert (
        live("qualtrics", one)
        == live("qualtrics", {"responses": [one]})
        == live("qualtrics", {"result": one, "meta": {}})
    )
    found = live("qualtrics", one)[0]
    assert isinstance(found, Item) and found.answers[0]["metric"] == "nps" and found.feedback["verbatim"] == "Bien"


def test_a_file_without_response_ids_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "autre.csv"
    path.write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    with pytest.raises(SourceError, match="ResponseId"):
        list(source("qualtrics").read(path))


def test_ingested_twice_counts_once(lake: Lake, ledger: Ledger) -> None:
    load(lake, ledger, FIXTURES / "qualtrics" / "relation.csv", source("qualtrics"))
    counts = lake.counts()
    assert (counts["feedback"], counts["answer"], counts["quarantine"]) == (2, 4, 1)
    load(lake, ledger, FIXTURES / "qualtrics" / "relation.csv", source("qualtrics"), "r2")
    assert {**lake.counts(), "run": 0} == {**counts, "run": 0}
    stored = lake.read("SELECT * FROM feedback").to_json(date_format="iso")
    assert "192.0.2" not in stored and "Vidal" not in stored and "Topics" not in stored


@pytest.mark.parametrize("name", ["qualtrics_sample_3row_header.csv", "qualtrics_sample_legacy.csv"])
def test_real_exports(shared_data: Path, name: str) -> None:
    found = items("qualtrics", shared_data / "payloads_survey" / name)
    assert len(found) == 1 and isinstance(found[0], Item)
    assert (found[0].source_id, found[0].feedback["verbatim"]) == ("R_2YPOQ602ER1jkf1", "Hello World!")
    assert found[0].answers == () and found[0].feedback["complete"] is True  # one choice: neither score nor words


def test_real_exports_are_one_response_whatever_the_shape(shared_data: Path, lake: Lake, ledger: Ledger) -> None:
    for run, name in enumerate(["qualtrics_sample_3row_header.csv", "qualtrics_sample_legacy.csv"]):
        load(lake, ledger, shared_data / "payloads_survey" / name, source("qualtrics"), f"r{run}")
    assert lake.counts()["feedback"] == 1
