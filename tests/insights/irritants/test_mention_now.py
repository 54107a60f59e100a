"""`mention_now` says of every mention what `irritant_now` says of it, whatever was merged, moved or split."""

from __future__ import annotations

import random

import pandas as pd
import pytest

from insights.irritants.now import MAP, PLACED, Sight, sight
from insights.irritants.registry import fold
from insights.lake import open_lake

BY_TABLE = """
SELECT hash(i.mention_id) AS mention_key, i.irritant_id, i.confidence FROM irritant_now i JOIN mention m USING (mention_id)
ORDER BY ALL
"""
SLIM = "SELECT mention_key, irritant_id, confidence FROM mention_now WHERE irritant_id IS NOT NULL ORDER BY ALL"
IDS = [f"IR-{n:04}" for n in range(1, 7)]
MAPPED = {"IR-0002": "IR-0001", "IR-0006": "unclassified"}
MOVED = [("t1", "IR-0001", "IR-0003"), ("t2", "IR-0003", "IR-0004"), ("t2", "IR-0001", "IR-0004")]


def seen(mapped, moved) -> Sight:
    """As `sight` makes it, without a ledger: the views of the case, with these rows."""
    placed = sight(fold([]), ())
    from insights.irritants import now

    tables = {MAP: pd.DataFrame({"assigned": list(mapped), "irritant_id": list(mapped.values())}, dtype="str")}
    if not moved:
        return Sight(tables, placed.views, 0, now._SLIM_MERGED if mapped else placed.slim)
    tables[PLACED] = pd.DataFrame(moved, columns=["text_sha", "from_id", "to_id"], dtype="str")
    return Sight(tables, (now._MERGED_AND_PLACED,), 0, now._SLIM_MERGED_AND_PLACED)


@pytest.fixture(scope="module")
def lake(tmp_path_factory, extension_dir):
    from insights.settings import load_settings

    folder = tmp_path_factory.mktemp("now")
    draw, at = random.Random(1), pd.Timestamp("2026-06-01T08:00:00Z")
    feedback = pd.DataFrame(
        {"feedback_id": [f"f{n}" for n in range(40)], "source": "s", "kind": "survey", "occurred_at": at}
    )
    mention = pd.DataFrame(
        {
            "mention_id": [f"m{n}" for n in range(80)],
            "feedback_id": [f"f{n // 2}" for n in range(80)],
            "unit_no": [n % 2 for n in range(80)],
            "text": "trop cher",
            "text_sha": [f"t{n % 5}" for n in range(80)],
            "voice": "customer",
            "polarity": -0.6,
            "occurred_at": at,
        }
    )
    rows = [
        {
            "mention_id": f"m{n}",
            "irritant_id": one,
            "confidence": draw.random(),
            "model_version": f"v{draw.randrange(3)}",
        }
        for n in range(80)
        for one in draw.sample([*IDS, "unclassified"], draw.randrange(3))
    ]
    settings = load_settings(data_dir=folder / "data", keys_dir=folder / "keys", extension_dir=extension_dir)
    with open_lake(settings) as made:
        with made.write() as writer:
            for name, frame in (("feedback", feedback), ("mention", mention), ("mention_irritant", pd.DataFrame(rows))):
                writer.insert_new(name, frame)
        yield made


@pytest.mark.parametrize("mapped", [{}, MAPPED])
@pytest.mark.parametrize("moved", [[], MOVED])
def test_both_views_agree(lake, mapped, moved):
    through = lake.seen_through(seen(mapped, moved))
    expected = through.read(BY_TABLE)
    pd.testing.assert_frame_equal(through.read(SLIM), expected)
    assert len(expected) > 50 and (not mapped or "IR-0002" not in set(expected["irritant_id"]))
    assert through.scalar("SELECT count(DISTINCT mention_key) FROM mention_now") == 80, "one without irritant stays"
