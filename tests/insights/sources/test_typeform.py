"""Typeform: webhook events, pages of the Responses API, and the real sample of a webhook."""

from __future__ import annotations

import json
from pathlib import Path

from loading import FIXTURES, items, live, load, source

from insights.lake import Lake
from insights.ledger import Ledger
from insights.sources import Item
from insights.sources.options import Options, Question

EVENTS = FIXTURES / "typeform" / "events.json"


def test_a_hook_gives_what_the_file_gives() -> None:
    for event in json.loads(EVENTS.read_text(encoding="utf-8")):
        assert live("typeform", event) == live("typeform", [event])
    assert live("typeform", json.loads(EVENTS.read_text(encoding="utf-8"))) == items("typeform", EVENTS)


def test_partial_then_whole_is_one_response_and_twice_is_once(lake: Lake, ledger: Ledger) -> None:
    first = load(lake, ledger, FIXTURES / "typeform", source("typeform"))
    counts = lake.counts()
    assert (counts["feedback"], counts["answer"], counts["quarantine"]) == (3, 6, 1)
    assert sum(file.n_quarantined for file in first) == 1
    row = lake.read("SELECT complete, verbatim FROM feedback WHERE source_id = 'tok-1'").iloc[0]
    assert row["complete"] and "facture fausse" in row["verbatim"]
    again = load(lake, ledger, FIXTURES / "typeform", source("typeform"), "r2")
    assert {**lake.counts(), "run": 0} == {**counts, "run": 0}
    assert all(file.skipped or file.error for file in again)


def test_no_contact_detail_is_stored(lake: Lake, ledger: Ledger) -> None:
    load(lake, ledger, EVENTS, source("typeform"))
    stored = lake.read("SELECT * FROM feedback").to_json(date_format="iso") + lake.read("SELECT * FROM answer").to_json(
        date_format="iso"
    )
    assert not any(secret in stored for secret in ("odile", "Odile", "639980147", "4471902"))


def test_real_webhook(shared_data: Path, tmp_path: Path) -> None:
    event = json.loads((shared_data / "payloads_survey" / "typeform_webhook_form_response.json").read_text())
    assert live("typeform", event) == ["missing_submitted_at"]  # the published sample was cut: real events have it
    event["form_response"] |= {"token": "t1", "submitted_at": "2026-01-05T10:00:00Z"}
    declared = Options(
        questions={"e2c884c1-0d92-4f18-9833-79dff0b3eef2": Question(metric="nps", scale="0-10", question_id="nps")}
    )
    found = live("typeform", event, declared)[0]
    assert isinstance(found, Item)
    assert [(answer["metric"], answer["scale"], answer["value"]) for answer in found.answers] == [
        ("other", None, 9.0),  # an opinion scale whose steps the sample does not state
        ("other", None, 8.0),
        ("nps", "0-10", 6.0),
    ]
    assert found.feedback["verbatim"] == "Project" and found.emails == ("typeformintegration@example.com",)
