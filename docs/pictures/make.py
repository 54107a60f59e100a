"""Take the pictures of the README from the real pages: `python docs/pictures/make.py [--address http://127.0.0.1:8501]`.

Writes docs/pictures/<page>_<language>.png, 1440 by 900, every page in French and English. Without an address it starts
the dashboard itself, on the data that the VOC_* settings name, and stops it afterwards.
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
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, ViewportSize, sync_playwright

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGES = (
    *("week", "irritants", "risk", "priorities", "callbacks", "segments", "scores", "actions", "fixes"),
    *("registry", "check", "quality", "alarms"),
)
LANGUAGES = ("fr", "en")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SIZE = ViewportSize(width=1440, height=900)
START_SECONDS = 120
BUSY = ", ".join(f"[data-testid={name}]" for name in ("stSpinner", "stStatusWidget", "stSkeleton"))
BUSY_MACHINE_MS = 180_000
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
    tab.goto(f"{address}/{'' if page == 'week' else page}?lang={language}")
    done = "[data-testid=stMain] [data-testid=stMetric], [data-testid=stMain] [data-testid=stAlert]"
    tab.locator(done).first.wait_for()
    tab.wait_for_function(f"!document.querySelector('{BUSY}')")
    tab.wait_for_timeout(SETTLE_MS)
    path = HERE / f"{page}_{language}.png"
    tab.screenshot(path=path)
    return path


def take(address: str) -> None:
    browser_path = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser_path is None:
        raise SystemExit(f"No browser found ({', '.join(BROWSERS)}): install Debian's package chromium.")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        for language in LANGUAGES:
            for page in PAGES:
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
