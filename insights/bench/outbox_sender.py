"""The sender of the outbox's benchmark, in a process that is killed and started again.

`python -m insights.bench.outbox_sender FOLDER N_CASES SEED` opens the cases of each ten simulated minutes, delivers
what is due, and moves the simulated clock to the next moment at which something is. It ends when nothing waits.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from insights.bench.outbox_receiver import SECRET, SharedClock
from insights.ledger import Ledger, open_ledger
from insights.outbox import Deliverer, Endpoint, parse_keys
from insights.outbox.control import dead_letters, replay
from insights.settings import Settings, load_settings

START = datetime(2026, 10, 26, 6, tzinfo=UTC)
STEP, HOURS = timedelta(minutes=10), 48  # cases open over two days
ROUND = timedelta(seconds=10)  # `close_loop` looks that often
DUE_HOURS = (1.0, 24.0, 48.0)
TIMEOUT_SECONDS = 0.4


def settings_of(folder: Path) -> Settings:
    """Stores of one run of the benchmark."""
    return load_settings(data_dir=folder / "data", keys_dir=folder / "keys")


def endpoint_of(folder: Path) -> Endpoint:
    """The receiver, as an operator would declare it."""
    port = (folder / "port").read_text(encoding="utf-8")
    return Endpoint(
        f"http://127.0.0.1:{port}/hooks/callbacks",
        parse_keys(SECRET),
        allow_private=True,
        timeout_seconds=TIMEOUT_SECONDS,
        name="receiver",
        connections=4,
    )


def arrivals(n_cases: int, seed: int) -> list[dict[str, Any]]:
    """Events that open cases, in order of time: the same for a seed."""
    draw = random.Random(seed)
    n_steps = int(timedelta(hours=HOURS) / STEP)
    steps = sorted(draw.randrange(n_steps) for _ in range(n_cases))
    return [_opened(number, START + STEP * step, draw.choice(DUE_HOURS)) for number, step in enumerate(steps)]


def _opened(number: int, at: datetime, hours: float) -> dict[str, Any]:
    name = f"{number:012x}"
    payload = {
        **{"customer_id": f"B{number:07d}", "reason": "detractor", "owner_team": "callbacks", "promise": "standard"},
        **{"due_at": (at + timedelta(hours=hours)).isoformat(), "signals": [f"detractor:{number}"]},
    }
    return {
        "kind": "case.opened",
        "subject": name,
        "payload": payload,
        "actor": "rules",
        "at": at,
        "key": f"case:{name}",
    }


def run(folder: Path, n_cases: int, seed: int) -> None:
    """From wherever the process before stopped to the end."""
    clock = SharedClock(folder / "clock")
    endpoint = endpoint_of(folder)
    with open_ledger(settings_of(folder)) as ledger, Deliverer(ledger, endpoint) as deliverer:
        waiting = list(_to_open(ledger, n_cases, seed))
        while True:
            now = datetime.fromtimestamp(clock.read() or START.timestamp(), UTC)
            due, waiting = [e for e in waiting if e["at"] <= now], [e for e in waiting if e["at"] > now]
            if due:
                ledger.append_many(due)
            deliverer.deliver_due(now, dry_run=False, out_dir=folder)
            for letter in dead_letters(deliverer.outbox):  # the operator sends them again
                replay(ledger, endpoint, letter.message_id, actor="operator", at=now)
            deliverer.catch_up()
            looks = [at for at in (deliverer.outbox.next_due(now), *(e["at"] for e in waiting[:1])) if at is not None]
            if not looks:
                return
            clock.write(max(min(looks), now + ROUND).timestamp())


def _to_open(ledger: Ledger, n_cases: int, seed: int) -> Iterator[dict[str, Any]]:
    known = {event.subject for event in ledger.events(("case.opened",))}
    return (event for event in arrivals(n_cases, seed) if event["subject"] not in known)


if __name__ == "__main__":
    run(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
