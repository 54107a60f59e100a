"""`voc intake`: the door and its worker, each a process of its own; the worker is started again when it dies."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

import uvicorn

from insights.errors import SettingsError
from insights.intake.app import create_app
from insights.intake.prompt import PromptProtocol
from insights.logs import configure
from insights.settings import Settings

LOOPBACK = ("127.0.0.1", "::1", "localhost")
CONCURRENT = 200  # posts at once; beyond, 503 is said at once
STOP_SECONDS = 60.0
CALM_SECONDS = 60.0  # a worker that lived this long is started again at once
LONGEST_PAUSE_SECONDS = 30.0


class Supervisor:
    """Keeps one worker process alive until `close()`. `command` starts it; it ends by itself when this process dies."""

    def __init__(self, command: list[str] | None = None, say: Callable[[str], None] = print) -> None:
        self._command = command or [sys.executable, "-m", "insights.intake.worker", str(os.getpid())]
        self._say = say
        self._stop = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    @property
    def pid(self) -> int | None:
        """The worker's process."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the worker and watch it."""
        self._process = subprocess.Popen(self._command)
        self._thread.start()

    def _run(self) -> None:
        pause = 1.0
        started = time.monotonic()
        while not self._stop.wait(0.2):
            if self._process is None or self._process.poll() is None:
                continue
            pause = 1.0 if time.monotonic() - started > CALM_SECONDS else min(pause * 2, LONGEST_PAUSE_SECONDS)
            self._say(f"The worker ended ({self._process.returncode}); it starts again in {pause:.0f} s.")
            if self._stop.wait(pause):
                return
            started = time.monotonic()
            self._process = subprocess.Popen(self._command)

    def close(self) -> None:
        """Ask the worker to finish what it holds, and wait for it."""
        self._stop.set()
        self._thread.join()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def run(settings: Settings, host: str, port: int, *, worker: bool = True, say: Callable[[str], None] = print) -> None:
    """Serve until Ctrl-C or SIGTERM. Raises SettingsError when the address cannot be had."""
    listening = _listen(host, port)
    configure(settings, "intake")
    config = uvicorn.Config(
        create_app(settings),
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        limit_concurrency=CONCURRENT,
        http=PromptProtocol,
        ws="none",
    )
    supervisor = Supervisor(say=say) if worker else None
    if supervisor:
        supervisor.start()
    say(f"==> Intake on http://{host}:{port} (Ctrl-C to stop)")
    if host not in LOOPBACK:
        say(
            "  This address can be reached from outside: it must stand behind a proxy that speaks TLS (docs/intake.md)."
        )
    signal.signal(signal.SIGTERM, _leave)  # uvicorn raises it again at the end: the worker must be ended first
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        listening.close()
        if supervisor:
            supervisor.close()


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise SettingsError(
            f"The intake cannot listen on {host}:{port} ({error.strerror}). Choose another with VOC_INTAKE_PORT."
        ) from error
    return listening
