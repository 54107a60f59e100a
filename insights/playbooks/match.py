"""Which playbook a case takes: by its reason, its irritant, the customer's words, the irritant's theme, else the default."""

from __future__ import annotations

from dataclasses import dataclass

from insights.mentions.text import fold
from insights.playbooks.model import Playbook, Playbooks
from insights.topics.names_hints import says

REASON, IRRITANT, WORDS, THEME, DEFAULT = "reason", "irritant", "words", "theme", "default"


@dataclass(frozen=True)
class About:
    """What a case is about. `irritant`: its labels in both languages; `theme`: the labels of its theme."""

    reason: str = ""
    irritant: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    theme: tuple[str, ...] = ()
    words: tuple[str, ...] = ()  # redacted verbatims


@dataclass(frozen=True)
class Match:
    """A playbook and what it was chosen by (one of the codes above)."""

    playbook: Playbook
    by: str


def match(known: Playbooks, about: About) -> Match:
    """The playbook of a case. Where several fit, the one with most fitting words; ties by the order of the files."""
    if found := next((one for one in known.playbooks if about.reason in one.reasons), None):
        return Match(found, REASON)
    for by, texts in ((IRRITANT, about.irritant), (IRRITANT, about.keywords), (WORDS, about.words)):
        if found := _best(known, " . ".join(texts)):
            return Match(found, by)
    folded = fold(" . ".join((*about.theme, *about.irritant)))
    for one in known.playbooks:
        if folded.strip(" .") and says(folded, known.theme_words.get(one.theme, ("\0",)) or ("\0",)):
            return Match(one, THEME)
    fallback = next((one for one in known.playbooks if about.reason in one.fallback_reasons), None)
    return Match(fallback or known.default, REASON if fallback else DEFAULT)


def _best(known: Playbooks, text: str) -> Playbook | None:
    folded = fold(text)
    hits = [sum(says(folded, (word,)) for word in one.words) for one in known.playbooks]
    most = max(hits, default=0)
    return known.playbooks[hits.index(most)] if most else None
