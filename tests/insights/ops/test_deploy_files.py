"""What is deployed holds together: each alert has its section and its figures, each unit is one that systemd takes."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from chain import ROOT
from dotenv import dotenv_values
from prometheus_client.parser import text_string_to_metric_families

from insights.intake.gauges import Gauges
from insights.ledger import Ledger
from insights.settings import Settings, load_settings
from insights.telemetry.names import FIGURES

DEPLOY, GUIDE = ROOT / "deploy", ROOT / "docs" / "operations.md"
WORKER = {"voc_worker_heartbeat_age_seconds"}  # told once a worker has run
UNITS = ("server", "runner", "intake", "dashboard", "up", "backup")


def rules() -> list[dict[str, str]]:
    groups = yaml.safe_load((DEPLOY / "prometheus-alerts.yaml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_each_alert_has_its_section_and_says_what_to_do() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### (Voc\w+)\n((?:(?!^#).*\n)+)", guide, re.M))
    assert set(sections) == {rule["alert"] for rule in rules()}
    for rule in rules():
        severity, text = rule["labels"]["severity"], sections[rule["alert"]]  # type: ignore[index]
        assert text.startswith(f"*{severity}*") and "`" in text, rule["alert"]
        assert rule["annotations"]["runbook"].endswith(f"#{rule['alert'].lower()}")  # type: ignore[index]
        assert rule["annotations"]["summary"]  # type: ignore[index]


def test_each_figure_of_an_alert_exists_and_each_figure_is_explained(ledger: Ledger, settings: Settings) -> None:
    told = {one.name for one in text_string_to_metric_families(Gauges(settings, ledger).text().decode())}
    counters = {f"{name}_total" for name in told}
    used = {name for rule in rules() for name in re.findall(r"\bvoc_\w+", rule["expr"])}
    assert used <= told | counters | set(FIGURES) | WORKER
    guide = GUIDE.read_text(encoding="utf-8")
    assert [name for name in FIGURES if f"`{name}`" not in guide] == []


def test_parentheses_and_labels_of_each_expression_are_closed() -> None:
    for rule in rules():
        for opened, closed in ("()", "{}", "[]"):
            assert rule["expr"].count(opened) == rule["expr"].count(closed), rule["alert"]


def test_the_commands_of_the_guide_exist() -> None:
    from typer.main import get_command

    from insights.cli.main import app

    commands = get_command(app).commands  # type: ignore[attr-defined]
    named = set(re.findall(r"`voc ([a-z-]+)", GUIDE.read_text(encoding="utf-8")))
    assert named <= set(commands), named - set(commands)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this machine")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    there = {path.name for path in (DEPLOY / "systemd").iterdir()}
    assert there == {*(f"voc-{name}.service" for name in UNITS), "voc-backup.timer"}
    for path in (DEPLOY / "systemd").iterdir():
        text = path.read_text(encoding="utf-8").replace("/opt/voc/.venv/bin/", "/usr/bin/env ")  # not installed here
        (tmp_path / path.name).write_text(re.sub(r"^EnvironmentFile=.*\n", "", text, flags=re.M), encoding="utf-8")
    units = sorted(map(str, tmp_path.iterdir()))
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "voc-" in line]
    assert ours == [], done.stderr


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_gains_no_right_and_writes_its_own_folders(name: str) -> None:
    text = (DEPLOY / "systemd" / f"voc-{name}.service").read_text(encoding="utf-8")
    for line in ("User=voc", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "UMask=0077"):
        assert f"\n{line}\n" in text
    assert not re.search(r"(SECRET|TOKEN|PASSWORD)=", text)  # secrets stand in voc.env, mode 0600


def test_the_backup_may_write_where_the_example_sends_backups_and_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in dotenv_values(DEPLOY / "voc.env.example").items():
        assert name.removeprefix("VOC_").lower() in Settings.model_fields, name
        monkeypatch.setenv(name, str(value))
    found = load_settings()
    unit = (DEPLOY / "systemd" / "voc-backup.service").read_text(encoding="utf-8")
    assert f"ReadWritePaths=-{found.backup_dir} -{found.backup_keys_dir}\n" in unit
    monkeypatch.setenv("VOC_BACKUP_KEYS_DIR", "")
    assert load_settings().backup_keys_dir is None  # and not the working directory
