"""The sender of the mailing benchmark, in a process that ends itself with SIGKILL at a named point, or runs to its end.

`python -m insights.bench.mailing_sender FOLDER N_RECIPIENTS LIFE [POINT PASSES]` sends one week's digest to everybody who
has not had it. LIFE counts the processes before: each comes five minutes later, so that intents of the dead are old.
With POINT, the process ends there, the PASSES-th time it comes by.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from insights.bench.mailing_server import GONE, LATER
from insights.ledger import open_ledger
from insights.outbox.relay import Relay
from insights.outbox.smtp import Mail, send_digests
from insights.settings import Settings, load_settings

WEEK = date(2026, 10, 26)
START = datetime(2026, 10, 26, 7, tzinfo=UTC)
BETWEEN = timedelta(minutes=5)
SENDER = "VoC <voc@lumarelle.example>"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(2000)
EVERY_GONE, EVERY_LATER = 50, 40  # of the recipients


def settings_of(folder: Path) -> Settings:
    """Stores of one run of the benchmark."""
    return load_settings(data_dir=folder / "data", keys_dir=folder / "keys")


def address_of(number: int) -> str:
    """One recipient's address: most take mail, some are gone, some say « later » once."""
    if number % EVERY_GONE == EVERY_GONE - 1:
        return f"{GONE}{number:04d}@lumarelle.example"
    return f"{LATER if number % EVERY_LATER == EVERY_LATER - 1 else 'po-'}{number:04d}@lumarelle.example"


def mail_of(number: int) -> Mail:
    """One recipient's digest."""
    return Mail(
        f"digest-{WEEK}-r{number:04d}", WEEK, f"r{number:04d}", address_of(number), "Irritants de la semaine – été",
        '<p>« réel »</p><img src="cid:trend-1">' + "<p>mot</p>" * 200, "« réel »\n" * 50, {"trend-1": PNG},
        unsubscribe="https://voc.lumarelle.example/unsubscribe/x", mark=f"mark-{number}",
    )  # fmt: skip


def run(folder: Path, n: int, life: int, point: str = "", passes: int = 0) -> None:
    """One life of a sender."""
    left = [passes]

    def at_point(name: str, _recipient: str) -> None:
        if name == point:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    port = int((folder / "smtp-port").read_text(encoding="utf-8"))
    relay = Relay("127.0.0.1", port, starttls=False, sender=SENDER)
    with open_ledger(settings_of(folder)) as ledger:
        send_digests(
            ledger, relay, [mail_of(number) for number in range(n)], START + BETWEEN * life, dry_run=False,
            out_dir=folder, at_point=at_point,
        )  # fmt: skip


if __name__ == "__main__":
    _, where, recipients, number, *rest = sys.argv
    run(Path(where), int(recipients), int(number), *((rest[0], int(rest[1])) if rest else ()))
