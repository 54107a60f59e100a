"""Lives of the whole chain in forked children of a process with its models loaded, to be killed.

`python -m insights.bench.faults_life` reads one order a line from stdin (JSON of `Order`) and answers each with one line
(JSON of `Ended`). A child ends itself with SIGKILL at the n-th named moment, or is killed from outside after so many
seconds. The moments are seen from here, by wrapping what changes the world; the product knows nothing of them.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from insights.bench.faults_company import settings_of

LOOK_SECONDS = 0.005


@dataclass(frozen=True)
class Order:
    """What a child is to do. `moment`: number of the named moment at which it dies; `seconds`: when it is killed."""

    home: str
    extensions: str
    day: str  # the business day; empty: what the wall clock says
    run_id: str
    paths: tuple[str, ...] = ()
    erase: str = ""
    send: bool = False
    moment: int = 0
    seconds: float = 0.0
    alone: bool = True  # its own children die with it; else they live on, as when only one process is killed
    tell: str = ""  # instead of the chain: write what both stores hold to this file
    upto: int = 0  # so many steps of the chain; 0: all
    target: dict[str, str] = field(default_factory=dict)  # instead of the chain: addresses of stores to move to

    @property
    def business_day(self) -> date | None:
        return date.fromisoformat(self.day) if self.day else None


@dataclass(frozen=True)
class Ended:
    """How a child ended: exit code, negative for a signal; the moment it died at, or all it passed."""

    code: int
    seconds: float
    moments: tuple[str, ...] = ()


@dataclass
class Reaper:
    """Counts the named moments and ends the process at one of them."""

    home: Path
    at: int
    passed: list[str] = field(default_factory=list)

    def __call__(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) == self.at:
            (self.home / "died-at").write_bytes(name.encode())  # unwrapped: `watched` leaves bytes of this name alone
            os.kill(os.getpid(), signal.SIGKILL)


def chain(order: Order) -> None:
    """Every step of `voc run`, in its order, with an erasure among them; what a life before did is done again."""
    from insights.steps.stores import stores

    settings = settings_of(Path(order.home), Path(order.extensions), order.business_day)
    with stores(settings) as (lake, ledger):
        for step in islice(steps([Path(one) for one in order.paths], order.erase, not order.send), order.upto or None):
            step(lake, ledger, order.run_id)


def migrated(order: Order, at: Reaper) -> None:
    """`voc migrate`; a moment at each table it tells of."""
    from insights.stores.move import move
    from insights.stores.target import target_settings

    def said(line: str) -> None:
        print(line)  # noqa: T201
        at(f"migration: {line.split(':', maxsplit=1)[0].strip()}")

    settings = settings_of(Path(order.home), Path(order.extensions), order.business_day)
    move(settings, target_settings(settings, order.target), said)


def erased(lake: Any, ledger: Any, customer_id: str) -> None:
    """Erase the customer, unless the log says that it was done."""
    from insights.privacy.erase import erase
    from insights.privacy.log import DONE, ErasureLog, customer_hash

    who = customer_hash(ledger.keys, customer_id)
    if not any(entry.customer == who and entry.state == DONE for entry in ErasureLog(ledger.keys).entries()):
        erase(lake, ledger, customer_id)


def steps(paths: list[Path], erase: str, dry: bool) -> Iterator[Callable[..., Any]]:
    """The steps of `flows.everything`, in its order; the erasure before what is computed from all rows."""
    from insights.steps.callbacks import callbacks
    from insights.steps.digest import digest
    from insights.steps.discover import discover
    from insights.steps.enrich import enrich
    from insights.steps.govern import govern
    from insights.steps.index import index
    from insights.steps.ingest import ingest_paths
    from insights.steps.measure import measure
    from insights.steps.prioritize import prioritize
    from insights.steps.prove import prove
    from insights.steps.score import score
    from insights.steps.segments import segments
    from insights.steps.watch import watch
    from insights.steps.watch_model import watch_model

    def said(step: Callable[..., Any], **more: Any) -> Callable[..., Any]:
        return lambda lake, ledger, run_id: print(step(lake, ledger, run_id=run_id, **more).sentence())  # noqa: T201

    sending = {"dry_run": dry}
    yield said(ingest_paths, paths=paths)
    for step in (enrich, index):
        yield said(step)
    if erase:
        yield lambda lake, ledger, _run_id: erased(lake, ledger, erase)
    for step in (discover, measure, score, watch_model, prioritize):
        yield said(step)
    yield said(watch, **sending)
    yield said(callbacks, **sending)
    yield said(prove)
    yield said(digest, **sending)
    for step in (govern, index, segments):
        yield said(step)


def live(order: Order) -> int:
    """A child's life; its exit code."""
    from insights.troubles import sentence

    home = Path(order.home)
    reaper = Reaper(home, order.moment)
    try:
        if order.tell:
            from insights.bench.faults_told import told

            settings = settings_of(home, Path(order.extensions), order.business_day)
            Path(order.tell).write_text(json.dumps(told(settings, order.erase), default=str), encoding="utf-8")
            return 0
        watched(reaper)
        impatient()
        migrated(order, reaper) if order.target else chain(order)
    except BaseException as error:
        if said := sentence(error):
            print(f"voc: {said}")  # noqa: T201
            return 1
        traceback.print_exc()
        return 2
    (home / "passed.json").write_bytes(json.dumps(reaper.passed).encode())
    return 0


def impatient() -> None:
    """One sender lives at a time: what a dead one left is in doubt at once, not after minutes."""
    from insights.outbox import fold, smtp

    smtp.send_digests.__kwdefaults__["lease"] = timedelta(0)  # type: ignore[index]
    fold.LEASE = timedelta(0)


def watched(at: Reaper) -> None:
    """Wrap what changes the world: commits of both stores, files, processes, mails."""
    import shutil

    from sqlalchemy.engine.default import DefaultDialect

    from insights.lake import Lake
    from insights.outbox import smtp

    @contextmanager
    def write(lake: Lake) -> Iterator[Any]:
        with whole(lake) as writer:
            yield writer
            at("before the lake's commit")
        at("after the lake's commit")

    whole = Lake.write
    setattr(Lake, "write", write)  # noqa: B010 - mypy knows it as a method
    around(DefaultDialect, "do_commit", at, "the ledger's commit")
    around(os, "replace", at, "a file is put in place")
    around(os, "link", at, "a key is put in place")
    around(Path, "unlink", at, "a file is deleted")
    around(Path, "rename", at, "a file is renamed")
    around(shutil, "rmtree", at, "a folder is deleted")
    around(subprocess.Popen, "__init__", at, "a process is started")
    for name in ("write_text", "write_bytes"):
        halved(name, at)

    def begun(run: Any, *args: Any) -> None:
        first(run, *args)
        run.at_point = lambda point, _who: at(f"mail: {point}")

    first = smtp._Run.__init__
    smtp._Run.__init__ = begun  # type: ignore[assignment, method-assign]


def around(owner: Any, name: str, at: Reaper, what: str) -> None:
    """Moments before and after a function of a module or class."""
    inner = getattr(owner, name)

    def outer(*args: Any, **kwargs: Any) -> Any:
        at(f"before {what}")
        found = inner(*args, **kwargs)
        at(f"after {what}")
        return found

    setattr(owner, name, outer)


def halved(name: str, at: Reaper) -> None:
    """A moment in the middle of a file that is written at once: half of it is on the disk."""
    inner = getattr(Path, name)

    def outer(path: Path, content: Any, *args: Any, **kwargs: Any) -> Any:
        if path.parent == at.home:
            return inner(path, content, *args, **kwargs)
        if len(at.passed) + 1 == at.at:
            inner(path, content[: len(content) // 2], *args, **kwargs)
        at("half of a file is written")
        return inner(path, content, *args, **kwargs)

    setattr(Path, name, outer)


def warm_up() -> None:
    """Load what every life needs, once; no store is opened."""
    from insights import nlp
    from insights.mentions.polarity import LexiconPolarity
    from insights.mentions.signals import signals
    from insights.redaction import Redactor
    from insights.topics.encoder import encoder_for

    list(steps([], "", dry=True))
    import insights.bench.faults_told
    import insights.privacy.erase  # noqa: F401

    nlp.french()
    nlp.english()
    encoder_for("use-multilingual", 1)(["chargé"])
    with Redactor([]) as redactor:
        redactor.redact(["Paul Durand a payé.", "John Smith paid."], ["fr", "en"])
    signals("La facture est fausse.", "fr", ())
    LexiconPolarity().score(["La facture est fausse."], ["fr"])


def in_a_child(order: Order) -> Ended:
    """Fork, let it live, kill it when its time is over, and tell how it ended."""
    home, started = Path(order.home), time.monotonic()
    for name in ("died-at", "passed.json"):
        (home / name).unlink(missing_ok=True)
    pid = _born(order)
    status = _status(pid, order, started)
    if order.alone and os.WIFSIGNALED(status):
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    return Ended(code, time.monotonic() - started, _moments(home))


def _born(order: Order) -> int:
    """A child that lives the order in a process group of its own; its id."""
    if pid := os.fork():
        with suppress(OSError):
            os.setpgid(pid, pid)
        return pid
    os.setpgid(0, 0)
    log = os.open(Path(order.home).with_name(f"{Path(order.home).name}.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    code = live(order)
    sys.stdout.flush()
    from insights.digest.draw import PAINTER

    PAINTER.close()
    os._exit(code)


def _status(pid: int, order: Order, started: float) -> int:
    while True:
        found, status = os.waitpid(pid, os.WNOHANG if order.seconds else 0)
        if found:
            return status
        if time.monotonic() - started > order.seconds:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        select.select((), (), (), LOOK_SECONDS)  # libfaketime refuses time.sleep where the clock was put back


def _moments(home: Path) -> tuple[str, ...]:
    if (home / "died-at").exists():
        return ((home / "died-at").read_text(),)
    return tuple(json.loads((home / "passed.json").read_text())) if (home / "passed.json").exists() else ()


def main() -> int:
    """Orders from stdin until it ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    warm_up()
    answers.write("ready\n")
    answers.flush()
    for line in sys.stdin:
        order = json.loads(line)
        ended = in_a_child(Order(**{**order, "paths": tuple(order["paths"])}))
        answers.write(json.dumps(asdict(ended)) + "\n")
        answers.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
