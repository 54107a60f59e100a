"""The mail server of the benchmark, in a process of its own: it keeps every message it has said yes to, one line each.

`python -m insights.bench.mailing_server FOLDER` listens on loopback and writes its port to FOLDER/smtp-port. It refuses
recipients whose address begins with `gone-`, and asks those that begin with `later-` to come again, the first time.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

GONE, LATER = "gone-", "later-"


class Kept:
    """Handler of aiosmtpd: a message is on the disk before it is answered 250."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / "received.jsonl").open("a", encoding="utf-8")
        self._put_off: set[str] = set()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        """Whether an address takes mail."""
        if address.startswith(GONE):
            return "550 5.1.1 no such user"
        if address.startswith(LATER) and address not in self._put_off:
            self._put_off.add(address)
            return "451 4.7.1 come again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep a message."""
        message = message_from_bytes(envelope.content, policy=policy.default)
        for address in envelope.rcpt_tos:
            self._file.write(json.dumps({"to": address, "id": str(message["Message-ID"])}) + "\n")
        self._file.flush()
        return "250 taken"


class AnyPort(Controller):
    """A controller that finds a free port by itself."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()  # type: ignore[no-untyped-call]


def run(folder: Path) -> None:
    """Serve until the process is ended."""
    controller = AnyPort(Kept(folder), hostname="127.0.0.1", port=0)
    controller.start()
    draft = folder / "smtp-port.new"
    draft.write_text(str(controller.port), encoding="utf-8")
    os.replace(draft, folder / "smtp-port")
    signal.pause()


if __name__ == "__main__":
    run(Path(sys.argv[1]))
