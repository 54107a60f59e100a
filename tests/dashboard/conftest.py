"""The real app on a real lake and ledger in a temporary folder."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from chain import Once
from dashboard_app import APP, ROOT, WRITERS, know_irritants, open_callbacks, settings_for
from streamlit import config as streamlit_config
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash
from watch_company import ring_company

from dashboard.data import open_store
from dashboard.page import Page
from insights.ledger import open_ledger
from insights.settings import Settings, default_settings


@pytest.fixture(scope="session")
def places(own_copy: Once) -> Callable[[str], Settings]:
    """Settings of a lake in one of the states of WRITERS, written once a run: tests only read it."""

    @cache
    def place(state: str) -> Settings:
        return settings_for(own_copy(f"place_{state}", lambda folder: WRITERS[state](settings_for(folder))))

    return place


@pytest.fixture
def own_ledger(places: Callable[[str], Settings], tmp_path: Path) -> Callable[[str], Settings]:
    """A place whose ledger and keys are this test's own, so that it may take decisions; the lake stays shared."""

    def place(state: str) -> Settings:
        mine = places(state).model_copy(
            update={"ledger_url": f"sqlite:///{tmp_path / 'ledger.sqlite'}", "keys_dir": tmp_path / "keys"}
        )
        with open_ledger(mine) as ledger:
            know_irritants(ledger)
            open_callbacks(ledger)
        return mine

    return place


@pytest.fixture(scope="session")
def rung(own_copy: Once) -> Settings:
    """A company with a past incident and an open one. Read it, never write it."""
    return settings_for(own_copy("rung", lambda folder: ring_company(settings_for(folder))))


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Settings], None]]:
    """Point the app's own settings (VOC_*) at a place."""

    def point(settings: Settings) -> None:
        for name in ("data_dir", "keys_dir", "reference_dir", "as_of", "ledger_url", "crm_url_template"):
            monkeypatch.setenv(f"VOC_{name.upper()}", str(getattr(settings, name)))
        default_settings.cache_clear()

    monkeypatch.chdir(ROOT)
    streamlit_config.set_option(
        "server.address", "127.0.0.1"
    )  # as dashboard/.streamlit/config.toml says; AppTest reads none
    yield point
    default_settings.cache_clear()


@pytest.fixture(scope="session")
def components() -> BidiComponentManager:
    """The installed components of Streamlit, looked for once: each AppTest would read the metadata of every package."""
    found = BidiComponentManager()
    found.discover_and_register_components(start_file_watching=False)
    return found


@pytest.fixture
def app(environment: Callable[[Settings], None], components: BidiComponentManager) -> Callable[..., AppTest]:
    """Run one page of the real app: `app(settings, "risk", "fr", customer="C0000001")`."""

    def run(settings: Settings, view: str = "week", language: str = "fr", **query: str) -> AppTest:
        environment(settings)
        test = AppTest.from_file(APP, default_timeout=60)
        test._bidi_component_manager = components
        # the page at once: `switch_page` would want the home drawn first, which takes as long as the page itself
        test._page_hash = calc_hash(view)
        for name, value in {"lang": language, **query}.items():
            test.query_params[name] = value
        return test.run()

    return run


@pytest.fixture
def page_of() -> Callable[..., Page]:
    """What a view gets, without drawing anything."""
    return lambda settings, language="fr": Page(open_store(settings), language)


@pytest.fixture(scope="session")
def config() -> dict[str, dict[str, object]]:
    """The app's own Streamlit configuration."""
    return tomllib.loads((ROOT / "dashboard" / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def theme(config: dict[str, dict[str, object]]) -> dict[str, object]:
    return config["theme"]
