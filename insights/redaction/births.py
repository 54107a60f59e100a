"""Dates of birth: a date behind or before the words that make it one, in digits, in letters, as spoken."""

from __future__ import annotations

import re

from insights.redaction.spans import DATE_NAISSANCE, Span
from insights.redaction.spoken import NUMBER_WORD

_MONTH = (
    r"(?:janvier|janv|fevrier|fevr?|mars|avril|avr|mai|juin|juillet|juil|aout|septembre|sept|octobre|oct|novembre|nov|"
    r"decembre|dec|january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|"
    r"apr|jun|jul|aug|sep)\b\.?"
)
_GAP = r"(?:[ ,-]{1,2}|\.{3} ?|[ ,-]{1,2}(?:euh+,? |heu+,? |u[hm]+,? |erm?,? |slash |dash |dot |tiret )?)"
_NUMBERS = rf"{NUMBER_WORD}\b(?:[ -](?:et |and |o )?{NUMBER_WORD}\b){{0,8}}"
_ORDINAL = r"(?:(?:twenty|thirty)[ -])?(?:first|second|third|[a-z]{3,9}th|thirtieth|twentieth)"
_NTH = rf"(?:{_ORDINAL}|\d{{1,2}}(?:st|nd|rd|th))"
_DAY = rf"(?:{_ORDINAL}|\d{{1,2}}(?:er|st|nd|rd|th)?|premier|{_NUMBERS})"
_YEAR = rf"(?:\d{{4}}|'?\d{{2}}\b|{_NUMBERS})"
_YEAR_SAID = (
    rf"(?:(?:19|20)\d{{2}}|(?:mille|mil|dix neuf cent|deux mille|nineteen|twenty"
    rf"|two thousand)(?:[ -](?:and )?{NUMBER_WORD}\b){{0,5}}|'\d{{2}}\b"
    rf"|{NUMBER_WORD}(?:[ -]{NUMBER_WORD})?\b)"
)
_DATE = (
    r"(?:\d{1,2} ?[./ -] ?\d{1,2} ?[./ -] ?(?:\d{4}|\d{2})\b|\d{4}[-/. ]\d{1,2}[-/. ]\d{1,2}\b"
    rf"|{_DAY}(?: of)?{_GAP}{_MONTH}(?:{_GAP}(?:of )?{_YEAR})?"
    rf"|{_MONTH} (?:the )?{_DAY}(?:{_GAP}{_YEAR})?"
    rf"|{_NTH} (?:of )?(?:the )?{_NTH}(?:{_GAP}{_YEAR})?)"
)
_IS = r"(?: ?[:=])?(?: (?:est|c'est|is|du|le|au|the))*"
_DATE_OR_YEAR = (
    rf"(?P<date>(?:the )?{_DATE}(?!\w)|(?:the )?{_MONTH} {_YEAR_SAID}|(?<=en )(?:19|20)\d{{2}}\b|(?<=in )(?:19"
    rf"|20)\d{{2}}\b)"
)
_BORN = re.compile(
    rf"(?:\bnee?s?(?:\(e\)|\.e|-e|/e)?(?: ?:)?(?: (?:le|en|un|a [a-z'-]+(?: [a-z'-]+)?,? le|vers))?|\banniversaire{_IS})"
    rf"(?: (?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche))? ?(?:{_DATE_OR_YEAR}"
    rf"|(?P<said>{NUMBER_WORD}\b(?:[ ,-]{{1,2}}{NUMBER_WORD}\b){{3,8}}))"
)
_LABELLED = re.compile(
    r"(?:\bddn\b|\bd\.?[ ]?o\.?[ ]?b\b\.?|\bb(?:irth)?[ -]?da(?:y|te)\b|\bdate of birth\b|\bnaissances?\b|\bborn\b)"
    r"(?:(?:[^\n.;!\d]|\.{3}){0,40}?[ (:=\"']|[ :=(]{0,4}| ?[?.:]?\s{1,2}(?:- ?|\w{1,12} ?: ?)?)"
    rf"(?:{_DATE_OR_YEAR}|(?P<said>{NUMBER_WORD}\b(?:{_GAP}(?:{NUMBER_WORD}|o)\b){{2,12}}|(?:nineteen"
    rf"|mille neuf cent|dix neuf cent)(?:[ -]{NUMBER_WORD}\b){{1,4}})|(?P<glued>(?:[0-3]\d){{2}}(?:19"
    rf"|20)\d\d)(?!\d))"
)
_AFTER = re.compile(
    rf"(?P<date>{_DATE}),? ?(?:\(|(?:is|was|c'est|est|as|comme|that's|it's|that is|voila|pour) )(?:my |ma |the |la |sa |her |his )?"
    r"(?:date of birth|birth ?da(?:y|te)|d\.?o\.?b\b|date de naissance|when i was born|ma naissance)"
)


def birth_spans(plain: str) -> list[Span]:
    """Dates of birth: the date after "né(e) le", "date de naissance", "born on" and the like, or before them."""
    return [
        Span(*match.span(match.lastgroup or 0), DATE_NAISSANCE, match[match.lastgroup or 0])
        for rule in (_BORN, _LABELLED, _AFTER)
        for match in rule.finditer(plain)
    ]
