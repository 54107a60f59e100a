"""A receiver of webhooks in a process of its own: verifies with an independent library, fails, stalls, goes away.

`python -m insights.bench.outbox_receiver FOLDER SEED DOWN_FROM DOWN_UNTIL [FAIL_SHARE]` serves on a free port, written to
FOLDER/port. What it does is drawn from the message's id and its number of arrivals, so that it does not depend on the
order. It reads the simulated time from FOLDER/clock, which the sender moves.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import struct
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SECRET = "whsec_bWFkZS11cC1zZWNyZXQtb2YtdGhlLWJlbmNobWFyaw=="
FAIL_SHARE, STALL_SHARE, STALL_SECONDS = 0.30, 0.002, 0.8
RETRY_AFTER = "20"


class SharedClock:
    """Seconds since 1970 on the simulated clock, in eight bytes that two processes share."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(struct.pack("d", 0.0))
        self._file = path.open("r+b")
        self._map = mmap.mmap(self._file.fileno(), 8)

    def read(self) -> float:
        return float(struct.unpack("d", self._map[:8])[0])

    def write(self, seconds: float) -> None:
        self._map[:8] = struct.pack("d", seconds)


class Desk:
    """What was processed, once per webhook-id, and what was answered."""

    def __init__(self, folder: Path, seed: str, down: tuple[float, float], fail_share: float = FAIL_SHARE) -> None:
        from standardwebhooks import Webhook

        self.fail_share = fail_share
        self.clock, self.seed, self.down = SharedClock(folder / "clock"), seed, down
        self.verifier = Webhook(SECRET)
        self.effects = (folder / "effects.jsonl").open("a", encoding="utf-8")
        self.acknowledged = (folder / "acknowledged.jsonl").open("a", encoding="utf-8")
        self.arrivals: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.done: set[str] = set()
        self.lock = threading.Lock()

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], float]:
        """Status (0: hang up), headers and seconds to wait before the answer."""
        now = self.clock.read()
        with self.lock:
            self.counts["posts"] += 1
            if self.down[0] <= now < self.down[1]:
                self.counts["while down"] += 1
                return 0, {}, 0.0
            try:
                told = self.verifier.verify(body, headers)
            except Exception:  # whatever the library says: it is not ours
                self.counts["bad signature"] += 1
                return 401, {}, 0.0
            return self._act(headers["webhook-id"], told, now)

    def _act(self, message: str, told: dict[str, dict[str, str]], now: float) -> tuple[int, dict[str, str], float]:
        self.arrivals[message] += 1
        draw = _draw(self.seed, message, self.arrivals[message])
        if draw < self.fail_share:
            return self._fail(message, told, now, draw / self.fail_share)
        self._process(message, told, now)
        if draw < self.fail_share + STALL_SHARE:
            self.counts["stalled"] += 1
            return 200, {}, STALL_SECONDS
        self.acknowledged.write(json.dumps({"id": message, "at": now}) + "\n")
        return 200, {}, 0.0

    def _fail(
        self, message: str, told: dict[str, dict[str, str]], now: float, part: float
    ) -> tuple[int, dict[str, str], float]:
        self.counts["failed"] += 1
        if part < 0.2:
            self._process(message, told, now)
            self.counts["processed, then failed"] += 1
            return 500, {}, 0.0
        if part < 0.3:
            return 429, {"retry-after": RETRY_AFTER}, 0.0
        return (503 if part < 0.6 else 500), {}, 0.0

    def _process(self, message: str, told: dict[str, dict[str, str]], now: float) -> None:
        """What a CRM would do: once per webhook-id."""
        if message in self.done:
            self.counts["repeats dropped"] += 1
            return
        self.done.add(message)
        line = {"id": message, "case_id": told["data"]["case_id"], "type": told["type"], "at": now}
        self.effects.write(json.dumps(line) + "\n")
        self.effects.flush()

    def stats(self) -> dict[str, int]:
        with self.lock:
            self.acknowledged.flush()
            return dict(self.counts)


def _draw(seed: str, message: str, number: int) -> float:
    digest = hashlib.sha256(f"{seed}:{message}:{number}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def serve(desk: Desk, folder: Path) -> None:
    """Until killed."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status, more, wait = desk.take({name.lower(): value for name, value in self.headers.items()}, body)
            if status == 0:
                self.close_connection = True
                return
            time.sleep(wait)
            self._answer(status, more, b"")

        def do_GET(self) -> None:
            self._answer(200, {}, json.dumps(desk.stats()).encode())

        def _answer(self, status: int, more: dict[str, str], content: bytes) -> None:
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, request: object, client_address: object) -> None:
            """A sender that is killed hangs up."""

    server = Quiet(("127.0.0.1", 0), Handler)
    part = folder / "port.part"
    part.write_text(str(server.server_port), encoding="utf-8")
    part.rename(folder / "port")
    server.serve_forever()


if __name__ == "__main__":
    place = Path(sys.argv[1])
    shares = [float(share) for share in sys.argv[5:]]
    serve(Desk(place, sys.argv[2], (float(sys.argv[3]), float(sys.argv[4])), *shares), place)
