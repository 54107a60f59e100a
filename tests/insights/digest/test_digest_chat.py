"""The digest in Slack and Teams: within their limits, customers' words obeyed by nobody, and the same figures."""

from __future__ import annotations

import json

import pytest

from insights.digest.chat import slack_body, teams_body
from insights.digest.links import Links
from insights.digest.owners import Owner
from insights.digest.scope import Scope

APP = Owner("app", "PO Application", "a@x.example", "en", (), "weekly")
LINKS = Links({("IR-0001", "accept"): "https://voc.example/a", ("IR-0001", "wrong"): "https://voc.example/w"}, "f", "u")


def texts(found):
    """Every text below, in order."""
    if isinstance(found, dict):
        for key, value in found.items():
            if key == "text" and isinstance(value, str):
                yield value
            else:
                yield from texts(value)
    elif isinstance(found, list):
        for one in found:
            yield from texts(one)


def card(body):
    return json.loads(body)["attachments"][0]["content"]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_slack_gets_blocks_within_its_limits(make_digest, language):
    digest = make_digest(language, example=True)
    message = json.loads(slack_body(digest))
    blocks = message["blocks"]
    assert len(blocks) <= 50 and {block["type"] for block in blocks} <= {
        "header",
        "context",
        "rich_text",
        "divider",
        "actions",
    }
    assert len(blocks[0]["text"]["text"]) <= 150
    assert all(0 < len(text) <= 3000 for text in texts(blocks))
    told = "\n".join(texts(blocks))
    assert {"fr": "34\u00a0200\u00a0€ de marge en jeu", "en": "€34,200 of margin at risk"}[language] in told
    assert digest.decision in told and all(item.label in told for item in digest.items)
    assert "940 euros" in told
    assert digest.headline[0] in told


@pytest.mark.parametrize("language", ["fr", "en"])
def test_teams_gets_one_small_adaptive_card(make_digest, language):
    body = teams_body(make_digest(language), LINKS)
    assert len(body) < 28_000
    found = card(body)
    assert (found["type"], found["version"], found["lang"]) == ("AdaptiveCard", "1.4", language)
    assert all(one["wrap"] for one in found["body"] if one["type"] == "TextBlock")
    told = "\n".join(texts(found["body"]))
    assert {"fr": "34\u00a0200\u00a0€", "en": "€34,200"}[language] in told
    assert found["actions"][0]["url"] == "http://127.0.0.1:8501"


def test_answers_are_there_only_with_links(make_digest):
    digest = make_digest("en")
    assert "voc.example" not in slack_body(digest).decode() + teams_body(digest).decode()
    buttons = [block for block in json.loads(slack_body(digest, LINKS))["blocks"] if block["type"] == "actions"]
    assert [[one["url"] for one in block["elements"]] for block in buttons] == [
        ["https://voc.example/a", "https://voc.example/w"],
        ["http://127.0.0.1:8501"],
    ]
    sets = [one for one in card(teams_body(digest, LINKS))["body"] if one["type"] == "ActionSet"]
    assert [one["url"] for one in sets[0]["actions"]] == ["https://voc.example/a", "https://voc.example/w"]


def test_a_customers_words_mention_and_format_nothing(make_digest, verbatims):
    sly = "<!channel> *gras* [clic](https://mal.example) je reçois toujours la même facture"
    digest = make_digest(verbatims=verbatims.assign(text=sly, feedback_id=[f"f{n}" for n in range(len(verbatims))]))
    blocks = json.loads(slack_body(digest))["blocks"]
    (quoted, *_) = [
        part for block in blocks if block["type"] == "rich_text" for part in block["elements"]
        if part["type"] == "rich_text_quote"
    ]  # fmt: skip
    assert sly in quoted["elements"][0]["text"]  # rich text is literal
    assert "mrkdwn" not in json.dumps(blocks)
    lines = [one["text"] for one in card(teams_body(digest))["body"] if one["type"] == "TextBlock"]
    (line, *_) = [text for text in lines if "mal.example" in text]
    assert "[clic](" not in line and "\\[clic\\](" in line


def test_two_lines_for_an_owner_with_nothing(make_digest):
    digest = make_digest("en", owner=APP, scope=Scope(False))
    told = list(texts(json.loads(slack_body(digest))["blocks"]))
    assert told[0].startswith("Nothing of yours this week")
    assert told[1].startswith("In the company: “Off-peak hours moved” is clearly rising")
    assert not [text for text in told if "To decide" in text or "Callbacks" in text]
    assert [text for text in texts(card(teams_body(digest))["body"]) if "Callbacks" in text] == []
