"""A command on a machine at fault says so in a sentence, ends with an exit code, and the next one does the work."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from chain import ROOT, environment

from insights.lake import open_lake
from insights.lake.place import catalog_file
from insights.ledger import open_ledger
from insights.settings import Settings
from insights.steps.alive import take

pytestmark = pytest.mark.faults
NOBODY = 65534


def voc(settings: Settings, *arguments: str, user: int = 0) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own."""
    as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
    command = [*as_user, sys.executable, "-m", "insights.cli.main", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment(settings), capture_output=True, text=True, check=False)


def assert_said(done: subprocess.CompletedProcess[str], words: str) -> None:
    """One line on stderr for people, and a code for scripts."""
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    assert [line for line in done.stderr.splitlines() if line.startswith("voc: ") and words in line], done.stderr


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A file system of its own at `folder`; the test skips where this user may mount none."""
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "voc-faults", str(folder)], capture_output=True, check=False
    )
    if made.returncode != 0:
        pytest.skip(f"this user may mount no file system: {made.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("command", [("run",), ("serve",), ("erase", "--customer", "C1")])
def test_on_a_full_disk_nothing_is_begun(settings: Settings, command: tuple[str, ...]) -> None:
    settings.data_dir.mkdir(parents=True)
    with mounted(settings.data_dir, "size=64m"):
        (settings.data_dir / "ballast").write_bytes(bytes(60 * 2**20))
        assert_said(voc(settings, *command), "make room")
        assert [path.name for path in settings.data_dir.iterdir()] == ["ballast"]


def test_a_read_only_folder_is_said(settings: Settings) -> None:
    settings.data_dir.mkdir(parents=True)
    with mounted(settings.data_dir, "size=64m,ro"):
        for command in (("run",), ("index",)):
            assert_said(voc(settings, *command), "may not write")


def test_a_folder_of_another_user_is_said(settings: Settings) -> None:
    if os.getuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root and setpriv to become another user")
    settings.data_dir.mkdir(parents=True, mode=0o755)
    for folder in (*settings.data_dir.parents, settings.data_dir):
        if folder.is_relative_to(Path("/tmp")) and folder != Path("/tmp"):
            folder.chmod(0o755)  # to be found, not to be written
    assert_said(voc(settings, "run", user=NOBODY), "may not write")


def test_a_catalog_that_another_process_holds_is_said_and_the_next_command_works(settings: Settings) -> None:
    with open_lake(settings), open_ledger(settings):
        pass
    holder = sqlite3.connect(catalog_file(settings), isolation_level=None)
    try:
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        assert_said(voc(settings, "index"), "locked")
    finally:
        holder.close()
    done = voc(settings, "index")
    assert done.returncode == 0, done.stderr


def test_one_serve_a_data_folder_and_one_a_port(settings: Settings) -> None:
    lock = take(settings.data_dir / "serve.lock", seconds=0)
    assert lock is not None
    assert_said(voc(settings, "serve"), "one is enough")
    os.close(lock)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = settings.model_copy(update={"prefect_port": other.getsockname()[1]})
        assert_said(voc(taken, "serve"), "is in use")
