"""The flows for real: the whole chain through Prefect, and a scheduled run that appears and completes."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from chain import Company, environment, voc_run

from insights.settings import Settings

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 1200  # how long the test polls before it gives up; it passes as soon as the run completes


@pytest.fixture
def server(tmp_path: Path, settings: Settings) -> Iterator[dict[str, str]]:
    """`flows.serve` as `voc serve` runs it, on a free port and a folder of its own; the child's environment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    child = {**environment(settings), "VOC_PREFECT_PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.serve"], cwd=ROOT, env=child, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    yield {**child, "url": f"http://127.0.0.1:{port}/api"}
    os.killpg(process.pid, 15)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait()


def runs(url: str, name: str) -> list[dict[str, Any]]:
    wanted = {"deployments": {"name": {"any_": [name]}}}
    try:
        answer = httpx.post(f"{url}/flow_runs/filter", json=wanted, timeout=10)
        return list(answer.json()) if answer.is_success else []
    except httpx.TransportError:
        return []


@pytest.mark.faults
def test_a_failing_run_is_a_sentence_and_a_scheduled_one_appears_and_completes(
    server: dict[str, str], tmp_path: Path
) -> None:
    _failing(server, tmp_path / "absent")
    seen: set[str] = set()
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        found = runs(server["url"], "ingest")
        seen |= {str(run["state_type"]) for run in found}
        if any(run["state_type"] == "COMPLETED" and run["auto_scheduled"] for run in found):
            return
        time.sleep(1)
    pytest.fail(f"no scheduled run of ingest completed in {WAIT_SECONDS} s; states seen: {sorted(seen)}")


def _failing(server: dict[str, str], absent: Path) -> None:
    """A step that fails inside a flow ends the command with its sentence, on the server that is there."""
    child = {**server, "PREFECT_API_URL": server["url"]}
    command = [sys.executable, "-m", "flows.everything", str(absent)]
    while not _answers(server["url"]):
        time.sleep(0.5)
    failed = subprocess.run(command, cwd=ROOT, env=child, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert f"{absent}: no such file or folder" in failed.stderr
    assert "Traceback" not in failed.stderr.splitlines()[-1]


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=5).is_success
    except httpx.TransportError:
        return False


@pytest.mark.faults
def test_a_digest_that_fails_keeps_no_retention_waiting(company: Company, tmp_path: Path) -> None:
    reference = tmp_path / "reference"
    reference.mkdir()
    for path in company.settings.reference_dir.iterdir():
        if path.name != "owners.yaml":
            (reference / path.name).symlink_to(path)
    (reference / "owners.yaml").write_text("owners: [nobody]\n", encoding="utf-8")
    data, keys = shutil.copytree(company.folder, tmp_path / "company") / "data", tmp_path / "company" / "keys"
    settings = company.settings.model_copy(update={"data_dir": data, "keys_dir": keys, "reference_dir": reference})
    ran = voc_run(settings, str(tmp_path / "company" / "exports"))
    assert ran.returncode == 1 and "owners.yaml" in ran.stderr.splitlines()[-1], ran.stderr
    assert "  digest: " not in ran.stdout and "  govern: " in ran.stdout and "  segments: " in ran.stdout


def test_voc_run_executes_the_whole_chain(company: Company) -> None:
    steps = ("ingest", "enrich", "discover", "measure", "score", "prioritize", "segments", "prove", "callbacks")
    for step in (*steps, "digest", "govern"):
        assert f"  {step}: " in company.said
