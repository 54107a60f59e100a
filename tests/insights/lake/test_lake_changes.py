"""What last changed each table, and cursors kept between reads."""

from __future__ import annotations

import pandas as pd
import pytest

from insights.irritants.now import MAP, Sight
from insights.lake import open_lake
from insights.lake.changes import tables_of
from insights.privacy.scrub import scrub_lake
from insights.settings import load_settings

FEEDBACK = "SELECT count(*) FROM feedback"
NOBODY = "CREATE TEMP VIEW feedback AS SELECT * FROM lake.main.feedback WHERE false"


def row(n: int) -> pd.DataFrame:
    return pd.DataFrame({"feedback_id": [f"f{n}"], "source": ["s"], "source_id": [f"s{n}"], "kind": ["survey"]})


@pytest.fixture
def lake(tmp_path):
    with open_lake(load_settings(data_dir=tmp_path / "data", keys_dir=tmp_path / "keys")) as opened:
        with opened.write() as writer:
            writer.insert_new("feedback", row(0))
        yield opened


def test_a_write_stamps_its_own_table_only(lake):
    before = lake.stamps()
    with lake.write() as writer:
        writer.insert_new("feedback", row(1))
    after = lake.stamps()
    assert after.of(FEEDBACK) == after.snapshot > before.of(FEEDBACK)
    assert after.of("SELECT * FROM contact") == before.of("SELECT * FROM contact") < after.snapshot
    assert after.of("SELECT 1") == after.snapshot
    with lake.write() as writer:
        writer.execute("DELETE FROM feedback")
    assert lake.stamps().of(FEEDBACK) > after.of(FEEDBACK)


def test_merging_files_changes_no_stamp(lake):
    for n in range(1, 4):
        with lake.write() as writer:
            writer.insert_new("feedback", row(n))
    before = lake.stamps()
    lake.maintain(keep_days=30)
    after = lake.stamps()
    assert after.snapshot > before.snapshot and after.of(FEEDBACK) == before.of(FEEDBACK)


def test_a_change_whose_snapshot_expired_unread_changes_every_stamp(lake):
    with lake.write() as writer:
        writer.insert_new("feedback", row(1))
    with open_lake(lake.settings, read_only=True) as page:
        before = page.stamps()
        with lake.write() as writer:
            writer.execute("DELETE FROM feedback WHERE feedback_id = 'f1'")
        scrub_lake(lake.settings)  # in another process: the snapshot of the deletion is gone
        after = page.stamps()
        assert after.of(FEEDBACK) > before.of(FEEDBACK)
        assert page.stamps().of(FEEDBACK) == after.of(FEEDBACK)  # once


def test_another_process_sees_the_same_stamps(lake):
    with open_lake(lake.settings, read_only=True) as other:
        assert other.stamps().of(FEEDBACK) == lake.stamps().of(FEEDBACK)
        assert "feedback" in other.stamps().tables and "nothing" not in other.stamps().tables


def test_views_stand_for_the_tables_behind_them():
    assert tables_of("SELECT * FROM irritant_now") == {"mention_irritant", "mention"}
    assert tables_of('SELECT * FROM lake.main."feedback"') == {"feedback"}


def test_a_kept_cursor_sees_what_was_committed_since(lake):
    assert lake.scalar(FEEDBACK) == 1
    with lake.write() as writer:
        writer.insert_new("feedback", row(1))
    assert lake.scalar(FEEDBACK) == 2


def test_views_of_one_reader_are_not_those_of_another(lake):
    none = Sight({MAP: pd.DataFrame({"assigned": ["a"], "irritant_id": ["b"]})}, (NOBODY,), 1)
    for _ in range(3):
        assert lake.seen_through(none).scalar("SELECT count(*) FROM feedback") == 0
        assert lake.scalar(FEEDBACK) == 1
        assert lake.seen_through(none).scalar(f"SELECT count(*) FROM {MAP}") == 1


def test_a_kept_view_outlives_a_new_column(lake):
    none = Sight({}, (NOBODY,), 1)
    assert lake.seen_through(none).scalar(FEEDBACK) == 0
    with lake.write() as writer:
        writer.execute("ALTER TABLE feedback ADD COLUMN later VARCHAR")
    assert lake.seen_through(none).scalar(FEEDBACK) == 0
    assert len(lake.seen_through(none).read("SELECT later FROM feedback")) == 0
