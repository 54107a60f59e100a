"""What is written after the pin does not make a digest fail its own check; what is changed behind it does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pandas as pd

from insights.lake import Lake
from insights.ledger import Ledger
from insights.steps.pinned import pins_now, reader_at, registry_at

ROW = {"source": "survey", "kind": "survey", "occurred_at": "2026-10-30 10:00:00+00", "anonymous": False}


def put(lake: Lake, key: str, at: datetime) -> None:
    row = {**ROW, "feedback_id": key, "source_id": key, "available_at": at, "ingested_at": at}
    frame = pd.DataFrame([row])
    frame["occurred_at"] = pd.to_datetime(frame["occurred_at"], utc=True)
    mention = {
        "mention_id": f"m-{key}",
        "feedback_id": key,
        "unit_no": 1,
        "text": "la facture est fausse",
        "voice": "customer",
    }
    with lake.write() as writer:
        writer.insert_new("feedback", frame)
        writer.insert_new("mention", pd.DataFrame([mention]))


def seen(lake: Lake, ledger: Ledger, **moved: object) -> tuple[list[str], list[str]]:
    pins = replace(pins_now(lake, ledger), **moved)
    reader = reader_at(lake, ledger, pins, registry_at(ledger, pins), ("feedback", "mention"))
    return (
        reader.read("SELECT feedback_id FROM feedback ORDER BY 1")["feedback_id"].tolist(),
        reader.read("SELECT feedback_id FROM mention ORDER BY 1")["feedback_id"].tolist(),
    )


def test_feedback_that_came_after_the_pin_is_not_seen_in_a_later_snapshot(lake: Lake, ledger: Ledger):
    first = datetime.fromisoformat("2026-10-31T08:00:00+00:00")
    put(lake, "f1", first)
    pins = pins_now(lake, ledger)
    put(lake, "f2", first + timedelta(seconds=20))
    assert seen(lake, ledger) == (["f1", "f2"], ["f1", "f2"])
    assert seen(lake, ledger, known_until=pins.known_until) == (["f1"], ["f1"])
    assert seen(lake, ledger, snapshot_id=pins.snapshot_id, known_until=pins.known_until) == (["f1"], ["f1"])
