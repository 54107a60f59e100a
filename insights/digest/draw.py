"""PNG bytes of a Vega-Lite picture, drawn in a process of its own that stays for the next one.

The renderer brings V8, which is started on a thread that is not the main one and may then corrupt memory (seen on
processors with memory protection keys). Apart, the worst it can do is to end: it is started anew, once a picture.
"""

from __future__ import annotations

import atexit
import base64
import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from insights.errors import DeliveryError

WORKER = Path(__file__).with_name("draw_worker.py")
TRIES = 2


class Painter:
    """Draws one picture at a time; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def png(self, spec: Mapping[str, Any], scale: float) -> bytes:
        """The picture. Raises DeliveryError when the renderer ends twice over it."""
        asked = json.dumps({"spec": spec, "scale": scale}) + "\n"
        with self._lock:
            for _ in range(TRIES):
                if drawn := self._ask(asked):
                    return base64.b64decode(drawn)
                code = self._stop()
        raise DeliveryError(
            f"A picture of the digest could not be drawn: the renderer ended with code {code}, twice. Run the step again; "
            f"`{sys.executable} -c 'import vl_convert'` shows whether the renderer starts at all."
        )

    def close(self) -> None:
        """End the renderer."""
        with self._lock:
            self._stop()

    def _ask(self, asked: str) -> str:
        """The renderer's answer, empty when it has ended."""
        process = self._process or self._start()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(asked)
            process.stdin.flush()
            return process.stdout.readline().strip()
        except OSError:
            return ""

    def _start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-I", str(WORKER)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self._process

    def _stop(self) -> int | None:
        """End the renderer; its exit code."""
        process, self._process = self._process, None
        if process is None:
            return None
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue
        return process.wait()


PAINTER = Painter()
atexit.register(PAINTER.close)
