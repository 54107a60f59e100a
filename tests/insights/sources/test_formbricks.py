"""Formbricks: created, updated, finished are three versions of one response; the last that was written stays."""

from __future__ import annotations

import json
from pathlib import Path

from loading import FIXTURES, items, live, load, source

from insights.lake import Lake
from insights.ledger import Ledger
from insights.sources import Item


def test_versions_in_any_order_leave_the_last(lake: Lake, ledger: Ledger, tmp_path: Path) -> None:
    folder = FIXTURES / "formbricks"
    for run, name in enumerate(["zfinished.json", "updated.json", "created.json"]):  # the oldest comes last
        load(lake, ledger, folder / name, source("formbricks"), f"r{run}")
    rows = lake.read("SELECT complete, revised_at FROM feedback WHERE source_id = 'fb-1'")
    assert len(rows) == 1 and rows["complete"].tolist() == [True]
    counts = lake.counts()
    for run, name in enumerate(["created.json", "updated.json", "zfinished.json"]):
        load(lake, ledger, folder / name, source("formbricks"), f"s{run}")
    assert {**lake.counts(), "run": 0} == {**counts, "run": 0}


def test_a_later_version_replaces_answers_too(lake: Lake, ledger: Ledger) -> None:
    load(lake, ledger, FIXTURES / "formbricks" / "updated.json", source("formbricks"))
    before = lake.counts()
    report = load(lake, ledger, FIXTURES / "formbricks" / "zfinished.json", source("formbricks"), "r2")[0]
    assert (report.n_revised, report.n_new, before["answer"]) == (1, 1, 1)
    assert lake.counts()["feedback"] == 2
    said = lake.read("SELECT verbatim FROM feedback WHERE source_id = 'fb-1'")["verbatim"][0]
    assert said.startswith("le site se déconnecte tout seul\nCompte en ligne")  # untyped choices, without options


def test_real_webhooks(shared_data: Path, lake: Lake, ledger: Ledger) -> None:
    folder = shared_data / "payloads_survey"
    assert items("formbricks", folder / "formbricks_responseCreated.json") == ["nothing_said"]
    updated = items("formbricks", folder / "formbricks_responseUpdated.json")[0]
    assert isinstance(updated, Item) and updated.feedback["verbatim"] == "Just browsing"
    finished = live("formbricks", json.loads((folder / "formbricks_responseFinished.json").read_text()))[0]
    assert isinstance(finished, Item) and (finished.source_id, finished.feedback["verbatim"]) == ("responseId", None)
    for run, name in enumerate(["Updated", "Finished", "Updated"]):
        load(lake, ledger, folder / f"formbricks_response{name}.json", source("formbricks"), f"r{run}")
    row = lake.read("SELECT complete, verbatim IS NULL AS silent FROM feedback").to_dict("records")
    assert row == [{"complete": True, "silent": True}]  # the finished response no longer says it, and neither do we
