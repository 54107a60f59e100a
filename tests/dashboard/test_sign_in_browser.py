"""Sign-in with a real provider on loopback, as a reader meets it: in, refused, limited, run out, out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from dashboard_app import ROOT, know_irritants, open_callbacks
from dashboard_frames import PRODUCTS, customer
from test_browser import STEP_MS, free_port, wait_for

from insights.cli.dashboard import serve_command
from insights.ledger import open_ledger
from insights.ledger.readings import readings
from insights.settings import Settings

pytestmark = pytest.mark.journeys
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser test")

ACCESS = f"""
roles: {{cx: analyst, boss: viewer, calls: adviser}}
rows: {{gas: {{products: ["{PRODUCTS[0]}"]}}}}
"""
PEOPLE: dict[str, dict[str, Any]] = {
    "nadia": {"name": "nadia@exemple.fr", "preferred_username": "Nadia B", "groups": ["cx"]},
    "claire": {"name": "Claire D", "groups": ["boss"]},
    "bruno": {"name": "Bruno G", "groups": ["calls", "gas"]},
    "paul": {"name": "Paul N", "groups": ["football"]},
}
EVER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
HOUR, SOON = 3600, 25  # seconds a token holds


@dataclass
class Place:
    """The served app, its settings, and the file of claims the provider tells."""

    address: str
    settings: Settings
    people: Path

    def hold(self, who: str, seconds: int) -> float:
        """Let the next token of somebody hold so long; returns when it ends, in seconds since 1970."""
        ends = int(time.time()) + seconds
        told = {sub: {**claims, "exp": ends} if sub == who else claims for sub, claims in PEOPLE.items()}
        self.people.write_text(json.dumps(told), encoding="utf-8")
        return ends


@contextmanager
def running(command: list[str], address: str, log: Path, **told: str) -> Iterator[None]:
    """A process of ours while it is needed."""
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **told}, stdout=out, stderr=out)
        try:
            wait_for(address, process, log)
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


@pytest.fixture(scope="module")
def place(places: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One provider and one dashboard, started by the command that `voc dashboard` runs."""
    folder = tmp_path_factory.mktemp("sign_in")
    port, other = free_port(), free_port()
    address, issuer = f"http://localhost:{port}", f"http://localhost:{other}"
    mine = settings_of(places("full"), folder, address, issuer)
    found = Place(address, mine, folder / "people.json")
    found.hold("nadia", HOUR)
    with open_ledger(mine) as ledger:
        know_irritants(ledger)
        open_callbacks(ledger)
    provide = [sys.executable, str(ROOT / "tests" / "sign_in_provider.py"), str(other), str(found.people)]
    with (
        running(provide, f"{issuer}/.well-known/openid-configuration", folder / "provider"),
        running(serve_command(mine, port), f"{address}/_stcore/health", folder / "log", **environment(mine)),
    ):
        yield found


def settings_of(full: Settings, folder: Path, address: str, issuer: str) -> Settings:
    """The full company with a ledger, keys and an access.yaml of its own, signing in at `issuer`."""
    reference = folder / "reference"
    reference.mkdir()
    for path in full.reference_dir.iterdir():
        if path.name != "access.yaml":
            (reference / path.name).symlink_to(path)
    (reference / "access.yaml").write_text(ACCESS, encoding="utf-8")
    told = {
        "reference_dir": reference, "keys_dir": folder / "keys", "dashboard_url": address,
        "ledger_url": f"sqlite:///{folder / 'ledger.sqlite'}", "oidc_client_id": "voc", "oidc_client_secret": "s3cret",
        "oidc_metadata_url": f"{issuer}/.well-known/openid-configuration",
    }  # fmt: skip
    return Settings.model_validate({**full.model_dump(), **told})


def environment(mine: Settings) -> dict[str, str]:
    names = ("data_dir", "keys_dir", "reference_dir", "as_of", "ledger_url", "oidc_metadata_url", "dashboard_url")
    return {f"VOC_{name.upper()}": str(getattr(mine, name)) for name in names}


@pytest.fixture
def tab(browser: playwright.Browser) -> Iterator[playwright.Page]:
    """A browser that knows nobody: its own cookies."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(STEP_MS)
    yield page
    context.close()


def sign_in(tab: playwright.Page, place: Place, who: str, path: str, language: str = "en", holds: int = HOUR) -> float:
    """Ask for a page, sign in at the provider, come back; returns when the token ends."""
    tab.goto(f"{place.address}/{path}{'&' if '?' in path else '?'}lang={language}")
    button = tab.get_by_role("button", name={"en": "Sign in", "fr": "Se connecter"}[language])
    button.wait_for()
    shot(tab, f"sign_in_{language}")
    button.click()
    known = tab.get_by_role("button", name=who)
    known.wait_for()
    ends = place.hold(who, holds)
    known.click()
    return ends


def settled(tab: playwright.Page, words: str) -> None:
    tab.get_by_text(words).first.wait_for()
    tab.wait_for_function("!document.querySelector('[data-testid=stSpinner], [data-testid=stStatusWidget]')")


def shot(tab: playwright.Page, name: str) -> None:
    if folder := os.environ.get("SHOTS_DIR"):
        tab.wait_for_timeout(700)
        tab.screenshot(path=f"{folder}/{name}.png")


def shown(tab: playwright.Page) -> str:
    return tab.locator("[data-testid=stMain]").inner_text()


def test_signing_in_opens_the_page_that_was_asked_for_and_decides_under_that_name(place: Place, tab: playwright.Page):
    sign_in(tab, place, "nadia", "registry?irritant=IR-0005", "fr")
    settled(tab, "Noté à votre nom : Nadia B")
    assert "/registry" in tab.url
    assert "irritant=IR-0005" in tab.url
    assert tab.get_by_role("textbox", name="Votre nom").count() == 0
    shot(tab, "registry_signed_in_fr")
    tab.get_by_role("textbox", name="Nom en français").first.fill("Remboursement toujours attendu")
    tab.get_by_role("button", name="Enregistrer les changements").click()
    tab.get_by_text("Remboursement toujours attendu").first.wait_for()
    with open_ledger(place.settings) as ledger:
        [event] = ledger.events(("irritant.renamed",))
    assert event.actor == "Nadia B"


def test_a_page_of_another_role_is_refused_by_name_and_right(place: Place, tab: playwright.Page):
    sign_in(tab, place, "claire", "risk")
    settled(tab, "does not open the page “Customers at risk”")
    assert "see one customer at a time" in shown(tab)
    assert "CX expert" in shown(tab)
    shot(tab, "refused_en")
    assert tab.locator("[data-testid=stSidebarNav]").get_by_text("Customers at risk").count() == 0
    assert customer(0) not in shown(tab)
    assert not tab.get_by_text("Page not found").count()


def test_who_has_no_role_sees_nothing_and_can_sign_out(place: Place, tab: playwright.Page):
    sign_in(tab, place, "paul", "week", "fr")
    settled(tab, "Pas encore de rôle")
    shot(tab, "no_role_fr")
    assert tab.locator("[data-testid=stMetric]").count() == 0
    tab.get_by_role("button", name="Se déconnecter").click()
    tab.get_by_role("button", name="End session").click()
    tab.get_by_role("button", name="Se connecter").wait_for()
    tab.goto(f"{place.address}/week?lang=fr")
    tab.get_by_role("button", name="Se connecter").wait_for()


def test_row_rights_hide_customers_and_say_so(place: Place, tab: playwright.Page):
    theirs, foreign = customer(0), customer(1)
    sign_in(tab, place, "bruno", f"risk?customer={theirs}")
    settled(tab, "Signed in as Bruno G")
    tab.get_by_text("Survey answer").first.wait_for()  # of the history, which comes last
    shot(tab, "row_rights_en")
    assert foreign not in shown(tab)
    with open_ledger(place.settings) as ledger:
        read = readings(ledger, since=EVER[0], until=EVER[1], subject="bruno")
    assert read[["name", "role", "what", "customer_id"]].values.tolist() == [["Bruno G", "adviser", "timeline", theirs]]


def test_a_session_that_runs_out_shows_and_notes_nothing_more(place: Place, tab: playwright.Page):
    ends = sign_in(tab, place, "nadia", "registry?irritant=IR-0001", "en", holds=SOON)
    settled(tab, "Noted under your name: Nadia B")
    field = tab.get_by_role("textbox", name="Name in English").first
    field.fill("Changed too late")
    tab.wait_for_timeout(max(0, 1000 * (ends - time.time()) + 500))
    tab.get_by_role("button", name="Save the changes").click()
    settled(tab, "Your session has run out")
    shot(tab, "run_out_en")
    assert tab.locator("[data-testid=stMetric]").count() == 0
    with open_ledger(place.settings) as ledger:
        assert "Changed too late" not in str([event.payload for event in ledger.events(("irritant.",))])


def test_a_role_that_is_taken_away_ends_at_the_next_click(place: Place, tab: playwright.Page):
    sign_in(tab, place, "claire", "scores", "fr")
    tab.wait_for_url("**/scores?*")
    settled(tab, "Connecté : Claire D")
    path = place.settings.reference_dir / "access.yaml"
    path.write_text(ACCESS.replace("boss: viewer, ", ""), encoding="utf-8")
    tab.locator("[data-testid=stSidebarNav]").get_by_text("Priorités").click()
    settled(tab, "sans rôle dans cette application")
    path.write_text(ACCESS, encoding="utf-8")
