"""A real Chromium walks the real app: every page, two languages, a callback to its outcome, a new name and its undo."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from dashboard_app import APP, ROOT, know_irritants, open_callbacks
from dashboard_frames import AS_OF, NOW
from test_pages import TITLES

from insights.actions import edit
from insights.cases import fold_cases
from insights.ledger import Ledger, open_ledger
from insights.settings import Settings
from insights.steps import actions
from insights.steps.resolved import registry

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_SECONDS = 120
STEP_MS = 60_000

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser test")


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no browser on this machine ({', '.join(BROWSERS)}): install Debian's package chromium")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def served(
    places: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Settings]]:
    """The app as `voc dashboard` starts it, on the full company with a ledger of its own."""
    folder: Path = tmp_path_factory.mktemp("served")
    mine = places("full").model_copy(
        update={"ledger_url": f"sqlite:///{folder / 'ledger.sqlite'}", "keys_dir": folder / "keys"}
    )
    with open_ledger(mine) as ledger:
        know_irritants(ledger)
        open_callbacks(ledger)
        declare_an_action(ledger)
    names = ("data_dir", "keys_dir", "reference_dir", "as_of", "ledger_url")
    environment = {**os.environ, **{f"VOC_{name.upper()}": str(getattr(mine, name)) for name in names}}
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", str(port)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health", process, folder / "log")
            yield f"http://127.0.0.1:{port}", mine
        finally:
            process.terminate()
            process.wait(timeout=30)


def declare_an_action(ledger: Ledger) -> None:
    """One action under way, so that the pages Actions and Proofs have something to show."""
    build = partial(edit.declare, told={"title": "Payer sous 5 jours", "irritant_id": "IR-0001", "start_on": AS_OF})
    one = actions.record(ledger, build, actor="Nadia", at=NOW)
    actions.record(ledger, lambda known: edit.set_state(known, one, "running", AS_OF), actor="Nadia", at=NOW)


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.3)
    pytest.fail(f"the dashboard did not start:\n{log.read_text()}")


@pytest.fixture
def tab(browser: playwright.Browser) -> Iterator[playwright.Page]:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(STEP_MS)
    yield page
    page.close()


def drawn(tab: playwright.Page, title: str) -> None:
    """The page of that title is complete: its headline figure, or what is missing, is there and nothing is running."""
    tab.locator("[data-testid=stMain] h1", has_text=title).wait_for()
    tab.locator("[data-testid=stMain]").locator(
        "[data-testid=stMetric], [data-testid=stAlertContentInfo]"
    ).first.wait_for()
    tab.wait_for_function("!document.querySelector('[data-testid=stSpinner], [data-testid=stStatusWidget]')")


@pytest.mark.parametrize("place", [0, 1], ids=["fr", "en"])
def test_every_page_by_clicking_through_the_navigation(served, tab, place):
    address, _settings = served
    asked: set[str] = set()
    tab.on("request", lambda request: asked.add(request.url))
    tab.goto(f"{address}/?lang={('fr', 'en')[place]}")
    for titles in TITLES.values():
        tab.locator("[data-testid=stSidebarNav]").get_by_text(titles[place], exact=True).click()
        drawn(tab, titles[place])
        assert tab.locator("[data-testid=stException]").count() == 0
        assert tab.locator("[data-testid=stAlertContentError]").count() == 0
    local = (address, address.replace("http", "ws"), "data:", "blob:")
    assert not [url for url in asked if not url.startswith(local)], "the app talks to somebody else"


def test_a_link_keeps_language_and_irritant_and_verbatims_stay_text(served, tab):
    address, _settings = served
    tab.on("dialog", lambda _dialog: pytest.fail("a verbatim ran as a script"))
    tab.goto(f"{address}/irritants?lang=fr&irritant=IR-0003")
    drawn(tab, "Irritants")
    said = tab.get_by_text("<script>alert(1)</script> **gras** $x$").first
    said.wait_for()
    tab.locator("[data-testid=stDataFrame] canvas").first.wait_for()
    tab.locator("[data-testid=stVegaLiteChart]").locator("svg, canvas").first.wait_for()


def test_a_callback_from_the_queue_to_its_outcome(served, tab):
    address, settings = served
    tab.goto(f"{address}/callbacks?lang=fr&case=case0")
    drawn(tab, "Rappels")
    name = tab.get_by_role("textbox", name="Votre nom")
    name.fill("Nadia")
    name.press("Enter")
    tab.get_by_role("button", name="Prendre ce dossier").click()
    tab.get_by_text("problème résolu", exact=True).click()
    tab.get_by_label("Note (conservée chiffrée)").fill("Échéancier proposé.")
    tab.get_by_role("button", name="Enregistrer", exact=True).click()
    tab.get_by_text("C'est noté : problème résolu.").wait_for()
    with open_ledger(settings) as ledger:
        case = fold_cases(ledger.events(kinds=("case.",)))["case0"]
    assert (case.state, case.outcome, case.assignee) == ("closed", "solved", "Nadia")


def test_an_irritant_is_renamed_and_the_undo_takes_it_back(served, tab):
    address, settings = served
    tab.goto(f"{address}/registry?lang=fr&irritant=IR-0005")
    drawn(tab, "Registre des irritants")
    name = tab.get_by_role("textbox", name="Votre nom")
    name.fill("Nadia")
    name.press("Enter")
    tab.get_by_role("button", name="Enregistrer les changements").and_(tab.locator(":enabled")).wait_for()
    tab.get_by_role("textbox", name="Nom en français").first.fill("Remboursement toujours attendu")
    tab.get_by_role("button", name="Enregistrer les changements").click()
    tab.get_by_text("Enregistré : « Remboursement toujours attendu ».").first.wait_for()
    tab.locator(".st-key-undo_last").get_by_role("button").click()
    tab.get_by_text("Annulé : tout est comme avant.").first.wait_for()
    with open_ledger(settings) as ledger:
        events = [event.kind for event in ledger.events(("irritant.",)) if event.actor == "Nadia"]
        assert registry(ledger).irritants["IR-0005"].label_fr == "Remboursement qui n'arrive pas"
    assert events == ["irritant.renamed", "irritant.undone"]


@pytest.mark.parametrize("view", ["registry", "check", "quality", "irritants"])
def test_nothing_runs_over_the_edge_of_a_telephone(served, browser, view):
    address, _settings = served
    phone = browser.new_page(viewport={"width": 400, "height": 900})
    phone.set_default_timeout(STEP_MS)
    phone.goto(f"{address}/{view}?lang=fr")
    drawn(phone, TITLES[view][0])
    main = "document.querySelector('[data-testid=stMain]')"
    assert phone.evaluate(f"{main}.scrollWidth <= {main}.clientWidth")
    phone.close()
