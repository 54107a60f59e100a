"""Work that writes the lake, asked by a page and done in a process of its own: erase, object, retry.

What is to be done goes over standard input (no id on a command line), how far it is stands in a small file that the
page reads. The process lives on when the page is closed; the same order again finds the first at work, another one on the
same thing is refused until it has ended.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from insights.errors import LakeError, VocError
from insights.keys import KeyRing, replace_file
from insights.lake import Lake
from insights.ledger import Ledger
from insights.privacy import erase as erasing
from insights.privacy.objection import object_to_scoring
from insights.settings import Settings, default_settings
from insights.steps import quarantine
from insights.steps.alive import held, take
from insights.steps.stores import stores

LOG = logging.getLogger("voc.apart")
ERASE, OBJECT, RETRY = "erase", "object", "retry"
STEPS: Mapping[str, tuple[str, ...]] = {ERASE: erasing.STEPS, OBJECT: ("write",), RETRY: quarantine.STEPS}
RUNNING, DONE, FAILED = "running", "done", "failed"
DIED = "The work ended before its end: its process is gone. Ask for it again."
OTHER = "Something else is being done on the same just now. Wait until it has ended, then ask again."
LOCK, TOLD = ".lock", ".told"
TOLD_SECONDS, EXIT_SECONDS = (
    60,
    20,
)  # who watches still reads a result that was told elsewhere; a process takes time to exit
FOLDER = "jobs"
ROOT = Path(__file__).parents[2]
POLL_SECONDS = 0.2
Tell = Callable[[str], None]
_STARTED: set[subprocess.Popen[bytes]] = set()  # so that an ended child is taken from the system's list


@dataclass(frozen=True)
class Order:
    """What is to be done, for whom it is recorded, and with what: `about` is a customer id, or a source."""

    kind: str
    about: str
    actor: str
    extra: tuple[str, ...] = ()  # erase: e-mails, phones, names to search for; retry: ids of rows
    reason: str = ""  # retry: only rows refused for it


@dataclass(frozen=True)
class State:
    """How far an order is. `error`: a sentence; `told`: what it gave, without an id of the person."""

    kind: str
    state: str
    step: str
    started_at: str
    pid: int
    error: str = ""
    told: dict[str, Any] = field(default_factory=dict)
    order: str = ""  # keyed hash of all that was asked

    @property
    def share(self) -> float:
        """Steps begun before this one, 0 to 1."""
        steps = STEPS[self.kind]
        if self.state == DONE:
            return 1.0
        return steps.index(self.step) / len(steps) if self.step in steps else 0.0


def path_of(settings: Settings, kind: str, about: str) -> Path:
    """Where the state of such an order stands; its name tells nothing of a person."""
    return settings.data_dir / FOLDER / f"{kind}-{KeyRing(settings.keys_dir).lasting_hash(f'job:{about}')[:24]}.json"


def state(path: Path) -> State | None:
    """The state as it is now; None when there is no such order. One whose process is gone has failed."""
    found = _read(path)
    if found is None or found.state != RUNNING or held(path.with_suffix(LOCK)):
        return found
    found = _read(path)  # it may have ended between the two looks
    return replace(found, state=FAILED, error=DIED) if found is not None and found.state == RUNNING else found


def start(settings: Settings, order: Order) -> Path:
    """Begin an order in a process of its own, or find the same at work; returns where its state stands.

    Raises LakeError while another order of this kind on the same thing is at work.
    """
    path = path_of(settings, order.kind, order.about)
    with _alone(path.parent):
        now = state(path)
        if now is not None and now.state == RUNNING:
            if now.order != _hash(settings, order):
                raise LakeError(OTHER)
            return path
        _sweep(path.parent)
        path.with_suffix(TOLD).unlink(missing_ok=True)
        life = take(path.with_suffix(LOCK), EXIT_SECONDS)
        if life is None:
            raise LakeError(OTHER)
        try:
            _begin(settings, order, path, life)
        finally:
            os.close(life)  # the process has its own
    return path


def _begin(settings: Settings, order: Order, path: Path, life: int) -> None:
    """The process, which holds the lock `life` as long as it lives, and its first state."""
    found = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    process = subprocess.Popen(
        [sys.executable, "-m", "insights.steps.apart", str(path)],
        stdin=subprocess.PIPE,
        start_new_session=True,
        pass_fds=(life,),
        env={**os.environ, "PYTHONPATH": found},
    )
    _STARTED.add(process)
    _save(path, _first(settings, order, process.pid))
    assert process.stdin is not None
    with process.stdin:
        process.stdin.write(json.dumps(asdict(order)).encode())


def _first(settings: Settings, order: Order, pid: int) -> State:
    return State(order.kind, RUNNING, "", datetime.now(UTC).isoformat(), pid, order=_hash(settings, order))


def _hash(settings: Settings, order: Order) -> str:
    """All that is asked, whoever asks."""
    asked = json.dumps([order.kind, order.about, sorted(order.extra), order.reason])
    return KeyRing(settings.keys_dir).lasting_hash(f"order:{asked}")[:24]


def watch(path: Path) -> Iterator[State]:
    """The state again and again until the order has ended; the last one says how, though another session was told too."""
    while (now := state(path) or state(path.with_suffix(TOLD))) is not None:
        yield now
        if now.state != RUNNING:
            return
        time.sleep(POLL_SECONDS)


def ended(settings: Settings, kind: str) -> list[Path]:
    """Orders of a kind that have ended and whose result nobody was there to read."""
    found = sorted((settings.data_dir / FOLDER).glob(f"{kind}-*.json"))
    return [path for path in found if (now := state(path)) is not None and now.state != RUNNING]


def forget(path: Path) -> None:
    """Put an ended order away once its result was told; who still watches it is told as well."""
    with _alone(path.parent):
        now = state(path)
        if now is not None and now.state != RUNNING:
            path.replace(path.with_suffix(TOLD))
            path.with_suffix(LOCK).unlink(missing_ok=True)
        _sweep(path.parent)


def _sweep(folder: Path) -> None:
    """Results told a while ago, and processes that have ended."""
    for path in folder.glob(f"*{TOLD}"):
        if time.time() - path.stat().st_mtime > TOLD_SECONDS:
            path.unlink()
    for process in [one for one in _STARTED if one.poll() is not None]:
        _STARTED.discard(process)


def _alone(folder: Path) -> FileLock:
    """One at a time begins or puts away."""
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / "start.lock")


def perform(lake: Lake, ledger: Ledger, order: Order, tell: Tell) -> dict[str, Any]:
    """Do it here; returns what to tell, without an id. Raises VocError."""
    if order.kind == ERASE:
        receipt = erasing.erase(lake, ledger, order.about, extra=order.extra, tell=tell)
        return {"receipt": receipt.path, "complete": receipt.complete, "proven": receipt.proven}
    if order.kind == OBJECT:
        tell("write")
        at = lake.settings.business_now()
        return {"recorded": object_to_scoring(lake, ledger, order.about, actor=order.actor, at=at)}
    done = quarantine.retry(
        lake, ledger, order.about, actor=order.actor, reason=order.reason, source_ids=order.extra, tell=tell
    )
    return asdict(done)


def run(settings: Settings, order: Order, path: Path) -> State:
    """Do an order on its own stores and write down every step and the end; an error is told as a sentence."""
    now = _first(settings, order, os.getpid())

    def tell(step: str) -> None:
        nonlocal now
        now = replace(now, step=step)
        _save(path, now)

    try:
        tell("")
        with stores(settings) as (lake, ledger):
            now = replace(now, told=perform(lake, ledger, order, tell))
        now = replace(now, state=DONE)
    except VocError as error:
        now = replace(now, state=FAILED, error=_sentence(error, order))
    except Exception as error:  # its text may hold anything: the log of the process has it
        LOG.exception("%s failed", order.kind)
        now = replace(now, state=FAILED, error=type(error).__name__)
    _save(path, now)
    return now


def _sentence(error: VocError, order: Order) -> str:
    """What is said of an error; a customer's id is left out."""
    return str(error) if order.kind == RETRY else str(error).replace(order.about, "…")


def _save(path: Path, now: State) -> None:
    replace_file(path, json.dumps(asdict(now), ensure_ascii=False).encode())


def _read(path: Path) -> State | None:
    try:
        return State(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def main() -> int:
    """`python -m insights.steps.apart STATE_FILE`, the order as JSON on standard input."""
    given = json.loads(sys.stdin.read())
    order = Order(**{**given, "extra": tuple(given["extra"])})
    return 0 if run(default_settings(), order, Path(sys.argv[1])).state == DONE else 1


if __name__ == "__main__":
    sys.exit(main())
