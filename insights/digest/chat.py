"""The digest for a chat: Block Kit for Slack, an Adaptive Card for Teams. Shorter than the mail: one quote an irritant.

Slack: at most 50 blocks, 3,000 characters a text, 150 in a header (https://docs.slack.dev/reference/block-kit/blocks).
Teams: a message of at most 28 KB, card version 1.4 (https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from insights.digest.model import Digest, Item
from insights.digest.sentences import on_callbacks, on_change, on_new
from insights.digest.words import Words

if TYPE_CHECKING:
    from insights.digest.links import Links

MOST_HEADER, MOST_TEXT = 150, 2_900
Block = dict[str, Any]


def slack_body(digest: Digest, links: Links | None = None) -> bytes:
    """The JSON of one Slack message; `text` is what a notification shows."""
    words = Words(digest.language, digest.timezone)
    blocks: list[Block] = [_header(digest.headline[0] if digest.is_empty else digest.subject)]
    if digest.example:
        blocks.append(_context(words._("Example: this company and its customers are made up.")))
    blocks += [_rich("", [text]) for text in _opening(digest)]
    if not digest.company_line:
        blocks.append(_rich(words._("To decide"), [digest.decision]))
    for number, item in enumerate(digest.items, 1):
        blocks += [{"type": "divider"}, *_slack_item(item, number, words, links)]
    blocks += [_rich(title, lines) for title, lines in _rest(digest, words)]
    blocks.append(_context(_source(digest, words)))
    if digest.dashboard_url:
        blocks.append({"type": "actions", "elements": [_button(words._("Open the dashboard"), digest.dashboard_url)]})
    return _bytes({"text": _escaped(digest.subject), "blocks": blocks})


def teams_body(digest: Digest, links: Links | None = None) -> bytes:
    """The JSON of one Teams message that holds one Adaptive Card."""
    words = Words(digest.language, digest.timezone)
    body: list[Block] = [
        _text(digest.headline[0] if digest.is_empty else digest.subject, weight="Bolder", size="Large")
    ]
    if digest.example:
        body.append(_text(words._("Example: this company and its customers are made up."), isSubtle=True))
    body += [_text(text) for text in _opening(digest)]
    if not digest.company_line:
        decide = [_text(words._("To decide"), weight="Bolder"), _text(digest.decision)]
        body.append({"type": "Container", "style": "emphasis", "items": decide})
    for number, item in enumerate(digest.items, 1):
        body += _teams_item(item, number, words, links)
    for title, lines in _rest(digest, words):
        body += [_text(title, weight="Bolder", separator=True), *map(_text, lines)]
    body.append(_text(_source(digest, words), isSubtle=True, size="Small"))
    content: Block = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
        "lang": digest.language, "body": body,
    }  # fmt: skip
    if digest.dashboard_url:
        content["actions"] = [_open(words._("Open the dashboard"), digest.dashboard_url)]
    kind = "application/vnd.microsoft.card.adaptive"
    return _bytes({"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": content}]})


def _opening(digest: Digest) -> list[str]:
    """The sentences under the title."""
    if digest.is_empty:
        return [*digest.headline[1:], *([digest.company_line] if digest.company_line else [])]
    return [*digest.headline]


def _facts(item: Item, words: Words) -> list[str]:
    """Euros with their range, the change and whether it is real, rank, mentions, owner."""
    _ = words._
    found = []
    if item.value_eur is not None:
        ends = item.value_low_eur, item.value_high_eur
        span = f" ({words.euro_range(ends[0], ends[1])})" if ends[0] is not None and ends[1] is not None else ""
        found.append(f"{words.euros(item.value_eur)} {_('of margin at risk')}{span}")
    if change := on_change(item, words):
        found.append(change)
    rank = _("rank {rank}").format(rank=item.rank)
    if item.rank_low != item.rank_high:
        rank += f" ({_('between {low} and {high}').format(low=item.rank_low, high=item.rank_high)})"
    counted = words.plural(item.n_mentions, _("{n} mention"), _("{n} mentions")).format(n=words.number(item.n_mentions))
    owner = _("owner: {owner}").format(owner=item.owner) if item.owner else _("no owner yet")
    return [*found, " · ".join([rank, counted, owner])]


def _quote(item: Item, words: Words) -> str:
    """The first quote as said, with its channel and day; empty without one."""
    if not item.quotes:
        return ""
    first = item.quotes[0]
    said = f"{words.channel(first.channel)}, " if first.channel else ""
    text = words._("“{text}”").format(text=first.text + ("…" if first.cut else ""))
    return f"{text} ({said}{words.day(first.said_on)})"


def _answers(item: Item, words: Words, links: Links | None) -> list[tuple[str, str]]:
    """Name and address of each answer there is a link for."""
    if links is None:
        return []
    _ = words._
    names = {
        "accept": _("I take it"),
        "known": _("Already known"),
        "wrong": _("It is wrong"),
        "not_mine": _("Not mine"),
    }
    found = [(name, links.answers.get((item.irritant_id, answer))) for answer, name in names.items()]
    return [(name, url) for name, url in found if url]


def _rest(digest: Digest, words: Words) -> list[tuple[str, list[str]]]:
    """What is new, what was done and what it changed, and callbacks, each with its title."""
    _ = words._
    fixes = [f"{one.title} ({one.label}): {one.sentence}" for one in digest.fixes]
    parts = [
        (_("New"), [on_new(new, words) for new in digest.news]),
        (_("What was done, and what it changed"), fixes),
        (_("Callbacks"), [] if digest.company_line else list(on_callbacks(digest.callbacks, words))),
    ]
    return [(title, lines) for title, lines in parts if lines]


def _source(digest: Digest, words: Words) -> str:
    text = words._("Data as of {instant} (snapshot {id}).")
    return text.format(instant=words.instant(digest.as_of), id=digest.snapshot_id)


def _slack_item(item: Item, number: int, words: Words, links: Links | None) -> list[Block]:
    blocks = [_rich(f"{number}. {item.label}", _facts(item, words), _quote(item, words))]
    buttons = [_button(name, url) for name, url in _answers(item, words, links)]
    return [*blocks, *([{"type": "actions", "elements": buttons}] if buttons else [])]


def _teams_item(item: Item, number: int, words: Words, links: Links | None) -> list[Block]:
    body = [_text(f"{number}. {item.label}", weight="Bolder", separator=True)]
    body += [_text(line, spacing="None") for line in _facts(item, words)]
    if quote := _quote(item, words):
        body.append(_text(quote, isSubtle=True))
    if answers := _answers(item, words, links):
        body.append({"type": "ActionSet", "actions": [_open(name, url) for name, url in answers]})
    return body


def _rich(title: str, lines: Sequence[str], quote: str = "") -> Block:
    """A title in bold, lines and a quote. Rich text is shown as it stands: a customer's words mention nobody there."""
    told = [{"type": "text", "text": _cut(title, MOST_TEXT), "style": {"bold": True}}] if title else []
    text = _cut("\n".join(lines), MOST_TEXT)
    told.append({"type": "text", "text": f"\n{text}" if title else text})
    elements: list[Block] = [{"type": "rich_text_section", "elements": told}]
    if quote:
        elements.append({"type": "rich_text_quote", "elements": [{"type": "text", "text": quote}]})
    return {"type": "rich_text", "elements": elements}


def _escaped(text: str) -> str:
    """Text of a notification, where these three mean something."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": _cut(text, MOST_HEADER), "emoji": False}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "plain_text", "text": text, "emoji": False}]}


def _button(name: str, url: str) -> Block:
    return {"type": "button", "text": {"type": "plain_text", "text": name, "emoji": False}, "url": url}


def _text(text: str, **look: Any) -> Block:
    """A line of a card. Markdown of a customer's words is not obeyed."""
    return {"type": "TextBlock", "text": plain_signs(text), "wrap": True, **look}


def plain_signs(text: str) -> str:
    """A text whose signs mean nothing to Markdown: they are escaped."""
    return "".join(f"\\{sign}" if sign in "\\*_[]`#" else sign for sign in text)


def _open(name: str, url: str) -> Block:
    return {"type": "Action.OpenUrl", "title": name, "url": url}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _bytes(message: Block) -> bytes:
    return json.dumps(message, ensure_ascii=False, sort_keys=True).encode()
