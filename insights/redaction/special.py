"""Special categories of a person: health, union, religion, origin, politics, sexual life (article 9 of the GDPR).

Only what is said of somebody is masked: "je suis diabétique", "mon mari est sous dialyse"; a product or a subject
("mutuelle santé", "remboursement de soins dentaires") stays. Health that hangs on the supply of energy has an entity of
its own, SANTE_VITALE, so that the urgency rules still see it in the token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from insights.redaction.spans import ORIENTATION, ORIGINE, POLITIQUE, RELIGION, SANTE, SANTE_VITALE, SYNDICAT, Span

_ENTITIES = (SANTE_VITALE, SANTE, SYNDICAT, RELIGION, ORIGINE, POLITIQUE, ORIENTATION)


def special_spans(plain: str) -> list[Span]:
    """Spans of every special category in the plain text, in both languages (customers mix them)."""
    if not _rules()[0].search(plain):
        return []
    return [
        Span(match.start("what"), match.end("what"), entity, "")
        for entity, rule in _rules()[1]
        for match in rule.finditer(plain)
        if match["what"].strip()
    ]


@lru_cache(maxsize=1)
def _rules() -> tuple[re.Pattern[str], list[tuple[str, re.Pattern[str]]]]:
    """One pattern that any text with a special category fits, and each entity's own patterns."""
    text = (files("insights.redaction") / "data" / "special.yaml").read_text(encoding="utf-8")
    raw: dict[str, Any] = yaml.safe_load(text)
    sets = {name: _either(words) for name, words in raw["sets"].items()}
    rules = [
        (entity, re.compile(pattern)) for entity in _ENTITIES for pattern in _patterns(raw[entity].splitlines(), sets)
    ]
    stems = "|".join(re.escape(stem) for stem in raw["hints"].split())
    return re.compile(rf"\b(?:{stems})"), rules


def _either(words: str) -> str:
    """Phrases divided by commas as one group; a blank is one blank, a final ? an optional letter."""
    phrases = sorted((" ".join(phrase.split()) for phrase in re.split(r",\s+", words)), key=len, reverse=True)
    return "(?:" + "|".join(phrase for phrase in phrases if phrase) + ")"


def _patterns(lines: list[str], sets: dict[str, str]) -> Iterator[str]:
    for line in lines:
        head, what, tail = re.fullmatch(r"(.*?)«(.+)»(.*)", line, flags=re.S).groups()  # type: ignore[union-attr]
        yield rf"(?<![\w'-]){_filled(head, sets)}(?P<what>{_filled(what, sets)})(?![\w-]){_filled(tail, sets)}"


def _filled(part: str, sets: dict[str, str]) -> str:
    return re.sub(r"@(\w+)", lambda name: sets[name[1]], part)
