"""`voc actions`: declare, move on, draw, take back; nobody is told of what is not proven."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from insights.actions.load import load_actions
from insights.cli.demo_actions import company_record
from insights.cli.main import app
from insights.errors import LedgerError
from insights.ledger import open_ledger
from insights.settings import Settings
from insights.simulate.block import trained_teams
from insights.steps.actions import book

AT = datetime(2026, 10, 31, 9, tzinfo=UTC)


@pytest.fixture
def own(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An empty company with one irritant that the commands find."""
    monkeypatch.setattr("insights.cli.actions.default_settings", lambda: settings)
    with open_ledger(settings) as ledger:
        told = {"label_fr": "Remboursement qui tarde", "label_en": "Refund delayed", "status": "active"}
        ledger.append("irritant.born", "IR-0001", told, actor="policy", at=AT, key="born")
    return settings


def voc(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["actions", *arguments], catch_exceptions=True)


def test_an_action_is_declared_moved_on_read_and_taken_back(own: Settings) -> None:
    assert "No action yet" in voc("list").output
    done = voc("add", "IR-0001", "Payer sous 5 jours", "--start", "2026-11-16", "--due", "2026-12-01", "--by", "Nadia")
    assert done.exit_code == 0 and "ACT-0001: declared" in done.output, done.output
    assert voc("state", "ACT-0001", "running", "--on", "2026-11-16").exit_code == 0
    listed = voc("list").output
    assert "ACT-0001  IR-0001  running  2026-12-01  Payer sous 5 jours" in listed
    read = voc("prove").output
    assert "ACT-0001 mentions too_early" in read
    assert "too_early" in voc("list").output
    log = voc("log", "ACT-0001").output.splitlines()
    assert "state ACT-0001" in log[0] and "Nadia  declared ACT-0001" in log[1]
    assert voc("undo", log[0].split()[0]).exit_code == 0
    with open_ledger(own) as ledger:
        assert book(ledger).actions["ACT-0001"].state == "planned"
    assert "(undone)" in voc("log").output


def test_what_cannot_be_is_one_sentence(own: Settings) -> None:
    refused = voc("add", "IR-0009", "Payer sous 5 jours")
    assert isinstance(refused.exception, LedgerError) and "IR-0009" in str(refused.exception)
    voc("add", "IR-0001", "Payer sous 5 jours")
    early = voc("told", "ACT-0001")
    assert isinstance(early.exception, LedgerError) and "only of work that is under way or done" in str(early.exception)


def test_the_demo_record_is_a_file_of_actions_with_the_teams_of_the_seed(own: Settings, tmp_path: Path) -> None:
    path = tmp_path / "actions.yaml"
    path.write_text(company_record(own.model_copy(update={"seed": 7})), encoding="utf-8")
    training = load_actions(path)[2].told["comparison"]
    assert len(training["treated"]) == len(training["others"]) == 12 == trained_teams(7).sum()
    shipped = yaml.safe_load((own.reference_dir / "demo" / "actions.yaml").read_text(encoding="utf-8"))
    default = yaml.safe_load(company_record(own))
    assert shipped["actions"][2]["comparison"]["treated"] == default["actions"][2]["comparison"]["treated"]
    assert all("works" not in one and "rate_ratio" not in one for one in shipped["actions"]), "no truth in the record"


def test_a_file_is_imported(own: Settings, tmp_path: Path) -> None:
    path = tmp_path / "actions.yaml"
    path.write_text("actions: [{title: Payer vite, irritant: IR-0001, start_on: 2026-11-02, decided_on: 2026-10-01}]")
    assert "1 declared ACT-0001" in voc("import", "--dated", str(path)).output
    assert "0 declared" in voc("import", str(path)).output
