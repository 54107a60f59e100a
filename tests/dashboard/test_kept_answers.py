"""Answers kept by bytes, computed once for many readers, and told in the page log."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pandas as pd
import pytest

from dashboard.kept import Kept, frozen
from dashboard.timing import asked, drawing, lake_read


def table(n: int) -> pd.DataFrame:
    return pd.DataFrame({"n": range(n)})


def test_an_answer_is_computed_once_for_readers_who_ask_at_the_same_time():
    kept, computed, start = Kept(10_000_000), [], Barrier(8)

    def compute() -> pd.DataFrame:
        computed.append(1)
        return table(5)

    def ask(_: int) -> int:
        start.wait()
        return len(kept.get("one", compute))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [5] * 8
    assert len(computed) == 1


def test_a_reader_who_changes_their_copy_changes_nobodys():
    kept = Kept(10_000_000)
    mine = kept.get("one", lambda: table(3))
    mine.loc[0, "n"] = 99
    assert kept.get("one", lambda: table(0))["n"].tolist() == [0, 1, 2]


def test_the_longest_unused_goes_first_and_the_bytes_stay_below_the_limit():
    size = int(table(1000).memory_usage(deep=True).sum())
    kept = Kept(int(2.5 * size))
    for key in ("a", "b"):
        kept.get(key, lambda: table(1000))
    kept.get("a", lambda: table(0))
    kept.get("c", lambda: table(1000))
    assert kept.n_bytes <= kept.most_bytes and len(kept) == 2
    assert len(kept.get("a", lambda: table(0))) == 1000
    assert len(kept.get("b", lambda: table(7))) == 7


def test_an_answer_put_twice_counts_its_bytes_once():
    kept = Kept(10_000_000)
    kept.get("one", lambda: kept.get("one again", lambda: table(3)))
    kept._put("one", table(1000), None)  # by a reader who computed it too, after it had been let go
    assert kept.n_bytes == sum(int(table(n).memory_usage(deep=True).sum()) for n in (3, 1000))


def test_another_epoch_empties_it():
    kept = Kept(10_000_000)
    kept.get("person", lambda: table(3), epoch=1)
    assert len(kept.get("person", lambda: table(1), epoch=2)) == 1
    assert len(kept) == 1


def test_an_answer_that_fails_is_asked_again():
    kept = Kept(10_000_000)
    with pytest.raises(ZeroDivisionError):
        kept.get("one", lambda: table(1 // 0))
    assert len(kept.get("one", lambda: table(2))) == 2


def test_keys_tell_types_and_orders_apart():
    assert frozen({"a": [1, 2]}) == frozen({"a": [1, 2]})
    assert len({frozen(one) for one in (1, True, "1", [1], [1, 2], [2, 1], None)}) == 7


def test_the_page_log_tells_reads_and_what_was_kept(caplog):
    with caplog.at_level(logging.INFO, logger="dashboard.pages"):
        with drawing("week", 0) as first:
            first.snapshot = 7
            asked()
            with lake_read():
                pass
        with drawing("week", 0):
            asked()
        with drawing("week", 10_000_000):
            asked()
        with drawing("week", None):
            asked()
    told = [json.loads(record.getMessage()) for record in caplog.records]
    assert [(one["page"], one["reads"], one["first_reads"], one["cached"]) for one in told] == [
        ("week", 1, 1, False),
        ("week", 1, 0, True),
    ]
    assert told[0]["snapshot"] == 7 and told[0]["ms"] >= told[0]["lake_ms"] >= 0
