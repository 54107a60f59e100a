"""The real app on a copy of the demo company's stores, and somebody who sits in front of it in a headless Chromium.

The stores are those of `make demo` (data/, .voc-keys), or of JOURNEYS_DATA and JOURNEYS_KEYS; they are only copied.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from person import Person, ready

from insights.cli.demo import DEMO_TOML
from insights.i18n import LANGUAGES
from insights.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("JOURNEYS_DATA", ROOT / "data"))
KEYS = Path(os.environ.get("JOURNEYS_KEYS", ROOT / ".voc-keys"))
LEFT = ("demo", "extensions", "prefect", "out", "reference", "drop")  # what no page reads, or that is not written


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a copy of the demo company, which journeys may change."""
    if not (DATA / "lake").is_dir() or not KEYS.is_dir():
        pytest.skip(f"there is no demo company in {DATA} and {KEYS}: run `make demo SERVE=0` first")
    folder = tmp_path_factory.mktemp("journeys")
    shutil.copytree(DATA, folder / "data", ignore=shutil.ignore_patterns(*LEFT))
    shutil.copytree(KEYS, folder / "keys")
    return load_settings(
        data_dir=folder / "data",
        keys_dir=folder / "keys",
        extension_dir=DATA / "extensions",
        reference_dir=ROOT / "data" / "reference",
        **tomllib.loads(DEMO_TOML),
    )


@pytest.fixture(scope="session")
def address(demo: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the app answers, started as `voc dashboard` starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    named = {name: getattr(demo, name) for name in demo.model_fields_set}
    environment = {**os.environ, **{f"VOC_{name.upper()}": str(value) for name, value in named.items()}}
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", "--server.port", str(port)]
    command += ["--server.fileWatcherType", "none"]  # who edits the tree meanwhile is not half in
    log = tmp_path_factory.mktemp("app") / "log"
    with log.open("w") as stream:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=stream, stderr=stream)
        try:
            ready(f"http://127.0.0.1:{port}/_stcore/health", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=60)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def somebody(address: str, browser: object, language: str) -> Iterator[Callable[..., Person]]:
    """Somebody in front of the app, in a browser of their own: `somebody("analyst")`."""
    people: list[Person] = []

    def sit_down(role: str = "analyst", **window: int) -> Person:
        people.append(Person(browser, address, language, role, **window))
        return people[-1]

    yield sit_down
    for one in people:
        one.leave()
