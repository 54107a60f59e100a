"""People are counted, not posts: once in some hours, copies and marked waves never."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest
from streams import later, outage

from insights.alarms.counting import Memory, count, read_posts
from insights.alarms.model import POOLED
from insights.errors import ContractError

LONG = "le service client de cette société ne répond jamais au téléphone et personne ne rappelle malgré vingt demandes"


def counted(frame: pd.DataFrame, hours: int = 12) -> list[tuple[str, str]]:
    return [(one.series, one.feedback_id) for one in count(read_posts(frame), Memory(), hours * 60)]


def pooled(frame: pd.DataFrame) -> int:
    return sum(name == POOLED for name, _ in counted(frame))


def test_an_author_counts_once_in_a_window_and_again_after_it() -> None:
    rows = outage("IR-1", later(0), 30, 3600).assign(author="the same person")
    assert pooled(rows) == 3  # at hours 0, 12 and 24


def test_posts_without_author_are_by_somebody_else_each() -> None:
    assert pooled(outage("IR-1", later(0), 4, 60).assign(author=None)) == 4


def test_a_post_in_two_series_counts_once_in_each_and_once_in_all() -> None:
    one = outage("IR-1", later(0), 1, 60)
    found = counted(pd.concat([one, one.assign(series="IR-2")]))
    assert sorted(found) == [("IR-1", "out-0"), ("IR-2", "out-0"), (POOLED, "out-0")]


def test_a_post_in_no_series_counts_in_all_only() -> None:
    assert counted(outage(None, later(0), 1, 60)) == [(POOLED, "out-0")]


def test_marked_waves_are_left_out() -> None:
    rows = outage("IR-1", later(0), 5, 60).assign(suspect_wave=[None, "wave-1", "wave-1", "wave-1", None])
    assert pooled(rows) == 2


@pytest.mark.parametrize("change", ["", " !!", " 😡"])
def test_long_copies_by_many_count_once(change: str) -> None:
    rows = outage("IR-1", later(0), 40, 60)
    rows["text"] = [LONG + (change if number % 2 else "") for number in range(40)]
    assert pooled(rows) == 1


def test_reposts_count_once() -> None:
    rows = outage("IR-1", later(0), 3, 60).assign(text=[LONG, f"RT @somebody: {LONG}", f"rt {LONG} https://x.test/1"])
    assert pooled(rows) == 1


def test_short_phrases_that_everybody_writes_count_each_time() -> None:
    assert pooled(outage("IR-1", later(0), 40, 60).assign(text="Panne générale, l'appli ne marche plus")) == 40


def test_the_same_long_text_counts_again_after_a_day() -> None:
    rows = outage("IR-1", later(0), 2, 60).assign(text=LONG)
    rows["at"] = [pd.Timestamp(later(0)), pd.Timestamp(later(0)) + timedelta(hours=24)]
    assert pooled(rows) == 2


def test_reading_the_same_posts_again_counts_nothing() -> None:
    rows = read_posts(outage("IR-1", later(0), 6, 60).assign(text=LONG))
    memory = Memory()
    first = count(rows, memory, 720)
    assert (len(first), count(rows, Memory.of(memory.as_json()), 720)) == (2, [])


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ContractError, match="author"):
        read_posts(outage("IR-1", later(0), 2, 60).drop(columns="author"))
