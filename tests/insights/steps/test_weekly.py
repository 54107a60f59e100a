"""Weeks as they were counted: calls purged since, one brand alone, the same day after an upgrade."""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType

import pandas as pd
import pytest
from undecided import UNDECIDED

from insights.irritants.registry import fold
from insights.lake import Lake
from insights.ledger import Ledger
from insights.priorities.trend import STEADY
from insights.settings import Settings
from insights.steps import prioritize, score
from insights.steps.weekly import weekly


def told(settings: Settings, days_ago: int, n: int, brand: str | None = None) -> dict[str, pd.DataFrame]:
    at = pd.Timestamp(settings.business_now()) - timedelta(days=days_ago)
    ids = [f"F{brand or ''}{days_ago}-{k}" for k in range(n)]
    feedback = pd.DataFrame(
        {
            **{"feedback_id": ids, "source": "t", "source_id": ids, "kind": "call", "segment": "household"},
            **{"occurred_at": at, "available_at": at, "brand": brand},
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


def test_one_brand_is_not_measured_by_the_contacts_of_all(lake: Lake, settings: Settings) -> None:
    """Brand B is called twice as often in the last four weeks; brand A and what is read of it stay as they were."""
    at = pd.Timestamp(settings.business_now())
    spans = [(weeks, 40 if weeks < 4 else 20) for weeks in range(9)]
    calls = [at - timedelta(days=7 * weeks + 3) for weeks, n in spans for _ in range(n)]
    contact = pd.DataFrame(
        {"contact_id": [f"K{k}" for k in range(len(calls))], "customer_id": "C1", "channel": "phone"}
    )
    picture = pd.DataFrame({"customer_id": [f"C{k}" for k in range(50)], "as_of": settings.business_day()})
    with lake.write() as writer:
        for brand in ("A", "B"):
            for weeks, n in spans:
                for table, frame in told(settings, 7 * weeks + 3, n // 2 if brand == "B" else 8, brand).items():
                    writer.insert_new(table, frame)
        writer.insert_new("contact", contact.assign(occurred_at=calls, available_at=calls))
        writer.insert_new("customer_snapshot", picture)
    reader, known = lake.seen_through(UNDECIDED), fold([])
    _, found, n = prioritize.ranked(lake, reader, known, settings.business_day(), "brand", "A", draws=50)
    assert n == 9 * 8
    assert found["trend_ratio"].iloc[0] == pytest.approx(1.0, abs=0.02)
    assert found["trend_verdict"].tolist() == [STEADY]


@pytest.mark.parametrize("step", [score, prioritize])
def test_new_rules_are_applied_on_the_same_day(
    lake: Lake, ledger: Ledger, settings: Settings, monkeypatch: pytest.MonkeyPatch, step: ModuleType
) -> None:
    with lake.write() as writer:
        for table, frame in told(settings, 20, 12).items():
            writer.insert_new(table, frame)
    run = getattr(step, step.__name__.rsplit(".", 1)[-1])
    assert "said" not in run(lake, ledger, run_id="1").note
    assert run(lake, ledger, run_id="2").note["said"] == "nothing new since the last run"
    monkeypatch.setattr(step, "RULES", "of tomorrow")
    assert "said" not in run(lake, ledger, run_id="3").note
