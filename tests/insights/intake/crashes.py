"""Run by test_crashes: a worker that is killed at one point after the other, in a child of a process with its models loaded.

`python crashes.py DATA KEYS EXTENSIONS REFERENCE` prints one JSON line a point: what stands in both stores after the
crash and after a worker that came next.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from intake_tools import NAME, SOURCES, body

from insights import nlp
from insights.intake import worker as intake_worker
from insights.intake.pulse import Heart
from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.ledger.inbox import Posted, put
from insights.mentions.polarity import LexiconPolarity
from insights.mentions.signals import signals
from insights.redaction import Redactor
from insights.settings import Settings, load_settings
from insights.steps import drain as drain_step
from insights.steps import hot
from insights.topics.encoder import encoder_for

SAID: dict[str, Any] = {"said": "La facture est fausse et personne ne répond.", "nps": 1}
POINTS: list[tuple[str, Any, str]] = [  # before or after a statement of the way
    ("after", hot.HotPath, "enrich"),
    ("after", intake_worker, "stage"),
    ("after", drain_step, "_write"),  # in the lake's transaction
    ("before", drain_step, "finish"),  # after it
]


def dying(function: Callable[..., Any], when: str) -> Callable[..., Any]:
    """The function, and the end of the process before or after it."""

    def run(*args: Any, **kwargs: Any) -> Any:
        if when == "after":
            function(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    return run


def work(settings: Settings, point: tuple[str, Any, str] | None) -> None:
    """One life of a worker: what waits is staged and drained, unless it dies at the point."""
    if point:
        when, owner, name = point
        setattr(owner, name, dying(getattr(owner, name), when))
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        alive = intake_worker.Worker(lake, ledger, SOURCES, Heart(settings.data_dir / "pulse.json"))
        while alive.round():
            pass
        drain_step.drain(lake, ledger)


def in_a_child(run: Callable[[], None]) -> int:
    """Signal that ended a forked child; 0 when it ended well. No store is open in the parent."""
    pid = os.fork()
    if pid == 0:
        try:
            run()
        except BaseException as error:
            sys.stderr.write(repr(error))
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)
    status = os.waitpid(pid, 0)[1]
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status)


def post(settings: Settings, number: int) -> None:
    """Three events more; two of one customer."""
    with open_ledger(settings) as ledger:
        for place in range(3):
            key = f"{number}-{place}"
            answer = {**SAID, "id": key, "customer": f"C{number}-{place // 2}"}
            sealed = ledger.keys.seal(body(key, answer).decode())
            put(ledger, [Posted(NAME, ledger.keys.row_hash(key), datetime.now(UTC), sealed)])


def state(settings: Settings) -> dict[str, Any]:
    """What both stores hold."""
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        with ledger.engine.connect() as connection:
            waiting = connection.exec_driver_sql("SELECT count(*) FROM inbox WHERE state <> 'done'").scalar()
            staged = connection.exec_driver_sql("SELECT count(*) FROM staged").scalar()
        signals = [one for event in ledger.events(("case.opened",)) for one in event.payload["signals"]]
        signals += [event.payload["signal"] for event in ledger.events(("case.signal_added",))]
        counts = lake.counts()
        return {
            "counts": {name: counts[name] for name in ("feedback", "answer", "mention", "embedding")},
            "waiting": waiting,
            "staged": staged,
            "cases": len(ledger.events(("case.opened",))),
            "signals": sorted(signals),
            "problems": len(lake.check_keys()),
        }


def recover(settings: Settings, found: dict[str, Any]) -> None:
    """The next worker's life, and the stores after it, as one line."""
    work(settings, None)
    sys.stdout.write(json.dumps({**found, **state(settings)}) + "\n")
    sys.stdout.flush()


def warm_up() -> None:
    """Load what every life needs, once."""
    nlp.french()
    encoder_for("use-multilingual", 1)(["chargé"])
    Redactor([]).redact(["Paul Durand a payé."], ["fr"])
    signals(SAID["said"], "fr", ())
    LexiconPolarity().score([SAID["said"]], ["fr"])


def main(data: str, keys: str, extensions: str, reference: str) -> None:
    """All points, one after the other, in the same stores."""
    settings = load_settings(
        data_dir=Path(data), keys_dir=Path(keys), extension_dir=Path(extensions), reference_dir=Path(reference),
        as_of=date(2026, 10, 31), workers=1,
    )  # fmt: skip
    warm_up()
    for number, point in enumerate(POINTS):
        found: dict[str, Any] = {"point": f"{point[0]} {point[2]}"}

        def life(number: int = number, point: tuple[str, Any, str] | None = point) -> None:
            post(settings, number)
            work(settings, point)

        found["died_of"] = in_a_child(life)
        in_a_child(lambda found=found: recover(settings, found))  # type: ignore[misc]


if __name__ == "__main__":
    main(*sys.argv[1:])
