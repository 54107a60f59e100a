"""Take the pictures of the README from the real pages: `python docs/pictures/make.py [--address http://127.0.0.1:8501]`.

Writes docs/pictures/<page>_<language>.png, 1440 by 900, every page of dashboard/menu.py in French and English, as an
administrator sees it. Without an address it starts the dashboard itself, on the data that the VOC_* settings name (with
voc.toml in the working folder, those of `make demo`), and stops it afterwards. The chosen customer is the likeliest to leave.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, ViewportSize, sync_playwright

from dashboard.menu import PAGES
from insights.lake import open_lake
from insights.settings import load_settings

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LANGUAGES = ("fr", "en")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SIZE = ViewportSize(width=1440, height=900)
START_SECONDS = 120
SETTLED = """() => {
  const app = document.querySelector("[data-testid=stApp]");
  const waits = document.querySelector("[data-testid=stSpinner], [data-testid=stSkeleton]");
  const filled = document.querySelectorAll("[data-testid=stMain] [data-testid=stElementContainer]").length > 3;
  return app && app.getAttribute("data-test-script-state") === "notRunning" && !waits && filled;
}"""
RISKIEST = "SELECT customer_id FROM churn_score ORDER BY scored_on DESC, expected_loss_eur DESC, customer_id LIMIT 1"
BUSY_MACHINE_MS = 180_000
BEGIN_MS = 1000
SETTLE_MS = 4000  # charts and tables draw after the page says it is done


@contextmanager
def dashboard() -> Iterator[str]:
    """The dashboard on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboard" / "app.py"), "--server.port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_for(address: str) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            with urlopen(address, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.3)
    raise SystemExit(f"No answer from {address} within {START_SECONDS} s: start the dashboard and try again.")


def picture(tab: Page, address: str, page: str, language: str) -> Path:
    """One page in one language, once nothing is running on it any more."""
    chosen = f"&customer={riskiest()}" if page == "customer" else ""
    tab.goto(f"{address}/{page}?lang={language}&role=administrator{chosen}")
    tab.locator("[data-testid=stMain] h1").first.wait_for()
    tab.wait_for_timeout(BEGIN_MS)
    tab.wait_for_function(SETTLED)
    tab.wait_for_timeout(SETTLE_MS)
    path = HERE / f"{page}_{language}.png"
    tab.screenshot(path=path)
    return path


@cache
def riskiest() -> str:
    """The customer with the largest expected loss at the last scoring."""
    with open_lake(load_settings(), read_only=True) as lake:
        return str(lake.scalar(RISKIEST))


def take(address: str) -> None:
    browser_path = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser_path is None:
        raise SystemExit(f"No browser found ({', '.join(BROWSERS)}): install Debian's package chromium.")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        for language in LANGUAGES:
            for page in (entry.name for entry in PAGES):
                tab = browser.new_page(viewport=SIZE)
                tab.set_default_timeout(BUSY_MACHINE_MS)
                print(picture(tab, address, page, language).relative_to(ROOT))
                tab.close()
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Pictures of the pages in both languages.")
    parser.add_argument("--address", help="a running dashboard; without it one is started")
    address = parser.parse_args().address
    if address:
        take(address.rstrip("/"))
        return
    with dashboard() as started:
        take(started)


if __name__ == "__main__":
    main()
