"""SurveyMonkey: ids become wordings and weights with the survey's details; thin events wait for the pull."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from loading import FIXTURES, items, live, load, source

from insights.errors import SourceError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.sources import Item, RawRecord
from insights.sources.options import NO_OPTIONS, Options
from insights.sources.surveymonkey_details import questions_of

FOLDER = FIXTURES / "surveymonkey"
DETAILS = json.loads((FOLDER / "details_relation.json").read_text(encoding="utf-8"))
BULK = json.loads((FOLDER / "responses_relation.json").read_text(encoding="utf-8"))
SURVEY = "https://survey.example/v3/surveys/7001"


class Account:
    """A survey account in memory: what the pull asks, and pages of two responses, oldest change first."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def get(self, url: str, params: Mapping[str, Any] | None = None) -> Any:
        self.asked.append((url, dict(params or {})))
        if url == f"{SURVEY}/details":
            return DETAILS
        page = int((params or {})["page"])
        start = str((params or {}).get("start_modified_at", ""))
        records = [one for one in BULK["data"] if str(one["date_modified"])[:19] >= start]
        more = {"next": "https://elsewhere.example/steal"} if page * 2 < len(records) else {}
        return {"data": records[(page - 1) * 2 : page * 2], "links": {"self": "x", **more}}


def pulled(account: Account, cursor: str | None) -> tuple[list[Item], list[str]]:
    pull = source("surveymonkey").pull
    assert pull is not None
    found: list[Item] = []
    cursors: list[str] = []
    for page in pull.pages(account, Options(url=SURVEY), cursor):
        cursors.append(page.cursor)
        for data in page.records:
            if data["id"] in {"9001", "9002"}:
                found.append(source("surveymonkey").parse(RawRecord("pull", 1, data), NO_OPTIONS))
    return found, cursors


def test_a_pull_reads_every_page_with_the_details_and_goes_on_from_its_cursor() -> None:
    account = Account()
    found, cursors = pulled(account, None)
    from_file = [one for one in items("surveymonkey", FOLDER / "responses_relation.json") if isinstance(one, Item)]
    assert found == from_file and len(cursors) == 3
    assert json.loads(cursors[-1]) == {SURVEY: "2026-05-04T09:01:00+00:00"}
    assert {url.split("/")[2] for url, _ in account.asked} == {"survey.example"}  # a link in a body is not followed
    again = Account()
    pulled(again, cursors[-1])
    assert again.asked[1][1]["start_modified_at"] == "2026-05-04T09:01:00"


def test_a_pull_without_a_survey_says_what_to_set() -> None:
    pull = source("surveymonkey").pull
    assert pull is not None
    with pytest.raises(SourceError, match="`url` in sources.yaml"):
        next(pull.pages(Account(), NO_OPTIONS, None))


def test_weights_of_an_nps_question_are_not_its_scores() -> None:
    numbers = questions_of(DETAILS)["101"]["numbers"]
    assert sorted(numbers.values()) == list(range(11))
    assert questions_of(DETAILS)["103"]["numbers"] == {f"s{n}": n for n in range(1, 6)}  # "not applicable" is none


def test_an_event_that_carries_its_response_need_not_wait() -> None:
    event = {"event_type": "response_completed", "event_id": "1", "object_id": "9001", "response": BULK["data"][0]}
    assert live("surveymonkey", event) == ["unknown_questions"]
    event["response"] = {**BULK["data"][0], "questions_asked": questions_of(DETAILS)}
    found = live("surveymonkey", event)[0]
    assert isinstance(found, Item) and found.source_id == "9001"


def test_a_deletion_takes_the_response_out_for_good(lake: Lake, ledger: Ledger, tmp_path: Path) -> None:
    load(lake, ledger, FOLDER / "responses_relation.json", source("surveymonkey"))
    counts = lake.counts()
    assert (counts["feedback"], counts["answer"], counts["quarantine"]) == (2, 3, 1)
    path = tmp_path / "events.json"
    path.write_text(
        json.dumps({"event_type": "response_deleted", "event_id": "1", "object_id": "9001"}), encoding="utf-8"
    )
    assert load(lake, ledger, path, source("surveymonkey"), "r2")[0].n_deleted == 1
    load(lake, ledger, FOLDER / "responses_relation.json", source("surveymonkey"), "r3")
    assert lake.read("SELECT source_id FROM feedback")["source_id"].tolist() == ["9002"]


def test_real_bodies(shared_data: Path, tmp_path: Path, lake: Lake, ledger: Ledger) -> None:
    folder = shared_data / "payloads_survey" / "surveymonkey_fixtures"
    bodies = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}
    ids = [found["id"] for body in bodies.values() for found in body["data"] if "pages" in found]
    found = [one for path in sorted(folder.glob("*.json")) for one in items("surveymonkey", path)]
    assert (
        found == ["unknown_questions"] * len(ids) and len(ids) == 33
    )  # choices are ids; lists of surveys give nothing
    asked = {
        q["id"]: q
        for body in bodies.values()
        for one in body["data"]
        for page in one.get("pages", ())
        for q in page["questions"]
    }
    choices = {name: sorted({a["choice_id"] for b in bodies.values() for one in b["data"] for page in one.get("pages", ())
                             for q in page["questions"] if q["id"] == name for a in q["answers"]}) for name in asked}  # fmt: skip
    made_up = [
        {"id": name, "family": "matrix", "subtype": "rating", "headings": [{"heading": "Your satisfaction"}],
         "answers": {"choices": [{"id": one, "text": "", "weight": n} for n, one in enumerate(sorted(found_choices), 1)]}}
        for name, found_choices in choices.items()
    ]  # fmt: skip
    (tmp_path / "details_made_up.json").write_text(json.dumps({"pages": [{"questions": made_up}]}))
    for name, body in bodies.items():
        (tmp_path / f"responses_{name}.json").write_text(json.dumps(body))
    for run in ("r1", "r2"):
        for path in sorted(tmp_path.glob("responses_*.json")):
            load(lake, ledger, path, source("surveymonkey"), run)
        assert lake.counts()["feedback"] == len(set(ids)) == 17  # the same sixteen stand in two listings, and one more
