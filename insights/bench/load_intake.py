"""The intake at a steady rate: so many posts a second for so long, then every 202 is looked for in the lake.

The clients keep to their timetable whatever the intake answers: a post's time counts from the moment it was due, so that
one slow answer is paid for by all that wait behind it.
"""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from insights.bench.intake import SoakResult, all_done, judge, wait_until
from insights.bench.intake_service import PAUSE_SECONDS, SECRET, SOURCE, Clients, Service, answers
from insights.bench.load_meter import Meter
from insights.bench.report import Entry
from insights.errors import ModelError
from insights.ledger import open_ledger
from insights.outbox.webhook import parse_keys, sign
from insights.settings import Settings

DATA = "small demo company, its answers in turn"
CLIENTS = 32  # connections that are kept open
DRAINED_SECONDS = 3600.0  # the worker reads what was posted after the last 202; beyond, the bench gives up


@dataclass
class Storm:
    """What came of a storm: seconds from due to 202 of every post, the count of what is wrong, and the cost."""

    seconds: list[float]
    posting_seconds: float  # from the first post to the last 202
    draining_seconds: float  # from then until the lake has all
    n_again: int  # posts that were answered 429 or 503, or not at all, and posted again
    judged: SoakResult
    cpu_seconds: float  # door and worker, from the first post until the lake has all
    door_cpu_seconds: float  # of the door alone, while posts came
    peak_mb: float

    def quantile(self, share: float) -> float:
        """Milliseconds from due to 202."""
        return 1000 * float(np.quantile(self.seconds, share))


@dataclass
class _Timetable:
    """Which post is due when; each is given to one client."""

    events: Sequence[str]
    per_second: float
    started: float
    given: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self) -> tuple[str, float] | None:
        with self.lock:
            if self.given == len(self.events):
                return None
            place, self.given = self.given, self.given + 1
        return self.events[place], self.started + place / self.per_second


def storm(settings: Settings, rows: Sequence[Mapping[str, Any]], *, per_second: float, seconds: float) -> Storm:
    """Post `per_second` new answers for `seconds`, wait until nothing waits, and judge. Ends by itself."""
    bodies = answers(rows, round(per_second * seconds), f"storm{int(time.time())}")
    clients = Clients(f"http://127.0.0.1:{settings.intake_port}", bodies, [])
    with Service(settings) as service:
        service.wait_until_well()
        with Meter(service.pid) as whole:
            with Meter(service.pid, alone=True) as posting, ThreadPoolExecutor(CLIENTS) as pool:
                table = _Timetable(list(bodies), per_second, time.perf_counter() + 0.5)
                running = [pool.submit(_client, settings.intake_port, table, clients) for _ in range(CLIENTS)]
                found = [one for each in running for one in each.result()]
            with open_ledger(settings) as ledger:
                wait_until(lambda: all_done(ledger), [], DRAINED_SECONDS)
    return Storm(
        sorted(found),
        posting.seconds,
        whole.seconds - posting.seconds,
        clients.n_posts - len(bodies),
        judge(settings, clients),
        whole.cpu_seconds,
        posting.cpu_seconds,
        whole.peak_mb,
    )


def _client(port: int, table: _Timetable, clients: Clients) -> list[float]:
    """One kept connection: posts what falls to it, each until it is taken; seconds from due to 202."""
    keys, taken, n_posts, accepted = parse_keys(SECRET), [], 0, []
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    while (given := table.next()) is not None:
        event, due = given
        time.sleep(max(0.0, due - time.perf_counter()))
        status = 0
        while status != 202:
            n_posts += 1
            status = _posted(connection, event, clients.bodies[event], keys)
            if status not in {0, 202, 429, 503}:
                raise ModelError(f"The intake answered {status} to a signed event.")
            if status != 202:
                time.sleep(PAUSE_SECONDS)
        taken.append(time.perf_counter() - due)
        accepted.append(event)
    connection.close()
    with clients.lock:
        clients.accepted.update(accepted)
        clients.n_posts += n_posts
        clients.n_done += len(accepted)
    return taken


def _posted(connection: http.client.HTTPConnection, event: str, body: bytes, keys: Sequence[bytes]) -> int:
    """The status of one signed post; 0 when none came."""
    stamp = int(time.time())
    headers = {
        "webhook-id": event,
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign(event, stamp, body, keys),
        "content-type": "application/json",
    }
    try:
        connection.request("POST", f"/hooks/{SOURCE}", body, headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        connection.close()  # the next request opens it again
        return 0
    return answer.status


def entries(settings: Settings, rows: Sequence[Mapping[str, Any]], per_second: float, seconds: float) -> list[Entry]:
    """Figures of one storm."""
    found = storm(settings, rows, per_second=per_second, seconds=seconds)
    wrong = found.judged
    size = f"{wrong.n_events:,} posts, {per_second:.0f} a second for {seconds:.0f} s by {CLIENTS} connections"
    entry = partial(Entry, "load", data=DATA, size=size)
    return [
        entry("intake: from due to 202, p50", found.quantile(0.5), "ms"),
        entry("intake: from due to 202, p99", found.quantile(0.99), "ms", aim="told"),
        entry("intake: posts a second taken", wrong.n_events / found.posting_seconds, "", aim=f">= {per_second:.0f}"),
        entry("intake: posts not taken at the first try", found.n_again, ""),
        entry("intake: answered 202 and not in the lake", wrong.missing, "", aim="0"),
        entry("intake: in the lake twice", wrong.twice, "", aim="0"),
        entry("intake: in the lake and never answered 202", wrong.unasked, "", aim="0"),
        entry("intake: cases opened twice, or forgotten", wrong.n_two_cases + wrong.n_late_cases, "", aim="0"),
        entry(
            "intake: processor milliseconds of the door a post", 1000 * found.door_cpu_seconds / wrong.n_events, "ms"
        ),
        entry("intake: processor milliseconds until the lake has it", 1000 * found.cpu_seconds / wrong.n_events, "ms"),
        entry("intake: seconds from the last 202 until the lake has all", found.draining_seconds, "s"),
        entry("intake: memory of door and worker", found.peak_mb, "MB"),
    ]
