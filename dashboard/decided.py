"""The words of a clause that decided its irritant, read from the assigner in force; and how they are shown."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.page import Page
from dashboard.words import plain
from insights.errors import VocError
from insights.irritants.assign import Assigner
from insights.irritants.deciding import Span, deciding_words
from insights.settings import Settings
from insights.steps.assigning import assigner_path, in_force
from insights.topics.encoder import encoder_for

Clause = tuple[str, str, str]  # text, language, irritant as shown


def assigner_now(settings: Settings) -> Assigner | None:
    """The assigner in force, read once a fit; None before the first one."""
    path = assigner_path(settings) / "assigner.json"
    return _assigner(str(path), path.stat().st_mtime_ns, settings) if path.is_file() else None


@st.cache_resource(show_spinner=False, max_entries=4)
def _assigner(place: str, changed: int, _settings: Settings) -> Assigner | None:
    return in_force(_settings)


def decided(page: Page, clauses: Sequence[Clause]) -> list[tuple[Span, ...]]:
    """The spans of each clause's deciding words; () where the model did not decide, or cannot be read now."""
    assigner = assigner_now(page.settings)
    if assigner is None or not clauses:
        return [() for _ in clauses]
    stands = {own: page.registry.resolve(own) for own in assigner.irritant_ids}
    asked = tuple((text, language, _standing(stands, irritant)) for text, language, irritant in clauses)
    try:
        return _decided(assigner.version, asked, assigner, page.settings)
    except VocError:  # an encoder that is not installed here: the words stay unmarked
        return [() for _ in clauses]


def _standing(stands: dict[str, str], irritant: str) -> tuple[str, ...]:
    return tuple(sorted(own for own, today in stands.items() if today == irritant))


@st.cache_data(show_spinner=False, max_entries=500)
def _decided(
    version: str, asked: tuple[tuple[str, str, tuple[str, ...]], ...], _assigner: Assigner, _settings: Settings
) -> list[tuple[Span, ...]]:
    encode = encoder_for(_settings.encoder, _settings.threads)
    texts, languages, ids = (list(column) for column in zip(*asked, strict=True))
    return deciding_words(texts, languages, [frozenset(one) for one in ids], _assigner, encode)


def marked(text: str, spans: Sequence[Span]) -> str:
    """The text as Markdown, its deciding words underlined and bold, everything else escaped."""
    parts, last = [], 0
    for start, end in spans:
        parts += [_lines(text[last:start]), f"**:primary-background[{plain(text[start:end])}]**"]
        last = end
    return "".join([*parts, _lines(text[last:])])


def _lines(text: str) -> str:
    """Escaped, with its own line ends."""
    return plain(text).replace("\n", "  \n")
