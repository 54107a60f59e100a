"""Fixtures for every test: settings on temporary folders, a real lake and a real ledger in them."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import hypothesis
import pytest
from chain import Company, run_steps

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


@pytest.fixture
def lake(settings: Settings) -> Iterator[Lake]:
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
def company(tmp_path_factory: pytest.TempPathFactory, extension_dir: Path) -> Company:
    """Simulate the small company and run every step on it once."""
    from insights.simulate import write

    folder = tmp_path_factory.mktemp("company")
    write("small", folder)
    settings = load_settings(
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
    return Company(settings, folder, run_steps(settings, folder / "exports", "first"))
