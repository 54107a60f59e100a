"""Fixtures for every test: settings on temporary folders, a real lake and a real ledger in them."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from chain import Company, Once, voc_run
from filelock import FileLock
from stores_servers import AbsentError, PostgresServer, S3Server, postgres_server, s3_server

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
def once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Once:
    """`once(name, make)`: a folder that `make` fills once for all test processes of a run. Who changes it takes a copy."""
    base = tmp_path_factory.getbasetemp()
    common = base if worker_id == "master" else base.parent

    def folder(name: str, make: Callable[[Path], object]) -> Path:
        place, done = common / name, common / f"{name}.done"
        with FileLock(f"{place}.lock"):
            if not done.is_file():
                shutil.rmtree(place, ignore_errors=True)  # what a process left that failed over it
                place.mkdir()
                make(place)
                done.touch()
        return place

    return folder


@pytest.fixture(scope="session")
def own_copy(once: Once, tmp_path_factory: pytest.TempPathFactory) -> Once:
    """As `once`, and this process's copy of it: nobody opens the first one, so that it can be copied at any time."""

    def folder(name: str, make: Callable[[Path], object]) -> Path:
        return shutil.copytree(once(name, make), tmp_path_factory.mktemp("own") / name)

    return folder


@pytest.fixture(scope="session")
def extension_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DuckDB's extensions, installed once for the session."""
    return tmp_path_factory.mktemp("extensions")


@pytest.fixture
def settings(tmp_path: Path, extension_dir: Path, stores: Callable[[], dict[str, Any]]) -> Settings:
    return load_settings(
        **stores(),
        data_dir=tmp_path / "data",
        keys_dir=tmp_path / "keys",
        extension_dir=extension_dir,
        drop_dir=tmp_path / "drop",
        reference_dir=ROOT / "data" / "reference",
        as_of=date(2026, 10, 31),
        workers=1,
    )


@pytest.fixture(scope="session")
def stores(request: pytest.FixtureRequest) -> Callable[[], dict[str, Any]]:
    """Settings of new stores for one test: none, or with `TEST_STORES=servers` a real PostgreSQL and a real S3 interface,
    on which the tests of the lake, the ledger, the inbox and the erasure are run as they are."""
    if os.environ.get("TEST_STORES") != "servers":
        return dict
    postgres, s3 = request.getfixturevalue("postgres"), request.getfixturevalue("s3")
    return lambda: {"catalog_url": postgres.database(), "ledger_url": postgres.ledger(), **s3.bucket()}


@pytest.fixture(scope="session")
def empty_lake(once: Once, extension_dir: Path) -> Path:
    """The folder of a lake with all its tables and no row: making sixty tables takes most of a second."""

    def at(folder: Path) -> Settings:
        return load_settings(data_dir=folder / "data", keys_dir=folder / "keys", extension_dir=extension_dir)

    return at(once("empty_lake", lambda folder: open_lake(at(folder)).close())).lake_dir


@pytest.fixture
def lake(settings: Settings, empty_lake: Path) -> Iterator[Lake]:
    if not settings.lake_dir.exists() and not settings.catalog_url:
        shutil.copytree(empty_lake, settings.lake_dir)
    with open_lake(settings) as opened:
        yield opened


@pytest.fixture
def ledger(settings: Settings) -> Iterator[Ledger]:
    with open_ledger(settings) as opened:
        yield opened


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL; the test skips, and says why, where it cannot run."""
    yield from _server(postgres_server)


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """A real S3 interface; the test skips, and says why, where it cannot run."""
    yield from _server(s3_server)


def _server(started: Callable[[], AbstractContextManager[Any]]) -> Iterator[Any]:
    with ExitStack() as stack:
        try:
            server = stack.enter_context(started())
        except AbsentError as error:
            pytest.skip(str(error))
        yield server


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real public data beside the checkout; the test skips, and says so, where they are absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"{SHARED_DATA} is absent: this test needs the real public data")
    return SHARED_DATA


@pytest.fixture(scope="session")
def company(once: Once, extension_dir: Path) -> Company:
    """The small company after `voc run`, once for all test processes of a run."""

    def make(folder: Path) -> None:
        from insights.simulate import write

        write("small", folder)
        ran = voc_run(_company_settings(folder, extension_dir), str(folder / "exports"))
        assert ran.returncode == 0, ran.stdout + ran.stderr
        (folder / "said.txt").write_text(ran.stdout, encoding="utf-8")

    folder = once("company", make)
    return Company(_company_settings(folder, extension_dir), folder, (folder / "said.txt").read_text(encoding="utf-8"))


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
