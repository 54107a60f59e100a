"""Run by test_backup_faults: processes that are killed, and one that writes all the time.

`python backup_lives.py write DATA KEYS EXTENSIONS REFERENCE` posts an event every 100 ms, stages and drains it, and merges
the lake's files every two seconds, until its input is closed; it prints how many events it has posted.
`python backup_lives.py kills DATA KEYS EXTENSIONS REFERENCE BACKUPS NEW` kills a backup and a restore at each point, and
prints one JSON line each.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select as chosen

from insights.backup import restore as restoring
from insights.backup.manifest import Manifest
from insights.backup.pool import Pool
from insights.backup.state import State
from insights.backup.take import back_up
from insights.lake import Lake, open_lake
from insights.ledger import Ledger, open_ledger
from insights.ledger.inbox import Posted, put, take
from insights.ledger.schema import INBOX
from insights.ledger.staged import Outcome, stage
from insights.settings import Settings, load_settings
from insights.sources.base import feedback_id
from insights.steps.drain import drain

AT = datetime(2026, 10, 20, 9, tzinfo=UTC)
NAME = "hook"


def place(data: str, keys: str, extensions: str, reference: str) -> Settings:
    return load_settings(
        data_dir=Path(data), keys_dir=Path(keys), extension_dir=Path(extensions), reference_dir=Path(reference),
        as_of=date(2026, 10, 31), workers=1,
    )  # fmt: skip


def post(ledger: Ledger, key: str) -> None:
    put(ledger, [Posted(NAME, key, AT, ledger.keys.seal(key))])


def stage_all(ledger: Ledger) -> None:
    """What the worker beside the intake does, without its models."""
    while found := take(ledger, datetime.now(UTC)):
        rows = [
            {
                "feedback_id": feedback_id(NAME, one.event_key),
                "source": NAME,
                "source_id": one.event_key,
                "kind": "survey",
            }
            | {"occurred_at": AT.isoformat(), "available_at": AT.isoformat(), "verbatim": f"réponse {one.event_key}"}
            for one in found
        ]
        stage(ledger, [Outcome(one, {"feedback": [row]}) for one, row in zip(found, rows, strict=True)])


def write(settings: Settings) -> None:
    """Until standard input is closed."""
    n, merged = 0, time.monotonic()
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        while not select.select([sys.stdin], [], [], 0.1)[0]:
            post(ledger, f"event-{n:06d}")
            n += 1
            stage_all(ledger)
            drain(lake, ledger)
            if time.monotonic() - merged > 2:
                lake.maintain(35)
                merged = time.monotonic()
            sys.stdout.write(f"{n}\n")
            sys.stdout.flush()


def ended(lake: Lake, ledger: Ledger) -> tuple[list[str], list[str]]:
    """What the next run makes of both stores: the events that were answered, and those in the lake."""
    stage_all(ledger)
    drain(lake, ledger)
    with ledger.engine.connect() as connection:
        answered = connection.execute(chosen(INBOX.c.event_key).where(INBOX.c.source == NAME)).scalars().all()
    there = lake.read("SELECT source_id FROM feedback WHERE source = $name", name=NAME)["source_id"]
    return sorted(map(str, answered)), sorted(there)


def dying(owner: Any, name: str, at_call: int, *, after: bool) -> Callable[..., Any]:
    """The function of that name, and the end of the process before or after its call number `at_call`."""
    function, left = getattr(owner, name), [at_call]

    def run(*args: Any, **kwargs: Any) -> Any:
        left[0] -= 1
        if left[0] == 0 and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        done = function(*args, **kwargs)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    return run


BACKUP_POINTS: list[tuple[Any, str, int, bool]] = [
    (Pool, "put", 1, True),
    (Pool, "put", 12, False),
    (Manifest, "write", 1, False),
    (Pool, "sweep", 1, False),
]
RESTORE_POINTS: list[tuple[Any, str, int, bool]] = [
    (State, "at", 1, True),
    (Pool, "give", 12, True),
    (restoring, "_compare", 1, True),
    (restoring, "replay_erasures", 1, True),
    (restoring, "hold", 1, True),
    (restoring, "_clear", 1, True),
    (restoring.shutil, "move", 1, True),
    (restoring.shutil, "move", 2, False),
    (State, "end", 1, False),
]


def in_a_child(work: Callable[[], None], point: tuple[Any, str, int, bool]) -> int:
    """Signal that ended a forked child; no store is open in the parent."""
    pid = os.fork()
    if pid == 0:
        owner, name, at_call, after = point
        setattr(owner, name, dying(owner, name, at_call, after=after))
        try:
            work()
        except BaseException as error:
            sys.stderr.write(repr(error))
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)
    status = os.waitpid(pid, 0)[1]
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status)


def say(**told: Any) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def kills(settings: Settings, backups: Path, new: Path) -> None:
    """Die at each point, one after the other, in the same places; then do it to the end."""
    for point in BACKUP_POINTS:
        say(point=f"backup {point[1]}", died_of=in_a_child(lambda: print_nothing(back_up(settings, backups)), point))
    taken = back_up(settings, backups, keep=1)
    say(point="backup", n_files=len(taken.manifest.files), n_objects=len(objects(backups)))
    there = settings.model_copy(update={"data_dir": new})
    for point in RESTORE_POINTS:
        say(point=f"restore {point[1]}", died_of=in_a_child(lambda: print_nothing(restored(there, backups)), point))
    done = restored(there, backups)
    say(point="restore", problems=list(done.problems), same=done.lake == done.manifest.lake)


def restored(there: Settings, backups: Path) -> restoring.Restored:
    return restoring.restore(there, backups)


def objects(backups: Path) -> list[Path]:
    return [path for path in (backups / "objects").rglob("*") if path.is_file()]


def print_nothing(_: object) -> None:
    """The child's work gives nothing back."""


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(place(*sys.argv[2:6]))
    else:
        kills(place(*sys.argv[2:6]), Path(sys.argv[6]), Path(sys.argv[7]))

__all__ = ["ended", "place", "post"]
