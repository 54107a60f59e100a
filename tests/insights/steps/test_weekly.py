"""Calls that are purged leave the weeks they were counted in as they were."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest
from undecided import UNDECIDED

from insights.irritants.registry import fold
from insights.lake import Lake
from insights.settings import Settings
from insights.steps.weekly import weekly


def told(settings: Settings, days_ago: int, n: int) -> dict[str, pd.DataFrame]:
    at = pd.Timestamp(settings.business_now()) - timedelta(days=days_ago)
    ids = [f"F{days_ago}-{k}" for k in range(n)]
    feedback = pd.DataFrame(
        {
            **{"feedback_id": ids, "source": "t", "source_id": ids, "kind": "call", "segment": "household"},
            **{"occurred_at": at, "available_at": at},
        }
    )
    mention = pd.DataFrame(
        {
            **{"mention_id": ["m" + one for one in ids], "feedback_id": ids, "unit_no": 1, "voice": "customer"},
            **{"polarity": -0.6, "occurred_at": at, "available_at": at},
        }
    )
    linked = pd.DataFrame({"mention_id": mention["mention_id"], "irritant_id": "IR-0001", "confidence": 0.9})
    return {"feedback": feedback, "mention": mention, "mention_irritant": linked}


@pytest.mark.parametrize(("days_ago", "stays"), [(400, True), (20, False)])
def test_a_purged_week_stays_and_a_young_one_is_counted_anew(
    lake: Lake, settings: Settings, days_ago: int, stays: bool
) -> None:
    with lake.write() as writer:
        for table, frame in told(settings, days_ago, 7).items():
            writer.insert_new(table, frame)
    reader, known = lake.seen_through(UNDECIDED), fold([])
    first = weekly(reader, known)
    assert first["n_mentions"].sum() == 7
    with lake.write() as writer:
        writer.replace("irritant_weekly", first)
        for table in ("feedback", "mention", "mention_irritant"):
            writer.execute(f'DELETE FROM "{table}"')
    again = weekly(lake.seen_through(UNDECIDED), known)
    assert again["n_mentions"].sum() == (7 if stays else 0)
    if stays:
        pd.testing.assert_frame_equal(again, first)
