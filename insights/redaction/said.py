"""Telephone, card, meter and customer numbers said in words."""

from __future__ import annotations

import re

from insights.redaction.numbers import (
    AREA,
    CUED,
    ID_CUE,
    ID_WORDS,
    LOOSE_SPACED,
    PHONE_CUE,
    UNIT,
    is_card,
    is_nir,
    is_phone,
    phone_key,
)
from insights.redaction.spans import CARTE, ID, NIR, TEL, Span
from insights.redaction.spoken import NUMBER_WORD, is_said, spoken_runs

_SPELLED_BEFORE = re.compile(r"(?:(?<![\w'])[a-z] ){1,4}$|(?<!\w)fr $")
_PLUS_BEFORE = re.compile(r"\bplus $")
_SAID_PART = rf"(?:{NUMBER_WORD}|\d{{1,6}})\b"
_SAID_PAUSE = r"(?:[ ,-]{1,2}(?:(?:euh+|heu+|u[hm]+|erm?),? )?)"
_SAID = (
    (
        re.compile(
            r"(?:\bsecu|securite sociale|\bnir\b|\bvitale\b)[^\n]{0,30}?"
            rf"(?P<code>(?:{_SAID_PART}{_SAID_PAUSE}){{3,14}}[ab]{_SAID_PAUSE}(?:{_SAID_PART}{_SAID_PAUSE}){{2,20}}{_SAID_PART})"
        ),
        NIR,
    ),
    (
        re.compile(
            r"(?:(?:carte|\bcb\b|card|\bvisa\b|mastercard|\bamex\b)[^\n.]{0,25}\b(?:termin|finiss|fini|end)\w*"
            r"|last (?:four|4)|derniers chiffres)"
            rf"[^\n.\d]{{0,35}}? (?P<code>(?<!les )(?<!last ){_SAID_PART}(?:{_SAID_PAUSE}{_SAID_PART}){{1,4}})"
        ),
        CARTE,
    ),
    (
        re.compile(
            rf"\b(?:{ID_WORDS})\b[^\n.!?;\d]{{0,20}}?[ :](?P<code>(?!(?:y )?a )(?:[a-z]{_SAID_PAUSE}){{1,4}}"
            rf"(?:(?:{_SAID_PART}|[a-z]\b){_SAID_PAUSE}){{2,14}}"
            rf"{_SAID_PART})"
        ),
        ID,
    ),
    (
        re.compile(
            r"\b(?:dossier|client|contrat|commande|facture|ticket|abonne|adherent|reference|ref|order|customer|policy"
            r"|claim|case|booking|invoice|contract|account)"
            r"(?: (?:numero|number|client|reference|ref|id|est|c'est|is|the|le))* "
            rf"(?P<code>{_SAID_PART}(?:{_SAID_PAUSE}{_SAID_PART}){{2,9}})(?! (?:fois|times?|jours?|days?|mois|months?"
            rf"|semaines?|weeks?|ans|years?|euros?|pounds?|heures?|hours?|minutes?)\b)"
        ),
        ID,
    ),
)
_END_SAID = re.compile(
    r"(?:(?:carte|\bcb\b|card|\bvisa\b|mastercard|\bamex\b|iban|compte|account)[^\n.]{0,25}\b(?:termin|finiss|fini|end)\w*"
    r"|last (?:four|4)|derniers chiffres)[^\n.\d]{0,25}$"
)
_ID_CUE_NEAR = re.compile(
    r"\b(?:dossier|client|contrat|commande|facture|ticket|compteur|abonne|adherent|reference|ref|order|account"
    r"|customer|policy|claim|"
    r"case|booking|invoice|contract|meter|sort code|pin)\b(?: (?:numero|number|reference|ref|id"
    r"|code))?(?: (?:est|c'est|is|le|the))*[ :,]{1,3}$"
)


def spoken_spans(plain: str) -> list[Span]:
    """Spans of numbers said in words."""
    if not is_said(plain):
        return []
    codes = [
        Span(*match.span("code"), entity, match["code"]) for rule, entity in _SAID for match in rule.finditer(plain)
    ]
    return codes + [
        Span(
            _spoken_start(run.start, entity, plain),
            run.end,
            entity,
            phone_key(run.digits) if entity == TEL else run.digits,
        )
        for run in spoken_runs(plain)
        if (entity := _spoken_entity(run.digits, plain[max(0, run.start - AREA) : run.start]))
        and not (entity == ID and UNIT.match(plain, run.end))
    ]


def _spoken_start(start: int, entity: str, plain: str) -> int:
    """The start with the letters that open a code ("f r sept six") or the "plus" of a country code."""
    rule = _PLUS_BEFORE if entity == TEL else _SPELLED_BEFORE
    before = rule.search(plain, max(0, start - 12), start)
    return before.start() if before else start


def _spoken_entity(digits: str, before: str) -> str | None:
    n = len(digits)
    if is_phone(digits) or (8 <= n <= 12 and re.match(r"0[1-9]", digits)):
        return TEL
    if is_nir(digits):
        return NIR
    if is_card(digits) and n != 14:
        return CARTE
    if 8 <= n <= 12 and PHONE_CUE.search(before):
        return TEL
    if n == 4 and _END_SAID.search(before):
        return CARTE
    if n >= LOOSE_SPACED or (n >= CUED and ID_CUE.search(before)) or (n >= 4 and _ID_CUE_NEAR.search(before)):
        return ID
    return None
