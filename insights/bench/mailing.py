"""Digests by mail under fire: a real SMTP server on loopback, a sender killed at every named point, each gets one.

Everything is real: two processes, SMTP, SIGKILL, the ledger in SQLite. Some recipients do not exist and some ask to come
again later. The server's own log is compared with what the ledger says.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from insights.bench.report import Entry
from insights.errors import ModelError
from insights.ledger import open_ledger
from insights.outbox.mailed import RETURNED, fold_mailed
from insights.outbox.smtp import POINTS

Say = Callable[[str], None]
N_RECIPIENTS, KILLS_EACH = 500, 3
PATIENCE_SECONDS = 170.0


@dataclass
class Found:
    """What came of one run. `lost`, `twice`, `unlike` and `untold` must be 0."""

    n: int = 0
    n_kills: int = 0
    lost: int = 0  # recipients who take mail and got none
    twice: int = 0  # recipients with a second copy that the ledger does not report in doubt
    unlike: int = 0  # copies whose Message-ID is not that of the ledger
    untold: int = 0  # recipients who do not exist and whom the ledger does not call bounced
    second: int = 0  # second copies in all, each under the Message-ID of the first
    in_doubt: int = 0  # recipients sent again after a crash, as the ledger reports
    bounced: int = 0
    put_off: int = 0  # refused for now, taken later
    seconds: float = 0.0

    @property
    def n_wrong(self) -> int:
        return self.lost + self.twice + self.unlike + self.untold


def fire(folder: Path, n: int, kills_each: int, patience_seconds: float = PATIENCE_SECONDS) -> Found:
    """One run in an empty folder. Raises ModelError when it does not end within its bound."""
    started, ends = time.monotonic(), time.monotonic() + patience_seconds
    server = _start("mailing_server", str(folder))
    found, life = Found(n=n), 0
    passes = max(1, n // (2 * kills_each * len(POINTS)))  # all kills fall into the first half and a bit
    try:
        _until((folder / "smtp-port").exists, server, ends)
        for _ in range(kills_each):
            for point in POINTS:
                code = _life(folder, n, life, ends, point, str(passes))
                if code != -signal.SIGKILL:
                    raise ModelError(f"The sender was to die at {point!r} and ended with {code}: see its output.")
                life, found.n_kills = life + 1, found.n_kills + 1
        for _ in range(2):  # the second for those who asked to come again
            if (code := _life(folder, n, life, ends)) != 0:
                raise ModelError(f"The sender ended with {code}: see its output.")
            life += 1
    finally:
        server.kill()
        server.wait()
    judge(folder, found)
    found.seconds = time.monotonic() - started
    return found


def judge(folder: Path, found: Found) -> None:
    """Compare the ledger with the server's own log, recipient by recipient."""
    from insights.bench.mailing_sender import WEEK, address_of, settings_of
    from insights.bench.mailing_server import GONE

    received = Counter(_received(folder))
    copies: Counter[str] = Counter()
    for (address, _id), times in received.items():
        copies[address] += times
    with open_ledger(settings_of(folder)) as ledger:
        mails = fold_mailed(ledger.events(("digest.",))).mails
    for number in range(found.n):
        address, one = address_of(number), mails.get((WEEK, f"r{number:04d}"))
        if address.startswith(GONE):
            bounced = one is not None and one.state == RETURNED and one.hard
            found.bounced, found.untold = found.bounced + bounced, found.untold + (not bounced)
            found.twice += copies[address] > 0
            continue
        doubt = one.n_in_doubt if one is not None else 0
        found.lost += copies[address] == 0 or one is None or one.accepted_at is None
        found.twice += copies[address] > 1 + doubt
        found.second += max(copies[address] - 1, 0)
        found.in_doubt += doubt > 0
        found.put_off += one is not None and one.n_failed > 0
        found.unlike += sum(name == address and (one is None or one.message_id != id_) for name, id_ in received)


def _received(folder: Path) -> list[tuple[str, str]]:
    path = folder / "received.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [(str(one["to"]), str(one["id"])) for one in map(json.loads, lines)]


def _start(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", f"insights.bench.{module}", *arguments]
    return subprocess.Popen(command, env=dict(os.environ), start_new_session=True)


def _life(folder: Path, n: int, life: int, ends: float, *point: str) -> int:
    process = _start("mailing_sender", str(folder), str(n), str(life), *point)
    try:
        return process.wait(max(ends - time.monotonic(), 0.1))
    except subprocess.TimeoutExpired as error:
        process.kill()
        process.wait()
        raise ModelError("The sender did not finish in its time: the machine is too busy, or it is stuck.") from error


def _until(there: Callable[[], bool], server: subprocess.Popen[bytes], ends: float) -> None:
    while not there():
        if server.poll() is not None or time.monotonic() > ends:
            raise ModelError("The mail server of the benchmark does not start: see its output.")
        time.sleep(0.05)


def entries(say: Say) -> list[Entry]:
    """Entries of the part `mailing`."""
    if find_spec("aiosmtpd") is None:
        say("  aiosmtpd is not installed (extra `dev`): left out")
        return []
    folder = Path(tempfile.mkdtemp(prefix="voc-bench-mailing-"))
    try:
        found = fire(folder, N_RECIPIENTS, KILLS_EACH)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    say(f"  {found}")
    return rows(found)


def rows(found: Found) -> list[Entry]:
    """The figures of a run."""
    data = f"a real SMTP server on loopback; the sender killed at each of {', '.join(POINTS)}"
    size = f"{found.n} recipients, {found.n_kills} SIGKILL of the sender"
    zero = {
        "recipients who got no digest": found.lost,
        "second copies not reported in doubt": found.twice,
        "copies under another Message-ID": found.unlike,
        "recipients who do not exist, not told as bounced": found.untold,
    }
    told = {
        "recipients in doubt after a kill, sent again": found.in_doubt,
        "second copies, under the Message-ID of the first": found.second,
        "recipients who do not exist, told as bounced": found.bounced,
        "recipients refused for now, taken later": found.put_off,
    }
    made = [Entry("mailing", name, value, "", data, size, "0") for name, value in zero.items()]
    made += [Entry("mailing", name, value, "", data, size) for name, value in told.items()]
    return [
        *made,
        Entry("mailing", "digests a second, kills and restarts included", found.n / found.seconds, "1/s", data, size),
    ]
