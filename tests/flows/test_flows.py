"""The flows for real: the whole chain through Prefect, and a scheduled run that appears and completes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 1200  # how long the test polls before it gives up; it passes as soon as the run completes


def environment(folder: Path, extension_dir: Path, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "VOC_DATA_DIR": str(folder / "data"),
        "VOC_KEYS_DIR": str(folder / "keys"),
        "VOC_EXTENSION_DIR": str(extension_dir),
        "VOC_REFERENCE_DIR": str(ROOT / "data" / "reference"),
        "VOC_AS_OF": "2026-10-31",
        "VOC_TRANSCRIPT_RETENTION_DAYS": "1095",
        "VOC_WORKERS": "1",
        **more,
    }


def test_voc_run_executes_the_whole_chain_and_fails_with_a_sentence(tmp_path: Path, extension_dir: Path) -> None:
    child = environment(tmp_path, extension_dir)
    fixtures = ROOT / "tests" / "fixtures" / "sources"
    folders = [str(fixtures / name) for name in ("crm", "survey", "social", "calls")]
    command = [sys.executable, "-m", "insights.cli.main", "run", *folders]
    done = subprocess.run(command, cwd=ROOT, env=child, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for step in (
        "ingest",
        "enrich",
        "discover",
        "measure",
        "score",
        "prioritize",
        "segments",
        "prove",
        "callbacks",
        "digest",
        "govern",
    ):
        assert f"  {step}: " in done.stdout
    command = [*command[:4], str(tmp_path / "absent")]
    failed = subprocess.run(command, cwd=ROOT, env=child, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert f"{tmp_path / 'absent'}: no such file or folder" in failed.stderr
    assert "Traceback" not in failed.stderr.splitlines()[-1]


@pytest.fixture
def server(tmp_path: Path, extension_dir: Path) -> Iterator[dict[str, str]]:
    """`flows.serve` as `voc serve` runs it, on a free port and a folder of its own; the child's environment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    child = environment(tmp_path, extension_dir, VOC_PREFECT_PORT=str(port), VOC_DROP_DIR=str(tmp_path / "drop"))
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


def test_a_scheduled_run_appears_and_completes(server: dict[str, str]) -> None:
    seen: set[str] = set()
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        found = runs(server["url"], "ingest")
        seen |= {str(run["state_type"]) for run in found}
        if any(run["state_type"] == "COMPLETED" and run["auto_scheduled"] for run in found):
            return
        time.sleep(1)
    pytest.fail(f"no scheduled run of ingest completed in {WAIT_SECONDS} s; states seen: {sorted(seen)}")
