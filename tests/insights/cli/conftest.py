"""`voc` run in the test's own process, as its script runs it: the same exit codes, output and sentences, without the
seconds that a new process spends on imports. `test_cli.py` keeps processes of their own beside it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO

import pytest

from insights.cli import main
from insights.settings import Settings, default_settings

PLACES = ("data_dir", "keys_dir", "extension_dir", "reference_dir", "as_of")


@dataclass(frozen=True)
class Done:
    """What a command left, by the names of `subprocess.CompletedProcess`."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def voc_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Settings], Callable[..., Done]]]:
    """`voc_on(settings)(*arguments)` runs a command on these folders."""

    def on(settings: Settings) -> Callable[..., Done]:
        for name in PLACES:
            monkeypatch.setenv(f"VOC_{name.upper()}", str(getattr(settings, name)))

        def run(*arguments: str) -> Done:
            monkeypatch.setattr(sys, "argv", ["voc", *arguments])
            default_settings.cache_clear()
            out, err = StringIO(), StringIO()
            code: object = 0
            with redirect_stdout(out), redirect_stderr(err):
                try:
                    main.run()
                except SystemExit as end:
                    code = end.code
            return Done(code if isinstance(code, int) else int(code is not None), out.getvalue(), err.getvalue())

        return run

    yield on
    default_settings.cache_clear()
