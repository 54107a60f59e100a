"""`voc up`: Prefect server, schedules, intake and dashboard together; `voc status`: whether they all answer."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import httpx
import typer

from insights.cli.children import Child, Children
from insights.cli.dashboard import LOOPBACK, serve_command
from insights.cli.say import say
from insights.errors import SettingsError
from insights.settings import Settings, load_settings
from insights.steps.alive import held, take

LOCK = "up.lock"
API = "PREFECT_API_URL"
ASK_SECONDS = 5.0
SERVER, RUNNER, INTAKE, DASHBOARD = "server", "runner", "intake", "dashboard"
PORTS = {SERVER: "prefect_port", INTAKE: "intake_port", DASHBOARD: "dashboard_port"}


def up(
    check: Annotated[
        bool, typer.Option("--check", help="Start nothing: say whether all answer, as `voc status`.")
    ] = False,
) -> None:
    """Run server, schedules, intake and dashboard until Ctrl-C or SIGTERM; one that dies is started again."""
    if check:
        status()
        return
    from insights.key_book import first_start

    settings = load_settings()
    for line in first_start(settings):
        say(line)
    with _alone(settings):
        children = children_of(settings)
        _ports_free(settings, children)
        code = Children(children, say).run()
    raise typer.Exit(code)


def status() -> None:
    """Whether server, schedules, intake and dashboard answer, one line each; exit 1 when one does not."""
    settings = load_settings()
    say(f"voc up  {'runs' if held(settings.data_dir / LOCK) else 'does not run'} on {settings.data_dir}")
    wrong = {name: ask() for name, ask in checks(settings).items()}
    for name, sentence in wrong.items():
        say(f"{name}  {sentence or 'answers'}")
    if any(wrong.values()):
        raise typer.Exit(1)


def checks(settings: Settings) -> dict[str, Callable[[], str]]:
    """For each process a question whose answer is a sentence, empty when all is well."""
    api = api_of(settings)
    return {
        SERVER: lambda: asked(f"{api}/health"),
        RUNNER: lambda: schedules(api),
        INTAKE: lambda: asked(f"http://127.0.0.1:{settings.intake_port}/healthz"),
        DASHBOARD: lambda: asked(f"http://{_here(settings)}:{settings.dashboard_port}/_stcore/health"),
    }


def children_of(settings: Settings) -> list[Child]:
    """The processes, in the order they start. A server elsewhere (PREFECT_API_URL) is not started here."""
    ask, api = checks(settings), {API: api_of(settings)}
    own_server = not os.environ.get(API)
    server = [sys.executable, "-m", "flows.server", str(settings.prefect_port)]
    runner = [sys.executable, "-m", "flows.serve"]
    intake = [sys.executable, "-m", "insights.cli.main", "intake"]
    found = [Child(SERVER, server, ask[SERVER], silent=True)] if own_server else []
    return [
        *found,
        Child(RUNNER, runner, ask[RUNNER], env=api, after=SERVER if own_server else ""),
        Child(INTAKE, intake, ask[INTAKE], silent=True),
        Child(DASHBOARD, serve_command(settings, settings.dashboard_port), ask[DASHBOARD], silent=True),
    ]


def api_of(settings: Settings) -> str:
    """Address of the Prefect server's API."""
    return os.environ.get(API) or f"http://127.0.0.1:{settings.prefect_port}/api"


def asked(url: str) -> str:
    """What is wrong at an address, as a sentence; empty when it answers well."""
    try:
        reply = httpx.get(url, timeout=ASK_SECONDS)
    except httpx.HTTPError as error:
        return f"does not answer at {url} ({type(error).__name__})"
    return "" if reply.is_success else _reason(reply)


def schedules(api: str) -> str:
    """Whether somebody keeps the schedules: a deployment is ready while its runner asks the server for work."""
    try:
        reply = httpx.post(f"{api}/deployments/filter", json={}, timeout=ASK_SECONDS)
        found = reply.json() if reply.is_success else None
    except (httpx.HTTPError, ValueError) as error:
        return f"cannot be asked for: the server does not answer ({type(error).__name__})"
    if found is None:
        return _reason(reply)
    idle = sorted(one["name"] for one in found if one["status"] != "READY")
    if not found:
        return "keeps no schedule yet"
    return f"keeps no schedule of {', '.join(idle)}" if idle else ""


def _reason(reply: httpx.Response) -> str:
    try:
        told = reply.json().get("reason") or ""
    except (ValueError, AttributeError):
        told = ""
    return f"answers {reply.status_code}{f': {told}' if told else ''}"


def _here(settings: Settings) -> str:
    """The address under which this machine reaches the dashboard."""
    address = settings.dashboard_address
    return "127.0.0.1" if address in ("0.0.0.0", *LOOPBACK[2:]) else f"[{address}]" if ":" in address else address


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Hold the data folder's lock. Raises SettingsError where another `voc up` has it."""
    path = settings.data_dir / LOCK
    descriptor = take(path, seconds=0)
    if descriptor is None:
        raise SettingsError(
            f"`voc up` runs already on {settings.data_dir} (process {_read(path)}): `voc status` shows it. Nothing was started."
        )
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        os.close(descriptor)


def _read(path: Path) -> str:
    return path.read_text(encoding="ascii").strip() or "unknown"


def _ports_free(settings: Settings, children: list[Child]) -> None:
    """Raises SettingsError for a port that somebody else listens on, or that is given twice."""
    wanted = {child.name: int(getattr(settings, PORTS[child.name])) for child in children if child.name in PORTS}
    for name, port in wanted.items():
        setting = f"VOC_{PORTS[name].upper()}"
        if list(wanted.values()).count(port) > 1:
            raise SettingsError(f"{setting} is {port}, which another process of `voc up` has too: choose another.")
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", port))
            except OSError as error:
                raise SettingsError(
                    f"The {name} cannot listen on port {port} ({error.strerror}): stop what does, or set {setting}."
                ) from error
