"""`voc contacts` as people meet it: verdicts in sentences, wishes noted, lists written, errors that say what next."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from insights.cli.main import app
from insights.errors import LedgerError, SettingsError
from insights.lake import open_lake
from insights.settings import Settings

NOW = datetime(2026, 10, 31, 8, tzinfo=UTC)


@pytest.fixture
def own(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Three customers in a lake that the commands find by the environment."""
    for name in ("data_dir", "keys_dir", "extension_dir", "reference_dir", "drop_dir", "as_of"):
        monkeypatch.setenv(f"VOC_{name.upper()}", str(getattr(settings, name)))
    rows = [
        {"customer_id": one, "as_of": date(2026, 10, 31), "available_at": NOW, "segment": "household", "leaving": False}
        for one in ("C1", "C2", "C3")
    ]
    with open_lake(settings) as lake, lake.write() as writer:
        writer.insert_new("customer_snapshot", pd.DataFrame(rows).assign(objection=False))
    return settings


def voc(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["contacts", *arguments], catch_exceptions=True)


def test_a_consent_opens_a_sales_call_and_its_withdrawal_closes_it(own: Settings) -> None:
    ask = ("may-call", "C1", "--offer", "new_contract", "--at", "2026-10-30 11:00:00", "--language", "en")
    first = voc(*ask)
    assert (first.exit_code, "No consent to sales calls can be shown" in first.output) == (1, True), first.output
    assert "[L. 223-1 C. conso" in first.output
    assert voc("consent", "C1", "--source", "form:7", "--on", "2026-10-01").exit_code == 0
    given = voc(*ask)
    assert (given.exit_code, "This contact is allowed now." in given.output) == (0, True), given.output
    assert "Send a text message 60 minutes before the call." in given.output
    late = voc(*ask[:5], "2026-10-31 11:00:00", "--language", "fr")
    assert (late.exit_code, "Au plus tôt : lundi 2 novembre à 10:00." in late.output) == (1, True), late.output
    assert voc("consent", "C1", "--withdraw", "--on", "2026-10-20").exit_code == 0
    assert "withdrew their consent" in voc(*ask).output
    words = voc("consent", "C1", "--source", "on the phone")
    assert words.exit_code == 1 and isinstance(words.exception, LedgerError)


def test_a_list_is_written_and_remembered(own: Settings, tmp_path: Path) -> None:
    assert voc("do-not", "C2").exit_code == 0
    out = tmp_path / "list.csv"
    done = voc("survey-list", "--survey", "relational", "--out", str(out), "--record", "--language", "en")
    assert done.exit_code == 0, done.output
    assert "2 may be asked relational by email; 1 may not:" in done.output
    assert "asked not to be contacted (do_not_contact): 1" in done.output
    assert "Remembered: 2 asked, 1 not asked" in done.output
    assert list(pd.read_csv(out)["customer_id"]) == ["C1", "C3"]
    again = voc("quarantine", "--survey", "relational", "--language", "en").output
    assert "0 may be asked" in again and "free from 2027-04-29 to 2027-04-29" in again
    among = voc("survey-list", "--survey", "post_call", "--among", str(out), "--out", str(tmp_path / "more.csv"))
    assert "0 may be asked post_call by email; 2 may not:" in among.output
    wrong = voc("quarantine", "--survey", "barometer")
    assert wrong.exit_code == 1 and isinstance(wrong.exception, SettingsError)


def test_wishes_bind_and_can_be_taken_back(own: Settings) -> None:
    ask = ("may-call", "C3", "--offer", "add_on", "--at", "2026-10-30 11:00:00", "--language", "en")
    assert voc("refused", "C3", "--on", "2026-10-29").exit_code == 0
    assert "Earliest: Tuesday 29 December at 10:00." in voc(*ask).output
    assert voc("do-not", "C3", "--on", "2026-10-28").exit_code == 0
    assert "asked not to be contacted any more (28 October 2026)" in voc(*ask).output
    assert voc("do-not", "C3", "--withdraw").exit_code == 0
    assert voc("prefers", "C3", "--channel", "email").exit_code == 0
    service = voc("may-call", "C3", "--at", "2026-10-30 11:00:00", "--language", "en")
    assert (service.exit_code, "prefers another channel: an e-mail" in service.output) == (0, True), service.output
    assert "D. 223-9" in voc("rules").output
