"""The dashboard, or another Streamlit app, on a free port of this machine for as long as a measure lasts."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from insights.errors import SettingsError
from insights.settings import Settings

ROOT = Path(__file__).parents[2]
APP = ROOT / "dashboard" / "app.py"
START_SECONDS = 120
FAILED = ("page failed", "could not be shown", "callback failed")
MB = 1024


@dataclass(frozen=True)
class Served:
    """A running app: where, its process and what it writes."""

    address: str
    pid: int
    log: Path

    def lines(self) -> list[dict[str, Any]]:
        """The lines of the page log so far (dashboard/timing.py)."""
        told = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        starts = ((line, line.find('{"page"')) for line in told)
        return [json.JSONDecoder().raw_decode(line[start:])[0] for line, start in starts if start >= 0]

    def n_failed(self) -> int:
        """Pages that failed so far."""
        told = self.log.read_text(encoding="utf-8", errors="replace")
        return sum(told.count(words) for words in FAILED)

    def memory_mb(self) -> float:
        """Resident memory of the process now."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(status.split("VmRSS:")[1].split()[0]) / MB


def settings_environment(settings: Settings) -> dict[str, str]:
    """The VOC_* variables under which another process reads the same lake and ledger."""
    names = ("data_dir", "keys_dir", "reference_dir", "as_of", "ledger_url", "portfolio_factor", "simulated")
    told = {f"VOC_{name.upper()}": getattr(settings, name) for name in names}
    return {name: str(value) for name, value in told.items() if value is not None}


@contextmanager
def served(app: Path, environment: Mapping[str, str], folder: Path) -> Iterator[Served]:
    """Run a Streamlit app until the block ends. Raises SettingsError when it does not answer in time."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / f"{app.stem}_{port}.log"
    options = ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
    command = [sys.executable, "-m", "streamlit", "run", str(app), *options, "--browser.gatherUsageStats", "false"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **environment}
        )
    try:
        _wait(f"http://127.0.0.1:{port}", process, log)
        yield Served(f"http://127.0.0.1:{port}", process.pid, log)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(f"{address}/_stcore/health", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise SettingsError(f"The app did not answer at {address}; it wrote to {log}.")
