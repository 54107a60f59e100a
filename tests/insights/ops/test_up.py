"""`voc up` on free ports: all answer, a killed one comes back, a second one is refused, and nothing is left at the end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from chain import ROOT, environment

from insights.cli.children import Child, Children
from insights.cli.up import PORTS, RUNNER, SERVER, checks, children_of, up
from insights.errors import SettingsError
from insights.settings import Settings
from insights.steps.alive import take

SECRETS = ("recognisable-hook-1", "recognisable-relay-2", "recognisable-database-3")
WHO = {
    "id": "K-889231",
    "email": "clementine.vauquelin@exemple.fr",
    "phone": "0639981247",
    "first_name": "Clémentine",
    "last_name": "Vauquelin",
}
CHILD = """
import os, signal, subprocess, sys, time
mark = sys.argv[1]
deaf = "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open(sys.argv[2], 'a').write('x'); time.sleep(600)"
subprocess.Popen([sys.executable, "-c", deaf, mark, sys.argv[2]])
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", mark], start_new_session=True)
time.sleep(600)
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def own(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    given = settings.model_copy(update={setting: free_port() for setting in PORTS.values()})
    monkeypatch.setattr("insights.cli.up.load_settings", lambda: given)
    return given


def marked(mark: str) -> list[psutil.Process]:
    """Living processes whose command line or environment names the mark."""
    found = []
    for one in psutil.process_iter():
        try:
            told = [*one.cmdline(), *one.environ().values()]
            if one.pid != os.getpid() and one.status() != psutil.STATUS_ZOMBIE and any(mark in part for part in told):
                found.append(one)
        except psutil.Error:
            continue
    return found


def until(what: Callable[[], object]) -> None:
    while not what():
        time.sleep(0.2)


def test_a_second_one_on_the_same_data_is_refused_with_a_sentence(own: Settings) -> None:
    held = take(own.data_dir / "up.lock", 0)
    assert held is not None
    os.write(held, b"4711")
    with pytest.raises(SettingsError, match=r"runs already on .* \(process 4711\)"):
        up()
    os.close(held)


def test_a_port_in_use_is_a_sentence_and_nothing_starts(own: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", own.intake_port))
        taken.listen()
        with pytest.raises(SettingsError, match="intake cannot listen .* set VOC_INTAKE_PORT"):
            up()


def test_a_port_given_twice_is_a_sentence(own: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    object.__setattr__(own, "dashboard_port", own.intake_port)
    with pytest.raises(SettingsError, match=r"VOC_INTAKE_PORT is \d+, which another process of `voc up` has too"):
        up()


def test_what_does_not_answer_is_told(own: Settings) -> None:
    told = {name: ask() for name, ask in checks(own).items()}
    assert all("does not answer" in sentence for sentence in told.values()), told


def test_a_server_elsewhere_is_not_started_here(own: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://prefect.lan:4200/api")
    found = {child.name: child for child in children_of(own)}
    assert SERVER not in found
    assert found[RUNNER].env["PREFECT_API_URL"] == "http://prefect.lan:4200/api" and not found[RUNNER].after


def supervised(tmp_path: Path, grace: float = 30) -> tuple[str, list[str]]:
    """A supervisor of two children in a process of its own."""
    mark = f"mark-{tmp_path.name}-{os.getpid()}"
    program = f"""
import sys
from insights.cli import children as module
from insights.cli.children import Child, Children
module.GRACE_SECONDS = {grace}
command = [sys.executable, "-c", {CHILD!r}, {mark!r}, {str(tmp_path / "deaf")!r}]
later = [sys.executable, "-c", "import time; time.sleep(600)", {mark!r}]
children = [Child("one", command, lambda: ""), Child("two", later, lambda: "", after="one")]
sys.exit(Children(children, lambda line: print(line, flush=True)).run())
"""
    return mark, [sys.executable, "-c", program]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_children_of_children_are_ended_too_even_those_that_do_not_want_to(
    tmp_path: Path, number: signal.Signals
) -> None:
    mark, command = supervised(tmp_path, grace=2)
    log = tmp_path / "log"
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, cwd=ROOT)
    until(lambda: len(marked(mark)) == 5)  # it, one and its two, two
    os.kill(int(log.read_text().partition("process ")[2].split()[0]), signal.SIGKILL)
    until(lambda: log.read_text().count("one  started") == 2)
    until(lambda: (tmp_path / "deaf").read_text() == "xx" and len(marked(mark)) >= 5)
    process.send_signal(number)
    process.wait()
    said = log.read_text()
    assert marked(mark) == []
    assert process.returncode == 1 and "one  killed" in said  # its child ignored SIGTERM
    assert "one  ended (-9), starts again in 1 s" in said and said.index("one  answers") < said.index("two  started")


def test_when_the_supervisor_itself_is_killed_its_children_end(tmp_path: Path) -> None:
    mark, command = supervised(tmp_path)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT)
    until(lambda: len(marked(mark)) == 5)
    direct = [one for one in marked(mark) if one.ppid() == process.pid]
    process.kill()
    process.wait()
    until(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in direct))
    for one in marked(mark):
        one.kill()


def test_the_pause_between_two_starts_grows_and_is_bounded() -> None:
    said: list[str] = []
    child = Child("brief", [sys.executable, "-c", ""], lambda: "no")
    kept = Children([child], said.append)
    for _ in range(9):
        child.again_at = 0.0
        kept._keep(child)
        until(lambda: child.process is not None and child.process.poll() is not None)
        kept._keep(child)
    pauses = [line.rsplit(" ", 2)[1] for line in said if "starts again" in line]
    assert pauses == ["1", "2", "4", "8", "16", "32", "60", "60", "60"]


@pytest.fixture
def started(own: Settings, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    log = tmp_path / "log"
    given = environment(own) | {f"VOC_{name.upper()}": str(getattr(own, name)) for name in PORTS.values()}
    given |= {"VOC_LOG_FORMAT": "json", "VOC_SMTP_PASSWORD": SECRETS[1], "PGPASSWORD": SECRETS[2]}
    given["VOC_HOOK_SECRETS"] = json.dumps({"contact_form": SECRETS[0]})
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "insights.cli.main", "up"],
            cwd=ROOT, env=given, stdout=out, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        yield process, log
        if process.poll() is None:
            process.kill()
        process.wait()
    for one in marked(str(own.data_dir)):
        one.kill()


@pytest.mark.faults
def test_all_of_it_starts_answers_comes_back_and_stops(
    own: Settings, started: tuple[subprocess.Popen[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    process, log = started

    def answering() -> bool:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        return not any(ask() for ask in checks(own).values())

    until(answering)
    up(check=True)
    assert "runner  answers" in capsys.readouterr().out
    with pytest.raises(SettingsError, match="runs already"):
        up()
    health = f"http://127.0.0.1:{own.intake_port}/healthz"
    posted = httpx.post(
        f"http://127.0.0.1:{own.intake_port}/hooks/contact_form",
        json={"id": "m1", "sent_at": "2026-10-30T10:00:00Z", "subject": "Facture", "message": "Elle est fausse."}
        | {"customer": WHO},
        headers={"authorization": f"Bearer {SECRETS[0]}"},
        timeout=120,
    )
    assert posted.status_code == 202 and posted.headers["x-request-id"]
    first = next(one for one in psutil.Process(process.pid).children() if "intake" in one.cmdline())
    first.kill()
    until(lambda: "intake  ended (-9), starts again in 1 s" in log.read_text(encoding="utf-8"))
    until(lambda: answering() and not httpx.get(health, timeout=120).json()["inbox_waiting"])
    process.terminate()
    process.wait()
    said = [line for line in log.read_text(encoding="utf-8").splitlines() if "  " in line[:12]]
    assert process.returncode == 0, said
    assert marked(str(own.data_dir)) == []
    for name in (SERVER, RUNNER, "intake", "dashboard"):
        assert f"{name}  stopped" in log.read_text(encoding="utf-8")
    personal = [value for name, value in WHO.items() if name != "id"]  # the id is the company's own: the lake has it
    for path in (log, *(one for one in own.data_dir.rglob("*") if one.is_file())):
        content = path.read_bytes()
        assert [one for one in (*SECRETS, *personal) if one.encode() in content] == [], path
