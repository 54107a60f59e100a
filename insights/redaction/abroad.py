"""Addresses and codes of other countries, and what is spelled letter by letter."""

from __future__ import annotations

import re

from insights.redaction.spans import ADRESSE, IBAN, ID, NIR, NOM, Span
from insights.redaction.spoken import NUMBER_WORD

_CODE_TOWN = r",? ?(?:[a-z]{1,2}-)?\d{4,5} [a-z][\w'-]+(?: [A-Z][\w'-]+)?"
_FOREIGN = re.compile(
    r"\b(?:[^\W\d_]{3,}(?:strasse|stra\u00dfe|gasse|platz|laan|straat|plein)|(?:calle|via|viale|piazza|rua|avenida|carrer|paseo)"
    rf" (?:[\w'.]+ ){{0,3}}[\w'.]+),? \d{{1,4}}[a-z]?\b(?:{_CODE_TOWN})?"
)
_BELGIAN = re.compile(
    r"\b(?:rue|avenue|chaussee|boulevard|place|quai|square|clos|drève)"
    rf" (?:[\w'.-]+ ){{0,4}}[\w'.-]+,? \d{{1,4}}[a-z]?(?:{_CODE_TOWN})"
)
_COUNTRYSIDE = re.compile(
    r"\b(?:lieu[ -]dit|hameau|residence|domaine|ferme|bp|cs|route|villa) [^\n.;!?\d]{0,30}(?:\d{1,5})?,? ?"
    r"(?:0[1-9]|[1-8]\d|9[0-8])\d{3} [a-z][\w'-]+"
)
_INSURANCE = re.compile(r"(?<!\w)[a-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[a-d](?!\w)")
_SORT_CODE = re.compile(r"\bsort code(?: is)? ?:? ?(?P<code>\d{2}[ -]?\d{2}[ -]?\d{2})(?!\d)")
_VAT = re.compile(r"\b(?:tva|vat)\b[^\n\d]{0,25}?(?P<code>[a-z]{2} ?\d{2} ?\d{3} ?\d{3} ?\d{3})(?!\d)")
_PO_BOX = re.compile(r"\bp\.?o\.? box \d+(?:,? [a-z]+,? [a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2})?")
_COUNTRY = r"(?:f ?r|g ?b|b ?e|d ?e|i ?e|i ?t|e ?s|c ?h|l ?u|n ?l|p ?t|m ?c)"
_SAID = rf"(?:{NUMBER_WORD}\b|\d{{1,6}}\b|[a-z]\b)"
_PAUSE = r"(?:[ ,.-]{1,2}(?:(?:euh+|heu+|u[hm]+|erm?|puis|ensuite|then),? )?)"
_IBAN_SPELLED = re.compile(rf"(?<![\w'])(?P<code>{_COUNTRY}{_PAUSE}(?:{_SAID}{_PAUSE}){{8,50}}{_SAID})")
_IBAN_CUE = re.compile(r"\biban\b|\brib\b|\bcompte\b|\baccount\b|\bbank|\bbanc|virement|transfer|prelev")
_IBAN_END = re.compile(
    r"\biban\b[^\n.]{0,20}?(?:termin|finiss|se fini|ending|ends|finit)\w*(?: (?:par|en|in|with))? ?(?P<code>\d{3,4})\b"
)
_BOOKING = re.compile(
    r"\b(?:booking|reservation|confirmation)(?: (?:ref|reference|number|code|numero|n°))? ?[:#]? ?"
    r"(?P<code>(?=\w*\d)(?=\w*[a-z])[a-z0-9]{5,8})(?!\w)"
)
_SHORT_ID = re.compile(
    r"\b(?:commande|order|dossier|ref|reference|ticket|facture|invoice|contrat|contract|client|customer|case|booking"
    r"|reclamation|abonne|adherent|compte|account|policy|claim)(?: (?:client|cliente|commande|dossier))?"
    r" ?(?:n° ?|#|n[°o]?\.? |num(?:ero)? |number |no\.? )#?(?P<code>(?!(?:19|20)\d\d\b)\d{4,5})(?![\d€%]| ?(?:euros?|eur|kwh|km)\b)"
)
_SPELLED = re.compile(r"(?<![\w'])(?:[a-z][ .,-]{1,2}){2,}[a-z](?![\w'])")
_AS_IN = re.compile(r"(?<![\w'])(?:[a-z] (?:comme|for|as in) \w+[ ,.]{1,3}){2,}")
_SPELLING = re.compile(r"(?:epel|s'ecri|spel|\bnom\b|\bname\b|prenom)[^\n]{0,40}$")
_DIGIT = re.compile(r"\d")


def abroad_spans(plain: str) -> list[Span]:
    """Addresses, national numbers, plates and short order numbers of any country."""
    found: list[Span] = []
    if _IBAN_CUE.search(plain):
        for rule in (_IBAN_SPELLED, _IBAN_END):
            found += [Span(*match.span("code"), IBAN, match["code"]) for match in rule.finditer(plain)]
    if not _DIGIT.search(plain):
        return found
    for rule in (_FOREIGN, _BELGIAN, _COUNTRYSIDE, _PO_BOX):
        found += [Span(*match.span(), ADRESSE, match[0]) for match in rule.finditer(plain)]
    found += [Span(*match.span(), NIR, match[0].replace(" ", "")) for match in _INSURANCE.finditer(plain)]
    for rule in (_SORT_CODE, _VAT, _BOOKING, _SHORT_ID):
        found += [Span(*match.span("code"), ID, re.sub(r"\W", "", match["code"])) for match in rule.finditer(plain)]
    return found


def spelled_spans(plain: str) -> list[Span]:
    """Names spelled out ("d u p o n t", "d comme daniel"), with the word they spell when it stands beside."""
    found = []
    for match in _SPELLED.finditer(plain):
        letters = re.sub(r"[^a-z]", "", match[0])
        beside = _beside(plain, match, letters)
        if beside or (len(letters) > 2 and _SPELLING.search(plain, max(0, match.start() - 60), match.start())):
            start, end = beside or match.span()
            found.append(Span(min(start, match.start()), max(end, match.end()), NOM, letters))
    found += [Span(match.start(), match.end(), NOM, match[0]) for match in _AS_IN.finditer(plain)]
    return [Span(span.start, _rtrim(plain, span), NOM, span.key) for span in found]


def _beside(plain: str, match: re.Match[str], letters: str) -> tuple[int, int] | None:
    """The word before or after the letters that they spell, with them."""
    before = re.search(r"([\w'-]+)[ ,:]{1,3}$", plain[: match.start()])
    if before and re.sub(r"\W", "", before[1])[-len(letters) :] == letters:
        return before.start(1), match.end()
    after = re.match(r"[ ,:]{1,3}([\w'-]+)", plain[match.end() :])
    if after and re.sub(r"\W", "", after[1]) == letters:
        return match.start(), match.end() + after.end(1)
    return None


def _rtrim(plain: str, span: Span) -> int:
    return span.start + len(plain[span.start : span.end].rstrip(" ,.-"))
