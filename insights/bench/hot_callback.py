"""From the POST of a detractor's hot survey to the delivery of its callback, through the real service and a real receiver.

The intake runs in processes of its own; deliveries go out as `voc serve` sends them, a round every so many seconds; the
receiver on loopback verifies each signature with the independent library `standardwebhooks`. Both clocks are the machine's.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import numpy as np
from pydantic import SecretStr
from standardwebhooks import Webhook

from insights.bench.intake import _cases_by_feedback, callers, read_answers, small_company
from insights.bench.intake_service import SOURCE, Service, answers, bench_settings, post
from insights.bench.report import Entry
from insights.ledger import Ledger, open_ledger
from insights.settings import Settings, load_settings
from insights.sources.base import feedback_id
from insights.steps.deliver import deliver_all

PART, DATA = "hot-callback", "words and scores of the small demo company, new customers"
SECRET = "whsec_bWFkZS11cC1zZWNyZXQtb2YtdGhlLWJlbmNobWFyaw=="
N_POSTS, PER_SECOND = 1000, 8.0
SERVE_SECONDS = 10.0  # flows/serve.py: a round of close_loop every ten seconds
FAST_POSTS, FAST_SECONDS = 200, 1.0
QUIET_ROUNDS = 3  # rounds without an arrival, once nothing waits any more
LONGEST_WAIT_SECONDS = 120.0
Say = Callable[[str], None]


class Receiver:
    """What arrived and when (monotonic seconds), by case; a signature that does not verify is counted and refused."""

    def __init__(self) -> None:
        self.seen: dict[str, float] = {}
        self.n_bad = 0
        self.verifier = Webhook(SECRET)

    def take(self, headers: Mapping[str, str], body: bytes) -> int:
        at = time.monotonic()
        try:
            told = self.verifier.verify(body, dict(headers))
        except Exception:  # whatever the library says: it is not ours
            self.n_bad += 1
            return 401
        self.note(told, at)
        return 204

    def note(self, told: Mapping[str, Any], at: float) -> None:
        """Keep the first arrival of each case."""
        self.seen.setdefault(str(told["data"]["case_id"]), at)


@contextmanager
def receiving(receiver: Receiver) -> Iterator[str]:
    """Serve the receiver on a free port of this machine; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(receiver.take({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/callbacks"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def seconds_to_callback(
    settings: Settings, rows: Sequence[Mapping[str, Any]], *, n: int, per_second: float, round_seconds: float
) -> tuple[list[float], int, int]:
    """Sorted seconds from just before the POST to the arrival of the callback; cases opened; bad signatures.

    `settings` are those of a service (`bench_settings`); deliveries go to a receiver made here.
    """
    receiver, stop = Receiver(), threading.Event()
    with receiving(receiver) as url:
        own = settings.model_copy(update=_webhook(url))
        with Service(own) as service, open_ledger(own) as ledger, httpx.Client(timeout=30) as client:
            service.wait_until_well()
            version = ledger.version()
            sender = threading.Thread(target=_deliver, args=(own, round_seconds, stop), daemon=True)
            sender.start()
            sent = _post_all(client, service.url, answers(rows, n, f"hot{int(time.time())}"), per_second)
            _wait(ledger, version, sent, receiver, round_seconds)
            stop.set()
            sender.join()
            opened = _opened(ledger, version, sent)
    found = sorted(receiver.seen[case] - sent[key] for key, case in opened.items() if case in receiver.seen)
    return found, len(opened), receiver.n_bad


def _webhook(url: str) -> dict[str, Any]:
    return {"webhook_url": url, "webhook_secret": SecretStr(SECRET), "webhook_allow_private": True, "dry_run": False}


def _deliver(settings: Settings, round_seconds: float, stop: threading.Event) -> None:
    with open_ledger(settings) as ledger:
        while not stop.is_set():
            deliver_all(ledger, settings, dry_run=False)
            stop.wait(round_seconds)


def _post_all(client: httpx.Client, url: str, bodies: Mapping[str, bytes], per_second: float) -> dict[str, float]:
    """Instant of each POST by feedback_id, at an even pace."""
    start, sent = time.monotonic(), {}
    for place, (event, body) in enumerate(bodies.items()):
        time.sleep(max(start + place / per_second - time.monotonic(), 0.0))
        sent[feedback_id(SOURCE, event)] = time.monotonic()
        post(client, url, event, body)
    return sent


def _opened(ledger: Ledger, version: int, sent: Mapping[str, float]) -> dict[str, str]:
    """The case that each posted feedback opened."""
    found = _cases_by_feedback(ledger, version)
    return {key: min(cases) for key, cases in found.items() if key in sent}


def _wait(ledger: Ledger, version: int, sent: Mapping[str, float], receiver: Receiver, round_seconds: float) -> None:
    """Until nothing new has arrived for some rounds, or patience ends."""
    end, before, quiet = time.monotonic() + LONGEST_WAIT_SECONDS, -1, 0
    while time.monotonic() < end and quiet < QUIET_ROUNDS:
        time.sleep(max(round_seconds, 1.0))
        news = len(receiver.seen) + len(_opened(ledger, version, sent))
        quiet = quiet + 1 if news == before else 0
        before = news


def new_customers(rows: Sequence[Mapping[str, Any]], n: int) -> list[Mapping[str, Any]]:
    """Answers of detractors, each by a customer who has no case yet."""
    low, stamp = callers(rows), int(time.time())
    return [{**low[place % len(low)], "customer_id": f"H{stamp}{place:05d}"} for place in range(n)]


def entries(say: Say) -> list[Entry]:
    """p50 and p95 with the rounds of `voc serve`, and beside them with a round every second."""
    base = load_settings()
    settings = bench_settings(base.data_dir / "bench_intake", base.keys_dir / "bench_intake")
    rows = [row for row in read_answers(small_company(settings, say)) if row.get("comment")]
    slow, n_slow, bad = _measured(settings, rows, N_POSTS, SERVE_SECONDS, say)
    fast, n_fast, bad_fast = _measured(settings, rows, FAST_POSTS, FAST_SECONDS, say)
    size = f"{len(slow)} callbacks of {N_POSTS} posts, {PER_SECOND:.0f} a second, a delivery round every {SERVE_SECONDS:.0f} s"
    rival = f"a delivery round every second ({len(fast)} callbacks)"
    found = [
        Entry(PART, f"seconds from POST to delivered callback, p{share}", _percentile(slow, share), "s", DATA, size,
              rival=rival, rival_value=_percentile(fast, share))
        for share in (50, 95)
    ]  # fmt: skip
    wrong = {"cases opened whose callback did not arrive": n_slow - len(slow) + n_fast - len(fast),
             "signatures that did not verify": bad + bad_fast}  # fmt: skip
    return [*found, *(Entry(PART, name, value, "", DATA, size, aim="0") for name, value in wrong.items())]


def _measured(
    settings: Settings, rows: Sequence[Mapping[str, Any]], n: int, round_seconds: float, say: Say
) -> tuple[list[float], int, int]:
    found, n_opened, bad = seconds_to_callback(
        settings, new_customers(rows, n), n=n, per_second=PER_SECOND, round_seconds=round_seconds
    )
    told = json.dumps({"callbacks": len(found), "opened": n_opened, "p50": _percentile(found, 50)})
    say(f"  a round every {round_seconds:.0f} s: {told}")
    return found, n_opened, bad


def _percentile(values: Sequence[float], share: int) -> float:
    return float(np.percentile(values, share)) if values else float("nan")
