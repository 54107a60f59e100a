"""Somebody in front of the app: reads, clicks and writes by what stands on the screen, in French or in English.

Everything is found by its visible words (role and name, as a screen reader says it). The words are given in English and
looked up in the catalogue, so that one journey is walked in both languages.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import parse_qs, urlparse
from urllib.request import urlopen

import pytest

from insights.i18n import translator

START_SECONDS = 180
STEP_MS = int(os.environ.get("JOURNEYS_STEP_MS", "90000"))  # after which a step that found nothing fails
MAIN = "[data-testid=stMain]"
QUIET_MS = 700  # a click needs a moment to start the script
# the app says so itself, for a while: the script has ended, nothing is left of the drawing before, the page has more than
# its title, and no picture is still to come
SETTLED = """quiet => {
  const app = document.querySelector("[data-testid=stApp]");
  const busy = "[data-testid=stSpinner], [data-testid=stSkeleton], [data-testid=stMain] [data-stale=true]";
  const filled = document.querySelectorAll("[data-testid=stMain] [data-testid=stElementContainer]").length > 3;
  const done = app && app.getAttribute("data-test-script-state") === "notRunning" && filled;
  const now = performance.now();
  if (!done || document.querySelector(busy)) window.vocBusy = now;
  window.vocBusy ??= now;  // a page that was loaded anew
  return now - window.vocBusy > quiet;
}"""
DRAWN_MS = 1500  # charts come in gently


def ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the app answers; fail with its log when it ends or never does."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(address, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.3)
    pytest.fail(f"the dashboard did not start:\n{log.read_text()}")


class Person:
    """A reader with a browser of their own, a language and a role."""

    def __init__(
        self, browser: Any, address: str, language: str, role: str, *, width: int = 1280, height: int = 900
    ) -> None:
        self.address, self.language, self.role = address, language, role
        self.word = translator(language)
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, accept_downloads=True, locale=language
        )
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.tab = self.context.new_page()
        self.tab.set_default_timeout(STEP_MS)

    def leave(self) -> None:
        self.context.close()

    # going somewhere

    def home(self) -> None:
        """Open the application as the role's bookmark does."""
        self.tab.goto(f"{self.address}/?lang={self.language}&role={self.role}")
        self.settled()

    def opens(self, path: str) -> None:
        """Open a page by its address, as from a link in a mail."""
        joint = "&" if "?" in path else "?"
        self.tab.goto(f"{self.address}/{path}{joint}lang={self.language}&role={self.role}")
        self.settled()

    def follows(self, url: str) -> None:
        """Open the whole address a colleague sent."""
        self.tab.goto(url)
        self.settled()

    def goes(self, title: str) -> None:
        """Click an entry of the sidebar; the rest of the pages is one click further."""
        entry = self.tab.locator("[data-testid=stSidebarNav]").get_by_role("link", name=self.word(title), exact=True)
        if not entry.count():
            self.tab.locator("[data-testid=stSidebarNavViewButton]").click()
        entry.first.click()
        self.on(title)

    def on(self, title: str) -> None:
        """The page of that title is there and complete."""
        self.tab.locator(f"{MAIN} h1", has_text=self.word(title)).first.wait_for()
        self.settled()

    def settled(self) -> None:
        """Nothing is running any more, and nothing has gone wrong."""
        self.tab.locator(f"{MAIN} h1").first.wait_for()
        self.tab.evaluate("() => { window.vocBusy = performance.now(); }")
        self.tab.wait_for_function(SETTLED, arg=QUIET_MS)
        assert self.tab.locator("[data-testid=stException]").count() == 0
        assert self.tab.locator("[data-testid=stAlertContentError]").count() == 0

    # reading

    def sees(self, text: str, **values: object) -> str:
        """Some words stand on the page (a translated sentence, its braces filled); returns the element's text."""
        said = self.word(text)
        found = self.tab.locator("body").get_by_text(said.format(**values) if values else said).first
        found.wait_for()
        return str(found.inner_text())

    def figure(self) -> str:
        """The first figure of the page."""
        return str(self.tab.locator(f"{MAIN} [data-testid=stMetricValue]").first.inner_text())

    def figures(self) -> list[str]:
        return [str(one) for one in self.tab.locator(f"{MAIN} [data-testid=stMetricValue]").all_inner_texts()]

    def chosen(self, label: str) -> str:
        """What a list or a field says."""
        field = self.tab.get_by_role("combobox", name=self.word(label)).or_(
            self.tab.get_by_role("textbox", name=self.word(label))
        )
        return str(field.first.input_value())

    def asked(self) -> dict[str, list[str]]:
        """What the address says."""
        return parse_qs(urlparse(self.tab.url).query)

    def text(self) -> str:
        """All that stands on the page."""
        return str(self.tab.locator(MAIN).inner_text())

    # doing

    def button(self, name: str, **values: object) -> Any:
        said = self.word(name)
        return self.tab.get_by_role("button", name=said.format(**values) if values else said).and_(
            self.tab.locator(":enabled")
        )

    def clicks(self, name: str, *, exact: bool = False) -> None:
        """Press a button that can be pressed."""
        named = self.tab.get_by_role("button", name=self.word(name), exact=exact)
        named.and_(self.tab.locator(":enabled")).first.click()
        self.settled()

    def turns_to(self, tab: str) -> None:
        """Open a tab of the page."""
        self.tab.get_by_role("tab", name=self.word(tab), exact=True).click()
        self.settled()

    def picks(self, option: str) -> None:
        """Choose one of a few that all stand on the page: a radio button, a part of a segmented control."""
        self.tab.locator(MAIN).get_by_text(self.word(option), exact=True).first.click()
        self.settled()

    def unfolds(self, title: str) -> None:
        """Open a drawer."""
        self.tab.locator(f"{MAIN} summary", has_text=self.word(title)).first.click()
        self.settled()

    def takes_link(self, label: str, **values: object) -> None:
        """Follow a link of the page itself."""
        said = self.word(label).format(**values)
        self.tab.locator(MAIN).get_by_role("link", name=said).first.click()
        self.settled()

    def downloads(self, form: str) -> bytes:
        """The file of the first table of the page."""
        self.clicks("Download")
        with self.tab.expect_download() as waited:
            self.tab.get_by_role("button", name=self.word(form)).first.click()
        return bytes(waited.value.path().read_bytes())

    def copies_the_link(self) -> str:
        """The address that « Copy the link of this view » puts on the clipboard."""
        self.tab.get_by_role("button", name=self.word("Copy the link of this view")).click()
        self.sees("Copied")
        return str(self.tab.evaluate("navigator.clipboard.readText()"))

    def writes(self, label: str, text: str) -> None:
        """Fill a field and leave it: Enter asks for the answer, except in a form, which it would send."""
        field = self.tab.get_by_role("textbox", name=self.word(label)).first
        field.fill(text)
        alone = "one => one.tagName === 'INPUT' && !one.closest('[data-testid=stForm]')"
        field.press("Enter" if field.evaluate(alone) else "Tab")
        self.settled()

    def chooses(self, label: str, option: str) -> None:
        """Choose in a list by typing into it, as somebody with a keyboard does."""
        field = self.tab.get_by_role("combobox", name=self.word(label)).first
        field.click()
        field.fill(option)
        self.tab.get_by_role("option", name=option).first.click()
        self.settled()

    def names(self, name: str = "Nadia") -> None:
        """Write the own name where the page asks for it."""
        self.writes("Your name", name)

    def pictures(self, name: str, at: str = "") -> None:
        """A picture of the window, where SHOTS_DIR says so, from the words `at` downwards: `<name>_<language>.png`."""
        if not (folder := os.environ.get("SHOTS_DIR")):
            return
        top = self.tab.locator(MAIN).get_by_text(self.word(at)).first if at else self.tab.locator(f"{MAIN} h1").first
        top.evaluate("one => one.scrollIntoView({block: 'start'})")
        self.tab.mouse.move(0, 0)
        self.tab.wait_for_timeout(DRAWN_MS)
        self.settled()
        self.tab.screenshot(path=f"{folder}/{name}_{self.language}.png")
