"""A real Chromium walks the real app: every page, two languages, a callback to its outcome, a new name and its undo."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from dashboard_app import APP, ROOT, know_irritants, open_callbacks
from dashboard_frames import AS_OF, NOW, customer
from test_pages import TITLES

from dashboard.menu import PAGES, title
from insights.actions import edit
from insights.cases import fold_cases
from insights.i18n import translator
from insights.ledger import Ledger, open_ledger
from insights.settings import Settings
from insights.steps import actions
from insights.steps.resolved import registry

START_SECONDS = 120
STEP_MS = 60_000

Axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser test")


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
        update={
            "ledger_url": f"sqlite:///{folder / 'ledger.sqlite'}",
            "keys_dir": folder / "keys",
            "crm_url_template": "https://crm.example/customers/{customer_id}",
        }
    )
    with open_ledger(mine) as ledger:
        know_irritants(ledger)
        open_callbacks(ledger)
        an_english_detractor(ledger)
        declare_an_action(ledger)
    names = ("data_dir", "keys_dir", "reference_dir", "as_of", "ledger_url", "crm_url_template")
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


def an_english_detractor(ledger: Ledger) -> None:
    """A case of an English-speaking customer on another irritant than the French ones."""
    payload = {
        "customer_id": customer(7), "reason": "detractor", "owner_team": "callbacks", "promise": "standard",
        "due_at": (NOW + timedelta(hours=40)).isoformat(), "waiting_since": (NOW - timedelta(hours=30)).isoformat(),
        "signals": ["detractor:f00007"], "irritant_id": "IR-0004", "segment": "household", "language": "en",
    }  # fmt: skip
    ledger.append("case.opened", "case3", payload, actor="rules", at=NOW, key=f"case:{customer(7)}:opened:1")


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


@pytest.mark.parametrize("place", [0, pytest.param(1, marks=pytest.mark.journeys)], ids=["fr", "en"])
def test_every_page_by_clicking_through_the_navigation(served, tab, place):
    """Every page of the menu, one or two clicks away; in French also for a reader without eyes, mouse or wide screen."""
    address, _settings = served
    language = ("fr", "en")[place]
    asked: set[str] = set()
    tab.on("request", lambda request: asked.add(request.url))
    tab.goto(f"{address}/?lang={language}")
    for entry in PAGES:
        said = title(translator(language), entry.name)
        go(tab, said, ("Toutes les pages", "All pages")[place])
        drawn(tab, said)
        assert tab.url.split("?")[0] == f"{address}/{entry.name}", "a page has the same address for everybody"
        assert tab.locator("[data-testid=stException]").count() == 0
        assert tab.locator("[data-testid=stAlertContentError]").count() == 0
        if language == "fr":
            readable(tab, entry.name)
    local = (address, address.replace("http", "ws"), "data:", "blob:")
    assert not [url for url in asked if not url.startswith(local)], "the app talks to somebody else"


def go(tab: playwright.Page, said: str, more: str) -> None:
    """To a page by its name: in the menu, or behind « All pages »."""
    menu = tab.locator("[data-testid=stSidebarNav]")
    menu.get_by_text(more, exact=True).wait_for()
    if not menu.get_by_text(said, exact=True).count():
        menu.get_by_text(more, exact=True).click()
        menu = tab.locator("[data-testid=stMain]")
    menu.get_by_text(said, exact=True).first.click()


def readable(tab: playwright.Page, name: str) -> None:
    """No serious finding of axe, the document says its language, and nothing runs over the edge, on a tablet either."""
    found = [one for one in Axe().run(tab).response["violations"] if one["impact"] in ("serious", "critical")]
    assert not [(one["id"], node["html"]) for one in found for node in one["nodes"]], name
    assert tab.evaluate("document.documentElement.lang") == "fr"
    for width, height in ((1280, 900), (820, 1180)):
        tab.set_viewport_size({"width": width, "height": height})
        main = "document.querySelector('[data-testid=stMain]')"
        tab.wait_for_function(f"{main}.scrollWidth <= {main}.clientWidth")
    tab.set_viewport_size({"width": 1440, "height": 900})


@pytest.mark.journeys
def test_a_link_keeps_language_and_irritant_and_verbatims_stay_text(served, tab):
    address, _settings = served
    tab.on("dialog", lambda _dialog: pytest.fail("a verbatim ran as a script"))
    tab.goto(f"{address}/irritants?lang=fr&irritant=IR-0003")
    drawn(tab, "Irritants")
    said = tab.get_by_text("<script>alert(1)</script> **gras** $x$").first
    said.wait_for()
    tab.locator("[data-testid=stDataFrame] canvas").first.wait_for()
    tab.locator("[data-testid=stVegaLiteChart]").locator("svg, canvas").first.wait_for()


WALKS = {
    "fr": {
        "case": "case0", "title": "Rappels", "name": "Votre nom", "take": "Prendre ce dossier",
        "crm": "Ouvrir dans le CRM", "answer": "Non, estimé", "do": "Demandez une photo du compteur",
        "replies": "Réponses proposées", "first": "1. Facture refaite sur le vrai index",
        "use": "Utiliser cette réponse", "copy": "rien n'est envoyé d'ici", "history": "Ce qui a été fait",
        "chosen": "réponse choisie : Facture refaite sur le vrai index", "outcome": "problème résolu",
        "note": "Note (conservée chiffrée)", "save": "Enregistrer", "done": "C'est noté : problème résolu.",
    },
    "en": {
        "case": "case3", "title": "Callbacks", "name": "Your name", "take": "Take this case", "crm": "Open in the CRM",
        "answer": "A call-back", "do": "Call now, own up to the missed promise", "replies": "Suggested replies",
        "first": "1. Missed call-back, new time", "use": "Use this reply", "copy": "nothing is sent from here",
        "history": "What has been done", "chosen": "reply chosen: Missed call-back, new time",
        "outcome": "problem solved", "note": "Note (stored encrypted)", "save": "Save", "done": "Noted: problem solved.",
    },
}  # fmt: skip


@pytest.mark.journeys
@pytest.mark.parametrize("language", ["fr", pytest.param("en", marks=pytest.mark.journeys)])
def test_a_case_from_its_link_to_its_outcome(served, tab, language):
    """Open by link, take, walk the playbook, use a reply, note the outcome: take, outcome, save are the three clicks."""
    address, settings = served
    said = WALKS[language]
    tab.goto(f"{address}/callbacks?lang={language}&case={said['case']}")
    drawn(tab, said["title"])
    name = tab.get_by_role("textbox", name=said["name"])
    name.fill("Nadia")
    name.press("Enter")
    tab.get_by_role("button", name=said["take"]).and_(tab.locator(":enabled")).wait_for()
    shot(tab, f"case_{language}_1_open")
    tab.keyboard.press("Alt+T")  # the first click, from the keyboard
    tab.get_by_text(said["outcome"], exact=True).first.wait_for()
    assert said["case"] in tab.url
    link = tab.get_by_role("link", name=said["crm"]).get_attribute("href")
    assert link is not None
    assert link.startswith("https://crm.example/customers/C0")
    tab.get_by_text(said["answer"], exact=True).first.click()
    tab.get_by_text(said["do"]).first.wait_for()
    shot(tab, f"case_{language}_2_playbook")
    only(tab, "tab", said["replies"]).click()
    tab.get_by_text(said["first"]).first.wait_for()
    only(tab, "button", said["use"]).click()
    tab.get_by_text(said["copy"]).first.wait_for()
    shot(tab, f"case_{language}_3_reply")
    only(tab, "tab", said["history"]).click()
    tab.get_by_text(said["chosen"]).first.wait_for()
    tab.get_by_text(said["outcome"], exact=True).first.click()
    tab.get_by_label(said["note"]).fill("Échéancier proposé.")
    only(tab, "button", said["save"]).click()
    tab.get_by_text(said["done"]).first.wait_for()
    shot(tab, f"case_{language}_4_done")
    with open_ledger(settings) as ledger:
        case = fold_cases(ledger.events(kinds=("case.",)))[said["case"]]
        [chosen] = ledger.events(kinds=("case.reply_chosen",), subject=said["case"])
    assert (case.state, case.outcome, case.assignee, case.refused) == ("closed", "solved", "Nadia", ())
    assert chosen.payload["rank"] == 1


def only(tab: playwright.Page, role: str, name: str) -> playwright.Locator:
    """The one element of a name: while a page is drawn anew, the old one may stand beside it for a moment."""
    found = tab.get_by_role(role, name=name)
    playwright.expect(found).to_have_count(1, timeout=STEP_MS)
    return found


def shot(tab: playwright.Page, name: str) -> None:
    """A picture of the whole window for people, where SHOTS_DIR says so."""
    if folder := os.environ.get("SHOTS_DIR"):
        tab.wait_for_timeout(700)
        tab.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.journeys
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


@pytest.mark.journeys
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
