"""The commands of a person's rights and of the keys, as people meet them; and what `voc doctor` shows of both."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from privacy_people import DAY, HER, OWN, copied
from sqlalchemy import update
from typer.testing import CliRunner, Result

from insights.cli.checks import all_checks
from insights.cli.main import app
from insights.errors import LedgerError
from insights.keys import KeyRing
from insights.ledger import open_ledger
from insights.ledger.schema import INBOX
from insights.privacy.log import REQUESTED, Entry, ErasureLog
from insights.settings import Settings


@pytest.fixture
def own(people: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A copy of the company that the commands find by the environment."""
    settings = copied(people, tmp_path)
    for name in ("data_dir", "keys_dir", "extension_dir", "reference_dir", "drop_dir", "as_of"):
        monkeypatch.setenv(f"VOC_{name.upper()}", str(getattr(settings, name)))
    return settings


def voc(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, catch_exceptions=True)


def test_the_commands_say_what_they_do(own: Settings, tmp_path: Path) -> None:
    seen = voc("erase", "--customer", HER, "--dry-run")
    assert (seen.exit_code, "Nothing was changed (dry run)." in seen.output) == (0, True), seen.output
    out = tmp_path / "hers.json"
    assert voc("export", "--customer", HER, "--out", str(out)).exit_code == 0
    assert OWN in json.dumps(json.loads(out.read_text(encoding="utf-8"))["held"]["feedback"], ensure_ascii=False)
    assert "<h1>" in out.with_suffix(".html").read_text(encoding="utf-8")
    assert out.stat().st_mode & 0o077 == 0  # personal data: for its owner's eyes
    assert "the scores are gone" in voc("object", "--customer", HER).output
    assert "already stands" in voc("object", "--customer", HER).output
    assert "scored again" in voc("object", "--customer", HER, "--withdraw").output
    turned = voc("rotate-keys", "--names").output
    assert "version 2 is in use; rows by version: 1: 4, 2: 0" in turned and "Names: " in turned
    nobody = voc("erase", "--customer", "C9")
    assert nobody.exit_code == 1 and isinstance(nobody.exception, LedgerError)


def checks(settings: Settings) -> dict[str, tuple[bool, str]]:
    return {name: (passed, seen) for name, passed, seen in all_checks(settings)}


def test_doctor_shows_keys_erasures_and_what_is_past_its_date(own: Settings) -> None:
    found = checks(own)
    assert found["identity keys"] == (True, "version 1: 4 rows")
    assert found["retention"] == (True, "nothing past its date")
    assert found["inbox"][0] and found["erasures"][1].startswith("0 done")
    ErasureLog(KeyRing(own.keys_dir)).append(Entry("c", REQUESTED, "now", "2026-10-31"))
    with open_ledger(own) as ledger:
        ledger.keys.rotate_identity()
        ledger.keys.retire_identity([1])  # by hand, though rows need it
        with ledger.engine.begin() as connection:
            connection.execute(update(INBOX).values(expires_on=DAY - timedelta(days=1)))
    late = checks(own.model_copy(update={"as_of": DAY + timedelta(days=400)}))
    assert (late["identity keys"][0], "is gone" in late["identity keys"][1]) == (False, True)
    assert (late["inbox"][0], late["erasures"][0]) == (False, False)
    assert "scores: churn_score 2" in late["retention"][1] and "the next govern removes it" in late["retention"][1]
