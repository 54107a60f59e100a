"""Access and objection: everything held is told, nothing of others; who objects is kept, not scored, not called."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from privacy_people import AT, CALLED, HER, HIM, OWN, copied, moved

from insights.errors import LakeError, LedgerError
from insights.lake import Lake, open_lake
from insights.lake.locks import write_lock
from insights.ledger import Ledger, open_ledger
from insights.privacy.export import TITLES, as_html, export_person
from insights.privacy.objection import (
    STILL_SCORED,
    marked,
    object_to_scoring,
    objectors,
    withdraw_objection,
    without,
)
from insights.settings import Settings

PLACES = {
    *("feedback", "answer", "turn", "mention", "mention_irritant", "invitation", "contact", "customer_snapshot"),
    *("churn_panel", "churn_score", "published", "events", "notes", "raw_posts", "quarantine", "waiting", "links"),
}


@pytest.fixture(scope="module")
def told(people: Settings) -> dict[str, object]:
    with open_lake(people) as lake, open_ledger(people) as ledger:
        return export_person(lake, ledger, HER)


def test_the_export_holds_every_place_and_nothing_of_the_other(told: dict[str, object]) -> None:
    held = told["held"]
    assert set(held) == PLACES
    said = json.dumps(held["feedback"], ensure_ascii=False)
    assert OWN in said and CALLED in said
    own = {name: rows for name, rows in held.items() if name != "raw_posts"}  # one post held both of them
    assert HIM not in json.dumps(own, ensure_ascii=False)


def test_reasons_and_causes_are_told_in_plain_french_with_dates(told: dict[str, object]) -> None:
    held = told["held"]
    assert held["churn_score"][0]["reasons_in_words"][0].count(" ") > 2
    assert held["mention_irritant"][0]["irritant"] == f"« {OWN} »"
    assert held["notes"][0]["text"].startswith("a parlé du portail")
    assert json.loads(held["quarantine"][0]["row"])["client"] == HER
    assert held["feedback"][0]["retention_until"][:10] == "2029-01-01"
    assert held["contact"][0]["kept_until"] == "2029-10-19"
    assert {row["kind"]: row["n_hashes"] for row in held["links"]} == {"email": 1, "phone": 1, "name": 1}


def test_the_page_is_french_escaped_and_whole(told: dict[str, object]) -> None:
    page = as_html(told | {"company": "A & <B>"})
    assert "A &amp; &lt;B&gt;" in page and "<h1>Vos données" in page
    assert all(f"<h2>{TITLES[name].replace(chr(39), '&#x27;')}" in page for name in PLACES)
    assert "http" not in page


def test_an_unknown_person_is_a_sentence(people: Settings) -> None:
    with (
        open_lake(people) as lake,
        open_ledger(people) as ledger,
        pytest.raises(LedgerError, match="Nothing is held on customer C9"),
    ):
        export_person(lake, ledger, "C9")


def test_an_objection_takes_the_scores_out_and_can_be_withdrawn(people: Settings, tmp_path: Path) -> None:
    with moved(people, tmp_path) as (lake, ledger):
        assert object_to_scoring(lake, ledger, HER, actor="dpo", at=AT)
        assert not object_to_scoring(lake, ledger, HER, actor="dpo", at=AT)
        assert objectors(ledger) == {HER}
        for table in ("churn_score", "churn_panel"):
            assert lake.read(f"SELECT customer_id FROM {table}")["customer_id"].tolist() == [HIM]
        assert lake.scalar("SELECT count(*) FROM feedback WHERE customer_id = $id", id=HER) == 2  # kept
        assert export_person(lake, ledger, HER)["objected_to_scoring"] is True
        assert withdraw_objection(ledger, HER, actor="dpo", at=AT)
        assert not withdraw_objection(ledger, HER, actor="dpo", at=AT)
        assert object_to_scoring(lake, ledger, HER, actor="dpo", at=AT)  # and again, another day


def test_an_objection_whose_lake_was_busy_is_finished_when_asked_again(people: Settings, tmp_path: Path) -> None:
    own = copied(people, tmp_path)
    with open_lake(own, lock_seconds=0.1) as lake, open_ledger(own) as ledger:
        with write_lock(own, 1), pytest.raises(LakeError, match="Another process"):
            object_to_scoring(lake, ledger, HER, actor="dpo", at=AT)
        assert objectors(ledger) == {HER} and len(lake.read(STILL_SCORED, customer=HER)) == 2
        assert not object_to_scoring(lake, ledger, HER, actor="dpo", at=AT)
        assert lake.read(STILL_SCORED, customer=HER).empty and len(lake.read(STILL_SCORED, customer=HIM)) == 2
        assert len(ledger.events(("privacy.objected",))) == 1


def test_either_flag_counts() -> None:
    customers = pd.DataFrame({"customer_id": ["a", "b", "c"], "objection": [True, None, False]})
    assert marked(customers, {"c"})["objection"].tolist() == [True, False, True]
    assert without(customers, {"c"})["customer_id"].tolist() == ["a", "b"]


def test_score_and_callbacks_leave_objectors_out(lake: Lake, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    from insights.steps import callbacks, score
    from insights.steps.panel import SCORED

    object_to_scoring(lake, ledger, HER, actor="dpo", at=AT)
    panels: list[pd.DataFrame] = []
    with lake.write() as writer:
        picture = {"customer_id": [HER, HIM], "as_of": [AT.date()] * 2, "segment": "household", "objection": False}
        picture |= {"available_at": AT}
        writer.insert_new("customer_snapshot", pd.DataFrame(picture))
    kept = lambda given, day, *_: panels.append(given.read(SCORED, day=day)) or pd.DataFrame()  # noqa: E731
    monkeypatch.setattr(score, "_scores", kept)
    score.score(lake, ledger, run_id="r")
    assert panels[0]["customer_id"].tolist() == [HIM]
    assert lake.read("SELECT DISTINCT customer_id FROM churn_panel")["customer_id"].tolist() == [HIM]
    seen: list[pd.DataFrame] = []
    monkeypatch.setattr(callbacks, "open_cases", lambda _signals, _known, customers, **_: seen.append(customers))
    callbacks.open_due_cases(lake, ledger)
    assert dict(zip(seen[0]["customer_id"], seen[0]["objection"], strict=True)) == {HER: True, HIM: False}
