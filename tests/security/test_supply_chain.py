"""What is installed is what was locked: pinned, by hash, consistent, and under licences that this project may ship with."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"
BY_DESIGN = {"bertopic 0.17.4 requires sentence-transformers, which is not installed."}  # no torch: docs/decisions.md
REFUSED = re.compile(r"affero|agpl|sspl|server side public|commons clause|non-?commercial|proprietary", re.IGNORECASE)


def entries() -> dict[str, tuple[str, int]]:
    """name -> (what stands before the hashes, number of hashes)."""
    text = LOCK.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return {canonicalize_name(re.split(r"[=\s\[;@]", one)[0]): (one.split("--hash")[0].strip(), one.count("--hash=sha256:"))
            for one in lines}  # fmt: skip


def test_every_package_is_pinned_by_hash() -> None:
    found = entries()
    assert len(found) > 100
    assert [told for told, n_hashes in found.values() if not n_hashes or "==" not in told] == []
    assert not re.search(r"https?://|--(?:extra-)?index-url|--trusted-host|--find-links|^-e ", LOCK.read_text(), re.M)


def test_every_dependency_is_locked_within_its_range() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [Requirement(line) for line in project["dependencies"]]
    found = entries()
    outside = [
        str(one) for one in wanted
        if (told := found.get(canonicalize_name(one.name))) is None
        or not one.specifier.contains(Requirement(told[0]).specifier.__str__().removeprefix("=="), prereleases=True)
    ]  # fmt: skip
    assert outside == [], "renew the lock: make lock"
    assert [str(one) for one in wanted if not one.specifier] == []


@pytest.mark.faults
def test_the_bill_of_materials_names_every_locked_package_with_its_hashes(tmp_path: Path) -> None:
    made = tmp_path / "sbom.cdx.json"
    done = subprocess.run(["make", "sbom", f"SBOM={made}"], cwd=ROOT, capture_output=True, text=True, check=False)
    if "No matching distribution" in done.stderr:
        pytest.skip("cyclonedx-bom is not on this registry: no bill of materials")
    assert done.returncode == 0, done.stderr
    told = json.loads(made.read_text(encoding="utf-8"))
    assert (told["bomFormat"], told["metadata"]["component"]["name"]) == ("CycloneDX", "voc-insights")
    locked = entries()
    listed = {canonicalize_name(one["name"]): one for one in told["components"]}
    assert set(listed) == set(locked)
    for name, one in listed.items():
        assert one["purl"].startswith(f"pkg:pypi/{name}@") and locked[name][0].split(";")[0].strip().endswith(
            one["version"]
        )
        assert sum(len(place.get("hashes", [])) for place in one["externalReferences"]) == locked[name][1], name


def test_what_is_installed_fits_together() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "check", "--disable-pip-version-check"],
        capture_output=True,
        text=True,
        check=False,
    )
    if "No module named pip" in done.stderr:
        pytest.skip("pip is not installed in this environment")
    said = {line for line in done.stdout.splitlines() if line and not line.startswith("No broken")}
    assert said <= BY_DESIGN


def test_no_package_comes_under_a_licence_we_may_not_ship_with() -> None:
    locked = entries()
    found = {
        name: told
        for one in importlib.metadata.distributions()
        if (name := canonicalize_name(one.metadata["Name"])) in locked
        for told in [_licence(one.metadata)]
    }
    assert len(found) > 100
    assert {name: told for name, told in found.items() if REFUSED.search(told)} == {}


def _licence(metadata: importlib.metadata.PackageMetadata) -> str:
    """What a package says its licence is: the expression, else the classifiers, else the first line of its text."""
    told = metadata.get("License-Expression") or "; ".join(
        one for one in metadata.get_all("Classifier") or [] if one.startswith("License ::")
    )
    return told or (metadata.get("License") or "").split("\n")[0][:80]
