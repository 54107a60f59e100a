"""deploy/nginx.conf with the real nginx on loopback: TLS, headers, websockets, signed posts, and what stays closed."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from chain import ROOT, environment
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from intake_tools import NAME, SECRET, SOURCES, body, signature
from pydantic import SecretStr
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from insights.cli.dashboard import serve_command
from insights.intake.app import create_app
from insights.settings import Settings

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
PAGES, HOOKS = "voc.example", "hooks.voc.example"
MAIN = """
user root;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/voc.conf;
}}
"""
pytestmark = pytest.mark.skipif(NGINX is None, reason="no nginx on this machine: install Debian's package nginx")


@dataclass(frozen=True)
class Proxy:
    """nginx with the configuration that ships, on free ports."""

    port: int
    plain_port: int
    tls: ssl.SSLContext
    folder: Path

    def ask(self, name: str, path: str, method: str = "GET", **more: Any) -> httpx.Response:
        """A request to one of the names, its certificate verified."""
        headers = {"Host": name, **more.pop("headers", {})}
        with httpx.Client(verify=self.tls, timeout=60) as client:
            address = f"https://127.0.0.1:{self.port}{path}"
            return client.request(method, address, headers=headers, extensions={"sni_hostname": name}, **more)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def certificate(folder: Path, name: str) -> bytes:
    """A self-signed certificate beside its key; returns the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject, today = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    made = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(today - timedelta(days=1)).not_valid_after(today + timedelta(days=2))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    told = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    (folder / f"{name}.crt").write_bytes(told)
    private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / f"{name}.key").write_bytes(key.private_bytes(*private))
    return told


@pytest.fixture
def ports() -> dict[str, int]:
    """Of the dashboard and the intake behind the proxy."""
    return {"8501": free_port(), "8600": free_port()}


@pytest.fixture
def proxy(tmp_path: Path, ports: dict[str, int]) -> Iterator[Proxy]:
    trusted = b"".join(certificate(tmp_path, name) for name in (PAGES, HOOKS))
    port, plain = free_port(), free_port()
    shipped = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for before, after in {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "listen 80": f"listen 127.0.0.1:{plain}",
        "/etc/ssl/voc/": f"{tmp_path}/",
        "/var/log/nginx/": f"{tmp_path}/",
        **{f"127.0.0.1:{told};": f"127.0.0.1:{mine};" for told, mine in ports.items()},
    }.items():
        assert before in shipped
        shipped = shipped.replace(before, after)
    (tmp_path / "voc.conf").write_text(shipped, encoding="utf-8")
    (tmp_path / "nginx.conf").write_text(MAIN.format(folder=tmp_path), encoding="utf-8")
    assert NGINX is not None
    command = [NGINX, "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path), "-e", str(tmp_path / "error.log")]
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0 and "[warn]" not in tested.stderr, tested.stderr
    process = subprocess.Popen(command)
    wait_for_port(port, process)
    yield Proxy(port, plain, ssl.create_default_context(cadata=trusted.decode()), tmp_path)
    process.terminate()
    process.wait()


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    while socket.socket().connect_ex(("127.0.0.1", port)):
        assert process.poll() is None
        time.sleep(0.05)


@pytest.fixture
def door(settings: Settings, ports: dict[str, int]) -> Iterator[None]:
    """The intake behind the proxy, in a thread of this process."""
    given = settings.model_copy(update={"hook_secrets": {NAME: SecretStr(SECRET)}, "intake_port": ports["8600"]})
    config = uvicorn.Config(create_app(given, SOURCES), port=ports["8600"], log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield
    server.should_exit = True
    thread.join()


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets tried before nginx listens
def test_posts_pass_with_their_signature_and_the_rest_of_the_intake_is_closed(proxy: Proxy, door: None) -> None:
    posted = body("e1", {"id": "e1", "said": "La facture est fausse.", "nps": 2})
    taken = proxy.ask(HOOKS, f"/hooks/{NAME}", "POST", content=posted, headers={"x-signature": signature(posted)})
    assert (taken.status_code, taken.json()) == (202, {"accepted": True, "duplicate": False})
    assert "max-age=31536000" in taken.headers["strict-transport-security"]
    assert (taken.headers["x-content-type-options"], taken.headers["server"]) == ("nosniff", "nginx")
    forged = proxy.ask(HOOKS, f"/hooks/{NAME}", "POST", content=posted, headers={"x-signature": "x"})
    assert forged.status_code == 401
    large = proxy.ask(HOOKS, f"/hooks/{NAME}", "POST", content=b"x" * 2_000_000)
    assert large.status_code == 413
    for path in ("/metrics", "/healthz", "/", "/hooks/../metrics", "/docs"):
        refused = proxy.ask(HOOKS, path)
        assert refused.status_code == 404 and "voc_" not in refused.text, path
    unsigned = proxy.ask(HOOKS, "/cases/k1/events", "POST", content=b"{}")
    assert unsigned.status_code in (401, 503)  # it reaches the intake, which asks for a signature
    with httpx.Client() as client:
        plain = client.get(f"http://127.0.0.1:{proxy.plain_port}/hooks/x?a=1", headers={"Host": HOOKS})
    assert (plain.status_code, plain.headers["location"]) == (301, f"https://{HOOKS}/hooks/x?a=1")
    told = (proxy.folder / "voc-hooks.log").read_text(encoding="utf-8")
    assert f"POST /hooks/{NAME} 202" in told and f"reference={taken.headers['x-request-id']}" in told


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_what_gives_access_is_not_in_the_log_of_the_proxy(proxy: Proxy, door: None) -> None:
    proxy.ask(HOOKS, "/answers/a-token-that-opens?and=this")
    proxy.ask(HOOKS, "/unsubscribe/another-token")
    log = proxy.folder / "voc-hooks.log"
    while "GET /unsubscribe/" not in (
        told := log.read_text(encoding="utf-8")
    ):  # nginx writes its line after the answer
        time.sleep(0.05)
    assert "GET /answers/- 404" in told and "GET /unsubscribe/- 404" in told
    assert "token" not in told and "and=this" not in told


@pytest.fixture
def dashboard(settings: Settings, proxy: Proxy, ports: dict[str, int]) -> Iterator[None]:
    """The dashboard behind the proxy, as `voc dashboard` serves it, without sign-in."""
    command = serve_command(settings, ports["8501"])
    with (proxy.folder / "dashboard.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(settings), stdout=log, stderr=log)
        wait_for_port(ports["8501"], process)
        yield
        process.terminate()
        process.wait()


def stream(proxy: Proxy, origin: str) -> int:
    """The status with which a websocket of this origin is answered."""
    tls = ssl.create_default_context(cadata=(proxy.folder / f"{PAGES}.crt").read_text(encoding="ascii"))
    raw = socket.create_connection(("127.0.0.1", proxy.port))
    try:
        with connect(f"wss://{PAGES}:{proxy.port}/_stcore/stream", sock=raw, ssl=tls, origin=origin):  # type: ignore[arg-type]
            return 101
    except InvalidStatus as error:
        return int(error.response.status_code)
    finally:
        raw.close()


@pytest.mark.faults
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_pages_and_their_websocket_pass_and_without_sign_in_they_show_nothing(
    proxy: Proxy, dashboard: None, browser: Any
) -> None:
    page = proxy.ask(PAGES, "/")
    assert page.status_code == 200 and "<title>" in page.text
    for name in ("strict-transport-security", "content-security-policy", "x-frame-options", "referrer-policy"):
        assert name in page.headers
    assert proxy.ask(PAGES, "/_stcore/health").text == "ok"
    assert proxy.ask(PAGES, "/_stcore/metrics").status_code == 404
    assert stream(proxy, f"https://{PAGES}:{proxy.port}") == 101
    assert stream(proxy, "https://elsewhere.example") == 403
    said: list[str] = []
    context = browser.new_context(ignore_https_errors=True)
    tab = context.new_page()
    tab.set_default_timeout(0)
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(f"https://127.0.0.1:{proxy.port}/?lang=en")
    tab.get_by_text("has no sign-in: it shows nothing").wait_for()
    context.close()
    assert [one for one in said if "Content Security Policy" in one] == []
