"""The mail itself: customers' words stay text, pictures inside, styles inlined, readable in the dark and by ear."""

from __future__ import annotations

import re
import struct
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest

from insights.digest import render
from insights.digest.charts import describe, trend_png
from insights.digest.model import Point
from insights.digest.render import fold
from insights.digest.words import Words


class Page(HTMLParser):
    """Elements and attributes of a page, its visible text, and whether every element is closed."""

    VOID = {"meta", "img", "br", "link", "hr"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "title"} & set(self.open):
            self.words.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_is_whole_and_in_its_language(make_digest, language):
    page = Page(render(make_digest(language)).html)
    assert page.open == []
    assert page.all("html")[0]["lang"] == language
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")
    assert {"name": "color-scheme", "content": "light dark"} in page.all("meta")
    text = " ".join(page.words)
    other = {"fr": ["margin at risk", "Callbacks", "rank "], "en": ["marge en jeu", "Rappels", "rang "]}[language]
    assert not [word for word in other if word in text]


def test_html_in_a_verbatim_is_shown_as_text(make_digest, verbatims):
    attack = '<script>alert("x")</script> <img src=x onerror=alert(1)> on se moque de nous'
    digest = make_digest(verbatims=verbatims.assign(text=attack, feedback_id=range(len(verbatims))))
    rendered = render(digest)
    page = Page(rendered.html)
    assert page.all("script") == []
    assert all("onerror" not in attributes for attributes in page.all("img"))
    assert '<script>alert("x")</script>' in "".join(page.words)
    assert "<script>" in rendered.text  # plain text is no html: nothing to escape


def test_html_in_a_label_or_a_company_is_shown_as_text(make_digest, registry):
    rendered = render(make_digest(company="A <b>& Co", registry=registry.assign(label_fr="<h1>label", owner="<i>me")))
    page = Page(rendered.html)
    assert page.all("i") == []
    assert len(page.all("h1")) == 1
    assert "A <b>& Co" in "".join(page.words)


def test_pictures_are_inside_the_mail_small_and_told_in_words(make_digest):
    rendered = render(make_digest("en"))
    page = Page(rendered.html)
    sources = [image["src"] for image in page.all("img")]
    assert sorted(sources) == sorted(f"cid:{cid}" for cid in rendered.images)
    assert len(rendered.images) == 6  # three irritants, light and dark
    assert all(png.startswith(b"\x89PNG") for png in rendered.images.values())
    assert sum(len(png) for png in rendered.images.values()) + len(rendered.html) < 120_000
    assert all(image["alt"].startswith("Mentions per 100 feedback:") for image in page.all("img"))
    assert not re.search(r"""(src|href)=["']?(?!cid:|http://127\.0\.0\.1:8501)[a-z]""", rendered.html)


def test_styles_are_inlined_and_only_media_rules_stay(make_digest):
    html = render(make_digest()).html
    (sheet,) = re.findall(r"<style>(.*?)</style>", html, re.S)
    assert sheet.strip().startswith("@media")
    assert "prefers-color-scheme: dark" in sheet and "max-width: 620px" in sheet
    page = Page(html)
    assert all("style" in attributes for attributes in [*page.all("h1"), *page.all("h2"), *page.all("h3")])
    dark = [image for image in page.all("img") if image["src"].endswith("-dark")]
    assert all("display: none" in image["style"] for image in dark)


def test_the_same_digest_gives_the_same_bytes(make_digest):
    first = render(make_digest())
    trend_png.cache_clear()
    assert render(make_digest()) == first


def test_a_page_for_a_file_carries_its_pictures(make_digest):
    page = render(make_digest()).standalone_html()
    assert "cid:" not in page
    assert page.count("data:image/png;base64,") == 6


def test_no_link_without_a_dashboard(make_digest):
    rendered = render(make_digest(dashboard_url=""))
    assert Page(rendered.html).all("a") == []
    assert "tableau de bord" not in rendered.text


def points(rates):
    return tuple(Point(date(2026, 8, 10) + timedelta(days=7 * place), rate) for place, rate in enumerate(rates))


def size(png: bytes) -> tuple[int, int]:
    return struct.unpack(">II", png[16:24])


def test_a_trend_is_drawn_at_phone_width_and_twice_its_density():
    png = trend_png(points([1.0, 2.0, None, 4.0]), Words("fr"))
    width, height = size(png)
    assert 690 <= width <= 720
    assert height < 220
    assert png[-12:-8] == b"\0\0\0\0" and png[-8:-4] == b"IEND"


def test_a_missing_week_is_not_a_zero_and_the_themes_differ():
    words = Words("fr")
    assert trend_png(points([1.0, None, 3.0]), words) != trend_png(points([1.0, 0.0, 3.0]), words)
    assert trend_png(points([1.0, 2.0]), words, "dark") != trend_png(points([1.0, 2.0]), words, "light")


def test_the_picture_in_words():
    rates = [8.0, 1.0, None, 2.0, 3.0, 4.0]
    assert describe(points(rates), Words("en")) == (
        "Mentions per 100 feedback: 3.0 a week over four weeks, 8.0 at most in 6 weeks."
    )
    assert describe(points([2.0, *[None] * 4]), Words("fr")).endswith(
        "inconnue par semaine sur quatre semaines, 2,0 au plus en 5 semaines."
    )
    assert describe(points([None, None]), Words("fr")) == "Aucun retour n'a été recueilli ces semaines-là."


def test_a_trend_without_any_feedback_is_not_drawn(make_digest, weekly):
    assert render(make_digest(weekly=weekly.iloc[:0])).images == {}


def test_text_is_folded_and_indented():
    lines = fold("mot " * 40, 3, "1. ").splitlines()
    assert lines[0].startswith("1. mot") and all(line.startswith("   mot") for line in lines[1:])
    assert max(map(len, lines)) <= 76
