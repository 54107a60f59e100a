"""`voc irritants`: what a person types, what they read, and what can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from insights.cli.main import app
from insights.errors import LedgerError, SourceError
from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.settings import Settings
from insights.steps.assigning import assigner_path
from insights.steps.resolved import registry

FRAME = """label;definition;examples;owner;theme
Attente au téléphone;Le client attend plus de cinq minutes;quarante minutes d'attente | personne ne répond;Plateaux;Contact
Remboursement en retard;;toujours pas remboursé de mon trop-perçu;;Paiement
The app logs me out;;I am logged out every time I open the app;;
"""


@pytest.fixture
def own(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An empty company that the commands find by the environment."""
    for name in ("data_dir", "keys_dir", "extension_dir", "reference_dir", "drop_dir", "as_of"):
        monkeypatch.setenv(f"VOC_{name.upper()}", str(getattr(settings, name)))
    monkeypatch.setattr("insights.settings.default_settings", lambda: settings)
    monkeypatch.setattr("insights.cli.irritants.default_settings", lambda: settings)
    return settings


def voc(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["irritants", *arguments], catch_exceptions=True)


def test_a_code_frame_is_imported_edited_and_every_edit_taken_back(own: Settings, tmp_path: Path) -> None:
    frame = tmp_path / "plan.csv"
    frame.write_text(FRAME, encoding="utf-8")
    done = voc("import", str(frame))
    assert done.exit_code == 0, done.output
    assert "3 causes: 3 new irritants" in done.output and "4 examples kept" in done.output
    assert (assigner_path(own) / "assigner.json").is_file(), "new mentions are assigned from the examples alone"
    listed = voc("list").output
    assert "IR-0001  Attente au téléphone" in listed and "Plateaux" in listed and "TH-01  Contact" in listed
    assert "The app logs me out" in voc("list", "--language", "en").output
    for arguments in (
        ("rename", "IR-0002", "--en", "Late refund", "--definition", "More than ten days"),
        ("theme", "IR-0003", "--fr", "Application", "--en", "App"),
        ("owner", "IR-0002", "PO Paiement"),
        ("retire", "IR-0003"),
        ("wake", "IR-0003"),
        ("merge", "IR-0003", "IR-0001"),
    ):
        assert voc(*arguments).exit_code == 0, voc(*arguments).output
    assert "IR-0003" not in voc("list").output and "IR-0003" in voc("list", "--all").output
    log = voc("log", "IR-0003").output.splitlines()
    assert "merged IR-0003" in log[0]
    assert voc("undo", log[0].split()[0]).exit_code == 0
    with open_ledger(own) as ledger:
        known = registry(ledger)
    assert known.resolve("IR-0003") == "IR-0003" and known.irritants["IR-0002"].label_en == "Late refund"
    assert (known.theme_of("IR-0003") or pytest.fail("no theme")).label_en == "App"
    again = voc("import", str(frame)).output
    assert "0 new irritants, 3 known already" in again
    with open_lake(own) as lake:
        assert lake.scalar("SELECT count(*) FROM irritant_example") == 4


def test_what_cannot_be_done_is_a_sentence_and_changes_nothing(own: Settings, tmp_path: Path) -> None:
    bad = tmp_path / "plan.csv"
    bad.write_text("label;owner\nAttente;x\nab;y\n", encoding="utf-8")
    refused = voc("import", str(bad))
    assert isinstance(refused.exception, SourceError) and "row 3" in str(refused.exception)
    for arguments, said in (
        (("rename", "IR-0009", "--fr", "Un nom"), "no irritant 'IR-0009'"),
        (("undo", "99"), "no registry event 99"),
        (("accept", "7"), "no open proposal 7"),
        (("split", "IR-0009"), "no irritant 'IR-0009'"),
        (("theme", "IR-0001", "--to", "TH-09"), "no theme 'TH-09'"),
    ):
        failed = voc(*arguments)
        assert failed.exit_code == 1 and isinstance(failed.exception, LedgerError), failed.output
        assert said in str(failed.exception)
    assert "Nothing waits for a person." in voc("proposals").output
    with open_ledger(own) as ledger:
        assert ledger.events() == []
