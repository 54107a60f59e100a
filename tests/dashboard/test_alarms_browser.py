"""A real Chromium on the page Alarms: taking, answering and closing an incident, on a desk and on a telephone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from dashboard_app import APP, ROOT
from test_browser import STEP_MS, drawn, free_port, shot, wait_for

from insights.ledger import open_ledger
from insights.settings import Settings
from insights.steps.watch_record import incidents

pytestmark = pytest.mark.journeys
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser test")

SAID = {
    "fr": {
        "title": "Alarmes", "name": "Votre nom", "take": "Prendre en charge", "taken": "Pris en charge par Nadia",
        "answer": "Réponse pour tous", "field": "Une réponse pour tous", "save": "Enregistrer la réponse",
        "text": "Tout est rétabli depuis 19 h 30, pardon.", "close": "Clore", "reason": "fausse alarme",
        "done": "Enregistrer", "now": "Interrompue",
    },
    "en": {
        "title": "Alarms", "name": "Your name", "take": "Take it", "taken": "Taken by Nadia", "answer": "Answer for all",
        "field": "One answer for all", "save": "Save the answer", "text": "All is well again since 7:30 pm, sorry.",
        "close": "Close", "reason": "false alarm", "done": "Save", "now": "Interrupted",
    },
}  # fmt: skip


@pytest.fixture
def served(rung: Settings, tmp_path: Path) -> Iterator[tuple[str, Settings]]:
    """The app on the company whose alarm has just rung, with a ledger of its own."""
    shutil.copytree(rung.keys_dir, tmp_path / "keys")
    shutil.copy(rung.data_dir / "ledger.sqlite", tmp_path / "ledger.sqlite")
    own = {"ledger_url": f"sqlite:///{tmp_path / 'ledger.sqlite'}", "keys_dir": tmp_path / "keys"}
    mine = rung.model_copy(update=own)
    names = ("data_dir", "keys_dir", "reference_dir", "as_of", "ledger_url")
    environment = {**os.environ, **{f"VOC_{name.upper()}": str(getattr(mine, name)) for name in names}}
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", str(port)]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health", process, tmp_path / "log")
            yield f"http://127.0.0.1:{port}", mine
        finally:
            process.terminate()
            process.wait(timeout=30)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_incident_from_its_link_to_its_end(served, browser, language):
    address, settings = served
    said = SAID[language]
    tab = browser.new_page(viewport={"width": 1440, "height": 900})
    tab.set_default_timeout(STEP_MS)
    tab.goto(f"{address}/alarms?lang={language}")
    drawn(tab, said["title"])
    shot(tab, f"alarms_{language}_1_open")
    name = tab.get_by_role("textbox", name=said["name"])
    name.fill("Nadia")
    name.press("Enter")
    tab.get_by_role("button", name=said["take"]).click()
    tab.get_by_text(said["taken"]).first.wait_for()
    tab.get_by_role("button", name=said["answer"]).click()
    field = tab.get_by_label(said["field"], exact=True)
    field.fill(said["text"])
    field.press("Control+Enter")
    tab.get_by_role("button", name=said["save"]).and_(tab.locator(":enabled")).click()
    tab.get_by_test_id("stAlertContentInfo").get_by_text(said["text"]).first.wait_for()
    tab.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")
    shot(tab, f"alarms_{language}_2_answered")
    tab.get_by_role("button", name=said["close"]).first.click()
    box = tab.get_by_test_id("stPopoverBody")
    box.get_by_text(said["reason"], exact=True).click()
    box.get_by_role("button", name=said["done"], exact=True).and_(tab.locator(":enabled")).click()
    tab.get_by_text(said["now"]).first.wait_for()
    drawn(tab, said["title"])
    shot(tab, f"alarms_{language}_3_closed")
    tab.close()
    with open_ledger(settings) as ledger:
        found = [one for one in incidents(ledger).values() if not one.replayed]
    assert [(one.reason, one.closed_by) for one in found] == [("false_alarm", "Nadia")]


def test_the_week_and_a_held_case_tell_of_it_and_nothing_runs_over_the_edge_of_a_telephone(served, browser):
    address, _settings = served
    phone = browser.new_page(viewport={"width": 400, "height": 900})
    phone.set_default_timeout(STEP_MS)
    phone.goto(f"{address}/?lang=fr")
    phone.get_by_text("1 incident est ouvert").first.wait_for()
    shot(phone, "alarms_week_phone")
    main = "document.querySelector('[data-testid=stMain]')"
    phone.goto(f"{address}/alarms?lang=fr")
    drawn(phone, "Alarmes")
    shot(phone, "alarms_phone")
    assert phone.evaluate(f"{main}.scrollWidth <= {main}.clientWidth")
    phone.set_viewport_size({"width": 1440, "height": 900})
    phone.goto(f"{address}/callbacks?lang=fr&case=case0")
    phone.get_by_text("une réponse pour tous se prépare").first.wait_for()
    shot(phone, "alarms_case_held")
    phone.close()
