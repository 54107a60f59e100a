"""What the operator is shown: read from the stores, parseable, cached, and never stopped by a part that cannot be read."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from prometheus_client.parser import text_string_to_metric_families

from insights.intake.gauges import Gauges
from insights.keys import KeyRing
from insights.lake import Lake
from insights.ledger import Ledger
from insights.outbox.record import ACTOR
from insights.outbox.schedule import message_id
from insights.privacy.log import REQUESTED, Entry, ErasureLog
from insights.settings import Settings
from insights.steps.run_log import recorded
from insights.steps.under_way import told_under_way
from insights.telemetry.names import FIGURES
from insights.telemetry.operations import KEEP_SECONDS, Operations

DUE = datetime(2026, 10, 30, 12, tzinfo=UTC)


def figures(settings: Settings, ledger: Ledger) -> dict[tuple[str, str], float]:
    """(name, value of its label) -> value, through the text a scrape gets and prometheus_client's own parser."""
    text = Gauges(settings, ledger).text().decode()
    found: dict[tuple[str, str], float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name in FIGURES:
                found[sample.name, next(iter(sample.labels.values()), "")] = sample.value
    return found


def open_case(ledger: Ledger, case_id: str, due_at: datetime = DUE, **more: Any) -> None:
    payload = {
        **{"customer_id": f"C-{case_id}", "reason": "detractor", "owner_team": "callbacks", "promise": "standard"},
        **{"due_at": due_at.isoformat(), "signals": ["detractor:f"], **more},
    }
    ledger.append("case.opened", case_id, payload, actor="rules", at=DUE - timedelta(days=2), key=f"{case_id}:opened")


def test_every_figure_is_there_and_says_what_the_stores_hold(lake: Lake, ledger: Ledger, settings: Settings) -> None:
    backups = settings.data_dir.parent / "backups"
    backups.mkdir()
    taken = datetime.now(UTC) - timedelta(hours=30)
    (backups / f"{taken:%Y%m%dT%H%M%S}.{taken.microsecond // 1000:03d}Z.json").write_text("{}")
    settings = settings.model_copy(update={"backup_dir": backups})
    with recorded(lake, "r1", "enrich") as report:
        report.n_in, report.n_out, report.n_quarantined = 7, 6, 1
    with pytest.raises(RuntimeError), told_under_way(settings, "discover"):
        raise RuntimeError("broken")
    row = {"source": "s", "source_id": "1", "reason": "r", "expires_on": DUE.date()}
    with lake.write() as writer:
        writer.insert_new("quarantine", pd.DataFrame([row]))
    settings.models_dir.mkdir(parents=True)
    old = datetime.now(UTC).timestamp() - 86_400
    for name, at in (("churn-2026-09.json", 0.0), ("churn-2026-10.json", old), ("churn-2026-10-card.json", 0.0)):
        (settings.models_dir / name).write_text("{}")
        os.utime(settings.models_dir / name, (at, at))
    ErasureLog(KeyRing(settings.keys_dir)).append(Entry("c", REQUESTED, "now", "2026-10-31"))
    open_case(ledger, "late")
    open_case(ledger, "in-time", DUE + timedelta(days=30))
    (settings.keys_dir / "inbox.key").touch(mode=0o644)
    with told_under_way(settings, "score"):
        found = figures(settings, ledger)
    assert {name for name, _ in found} == set(FIGURES)
    (endpoint,) = {label for name, label in found if name == "voc_outbox_pending"}
    expected = {
        ("voc_step_rows_in", "enrich"): 7,
        ("voc_step_rows_out", "enrich"): 6,
        ("voc_step_rows_quarantined", "enrich"): 1,
        ("voc_step_failed", "discover"): 1,
        ("voc_quarantine_rows", ""): 1,
        ("voc_feedback_rows", ""): 0,
        ("voc_cases_open", ""): 2,
        ("voc_cases_overdue", ""): 1,
        ("voc_outbox_pending", endpoint): 2,
        ("voc_outbox_dead", endpoint): 0,
        ("voc_outbox_off", endpoint): 0,
        ("voc_erasures_open", ""): 1,
        ("voc_keys_exposed", ""): 1,
    }
    assert {key: found[key] for key in expected} == expected
    assert all(found["voc_part_up", part] == 1 for part in KEEP_SECONDS)
    assert 30 * 3600 - 1 <= found["voc_backup_age_seconds", ""] < 31 * 3600
    assert 86_400 <= found["voc_model_age_seconds", "churn"] < 90_000
    assert found["voc_disk_free_bytes", "data"] > 0
    assert found["voc_step_running_seconds", "score"] >= 0


def test_without_a_lake_the_other_parts_are_told(ledger: Ledger, settings: Settings) -> None:
    found = figures(settings, ledger)
    parts = {label: value for (name, label), value in found.items() if name == "voc_part_up"}
    assert parts == {"lake": 0, "ledger": 1, "places": 1, "steps": 1}
    assert ("voc_cases_open", "") in found and ("voc_feedback_rows", "") not in found


def test_a_broken_reference_file_is_told_and_stops_nothing(ledger: Ledger, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "endpoints.yaml").write_text("endpoints: 3")
    found = figures(settings.model_copy(update={"reference_dir": tmp_path / "reference"}), ledger)
    assert (found["voc_part_up", "ledger"], found["voc_part_up", "places"]) == (0, 1)


def test_a_scrape_reads_the_stores_again_only_after_some_seconds(ledger: Ledger, settings: Settings) -> None:
    now = 0.0
    operations = Operations(settings, ledger, clock=lambda: now)

    def n_open() -> float:
        families = {one.name: one for one in operations.collect()}
        return float(families["voc_cases_open"].samples[0].value)

    assert n_open() == 0
    open_case(ledger, "one")
    assert n_open() == 0
    now = KEEP_SECONDS["ledger"]
    assert n_open() == 1
    ledger.append("case.cancelled", "one", {}, actor="rules", at=DUE, key="one:cancelled")
    now *= 2
    assert n_open() == 0


def test_a_delivery_whose_sender_died_is_in_doubt_and_one_given_up_is_dead(ledger: Ledger, settings: Settings) -> None:
    open_case(ledger, "one")
    open_case(ledger, "two")
    (endpoint,) = {label for name, label in figures(settings, ledger) if name == "voc_outbox_pending"}
    at = datetime.now(UTC) - timedelta(hours=1)
    for case, kind in (("one", "attempted"), ("two", "dead")):
        (opened,) = ledger.events(("case.opened",), subject=case)
        told = {"endpoint": endpoint, "by": "gone", "status": 500}
        message = message_id(case, opened.event_id)
        ledger.append(f"delivery.{kind}", message, told, actor=ACTOR, at=at, key=f"{message}:{kind}")
    found = figures(settings, ledger)
    told_now = [found[f"voc_outbox_{what}", endpoint] for what in ("pending", "in_doubt", "dead")]
    assert told_now == [1, 1, 1]
