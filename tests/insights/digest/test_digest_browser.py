"""The mail in a real browser: no sideways scrolling on a phone, contrast AA by day and by night, one picture at a time."""

from __future__ import annotations

import pytest

from insights.digest import render
from insights.digest.links import Links
from insights.digest.model import Fix

PHONE, DESK = 375, 1280
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa"]}}

# every visible text whose contrast with the ground behind it is under AA (4.5; 3 for large or bold large letters)
FAINT = """() => {
  const parts = colour => colour.match(/[0-9.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const found = parts(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), faint = [];
  let looked = 0;
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
    if (!text || element.offsetWidth === 0) continue;
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const [a, b] = [light(parts(style.color)), light(ground(element))].sort((x, y) => y - x);
    looked += 1;
    if ((a + 0.05) / (b + 0.05) < (large ? 3 : 4.5)) faint.push(text.slice(0, 60));
  }
  return [looked, faint];
}"""

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser test")


@pytest.fixture
def page_of(make_digest, priorities):
    """A mail with all it can hold: a rise, links, an action, a fix."""

    def made(language: str) -> str:
        ids = ["IR-0001", "IR-0022", "IR-0013"]
        answers = {
            (one, what): f"https://voc.example/{what}"
            for one in ids
            for what in ("accept", "known", "wrong", "not_mine")
        }
        fix = Fix("ACT-0001", "Payer sous 5 jours", "IR-0001", "Facture", "proven", "Prouvé. Moins de contacts.")
        digest = make_digest(
            language, example=True, fixes=[fix], actions={"IR-0013": "Rappeler le jour même"},
            priorities=priorities.assign(trend_weeks=[4, 8, 4, 4, 4]),
        )  # fmt: skip
        return render(digest, Links(answers, "https://voc.example/p", "https://voc.example/u")).standalone_html()

    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_mail_on_a_phone_and_on_a_desk(browser, page_of, language, scheme):
    tab = browser.new_page(viewport={"width": DESK, "height": 800}, color_scheme=scheme)
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.set_content(page_of(language))
    for width in (DESK, PHONE, 320):
        tab.set_viewport_size({"width": width, "height": 800})
        wide = tab.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide[0] <= wide[1], f"scrolls sideways at {width} px"
    shown = tab.evaluate(
        "[...document.images].filter(i => i.offsetWidth > 0).map(i => [i.naturalWidth > 0, i.className])"
    )
    assert [loaded for loaded, _ in shown] == [True] * 3
    assert all(f"on-{scheme}" in look for _, look in shown)
    small = tab.evaluate("[...document.querySelectorAll('.answers a')].map(a => a.getBoundingClientRect().height)")
    assert min(small) >= 40, "an answer is too small for a thumb"
    assert [url for url in asked if not url.startswith(("data:", "about:"))] == []
    tab.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(browser, page_of, scheme):
    tab = browser.new_page(viewport={"width": PHONE, "height": 800}, color_scheme=scheme)
    tab.set_content(page_of("fr"))
    looked, faint = tab.evaluate(FAINT)
    assert looked > 50
    assert faint == []
    tab.set_content(
        page_of("fr").replace("color: #55626d", "color: #c5ccd2").replace("color: #a3b0ba", "color: #3a464f")
    )
    assert len(tab.evaluate(FAINT)[1]) > 5  # grey on grey is seen
    tab.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_axe_finds_nothing(browser, page_of, language, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    tab = browser.new_page(viewport={"width": PHONE, "height": 800}, color_scheme=scheme)
    tab.set_content(page_of(language))
    found = axe.Axe().run(tab, options=RULES).response
    assert found["passes"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found["violations"]] == []
    tab.close()
