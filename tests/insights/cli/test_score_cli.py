"""`voc score --explain`: sentences in the language asked for, and an error that says what to write."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from privacy_people import HER

from insights.settings import Settings

ROOT = Path(__file__).parents[3]


@pytest.fixture
def voc(people: Settings, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    for name in ("data_dir", "keys_dir", "extension_dir", "reference_dir", "as_of"):
        monkeypatch.setenv(f"VOC_{name.upper()}", str(getattr(people, name)))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "insights.cli.main", "score", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    return run


def test_a_customer_is_explained_in_french_and_in_english(voc):
    french, english = voc("--explain", HER), voc("--explain", HER, "--language", "en")
    assert french.returncode == 0, french.stderr
    assert french.stdout.startswith(f"Client {HER}")
    assert english.stdout.startswith(f"Customer {HER}")
    unknown = voc("--explain", "C9999999")
    assert "Pas de score : rien n'est conservé sur un client portant cet identifiant." in unknown.stdout.replace(
        "\u00a0", " "
    )


def test_a_language_that_is_not_there_is_named(voc):
    done = voc("--explain", HER, "--language", "de")
    assert done.returncode == 1
    assert "Language 'de' is none of fr, en." in done.stderr
    assert "Traceback" not in done.stderr
