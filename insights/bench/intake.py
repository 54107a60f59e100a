"""The intake under fire: posts from many clients while the process tree is killed, and seconds from post to opened case.

Everything here is real: the service in processes of its own, HTTP on loopback, SIGKILL, the lake.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from insights.bench.intake_service import (
    PATIENCE_SECONDS,
    PAUSE_SECONDS,
    SOURCE,
    Clients,
    Service,
    answers,
    bench_settings,
    post,
)
from insights.bench.report import Entry
from insights.errors import ModelError
from insights.lake import open_lake
from insights.ledger import Ledger, open_ledger
from insights.ledger.inbox import backlog
from insights.settings import Settings, load_settings
from insights.sources.base import feedback_id
from insights.steps.callbacks import open_due_cases

Say = Callable[[str], None]


@dataclass
class SoakResult:
    """What came of a soak. All but the first four must be 0."""

    n_events: int = 0
    n_posts: int = 0
    n_kills: int = 0
    n_cases: int = 0
    missing: int = 0  # answered 202 and not in the lake
    twice: int = 0  # in the lake more than once
    unasked: int = 0  # in the lake and never answered 202
    n_two_cases: int = 0  # feedback with more than one case
    n_late_cases: int = 0  # cases the scheduled step would still open, so that the hot path forgot them
    key_problems: int = 0
    seconds: float = 0.0

    @property
    def n_wrong(self) -> int:
        return sum((self.missing, self.twice, self.unasked, self.n_two_cases, self.n_late_cases, self.key_problems))


def soak(
    settings: Settings,
    rows: Sequence[Mapping[str, Any]],
    *,
    n_posts: int,
    n_clients: int = 20,
    duplicate_share: float = 0.1,
    n_kills: int = 2,
    seed: int = 7,
) -> SoakResult:
    """Post, kill, start again, wait until all is in the lake, and count what is wrong. The lake may hold other rows."""
    n_events = round(n_posts * (1 - duplicate_share))
    bodies = answers(rows, n_events, f"soak{int(time.time())}")  # new ones each time: what is known proves nothing
    draw = random.Random(seed)
    jobs = [*bodies, *draw.choices(list(bodies), k=n_posts - n_events)]
    draw.shuffle(jobs)
    clients = Clients(f"http://127.0.0.1:{settings.intake_port}", bodies, jobs)
    started = time.perf_counter()
    with Service(settings) as service:
        with ThreadPoolExecutor(n_clients) as pool:
            running = [pool.submit(clients.run) for _ in range(n_clients)]
            for kill in range(n_kills):
                wait_until(lambda: clients.n_done >= n_posts * (kill + 1) // (n_kills + 1), running)  # noqa: B023
                if kill % 2:  # half the kills while the worker is in the midst of its work, not of its start
                    service.wait_until_well()
                service.kill()
                service.start()
            for one in running:
                one.result()
        with open_ledger(settings) as ledger:
            wait_until(lambda: all_done(ledger), [])
    result = judge(settings, clients)
    result.n_kills, result.n_posts, result.seconds = n_kills, clients.n_posts, time.perf_counter() - started
    return result


def wait_until(until: Callable[[], bool], running: Sequence[Any], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for a condition, so many seconds at most; a client that failed ends the wait with its error."""
    ends = time.monotonic() + seconds
    while not until():
        for one in running:
            if one.done() and one.exception() is not None:
                one.result()
        if time.monotonic() > ends:
            raise ModelError(f"The intake did not finish within {seconds:.0f} s: see its output.")
        time.sleep(PAUSE_SECONDS)


def all_done(ledger: Ledger) -> bool:
    """Whether every event taken in has reached the lake."""
    found = backlog(ledger)
    return found.n_received == 0 and found.n_staged == 0


def judge(settings: Settings, clients: Clients) -> SoakResult:
    """What is wrong in the lake and with the cases, given what was answered 202."""
    wanted = {feedback_id(SOURCE, event): event for event in clients.bodies}
    result = SoakResult(n_events=len(wanted))
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        rows = lake.read(
            "SELECT feedback_id FROM feedback WHERE feedback_id IN (SELECT unnest($ids))", ids=list(wanted)
        )
        there = [wanted[key] for key in rows["feedback_id"]]
        result.missing = len(clients.accepted - set(there))
        result.unasked = len(set(there) - clients.accepted)
        result.twice = len(there) - len(set(there))
        result.key_problems = len(lake.check_keys())
        called = _cases_by_feedback(ledger)
        result.n_cases = len({case for key in wanted for case in called.get(key, ())})
        result.n_two_cases = sum(len(called.get(key, ())) > 1 for key in wanted)
        late = open_due_cases(lake, ledger)
        signals = [signal for case in late.cases for signal in case.signals]
        signals += [joined.signal for joined in late.joined]
        result.n_late_cases = sum(signal.feedback_id in wanted for signal in signals)
    return result


def _cases_by_feedback(ledger: Ledger, after: int = 0) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for event in ledger.events(("case.opened", "case.signal_added"), after=after):
        given = [*event.payload.get("signals", ()), event.payload.get("signal", "")]
        for one in filter(None, given):
            found.setdefault(str(one).partition(":")[2], set()).add(event.subject)
    return found


def latency(settings: Settings, rows: Sequence[Mapping[str, Any]], *, n: int, per_second: float) -> list[float]:
    """Seconds from just before the POST to the moment another process sees the case, of the posts that opened or joined one."""
    bodies = answers(rows, n, f"pace{int(time.time())}")
    sent: dict[str, float] = {}
    seen: dict[str, float] = {}
    with Service(settings) as service, open_ledger(settings) as ledger, httpx.Client(timeout=30) as client:
        service.wait_until_well()
        version, start, quiet = ledger.version(), time.monotonic(), 0
        waiting = list(bodies.items())
        while waiting or quiet < 100:
            now = time.monotonic()
            if waiting and now >= start + len(sent) / per_second:
                event, body = waiting.pop(0)
                sent[feedback_id(SOURCE, event)] = time.monotonic()
                post(client, service.url, event, body)
            found = {key for key in _cases_by_feedback(ledger, version) if key in sent and key not in seen}
            seen |= dict.fromkeys(found, time.monotonic())
            quiet = quiet + 1 if not waiting and not found and _all_received(ledger) else 0
            time.sleep(0.02)
    return sorted(seen[key] - sent[key] for key in seen)


def _all_received(ledger: Ledger) -> bool:
    return backlog(ledger).n_received == 0


def read_answers(exports: Path) -> list[dict[str, Any]]:
    """The demo company's survey answers, as its tool exports them."""
    files = sorted((exports / "survey").glob("responses*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]


def small_company(settings: Settings, say: Say) -> Path:
    """The small demo company in a folder of its own, ingested, enriched and clustered once. Returns its exports."""
    from insights.simulate import write
    from insights.steps.discover import discover
    from insights.steps.enrich import enrich
    from insights.steps.ingest import ingest_paths

    exports = settings.data_dir / "exports"
    if not (settings.models_dir / "irritants").exists():
        write("small", settings.data_dir)
        with open_lake(settings) as lake, open_ledger(settings) as ledger:
            ingest_paths(lake, ledger, run_id="bench", paths=[exports], say=lambda _: None)
            for step in (enrich, discover):
                say(f"  {step(lake, ledger, run_id='bench').sentence()}")
    return exports


def measure(say: Say) -> list[Entry]:
    """Entries of the part `intake`."""
    base = load_settings()
    folder = base.data_dir / "bench_intake"
    settings = bench_settings(folder, base.keys_dir / "bench_intake")
    rows = [row for row in read_answers(small_company(settings, say)) if row.get("comment")]
    seconds = latency(settings, callers(rows), n=150, per_second=5)
    pace = f"{len(seconds)} cases, 5 posts a second"
    entries = [
        Entry("intake", f"seconds from POST to opened case, p{share}", float(np.percentile(seconds, share)), "s",
              "small demo company", pace, aim)
        for share, aim in ((50, ""), (95, "<= 10"))
    ]  # fmt: skip
    found = soak(settings, [*rows, *callers(rows)], n_posts=5000)
    say(f"  soak: {found}")
    size = f"{found.n_events} events, 5,000 deliveries by 20 clients, {found.n_kills} SIGKILL of the process tree"
    figures = {
        "accepted events missing from the lake": found.missing,
        "events in the lake twice": found.twice,
        "feedback with two cases": found.n_two_cases,
        "cases forgotten by the hot path": found.n_late_cases,
        "keys standing twice": found.key_problems,
    }
    entries += [Entry("intake", name, value, "", "small demo company", size, "0") for name, value in figures.items()]
    return [*entries, Entry("intake", "events a second, kills included", found.n_events / found.seconds, "",
                            "small demo company", size)]  # fmt: skip


def callers(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Answers the rules call about, each by another customer: the words of detractors, the ids of all who answered."""
    low = [row for row in rows if min((a["value"] for a in row["answers"] if a["metric"] == "nps"), default=9) <= 6]
    customers = list(dict.fromkeys(row["customer_id"] for row in rows if row.get("customer_id")))
    said = {"recontact": "yes", "anonymous": False}
    return [{**low[place % len(low)], **said, "customer_id": one} for place, one in enumerate(customers)]
