"""The outbox under fire: a receiver that fails, stalls, repeats and is away for a day; a sender killed at random.

Everything is real: two processes, HTTP on loopback, SIGKILL, the ledger in SQLite. Only the clock of the retry schedule
is simulated; each attempt is stamped and signed at wall time, and verified by the independent `standardwebhooks`.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx

from insights.bench.outbox_sender import START, arrivals, endpoint_of, settings_of
from insights.bench.report import Entry
from insights.errors import ModelError
from insights.ledger import open_ledger
from insights.outbox.control import folded

Say = Callable[[str], None]
DOWN_AFTER, DOWN_FOR = timedelta(hours=14), timedelta(hours=24)
PATIENCE_SECONDS = 280.0


@dataclass
class Storm:
    """What came of one run. The first five must be 0."""

    lost: int = 0  # cases the receiver never processed
    twice: int = 0  # cases it processed more than once
    undelivered: int = 0  # messages the ledger does not call delivered
    too_early: int = 0  # delivered by the ledger before the receiver had processed them
    bad_signatures: int = 0
    n_cases: int = 0
    n_kills: int = 0
    n_replayed: int = 0
    n_in_doubt: int = 0
    kept_by_ledger: int = 0  # delivered by their due time, as the ledger tells
    kept_by_receiver: int = 0  # processed by their due time, as the receiver's own log tells
    unlike: int = 0  # cases on which the two differ
    unexplained: int = 0  # of those: the receiver's first 2xx answer lay before the due time, with no kill between
    seconds: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def n_wrong(self) -> int:
        return self.lost + self.twice + self.undelivered + self.too_early + self.bad_signatures


def storm(folder: Path, n_cases: int, n_kills: int, seed: int = 7, patience_seconds: float = PATIENCE_SECONDS) -> Storm:
    """One run in an empty folder. Raises ModelError when it does not end within its bound."""
    down = START + DOWN_AFTER
    bounds = (str(down.timestamp()), str((down + DOWN_FOR).timestamp()))
    receiver = _start("outbox_receiver", folder, str(seed), *bounds)
    started, n_done = time.monotonic(), 0
    ends = started + patience_seconds
    sender: subprocess.Popen[bytes] | None = None
    draw = random.Random(seed)
    stops = sorted(draw.sample(range(1, n_cases), n_kills))
    try:
        _wait((folder / "port").exists, ends, receiver)
        sender = _start("outbox_sender", folder, str(n_cases), str(seed))
        for target in stops:
            running = sender
            _wait(lambda: _effects(folder) >= target or running.poll() is not None, ends, receiver)  # noqa: B023
            if running.poll() is not None:
                break
            time.sleep(draw.random() * 0.05)
            _kill(running)
            n_done += 1
            sender = _start("outbox_sender", folder, str(n_cases), str(seed))
        last = sender
        _wait(lambda: last.poll() is not None, ends, receiver)
        if sender.returncode != 0:
            raise ModelError(f"The sender ended with {sender.returncode}: see its output.")
        seconds = time.monotonic() - started
        counts = httpx.get(f"http://127.0.0.1:{(folder / 'port').read_text()}/", timeout=30).json()
    finally:
        for process in (sender, receiver):
            if process is not None and process.poll() is None:
                _kill(process)
    found = judge(folder, n_cases, seed)
    found.n_kills, found.seconds, found.counts = n_done, seconds, counts
    found.bad_signatures = counts.get("bad signature", 0)
    return found


def judge(folder: Path, n_cases: int, seed: int) -> Storm:
    """Compare the ledger with the receiver's own log, case by case."""
    wanted = {event["subject"]: datetime.fromisoformat(event["payload"]["due_at"]) for event in arrivals(n_cases, seed)}
    effects = _lines(folder / "effects.jsonl")
    times = Counter(str(line["case_id"]) for line in effects)
    first: dict[str, float] = {}
    for line in effects:
        first.setdefault(str(line["case_id"]), float(line["at"]))
    said = {str(line["id"]): float(line["at"]) for line in reversed(_lines(folder / "acknowledged.jsonl"))}
    with open_ledger(settings_of(folder)) as ledger:
        outbox = folded(ledger, endpoint_of(folder))
        attempts = ledger.events(("delivery.attempted",))
        given_back = Counter(event.subject for event in ledger.events(("delivery.released",)))
        replayed = ledger.events(("delivery.replayed",))
    found = Storm(n_cases=n_cases, n_replayed=len(replayed))
    found.lost = sum(case not in times for case in wanted)
    found.twice = sum(n > 1 for n in times.values()) + sum(case not in wanted for case in times)
    found.n_in_doubt = _doubtful(attempts, given_back, outbox)
    there = {one.case_id: one for one in outbox.deliveries.values()}
    found.undelivered = sum(case not in there or there[case].state != "delivered" for case in wanted)
    for case, due in wanted.items():
        one = there.get(case)
        if one is None or one.delivered_at is None or case not in first:
            continue
        found.too_early += one.delivered_at.timestamp() < first[case] - 1e-3
        by_ledger, by_receiver = one.delivered_at <= due, first[case] <= due.timestamp()
        found.kept_by_ledger += by_ledger
        found.kept_by_receiver += by_receiver
        found.unlike += by_ledger != by_receiver
        late_news = one.message_id in said and said[one.message_id] > due.timestamp()
        found.unexplained += by_ledger != by_receiver and not late_news
    return found


def _doubtful(attempts: Any, given_back: Counter[str], outbox: Any) -> int:
    """Attempts whose sender died before it noted a result."""
    by_message = Counter(event.subject for event in attempts)
    noted = {m: one.n_failures + 1 + given_back[m] for m, one in outbox.deliveries.items()}
    return sum(max(n - noted.get(message, n), 0) for message, n in by_message.items())


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.endswith("}")]


def _effects(folder: Path) -> int:
    path = folder / "effects.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def _start(module: str, folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", f"insights.bench.{module}", str(folder), *arguments]
    return subprocess.Popen(command, env=dict(os.environ), start_new_session=True)


def _kill(process: subprocess.Popen[bytes]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def _wait(until: Callable[[], bool], ends: float, receiver: subprocess.Popen[bytes]) -> None:
    while not until():
        if receiver.poll() is not None:
            raise ModelError(f"The receiver ended with {receiver.returncode}: see its output.")
        if time.monotonic() > ends:
            raise ModelError("The outbox did not finish in its time: the machine is too busy, or the sender is stuck.")
        time.sleep(0.02)


def entries(say: Say) -> list[Entry]:
    """Entries of the part `outbox`."""
    if find_spec("standardwebhooks") is None:
        say("  standardwebhooks is not installed (extra `dev`): left out")
        return []
    folder = Path(tempfile.mkdtemp(prefix="voc-bench-outbox-"))
    try:
        found = storm(folder, n_cases=10_000, n_kills=10)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    say(f"  {found}")
    return rows(found)


def rows(found: Storm) -> list[Entry]:
    """The figures of a run."""
    data = "a receiver that fails 30 %, stalls, repeats, is away for a simulated day"
    size = f"{found.n_cases} cases, {found.counts.get('posts', 0)} posts, {found.n_kills} SIGKILL of the sender"
    share, other = found.kept_by_ledger / found.n_cases, found.kept_by_receiver / found.n_cases
    zero = {
        "cases lost": found.lost,
        "cases processed twice": found.twice,
        "messages not delivered at the end": found.undelivered,
        "delivered by the ledger before they were processed": found.too_early,
        "signatures the independent library refused": found.bad_signatures,
        "due-time verdicts unlike the receiver's and not explained by an answer that came too late": found.unexplained,
    }
    told = {
        "repeats the receiver dropped by webhook-id": found.counts.get("repeats dropped", 0),
        "attempts left in doubt by a killed sender": found.n_in_doubt,
        "dead letters replayed": found.n_replayed,
        "due-time verdicts unlike the receiver's": found.unlike,
    }
    made = [Entry("outbox", name, value, "", data, size, "0") for name, value in zero.items()]
    made += [Entry("outbox", name, value, "", data, size) for name, value in told.items()]
    made.append(
        Entry("outbox", "share delivered by their due time", share, "", data, size,
              rival="the receiver's own log", rival_value=other)
    )  # fmt: skip
    speed = found.n_cases / found.seconds
    return [*made, Entry("outbox", "messages a second, failures and kills included", speed, "1/s", data, size)]
