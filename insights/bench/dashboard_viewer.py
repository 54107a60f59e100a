"""Readers of a running dashboard without a browser: each holds a session over Streamlit's own websocket.

The few fields of its messages that matter are read and written here by their numbers (protobuf's wire format: a tag, a
length, the bytes); what a browser does with the answer is measured elsewhere, in a browser.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from websockets.sync.client import ClientConnection, connect

from insights.errors import SourceError

RERUN, QUERY, PAGE = 11, 1, 4  # of BackMsg and ClientState
FINISHED, EARLY = 6, 3  # of ForwardMsg; a run that gives way to another one
VARINT, BYTES = 0, 2


@dataclass(frozen=True)
class Drawn:
    """One drawing of one page, from asking to the end of the script."""

    page: str
    query: str
    ms: float
    n_bytes: int


class Viewer:
    """One reader's session. A context manager."""

    def __init__(self, address: str, timeout_s: float = 120) -> None:
        self._address = address.replace("http://", "ws://") + "/_stcore/stream"
        self._timeout_s = timeout_s
        self._socket: ClientConnection | None = None

    def __enter__(self) -> Viewer:
        self._socket = connect(self._address, max_size=None, open_timeout=self._timeout_s, compression=None)
        return self

    def __exit__(self, *exc: object) -> None:
        if self._socket is not None:
            self._socket.close()

    def open(self, page: str, query: str = "lang=fr") -> Drawn:
        """Ask for a page under a query and wait for its last element. Raises SourceError when none comes in time."""
        if self._socket is None:
            raise SourceError("A viewer is used within `with`.")
        started, n_bytes = time.perf_counter(), 0
        state = _field(QUERY, query.encode()) + _field(PAGE, page.encode())
        self._socket.send(_field(RERUN, state))
        while True:
            try:
                message = self._socket.recv(timeout=self._timeout_s)
            except TimeoutError as error:
                raise SourceError(f"The page {page} was not drawn within {self._timeout_s:.0f} s.") from error
            n_bytes += len(message)
            if isinstance(message, bytes) and _finished(message):
                return Drawn(page, query, 1000 * (time.perf_counter() - started), n_bytes)


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | BYTES) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _finished(message: bytes) -> bool:
    """Whether a message says that the script has come to its end."""
    return any(number == FINISHED and value != EARLY for number, value in _top(message))


def _top(message: bytes) -> Iterator[tuple[int, int]]:
    """Number and value (length, where it holds bytes) of each field of a message; what is within them is left alone."""
    at = 0
    while at < len(message):
        tag, at = _read(message, at)
        value, at = _read(message, at)
        if tag & 7 not in (VARINT, BYTES):
            return
        yield tag >> 3, value
        at += value if tag & 7 == BYTES else 0


def _read(message: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at
