"""The situation sheet of a training: what happens, what customers say, what advisers say, and room for what to say instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.platypus import Flowable

from insights import pdf
from insights.digest.words import Words

ROOM = 4  # lines to write on, after each part that a person fills in


@dataclass(frozen=True)
class Situation:
    """All that stands on a sheet; every quote is redacted and as it was said."""

    title: str
    irritant: str
    definition: str
    facts: Sequence[str]
    customers: Sequence[str]
    advisers: Sequence[str]
    company: str
    example: bool


def situation_sheet(words: Words, one: Situation) -> bytes:
    """The sheet as PDF."""
    _ = words._
    parts: list[Flowable] = [pdf.para(one.irritant, "title"), pdf.para(one.title, "text")]
    parts += [pdf.para(_("The situation"), "heading")]
    parts += [pdf.para(text) for text in ([one.definition] if one.definition else []) + list(one.facts)]
    parts += [
        pdf.para(_("What customers say"), "heading"),
        *_quotes(one.customers, _("Nobody has put it into words yet.")),
    ]
    parts += [pdf.para(_("What advisers say"), "heading"), *_quotes(one.advisers, _("No adviser's words on it yet."))]
    parts += [pdf.para(_("What to say instead"), "heading"), pdf.para(_("To be filled in together."), "small")]
    parts += [pdf.lines(ROOM), pdf.para(_("What never to promise"), "heading"), pdf.lines(ROOM)]
    foot = _("Situation sheet: customers' own words, personal data masked.")
    if one.example:
        foot += " " + _("Made-up data.")
    return pdf.document(parts, one.irritant, one.company, words.language, foot)


def _quotes(texts: Sequence[str], none: str) -> list[Flowable]:
    if not texts:
        return [pdf.para(none, "small")]
    return [part for text in texts for part in (pdf.para(f"« {text} »", "quote"), pdf.gap(1))]
