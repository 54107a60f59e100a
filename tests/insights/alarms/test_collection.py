"""A collector that is silent makes the screen blind, never calm."""

from __future__ import annotations

from datetime import timedelta

import pytest
from streams import later

from insights.alarms import collection_state

GAPS = {"posts": timedelta(minutes=2), "reviews": timedelta(hours=1)}
NOW = later(0, 12)


@pytest.mark.parametrize(("minutes", "state"), [(1, "ok"), (3, "ok"), (4, "late"), (6, "late"), (7, "blind")])
def test_a_source_is_late_then_blind(minutes: int, state: str) -> None:
    seen = {"posts": NOW - timedelta(minutes=minutes), "reviews": NOW}
    found = collection_state(seen, GAPS, NOW)
    assert found.state == state
    assert found.since == (None if state == "ok" else seen["posts"] + GAPS["posts"])
    assert [(one.source, one.state) for one in found.sources] == [("posts", state), ("reviews", "ok")]


def test_blind_is_worse_than_late_and_counts_since_the_first() -> None:
    seen = {"posts": NOW - timedelta(minutes=10), "reviews": NOW - timedelta(hours=9)}
    found = collection_state(seen, GAPS, NOW)
    assert (found.state, found.since, found.blind) == ("blind", NOW - timedelta(hours=8), ("posts", "reviews"))


def test_what_was_never_seen_is_blind_and_so_is_nothing_at_all() -> None:
    assert collection_state({"posts": NOW}, GAPS, NOW).blind == ("reviews",)
    assert collection_state({}, {}, NOW).state == "blind"
