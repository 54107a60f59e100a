"""Take the pictures of the newest company digest: `python docs/pictures/digest.py`, on the data the VOC_* settings name.

Writes docs/pictures/digest_<language>_<width>_<scheme>.png: a phone and a desk, by day and by night, French and English.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import ViewportSize, sync_playwright

from insights.settings import load_settings
from insights.steps.digest import last_digest

HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDTHS = (375, 1280)


def take() -> None:
    """One picture a language, width and colour scheme."""
    found = next((one for name in BROWSERS if (one := shutil.which(name))), None)
    files = last_digest(load_settings())
    if found is None or not files:
        raise SystemExit("Needs a browser (Debian's package chromium) and a digest: run `voc digest` first.")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=found, args=["--no-sandbox"])
        for path in files:
            for width in WIDTHS:
                for scheme in ("light", "dark"):
                    size = ViewportSize(width=width, height=800)
                    tab = browser.new_page(viewport=size, color_scheme="dark" if scheme == "dark" else "light")
                    tab.set_content(path.read_text(encoding="utf-8"))
                    tab.wait_for_function("[...document.images].every(image => image.complete)")
                    language = path.stem.rsplit("-", 1)[1]
                    tab.screenshot(path=HERE / f"digest_{language}_{width}_{scheme}.png", full_page=True)
                    tab.close()
        browser.close()


if __name__ == "__main__":
    take()
