"""A later version replaces, an earlier one does not, and what its source deleted stays out for good."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from insights.lake import Lake
from insights.steps.keep import Kept, keep, still_unread

NOW = datetime(2026, 10, 31, 18, tzinfo=UTC)


def put(lake: Lake, key: str, said: str, *, revised: str | None = None, deleted: tuple[str, ...] = ()) -> Kept:
    at = datetime(2026, 10, 1, tzinfo=UTC)
    row: dict[str, Any] = {"feedback_id": key, "source": "s", "source_id": key, "kind": "survey", "occurred_at": at}
    row |= {"available_at": at, "verbatim": said, "revised_at": pd.Timestamp(revised, tz="UTC") if revised else None}
    answer = {"feedback_id": key, "question_id": "nps", "metric": "nps", "scale": "0-10", "value": float(len(said))}
    mention = {"mention_id": f"m-{key}-{said}", "feedback_id": key, "unit_no": 1, "text": said, "text_sha": said}
    with lake.write() as writer:
        kept = keep(writer, pd.DataFrame([row]), pd.DataFrame([answer]), pd.DataFrame(), deleted=deleted, now=NOW)
        if kept.n_new or kept.n_revised:
            writer.insert_new("mention", pd.DataFrame([mention]))
            assigned = {"mention_id": mention["mention_id"], "irritant_id": "i", "confidence": 1.0}
            writer.insert_new("mention_irritant", pd.DataFrame([assigned]))
    return kept


def state(lake: Lake) -> dict[str, Any]:
    said = lake.read("SELECT verbatim FROM feedback ORDER BY ALL")["verbatim"].tolist()
    counts = lake.counts()
    return {"said": said, **{name: counts[name] for name in ("answer", "mention", "mention_irritant")}}


@pytest.mark.parametrize("first", [None, "2026-10-01"])
def test_a_later_version_replaces_all_that_hung_on_the_earlier(lake: Lake, first: str | None) -> None:
    put(lake, "a", "partial", revised=first)
    assert put(lake, "a", "whole answer", revised="2026-10-02") == Kept(n_revised=1)
    assert state(lake) == {"said": ["whole answer"], "answer": 1, "mention": 1, "mention_irritant": 1}
    assert lake.read("SELECT value FROM answer")["value"].tolist() == [12.0]


@pytest.mark.parametrize("again", [None, "2026-10-02", "2026-10-01"])
def test_the_same_or_an_earlier_version_changes_nothing(lake: Lake, again: str | None) -> None:
    put(lake, "a", "whole answer", revised="2026-10-02")
    assert put(lake, "a", "partial", revised=again) == Kept(n_known=1)
    assert state(lake)["said"] == ["whole answer"]


def test_what_the_source_deleted_leaves_and_does_not_come_back(lake: Lake) -> None:
    put(lake, "a", "one")
    put(lake, "b", "two")
    with lake.write() as writer:
        kept = keep(writer, pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), deleted=["a", "never seen"], now=NOW)
    assert kept == Kept(n_deleted=1)
    assert state(lake) == {"said": ["two"], "answer": 1, "mention": 1, "mention_irritant": 1}
    assert put(lake, "a", "one again", revised="2027-01-01") == Kept(n_known=1)
    assert put(lake, "never seen", "late") == Kept(n_known=1)
    assert state(lake)["said"] == ["two"]


def test_the_weight_of_an_answer_leaves_with_it(lake: Lake) -> None:
    put(lake, "a", "one")
    put(lake, "b", "two")
    weights = pd.DataFrame({"feedback_id": ["a", "b"], "survey": "s", "month": NOW.date(), "weight": 1.0})
    with lake.write() as writer:
        writer.insert_new("response_weight", weights.assign(basis="asked"))
        keep(writer, pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), deleted=["a"], now=NOW)
    assert lake.read("SELECT feedback_id FROM response_weight")["feedback_id"].tolist() == ["b"]


def test_a_refusal_takes_the_stored_words_out_whatever_its_version(lake: Lake) -> None:
    put(lake, "a", "my words", revised="2026-10-02")
    put(lake, "b", "others")
    with lake.write() as writer:
        keep(writer, pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), withdrawn=["a"], now=NOW)
    assert state(lake) == {"said": ["others"], "answer": 1, "mention": 1, "mention_irritant": 1}
    assert put(lake, "a", "consent given again") == Kept(n_new=1)


def test_what_was_read_in_words_that_changed_meanwhile_is_not_written(lake: Lake) -> None:
    put(lake, "gone", "one")
    put(lake, "same", "two")
    put(lake, "other", "three")
    seen = lake.read("SELECT feedback_id, verbatim FROM feedback ORDER BY ALL")
    mentions = pd.DataFrame({"mention_id": ["x", "y", "z"], "feedback_id": ["gone", "same", "other"]})
    with lake.write() as writer:
        writer.execute("DELETE FROM mention")
        keep(writer, pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), deleted=["gone"], now=NOW)
        writer.execute("UPDATE feedback SET verbatim = 'three, revised' WHERE feedback_id = 'other'")
        assert still_unread(writer, seen, mentions)["mention_id"].tolist() == ["y"]


def test_vectors_of_what_left_leave_too_unless_somebody_else_said_the_same(lake: Lake) -> None:
    put(lake, "a", "only mine")
    put(lake, "b", "shared")
    put(lake, "c", "shared")
    vectors = pd.DataFrame({"text_sha": ["only mine", "shared"], "encoder_version": "e", "vector": [[1.0], [2.0]]})
    with lake.write() as writer:
        writer.insert_new("embedding", vectors)
        keep(writer, pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), deleted=["a", "b"], now=NOW)
    assert lake.read("SELECT text_sha FROM embedding")["text_sha"].tolist() == ["shared"]
