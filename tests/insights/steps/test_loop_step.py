"""The reading of the closed loop on a real lake and ledger: once a day, for everybody, without an id of a customer."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.settings import load_settings
from insights.steps.loop import loop_reading, refresh_loop

ROOT = Path(__file__).parents[3]
N = 40


@pytest.fixture
def stores(tmp_path):
    settings = load_settings(data_dir=tmp_path / "data", keys_dir=tmp_path / "keys", as_of=date(2026, 10, 31),
                             reference_dir=ROOT / "data" / "reference")  # fmt: skip
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        yield lake, ledger


def survey(n: int, at, value: float):
    key = f"f{n}-{at:%j}"
    row = {"feedback_id": key, "source": "t", "source_id": key, "kind": "survey", "occurred_at": at, "available_at": at,
           "available_basis": "source", "ingested_at": at, "customer_id": f"C{n:04d}", "anonymous": False}  # fmt: skip
    answer = {"feedback_id": key, "question_id": "q", "metric": "nps", "scale": "0-10", "value": value,
              "customer_id": f"C{n:04d}", "occurred_at": at, "available_at": at}  # fmt: skip
    return row, answer


def work(lake, ledger, now):
    """Forty detractors, answered after a day, asked again a month later."""
    opened, rows = now - timedelta(days=60), []
    for n in range(N):
        case, customer = f"k{n}", f"C{n:04d}"
        payload = {"customer_id": customer, "reason": "detractor", "owner_team": "callbacks", "promise": "standard",
                   "due_at": (opened + timedelta(hours=48)).isoformat(), "irritant_id": "IR-0001"}  # fmt: skip
        ledger.append("case.opened", case, payload, actor="rules", at=opened, key=f"case:{customer}:opened:1")
        at = opened + timedelta(hours=24)
        for step, said in (("assigned", {}), ("reached", {}), ("resolved", {"outcome": "solved"}), ("closed", {})):
            ledger.append(f"case.{step}", case, said, actor="Nadia", at=at, key=f"case:{case}:{step}:1")
        rows += [survey(n, opened - timedelta(hours=1), 3.0), survey(n, opened + timedelta(days=30), 5.0)]
    feedback, answers = (pd.DataFrame(part) for part in zip(*rows, strict=True))
    with lake.write() as writer:
        writer.insert_new("feedback", feedback)
        writer.insert_new("answer", answers)


def test_the_table_is_written_once_a_day_and_says_what_was_planted(stores):
    lake, ledger = stores
    assert refresh_loop(lake, ledger) is None  # no case yet
    work(lake, ledger, lake.settings.business_now())
    assert refresh_loop(lake, ledger) > 0
    assert refresh_loop(lake, ledger) is None  # today's reading is there
    found = lake.read("SELECT * FROM loop_reading WHERE unit = 'all'").set_index("measure")
    assert found["n"].eq(N).all()
    shown = found.loc[["hours_to_contact", "kept", "closed", "reopened", "score_change"], "value"].tolist()
    assert shown == [24.0, 1.0, 1.0, 0.0, 2.0]
    assert found["n_held"].isna().all()


def test_no_customer_stands_in_the_table_and_an_erased_one_leaves_the_next_reading(stores):
    lake, ledger = stores
    work(lake, ledger, lake.settings.business_now())
    refresh_loop(lake, ledger)
    frame = lake.read("SELECT * FROM loop_reading")
    assert not any("C00" in str(cell) for row in frame.to_numpy() for cell in row)
    with lake.write() as writer:  # what an erasure does to the lake
        writer.execute("DELETE FROM answer WHERE customer_id = 'C0000'")
        writer.execute("DELETE FROM feedback WHERE customer_id = 'C0000'")
    again = loop_reading(lake, ledger)
    change = again[(again["unit"] == "all") & (again["measure"] == "score_change")].iloc[0]
    assert change["n"] == N - 1
