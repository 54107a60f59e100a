"""The slim relations: what pages count by equals the lake's tables, in memory or not, whatever is committed meanwhile."""

from __future__ import annotations

import random

import pandas as pd
import pytest

from insights.access import RowRights, limited
from insights.irritants.now import sight
from insights.irritants.registry import fold
from insights.lake import Lake, open_lake
from insights.lake import mirror as mirror_module
from insights.lake.slim import ROWS

AT = pd.Timestamp("2026-06-01T08:00:00Z")
ALL = {name: f"SELECT * FROM {name} ORDER BY ALL" for name in ROWS}


@pytest.fixture
def lakes(settings):
    """A writer, a reader with the relations in memory, and one without."""
    with (
        open_lake(settings) as writer,
        open_lake(settings, read_only=True) as kept,
        open_lake(settings, read_only=True) as plain,
    ):
        kept.keep_slim(1_000_000)
        yield writer, kept, plain


def feedback(numbers, **more):
    rows = [
        {
            "feedback_id": f"f{n}",
            "source": "survey",
            "kind": "survey",
            "occurred_at": AT - pd.Timedelta(days=n),
            "customer_id": f"C{n % 5}" if n % 3 else None,
            "product": f"product {n % 2}",
            "region": f"region {n % 4}",
            "agent_team": f"team {n % 3}",
            "anonymous": n % 7 == 0,
            "verbatim": "trop long" if n % 2 else None,
        }
        for n in numbers
    ]
    return pd.DataFrame(rows).assign(**more)


def mentions(numbers):
    rows = [
        {
            "mention_id": f"m{n}-{unit}",
            "feedback_id": f"f{n}",
            "unit_no": unit,
            "text": "x" * (n % 9),
            "text_sha": f"t{n % 4}",
            "voice": "customer",
            "polarity": -0.5,
            "occurred_at": AT - pd.Timedelta(days=n),
        }
        for n in numbers
        for unit in (1, 2)
    ]
    return pd.DataFrame(rows)


def assigned(numbers, irritants=("IR-0001", "IR-0002")):
    rows = [
        {"mention_id": f"m{n}-1", "irritant_id": one, "confidence": 0.5 + n % 3 / 10, "model_version": "v1"}
        for n in numbers
        for one in irritants[: 1 + n % 2]
    ]
    return pd.DataFrame(rows)


def same(kept: Lake, plain: Lake) -> None:
    for name, query in ALL.items():
        pd.testing.assert_frame_equal(kept.read(query), plain.read(query), obj=name)
    assert kept.mirror is not None and kept.mirror.serves(kept.stamps()), "the answers came from memory"


def test_what_is_kept_in_memory_follows_every_commit(lakes):
    writer, kept, plain = lakes
    draw = random.Random(3)
    for turn in range(2):
        numbers = range(turn * 20, turn * 20 + 20)
        with writer.write() as one:
            one.insert_new("feedback", feedback(numbers))
        same(kept, plain)
        with writer.write() as one:
            one.insert_new("mention", mentions(numbers))
            one.insert_new("mention_irritant", assigned(numbers))
        same(kept, plain)
        gone, marked = draw.sample(range(turn * 20 + 20), 5), draw.sample(range(turn * 20 + 20), 5)
        with writer.write() as one:
            for table in ("mention", "feedback"):
                one.execute(
                    f"DELETE FROM {table} WHERE feedback_id IN (SELECT unnest($ids))", ids=[f"f{n}" for n in gone]
                )
        with writer.write() as one:
            one.execute(
                "UPDATE feedback SET suspect_wave = 'w' WHERE feedback_id IN (SELECT unnest($ids))",
                ids=[f"f{n}" for n in marked],
            )
            one.execute(
                "UPDATE mention_irritant SET irritant_id = 'IR-0003' WHERE mention_id = $one", one=f"m{marked[0]}-1"
            )
        same(kept, plain)
    writer.maintain(keep_days=35)
    same(kept, plain)


def test_snapshots_that_are_gone_are_read_anew_and_no_erased_row_stays(lakes):
    writer, kept, plain = lakes
    with writer.write() as one:
        one.insert_new("feedback", feedback(range(30)))
    same(kept, plain)
    with writer.write() as one:
        one.execute("DELETE FROM feedback WHERE customer_id = 'C1'")
    writer._connection.execute("CALL ducklake_expire_snapshots('lake', older_than => now() + INTERVAL 1 DAY)")
    same(kept, plain)
    assert kept.scalar("SELECT count(*) FROM feedback_slim WHERE customer_key = hash('C1')") == 0


def test_much_news_is_read_beside_the_readers(lakes, monkeypatch):
    writer, kept, plain = lakes
    monkeypatch.setattr(mirror_module, "AT_ONCE", 10)
    with writer.write() as one:
        one.insert_new("feedback", feedback(range(30)))
    first = kept.read(ALL["feedback_slim"])
    pd.testing.assert_frame_equal(first, plain.read(ALL["feedback_slim"]))
    kept.mirror.wait()
    same(kept, plain)


def test_a_lake_above_the_limit_is_read_as_it_lies(lakes, settings):
    writer, _, plain = lakes
    with writer.write() as one:
        one.insert_new("feedback", feedback(range(30)))
    with open_lake(settings, read_only=True) as small:
        small.keep_slim(10)
        pd.testing.assert_frame_equal(small.read(ALL["feedback_slim"]), plain.read(ALL["feedback_slim"]))
        assert not small.mirror.serves(small.stamps())


@pytest.mark.parametrize("memory", [True, False])
def test_rights_cut_the_slim_relations_as_they_cut_feedback(lakes, memory):
    writer, kept, plain = lakes
    with writer.write() as one:
        one.insert_new("feedback", feedback(range(60)))
        one.insert_new("mention", mentions(range(60)))
        one.insert_new("mention_irritant", assigned(range(60)))
    rights = RowRights(products=("product 1",), regions=("region 1", "region 3"), teams=("team 0", "team 2"))
    lake = kept if memory else plain
    seen = sight(fold([]), ())
    for name, owner in (("feedback_slim", "feedback"), ("mention_slim", "mention"), ("mention_now", "mention")):
        slim = f"SELECT DISTINCT feedback_key FROM {name} ORDER BY 1"
        table = f"SELECT DISTINCT hash(feedback_id) AS feedback_key FROM {owner} ORDER BY 1"
        cut = lake.seen_through(limited(rights, seen, slim)).read(slim)
        pd.testing.assert_frame_equal(cut, lake.seen_through(limited(rights, None, table)).read(table))
        assert 0 < len(cut) < 60
