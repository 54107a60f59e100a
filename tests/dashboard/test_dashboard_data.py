"""Reads are cached by snapshot and version, go on while somebody writes, and survive a lake that stops answering."""

from __future__ import annotations

import pytest
from dashboard_app import fill, settings_for, words_of, write_full
from dashboard_frames import NOW, company, instant

from dashboard.data import open_store
from dashboard.guard import NoLakeError
from insights.lake import open_lake
from insights.ledger import open_ledger

COUNT = "SELECT count(*) AS n FROM feedback"


@pytest.fixture
def small(tmp_path):
    settings = settings_for(tmp_path)
    with open_lake(settings) as lake:
        fill(lake, company())
    return settings


def more(n: int):
    row = company()["feedback"].iloc[[0]]
    return row.assign(feedback_id=f"new{n}", source_id=f"new{n}", occurred_at=instant(1))


def test_a_page_sees_new_rows_as_soon_as_they_are_committed(small):
    before = open_store(small).rows(COUNT)["n"].iloc[0]
    with open_lake(small) as lake, lake.write() as writer:
        writer.insert_new("feedback", more(1))
    after = open_store(small)
    assert after.rows(COUNT)["n"].iloc[0] == before + 1


def test_the_same_snapshot_is_read_once(small):
    store = open_store(small)
    rows = store.rows(COUNT)["n"].iloc[0]
    store.lake.close()
    assert store.rows(COUNT)["n"].iloc[0] == rows  # from the cache: nothing can be read any more
    with pytest.raises(Exception, match="closed"):
        store.rows("SELECT count(*) AS another FROM feedback")


def test_pages_answer_while_a_flow_is_writing(app, small):
    """The transaction of another connection is open, with rows in it, while a page is drawn."""
    with open_lake(small) as lake, lake.write() as writer:
        writer.insert_new("feedback", more(2))
        page = app(small, "irritants", "fr")
        assert not page.error and not page.exception
        assert open_store(small).rows(COUNT)["n"].iloc[0] == len(company()["feedback"])
    assert open_store(small).rows(COUNT)["n"].iloc[0] == len(company()["feedback"]) + 1


def test_a_decision_changes_what_is_folded(small):
    before = open_store(small)
    assert before.cases == {}
    with open_ledger(small) as ledger:
        payload = {
            "customer_id": "C1",
            "reason": "risk",
            "owner_team": "callbacks",
            "promise": "standard",
            "due_at": NOW.isoformat(),
        }
        ledger.append("case.opened", "caseX", payload, actor="rules", at=NOW, key="case:C1:opened:1")
    assert set(open_store(small).cases) == {"caseX"}


def test_the_last_good_data_stay_when_the_lake_stops_answering(app, small):
    shown = app(small, "irritants", "fr").dataframe[0].value
    for path in small.lake_dir.glob("catalog.sqlite*"):
        path.write_bytes(b"no longer a database")  # in place: the same file, as after a failing disk
    page = app(small, "irritants", "fr")
    assert "vous voyez les dernières qui ont pu l'être" in words_of(page)
    assert page.dataframe[0].value.equals(shown)


def test_without_a_lake_the_error_says_so(tmp_path):
    with pytest.raises(NoLakeError):
        open_store(settings_for(tmp_path))


def test_a_lake_made_anew_is_read_anew(tmp_path):
    settings = settings_for(tmp_path)
    write_full(settings)
    many = open_store(settings).rows(COUNT)["n"].iloc[0]
    (settings.lake_dir).rename(tmp_path / "old")
    with open_lake(settings) as lake, lake.write() as writer:
        writer.insert_new("feedback", more(3))
    assert open_store(settings).rows("SELECT count(*) AS m FROM feedback")["m"].iloc[0] == 1 != many


def test_a_history_that_ended_long_ago_is_shown_from_its_own_last_day(app, small):
    page = app(small.model_copy(update={"as_of": NOW.date().replace(year=2027)}), "irritants", "fr")
    assert "Ces données s'arrêtent au 31/10/2026" in words_of(page)
    assert page.dataframe[0].value["Mentions"].sum() > 0
