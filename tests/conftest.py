"""Fixtures for every test: settings on temporary folders, a real lake and a real ledger in them."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from chain import Company, voc_run
from filelock import FileLock

from insights.lake import Lake, open_lake
from insights.ledger import Ledger, open_ledger
from insights.settings import Settings, load_settings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
for _name in [name for name in os.environ if name.startswith("VOC_")]:
    del os.environ[_name]  # a developer's own settings must not rule the tests
os.environ["VOC_HOME"] = tempfile.mkdtemp(prefix="voc-tests-")  # nor a voc.toml that `make demo` left here

hypothesis.settings.register_profile("voc", deadline=None)  # no time limit in a test: machines are busy
hypothesis.settings.load_profile("voc")

ROOT = Path(__file__).parents[1]
LONG = (
    *("steps/test_chain.py", "flows/test_flows.py", "bench/test_bench_intake.py", "intake/test_crashes.py"),
    *("privacy/test_erase.py", "dashboard/test_browser.py", "privacy/test_return.py", "steps/test_curate.py"),
    *("steps/test_apart.py", "steps/test_quarantine_retry.py", "steps/test_index_step.py"),
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SHARED_DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """Streamlit's AppTest puts the page in the place of `__main__`, and a spawned worker would then start a dashboard."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session")
def extension_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DuckDB's extensions, installed once for the session."""
    return tmp_path_factory.mktemp("extensions")


@pytest.fixture
def settings(tmp_path: Path, extension_dir: Path) -> Settings:
    return load_settings(
        data_dir=tmp_path / "data",
        keys_dir=tmp_path / "keys",
        extension_dir=extension_dir,
        drop_dir=tmp_path / "drop",
        reference_dir=ROOT / "data" / "reference",
        as_of=date(2026, 10, 31),
        workers=1,
    )


@pytest.fixture(scope="session")
def empty_lake(tmp_path_factory: pytest.TempPathFactory, extension_dir: Path) -> Path:
    """The folder of a lake with all its tables and no row: making sixty tables takes most of a second."""
    folder = tmp_path_factory.mktemp("empty")
    settings = load_settings(data_dir=folder / "data", keys_dir=folder / "keys", extension_dir=extension_dir)
    with open_lake(settings):
        return settings.lake_dir


@pytest.fixture
def lake(settings: Settings, empty_lake: Path) -> Iterator[Lake]:
    if not settings.lake_dir.exists():
        shutil.copytree(empty_lake, settings.lake_dir)
    with open_lake(settings) as opened:
        yield opened


@pytest.fixture
def ledger(settings: Settings) -> Iterator[Ledger]:
    with open_ledger(settings) as opened:
        yield opened


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real public data beside the checkout; the test skips, and says so, where they are absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"{SHARED_DATA} is absent: this test needs the real public data")
    return SHARED_DATA


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory, extension_dir: Path, worker_id: str) -> Company:
    """The small company after `voc run`, once for all test processes of a run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "company"
    with FileLock(f"{folder}.lock"):
        done = folder / "said.txt"
        settings = _company_settings(folder, extension_dir)
        if not done.is_file():
            from insights.simulate import write

            write("small", folder)
            ran = voc_run(settings, str(folder / "exports"))
            assert ran.returncode == 0, ran.stdout + ran.stderr
            done.write_text(ran.stdout, encoding="utf-8")
        return Company(settings, folder, done.read_text(encoding="utf-8"))


def _company_settings(folder: Path, extension_dir: Path) -> Settings:
    return load_settings(
        data_dir=folder / "data",
        keys_dir=folder / "keys",
        drop_dir=folder / "drop",
        extension_dir=extension_dir,
        reference_dir=ROOT / "data" / "reference",
        as_of=date(2026, 10, 31),
        transcript_retention_days=1095,
        resolution=1.0,  # some three hundred complaints: coarse enough for figures a week
        workers=1,
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium; the test skips, and says so, where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser test")
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no browser on this machine ({', '.join(BROWSERS)}): install Debian's package chromium")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take a minute each come first: at the end one test process would wait for the other."""
    items.sort(key=lambda item: next((n for n, name in enumerate(LONG) if name in item.nodeid), len(LONG)))
