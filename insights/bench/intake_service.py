"""The real intake in processes of its own, and clients that post to it as survey tools do."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from pydantic import SecretStr

from insights.errors import ModelError
from insights.outbox.webhook import parse_keys, sign
from insights.settings import Settings, load_settings

SOURCE = "lumarelle_survey"
SECRET = "whsec_bWFkZS11cC1zZWNyZXQtb2YtdGhlLWJlbmNobWFyaw=="
AS_OF = "2026-10-31"
SAID_AT = datetime(2026, 10, 31, 9, tzinfo=UTC)
PAUSE_SECONDS = 0.2
PATIENCE_SECONDS = 900.0  # a service that is not ready by then will not be


class Service:
    """`voc intake` in a process group of its own. A context manager; `kill()` is SIGKILL to the whole tree."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.url = f"http://127.0.0.1:{settings.intake_port}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self.kill()

    @property
    def pid(self) -> int | None:
        """The door's process; the worker is its child."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it; clients wait by retrying."""
        command = [sys.executable, "-c", "from insights.cli.main import run; run()", "intake"]
        command += ["--port", str(self.settings.intake_port)]
        self._process = subprocess.Popen(
            command, env=environment(self.settings), stdout=subprocess.DEVNULL, start_new_session=True
        )

    def kill(self) -> None:
        """End the door and the worker where they stand."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def wait_until_well(self) -> None:
        """Return when /healthz says so. Raises ModelError after long patience."""
        ends = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < ends:
            try:
                answer = httpx.get(f"{self.url}/healthz", timeout=30)
                if answer.is_success and answer.json()["worker"] == "working":
                    return
            except httpx.TransportError:
                pass
            time.sleep(PAUSE_SECONDS)
        raise ModelError(f"The intake at {self.url} did not get well in {PATIENCE_SECONDS:.0f} s: see its output.")


def environment(settings: Settings) -> dict[str, str]:
    """The variables that give a child process these settings."""
    names = ["data_dir", "keys_dir", "extension_dir", "reference_dir", "as_of", "workers", "intake_commit_seconds"]
    names.append("intake_per_minute")
    told = {f"VOC_{name.upper()}": str(getattr(settings, name)) for name in names}
    return {**os.environ, **told, "VOC_HOOK_SECRETS": json.dumps({SOURCE: SECRET})}


def bench_settings(folder: Path, keys: Path, **overrides: Any) -> Settings:
    """Settings of a service on a free port of this machine, with a made-up secret."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    secrets = {SOURCE: SecretStr(SECRET)}
    return load_settings(
        data_dir=folder, keys_dir=keys, as_of=AS_OF, intake_port=port, hook_secrets=secrets, workers=1, **overrides
    )


def answers(rows: Sequence[Mapping[str, Any]], n: int, prefix: str) -> dict[str, bytes]:
    """`n` bodies by event id: the rows in turn, each as a new response of the business day."""
    said = (SAID_AT + timedelta(seconds=place) for place in range(n))
    return {
        f"{prefix}-{place}": json.dumps(
            {
                **rows[place % len(rows)],
                "response_id": f"{prefix}-{place}",
                "submitted_at": at.isoformat(),
                "received_at": at.isoformat(),
            }
        ).encode()
        for place, at in enumerate(said)
    }


def post(client: httpx.Client, url: str, event: str, body: bytes) -> int:
    """Post one event as a survey tool does: signed anew at each try, until it is taken. Returns the tries."""
    tries = 0
    while True:
        tries += 1
        stamp = int(time.time())
        headers = {"webhook-id": event, "webhook-timestamp": str(stamp), "content-type": "application/json"}
        headers["webhook-signature"] = sign(event, stamp, body, parse_keys(SECRET))
        try:
            status = client.post(f"{url}/hooks/{SOURCE}", content=body, headers=headers).status_code
        except httpx.TransportError:
            status = 0
        if status == 202:
            return tries
        if status not in {0, 429, 503}:
            raise ModelError(f"The intake answered {status} to a signed event.")
        time.sleep(PAUSE_SECONDS)


@dataclass
class Clients:
    """Clients that post what is left, and know what was answered."""

    url: str
    bodies: Mapping[str, bytes]
    jobs: list[str]
    accepted: set[str] = field(default_factory=set)
    n_posts: int = 0
    n_done: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        """One client: takes jobs until there is none."""
        with httpx.Client(timeout=30) as client:
            while True:
                with self.lock:
                    if not self.jobs:
                        return
                    event = self.jobs.pop()
                tries = post(client, self.url, event, self.bodies[event])
                with self.lock:
                    self.accepted.add(event)
                    self.n_posts += tries
                    self.n_done += 1
