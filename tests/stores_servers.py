"""Real servers for tests of the stores: Debian's PostgreSQL and an S3 interface (moto's), on loopback, gone at the end.

Usable outside pytest: `with postgres_server() as postgres: postgres.database()` gives the URL of a new, empty database.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if Path("/usr/lib/postgresql").is_dir() else []
HOST = "127.0.0.1"
_names = itertools.count(1)


class AbsentError(RuntimeError):
    """A server cannot be started here; says why."""


@dataclass
class PostgresServer:
    """A running PostgreSQL with one superuser, `voc`, who needs no password from loopback."""

    folder: Path
    port: int
    durable: bool
    user: dict[str, Any] = field(default_factory=dict)

    def start(self) -> None:
        options = (
            f"-c listen_addresses={HOST} -p {self.port} -k {self.folder} -c fsync={'on' if self.durable else 'off'}"
        )
        self._run("pg_ctl", "-D", str(self.folder / "db"), "-l", str(self.folder / "log"), "-o", options, "-w", "start")

    def stop(self, mode: str = "fast") -> None:
        """`fast` cuts every connection, `immediate` is a crash."""
        self._run("pg_ctl", "-D", str(self.folder / "db"), "-m", mode, "-w", "stop")

    def restart(self, mode: str = "fast") -> None:
        self.stop(mode)
        self.start()

    def database(self, name: str = "", like: str = "template1") -> str:
        """URL of a new database: empty, or with all that another one holds."""
        name = name or f"voc{next(_names)}"
        self._run("createdb", "-h", HOST, "-p", str(self.port), "-U", "voc", "-T", like, name)
        return f"postgresql://voc@{HOST}:{self.port}/{name}"

    def ledger(self, name: str = "") -> str:
        """The same, as SQLAlchemy wants it."""
        return self.database(name).replace("postgresql://", "postgresql+psycopg://")

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(BINARIES[-1] / program), *arguments],
            stdout=subprocess.DEVNULL,  # the server inherits it: a pipe would never end
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            check=False,
            **self.user,
        )
        if done.returncode:
            log = self.folder / "log"
            raise RuntimeError(
                f"{program} ended with {done.returncode}: {log.read_text()[-500:] if log.exists() else ''}"
            )


@contextlib.contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[PostgresServer]:
    """A new PostgreSQL in a temporary folder; `durable` waits for the disk at each commit, as a real one does.

    Raises AbsentError where PostgreSQL is not installed, or where root has no user to run it as.
    """
    if not BINARIES:
        raise AbsentError("PostgreSQL is not installed (Debian's package postgresql): not tried")
    user: dict[str, Any] = {}
    folder = Path(tempfile.mkdtemp(prefix="voc-postgres-"))
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        try:
            found = pwd.getpwnam("postgres")
        except KeyError:
            raise AbsentError("PostgreSQL does not run as root and there is no user postgres: not tried") from None
        os.chown(folder, found.pw_uid, found.pw_gid)
        user = {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    server = PostgresServer(folder, free_port(), durable, user)
    try:
        server._run("initdb", "-D", str(folder / "db"), "-U", "voc", "--auth=trust", "-E", "UTF8", "--locale=C", "-N")
        server.start()
        yield server
    finally:
        with contextlib.suppress(RuntimeError):
            server.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class S3Server:
    """A running S3 interface; what is put into it lives in its memory."""

    port: int

    def bucket(self, name: str = "", port: int = 0) -> dict[str, Any]:
        """Settings of a lake in a new bucket; `port`: of a proxy in front."""
        name = name or f"voc{next(_names)}"
        connection = http.client.HTTPConnection(HOST, self.port)
        connection.request("PUT", f"/{name}", headers={"Authorization": SIGNED})
        answer = connection.getresponse()
        said = answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"no bucket {name}: {answer.status} {said!r}")
        return {
            "files_url": f"s3://{name}/lake",
            "s3_endpoint": f"{HOST}:{port or self.port}",
            "s3_key_id": "voc",
            "s3_secret": "not-a-secret",
            "s3_tls": False,
            "s3_path_style": True,
        }


SIGNED = "AWS4-HMAC-SHA256 Credential=voc/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"


@contextlib.contextmanager
def s3_server() -> Iterator[S3Server]:
    """moto's S3 in a process of its own. Raises AbsentError where moto is not installed."""
    try:
        import flask_cors  # noqa: F401
        import moto.server  # noqa: F401
    except ImportError as error:
        raise AbsentError(f"moto's server is not installed (pip install -e '.[dev]'; {error}): not tried") from None
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process)
            yield S3Server(port)
        finally:
            process.kill()


class Flaky(ThreadingHTTPServer):
    """A proxy that fails one call in `one_in`: by turns it answers 503 or cuts the connection. Counts both kinds."""

    daemon_threads = True

    def __init__(self, upstream: int, one_in: int) -> None:
        super().__init__((HOST, 0), _Passing)
        self.upstream, self.one_in = upstream, one_in
        self.calls = self.failed = 0
        self.expired = ""  # calls signed with this key id are refused
        self.signed_by: set[str] = set()
        self.lock = threading.Lock()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what this is for."""

    def fails(self) -> int:
        """0: this call passes; else which failure of all this one is."""
        with self.lock:
            self.calls += 1
            if not self.one_in or self.calls % self.one_in:
                return 0
            self.failed += 1
            return self.failed


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Flaky

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        signer = re.search(r"Credential=([^/]+)/", self.headers.get("Authorization") or "")
        if signer and signer[1] == self.server.expired:
            self._expired()
            return
        self.server.signed_by.add(signer[1] if signer else "")
        which = self.server.fails()
        if which:
            self._fail(which)
            return
        upstream = http.client.HTTPConnection(HOST, self.server.upstream)
        upstream.request(self.command, self.path, body, dict(self.headers))
        answer = upstream.getresponse()
        said = answer.read()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"transfer-encoding", "connection"}:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(said)
        upstream.close()

    def _expired(self) -> None:
        said = b"<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>"
        self.send_response_only(400)  # what Amazon's answers
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said)

    def _fail(self, which: int) -> None:
        self.close_connection = True
        if which % 2:
            self.send_response_only(503, "Slow Down")
            self.send_header("Content-Length", "0")
            self.send_header("Connection", "close")
            self.end_headers()
        else:
            self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _pass

    def log_message(self, *_: Any) -> None:
        """Silent."""


@contextlib.contextmanager
def flaky(server: S3Server, one_in: int = 10) -> Iterator[Flaky]:
    """A proxy in front of the S3 server that fails one call in `one_in` (0: none, until it is set)."""
    with Flaky(server.port, one_in) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        yield proxy
        proxy.shutdown()


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])


def without_secret(text: str) -> bool:
    """Whether a text is free of what the settings of these servers keep secret."""
    return not re.search("not-a-secret", text)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.1)
    raise AbsentError(f"the S3 server ended with {process.returncode} at its start")
