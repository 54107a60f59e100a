"""Time to the last element in a real browser: the last change of the page before it stays quiet."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from insights.errors import SettingsError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET_MS, LONGEST_MS = 2500, 45_000
WATCH = """
window.lastChange = 0;
new MutationObserver(() => { window.lastChange = performance.now(); })
    .observe(document, {childList: true, subtree: true, characterData: true});
"""
# drawn, nothing running any more, and quiet for a while
DONE = """
quiet => document.querySelector('[data-testid=stMain] h1')
    && !document.querySelector('[data-testid=stSpinner], [data-testid=stSkeleton], [data-testid=stStatusWidget]')
    && performance.now() - window.lastChange > quiet
"""


@contextmanager
def browser() -> Iterator[Any]:
    """A headless Chromium of this machine. Raises SettingsError when it, or playwright, is absent."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise SettingsError("playwright is not installed") from error
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        raise SettingsError(f"no browser found ({', '.join(BROWSERS)})")
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield opened
        finally:
            opened.close()


def last_element_ms(opened: Any, addresses: Sequence[str]) -> list[float]:
    """Milliseconds from asking for an address to its last element, each in a session of its own.

    Those that never came to rest are left out. Raises SettingsError when none did.
    """
    found = [_one(opened, address) for address in addresses]
    rested = [ms for ms in found if ms is not None]
    if not rested:
        raise SettingsError(f"{addresses[0]} did not come to rest within {LONGEST_MS / 1000:.0f} s")
    return rested


def _one(opened: Any, address: str) -> float | None:
    from playwright.sync_api import TimeoutError as Late

    tab = opened.new_page(viewport={"width": 1280, "height": 900})
    try:
        tab.add_init_script(WATCH)
        tab.goto(address)
        tab.wait_for_function(DONE, arg=QUIET_MS, timeout=LONGEST_MS)
        return float(tab.evaluate("window.lastChange"))
    except Late:
        return None
    finally:
        tab.close()
