"""The command line as people meet it: exit codes, sentences, no trace; and the reference kept true."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from typer.testing import CliRunner

from insights.cli import checks
from insights.cli.main import app
from insights.cli.reference import SOURCES, TARGET, reference, sources_page
from insights.settings import Settings

ROOT = Path(__file__).parents[3]
MAPPING = ROOT / "docs" / "examples" / "satisfaction.yaml"
HEADER = (
    "Identifiant;Date de réponse;Commentaire;Référence client;Point de contact;"
    "Note de recommandation;Satisfaction;Adresse e-mail"
)


@pytest.fixture
def voc(settings: Settings, voc_on: Callable[[Settings], Callable[..., Any]]) -> Callable[..., Any]:
    """Run `voc` on the test's folders."""
    return voc_on(settings)


@pytest.fixture
def voc_process(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run `voc` in a process of its own on the test's folders."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        for name in ("data_dir", "keys_dir", "extension_dir", "reference_dir", "as_of"):
            monkeypatch.setenv(f"VOC_{name.upper()}", str(getattr(settings, name)))
        command = [sys.executable, "-m", "insights.cli.main", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    return run


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (f'{HEADER}\n1;01/10/2026 10:00;"never closed'.encode("cp1252"), "broken CSV"),
        ("stars,text\n1,x\n".encode("cp1252"), "It has another shape than the mapping"),
        (HEADER.encode("cp1252"), "there is no row below the header"),
    ],
)
def test_a_bad_file_is_refused_with_a_sentence(voc, tmp_path: Path, content: bytes, sentence: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "satisfaction.csv"
    path.write_bytes(content)
    done = voc("ingest", str(path), "--mapping", str(MAPPING))
    assert done.returncode == 1
    assert "REFUSED satisfaction.csv" in done.stdout.replace("  ", " ") and sentence in done.stdout
    assert "1 file(s) refused" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_good_file_goes_in_and_a_missing_one_is_a_sentence(voc, voc_process, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "satisfaction.csv"
    row = "1;01/10/2026 10:00;Toujours pas remboursé;C1;téléphone;3;2;a@exemple.fr"
    path.write_bytes(f"{HEADER}\n{row}\n".encode("cp1252"))
    done = voc_process("ingest", str(path), "--mapping", str(MAPPING))
    assert (done.returncode, "1 new" in done.stdout) == (0, True), done.stderr
    lost = voc("ingest", str(tmp_path / "absent.csv"), "--mapping", str(MAPPING))
    assert lost.returncode == 1
    assert lost.stderr.strip() == f"voc: {tmp_path / 'absent.csv'}: no such file or folder."


def test_doctor_prints_every_setting_with_secrets_masked(voc, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("VOC_SMTP_PASSWORD", "hunter2")
    done = voc("doctor")
    assert done.returncode == 0, done.stdout
    assert all(f"VOC_{name.upper()}" in done.stdout for name in Settings.model_fields)
    assert "hunter2" not in done.stdout
    assert "environment" in done.stdout


def test_a_bad_setting_is_a_sentence(voc_process, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("VOC_SEED", "many")
    done = voc_process("cases")
    assert done.returncode == 1
    assert "VOC_SEED" in done.stderr and "Traceback" not in done.stderr


def test_no_installed_version_is_below_its_floor() -> None:
    try:
        importlib.metadata.version("voc-insights")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("voc-insights itself is not installed here: `make test` installs it")
    assert checks.below_floor() == []


def test_a_version_below_its_floor_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "requires", lambda _: ["numpy>=99", "no-such-package-of-ours>=1"])
    assert [line.split(" ")[0] for line in checks.below_floor()] == ["numpy", "no-such-package-of-ours"]


def test_every_direct_dependency_has_its_reason_in_the_readme() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.split("## Dependencies, and why each")[1]
    assert [name for line in project["dependencies"] if (name := Requirement(line).name) not in table] == []


def test_the_reference_is_what_the_code_says() -> None:
    assert TARGET.read_text(encoding="utf-8") == reference(app), "run `voc reference`"


def test_help_names_every_command() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    for name in ("demo", "ingest", "run", "serve", "dashboard", "digest", "cases", "doctor", "simulate", "bench"):
        assert name in shown


def test_the_table_of_sources_is_what_was_measured() -> None:
    page = SOURCES.read_text(encoding="utf-8")
    assert page == sources_page(page), "run `voc reference`"
    assert "set aside, and why" in page


def test_every_real_payload_read_twice_is_read_once() -> None:
    measured = json.loads((SOURCES.parent / "sources_measured.json").read_text(encoding="utf-8"))
    assert len(measured) >= 15
    assert {row["n_again"] for row in measured} == {0}


def test_doctor_names_a_file_that_cannot_be_used(
    voc, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    own = tmp_path / "reference"
    shutil.copytree(settings.reference_dir, own)
    rules = own / "contact_rules.yaml"
    rules.write_text(
        rules.read_text(encoding="utf-8").replace("- id: banned_offer", "- id: banned_ofer"), encoding="utf-8"
    )
    monkeypatch.setenv("VOC_REFERENCE_DIR", str(own))
    done = voc("doctor")
    assert done.returncode == 1
    line = next(line for line in done.stdout.splitlines() if "contact_rules.yaml" in line)
    assert "FAILS" in line
    assert "26 playbooks" in done.stdout
