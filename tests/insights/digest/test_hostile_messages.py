"""What a hostile customer writes stays text in everything that leaves: mail, chats, alarms, Jira, PDF, the person's page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest

from insights.digest import Digest, render
from insights.digest.chat import slack_body, teams_body
from insights.outbox.chat import card, slack
from insights.outbox.jira import _document
from insights.outbox.words import Words
from insights.pdf import document, grid, para
from insights.privacy.export import as_html

HOSTILE = (
    '<script>alert(1)</script><img src=x onerror=alert(2)><a href="javascript:alert(3)">là</a> {{7*7}} ${7*7} %(x)s '
    "**gras** [clic](http://evil.example/c) ![vu](http://evil.example/p.png) <!channel> <@U0123> <http://evil.example|ici> "
    "$\\input{/etc/passwd}$ :material/delete: :red[rouge] <para><font color=red> & on se moque de nous"
)
LIVE = ("javascript:", "http://evil.example")


class Elements(HTMLParser):
    """Elements with their attributes, and the visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def harm(self) -> list[str]:
        """What would run, load or lead where the customer says."""
        return [
            f"{tag} {name}={value}"
            for tag, attributes in self.found
            for name, value in [("", ""), *attributes.items()]
            if tag in ("script", "iframe", "object", "form", "para")
            or name.startswith("on")
            or any(live in (value or "") for live in LIVE)
        ]


@pytest.fixture
def hostile(make_digest: Callable[..., Digest], verbatims: pd.DataFrame, registry: pd.DataFrame) -> Digest:
    """A digest whose quotes, names, owners and company are all hostile."""
    said = verbatims.assign(text=HOSTILE, source=HOSTILE, start_char=0, product=HOSTILE, journey_stage=HOSTILE)
    said["feedback_id"] = [f"f{place}" for place in range(len(said))]
    names = registry.assign(label_fr=HOSTILE, label_en=HOSTILE, owner=HOSTILE)
    return make_digest(verbatims=said, registry=names, company=HOSTILE)


def test_a_mail_shows_it_as_text(hostile: Digest) -> None:
    rendered = render(hostile)
    for html in (rendered.html, rendered.standalone_html()):
        page = Elements(html)
        assert page.harm() == [] and "<script>alert(1)</script>" in page.words
    assert "49" not in re.findall(r"\{\{7\*7\}\}|49", rendered.text)


def strings(found: Any, kind: str = "") -> Iterator[tuple[str, str]]:
    """(type of the element, text) of every text in a message."""
    if isinstance(found, dict):
        for value in found.values():
            yield from strings(value, str(found.get("type", kind)))
    elif isinstance(found, list):
        for value in found:
            yield from strings(value, kind)
    elif isinstance(found, str):
        yield kind, found


def test_chats_of_the_digest_show_it_as_text(hostile: Digest) -> None:
    told = json.loads(slack_body(hostile))
    assert "<!channel>" not in told["text"] and "<@U0123>" not in told["text"] and "<http" not in told["text"]
    assert not [text for kind, text in strings(told["blocks"]) if kind == "mrkdwn"]
    links = re.findall(r'"url": "([^"]*)"', json.dumps(told))
    assert not [link for link in links if any(live in link for live in LIVE)]
    teams = json.loads(teams_body(hostile))
    shown = [text for kind, text in strings(teams) if kind == "TextBlock" and "evil" in text]
    assert shown and not [text for text in shown if "[clic](" in text or "**gras**" in text]
    urls = re.findall(r'"url": "([^"]*)"', json.dumps(teams))
    assert not [url for url in urls if any(live in url for live in LIVE)]


def test_alarms_and_notices_show_it_as_text() -> None:
    words = Words(HOSTILE, (HOSTILE,), "http://127.0.0.1:8501/alarms", "Ouvrir", "fr")
    text = slack(words)["text"]
    assert re.findall(r"<[^>]*>", text) == ["<http://127.0.0.1:8501/alarms>"]
    told = json.dumps(card(words))
    assert "[clic](" not in told and "**gras**" not in told and told.count('"url"') == 1


def test_jira_shows_it_as_text() -> None:
    made = _document([HOSTILE], "http://127.0.0.1:8501/actions")
    assert made["content"][0]["content"] == [{"type": "text", "text": HOSTILE}]


def test_a_pdf_shows_it_as_text() -> None:
    made = document(
        [para(HOSTILE), grid([["Titre", HOSTILE], [HOSTILE, "x"]], [0.5, 0.5])], HOSTILE, HOSTILE, "fr", HOSTILE
    )
    assert made.startswith(b"%PDF")
    assert not [sign for sign in (b"/JavaScript", b"/JS", b"/URI", b"/Launch", b"/OpenAction") if sign in made]


def test_the_page_of_a_person_shows_it_as_text() -> None:
    held = {"feedback": [{"verbatim": HOSTILE, HOSTILE: [HOSTILE]}], HOSTILE: []}
    page = Elements(
        as_html({"company": HOSTILE, "customer_id": HOSTILE, "made_at": HOSTILE, "objected_to_scoring": False,
                 "n_vectors": 1, "held": held})
    )  # fmt: skip
    assert page.harm() == [] and "<script>alert(1)</script>" in page.words
