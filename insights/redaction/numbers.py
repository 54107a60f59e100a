"""Numbers that name a person or a contract: telephone, card, NIR, SIRET and SIREN, PRM, customer and order numbers.

A run of digits is read whole first (a meter number holds a telephone number by chance), then by its groups, so that
"06 39 98 12 47 37000" gives the telephone and leaves the postcode.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from stdnum import luhn
from stdnum.exceptions import ValidationError
from stdnum.fr import nir as nir_rule

from insights.redaction.spans import CARTE, ID, NIR, TEL, Span

_GROUP = re.compile(r"\d+")
# Between two groups of one number: a blank, a dot, a hyphen, a slash, or the (0) of +33 (0)6.
_SEPARATOR = re.compile(r" {1,2}|[.\-_/]|\.{2,3} ?| [.\-_/] | ?\(0\) ?|\) ?| ?\(| (?:euh+|heu+|um+|uh+),? ")
# Dates and clock times are no numbers; a pair of digits after them would make them part of a telephone number.
_DATE = re.compile(
    r"(?<![\d./-])(?<!\d )(?:\d{1,2}([./-])\d{1,2}\1(?:19|20)\d{2}|\d{1,2}/\d{1,2}/\d{2}|(?:19|20)\d{2}-\d{2}-\d{2})"
    r"(?![./-]?\d)"
)
UNIT = re.compile(
    r" ?(?:,\d|€|\$|£|%|eur\b|euros?\b|balles\b|kwh\b|kw\b|mwh\b|wh\b|m2|m3|km\b|ml\b|cl\b|kg\b|ans\b|kilo)"
)
PHONE_CUE = re.compile(
    r"(?:\btel\b|telephone|portable|mobile|joign|joindre|appel|rappel|\bfixe\b|numero|\bnum\b|phone|\bcall\b|\bcell|"
    r"\bring\b|reach|contact|answering|\bdesk\b|\boffice\b|registered|whatsapp|\bsms\b|\btext\b|\bfax\b)[^\n]{0,30}$"
)
_NIR_CUE = re.compile(r"(?:\bsecu|securite sociale|\bnir\b|\bvitale\b|\bn[°o]? ?ss\b)[^\n]{0,30}$")
_CARD_CUE = re.compile(r"(?:\bcarte|\bcb\b|\bvisa\b|mastercard|\bcard\b|\bamex\b)[^\n]{0,30}$")
ID_WORDS = (
    r"ref(?:erence)?s?|dossiers?|client|cliente|customer|contrats?|contract|comptes?|account|commandes?|order|compteur|"
    r"meter|mpan|mprn|prm|pdl|pce|rae|point de (?:livraison|comptage|reference)|factures?|invoice|bill|tickets?|colis|"
    r"suivi|tracking|parcel|reclamation|complaint|adherent|abonne|identifiant|matricule|user|login|siret|siren|rcs|"
    r"reference|policy|claim|booking|case|espace client|numero|numeros|number|no|num|rib|bic"
)
ID_CUE = re.compile(rf"(?:\b(?:{ID_WORDS})\b|n ?°|#)[^\n.!?;]{{0,24}}$")
_ID_CODE = re.compile(
    rf"\b(?:{ID_WORDS})\b(?: (?:client|de|du|d'|le|la|commande|dossier|contrat|number|no|num|numero))*"
    r" ?(?:n ?°|n[o°]?\.?(?= ?#?[a-z]{0,4}[-_]?\d)|[:#=])?(?: (?:est|c'est|is|was))?(?: l[ae])? ?[:#]? ?"
    r"(?P<code>(?=[\w/.-]*\d[\w/.-]*\d[\w/.-]*\d[\w/.-]*\d)[a-z0-9](?:[\w/.-]{3,30}[\w]))"
)
_ARTICLE_NEAR = re.compile(
    r" (?:du|de|au|dans le|from the|in the) (?:votre |your )?(?:catalogue?|site|rayon|magasin|brochure)\b"
)
_BARE_CODE = re.compile(
    r"(?<![\w.,/-])(?:(?!0x|tel|port|fax|mob|fixe)[a-z]{1,5}[-_]?\d{6,14}|[a-z]{2,5}[-_]\d{4,10}[-_][a-z0-9]{1,6}"
    r"|[a-z]{2,5}[-_]\d{5,10}|\d{4,8}[-_][a-z]{1,3}\d{0,4})"
    r"(?![\w]|-\w)"
)
_ONLY_NUMBER = re.compile(r"^[^\w\n]*(?:c'est |voici |it's |its )?(?P<code>\d{6,14})[^\w\n]*$", re.M)
_ERROR_BEFORE = re.compile(
    r"(?:\berr(?:eur|or)\b|\bcode\b(?! (?:client|promo))|modele|model\b|article|produit|product|version|\bsku\b)[^\n.,;!?]{0,14}$"
)
_GLUED = re.compile(r"\b(?:commande|dossier|client|contrat|facture|order|ref|n°|num)(?P<code>\d{5,})")
_PCE = re.compile(r"\bgi ?\d{3} ?\d{3}\b")
_COMMAS = re.compile(r"(?<!\d)0[1-9](?:, ?\d{2}){4}(?!\d)")
_PARCEL = re.compile(r"\b[a-z]{2} ?\d{9} ?[a-z]{2}\b|\b(?=[a-z0-9]*\d{6})(?=[a-z0-9]*[a-z])[a-z0-9]{10,34}\b")
_CARD_END = re.compile(
    r"(?:carte|\bcb\b|card|\bvisa\b|mastercard|\bamex\b)[^\n.]{0,30}?"
    r"(?:\b(?:termin|finiss|fini|end)\w*|\bfin\b|finale|derniers? chiffres?)[ :]*(?:par|en|in|with|sont|c'est)?"
    r"(?: les?)?(?: (?:chiffres?|numeros?|digits?))? ?[\"'(]?(?P<code>\d{4})\b"
    r"|(?:carte|\bcb\b|card|\bvisa\b|mastercard|\bamex\b)(?: (?:bleue?|bancaire|visa|mastercard|de credit|gold|premier))?,? ?"
    r"(?:\(|n° ?|numero |en |#|: ?)?(?:\.{2,}|…|-)? ?(?P<direct>(?!(?:19|20)\d\d)\d{4})(?! ?(?:\d|€|euros?|eur\b|points?|[.,]\d))"
)
_LAST_FOUR = re.compile(
    r"(?:last (?:four|4)(?: digits)?|(?:quatre|4) derniers chiffres)[^\n.\d]{0,20}(?P<code>\d{4})\b"
)
_NIR_CORSICA = re.compile(r"(?<!\w)[12] ?\d{2} ?\d{2} ?2[ab] ?\d{3} ?\d{3}(?: ?\d{2})?(?!\w)")
AREA = 45
_YEAR = re.compile(r"(?:19|20)\d{2}")
_PHONE_FR = re.compile(r"0[1-9]\d{8}")
_PHONE_UK = re.compile(r"0[1-378]\d{9}|(?:00)?440?[1-378]\d{9}")
_PHONE_SHAPES = re.compile(
    r"(?<![\w.,€$£-])(?:\+?1[ .-]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]\d{4}(?![\w-]|[.,]\d)"  # US
    r"|(?<![\w.,-])(?:\+\d{1,3}[ ,]{1,2})?\(?0\d{1,4}\)?(?:, ?\d{2,6}){2,4}(?!\w)"  # groups between commas
    r"|(?<!\w)o[1-9](?:[ .-]?\d{2}){4}(?!\d)"  # the letter for the digit
)
_PHONE_SHORT = re.compile(r"(?<![\w.-])\d{3}[ .-]\d{4}(?![\w-]|[.,]\d)")
_CARD_MASKED = re.compile(
    r"(?<!\w)\d{4,6}[ -]?(?:[x*•]{2,4}[ -]?){1,3}\d{2,4}(?!\w)|(?<!\w)(?:[x*•#]{2,4}[ -]?){1,4}\d{4}(?!\w)"
)
_PHONE_33 = re.compile(r"(?:00)?330?[1-9]\d{8}")
_LOOSE_IDS = 9  # digits in one group that no amount, year or index reaches
LOOSE_SPACED = 10
CUED = 6
_LONGEST = 19  # digits of the longest number we know, a card


@dataclass(frozen=True, slots=True)
class Run:
    """Digit groups that stand together; `groups` are (start, end) in the plain text."""

    groups: tuple[tuple[int, int], ...]
    plus: bool

    @property
    def start(self) -> int:
        return self.groups[0][0]

    @property
    def end(self) -> int:
        return self.groups[-1][1]


def number_spans(plain: str) -> list[Span]:
    """Spans of every number rule in the plain text, written in digits."""
    found: list[Span] = []
    taken: list[tuple[int, int]] = []
    for rule, entity in (
        (_CARD_END, CARTE),
        (_LAST_FOUR, CARTE),
        (_COMMAS, TEL),
        (_PHONE_SHAPES, TEL),
        (_CARD_MASKED, CARTE),
        (_NIR_CORSICA, NIR),
        (_PCE, ID),
        (_ID_CODE, ID),
        (_GLUED, ID),
    ):
        for match in rule.finditer(plain):
            group = (match.lastgroup or "code") if "code" in rule.groupindex else 0
            start, end = match.span(group)
            if rule is _ID_CODE and not _is_code(plain[start:end], plain, end):
                continue
            found.append(Span(start, end, entity, _compact(plain[start:end])))
            taken.append((start, end))
    found += [
        Span(*match.span(), ID, _compact(match[0]))
        for match in _PARCEL.finditer(plain)
        if not _GLUED.match(match[0]) and not match[0].startswith("0x") and not is_phone(re.sub(r"\D", "", match[0]))
    ]
    found += _bare(plain)
    for run in _runs(plain):
        found += _read(run, plain)
    return found


def _bare(plain: str) -> Iterator[Span]:
    """Order codes by their shape, numbers that are a whole line, short telephone numbers behind their cue."""
    for match in _BARE_CODE.finditer(plain):
        if not _ERROR_BEFORE.search(plain, max(0, match.start() - 24), match.start()):
            yield Span(*match.span(), ID, _compact(match[0]))
    for match in _ONLY_NUMBER.finditer(plain):
        yield Span(*match.span("code"), ID, match["code"])
    for match in _PHONE_SHORT.finditer(plain):
        before = plain[max(0, match.start() - AREA) : match.start()]
        if PHONE_CUE.search(before) and not _ID_NEAR.search(before):
            yield Span(*match.span(), TEL, _compact(match[0]))


def is_phone(digits: str) -> bool:
    """A French telephone number, with or without its country code, or a British one of eleven digits."""
    return bool(_PHONE_FR.fullmatch(digits) or _PHONE_33.fullmatch(digits) or _PHONE_UK.fullmatch(digits))


def is_nir(digits: str) -> bool:
    """A NIR of 15 signs whose key fits."""
    if len(digits) != 15 or digits[0] not in "12378":
        return False
    try:
        nir_rule.validate(digits)
    except ValidationError:
        return False
    return True


def is_card(digits: str) -> bool:
    """A payment card number: 13 to 19 digits, a scheme's first digit, Luhn."""
    return 13 <= len(digits) <= 19 and digits[0] in "23456" and luhn.is_valid(digits)


def is_company(digits: str) -> bool:
    """A SIREN (9 digits) or SIRET (14, La Poste's rule included) whose check fits."""
    if len(digits) == 9:
        return luhn.is_valid(digits) and digits != "0" * 9
    if len(digits) != 14:
        return False
    post = digits.startswith("356000000") and sum(map(int, digits)) % 5 == 0
    return luhn.is_valid(digits) or post


def _compact(value: str) -> str:
    return re.sub(r"[^a-z0-9]", "", value.lower())


def _is_code(code: str, plain: str, end: int) -> bool:
    """An alphanumeric reference, not a date, an amount, a year or a word with digits."""
    if (
        _DATE.search(code)
        or re.fullmatch(r"\d{1,2}/\d{1,2}(?:/\d{2,4})?", code)
        or UNIT.match(plain, end)
        or plain[end : end + 1] in {"%", "€"}
        or (code.isdigit() and re.match(r",\d", plain[end : end + 2]))
        or code.startswith("0x")
        or _ARTICLE_NEAR.match(plain, end)
    ):
        return False
    digits = sum(char.isdigit() for char in code)
    return digits >= CUED or (digits >= 4 and not code.isdigit() and not re.fullmatch(r"\d+[.,]\d+|[a-z]+\d{4}", code))


def _runs(plain: str) -> Iterator[Run]:
    """Stretches of digit groups with one separator between neighbours, dates left out."""
    dates = [match.span() for match in _DATE.finditer(plain)]
    groups: list[tuple[int, int]] = []
    for match in _GROUP.finditer(plain):
        if any(start <= match.start() < end for start, end in dates):
            continue
        joined = groups and _SEPARATOR.fullmatch(plain, groups[-1][1], match.start())
        if groups and not joined:
            yield _run(groups, plain)
            groups = []
        groups.append(match.span())
    if groups:
        yield _run(groups, plain)


def _run(groups: list[tuple[int, int]], plain: str) -> Run:
    before = plain[max(0, groups[0][0] - 2) : groups[0][0]]
    return Run(tuple(groups), "+" in before)


def _digits(groups: tuple[tuple[int, int], ...], plain: str) -> str:
    return "".join(plain[start:end] for start, end in groups)


def _read(run: Run, plain: str) -> list[Span]:
    """Spans of one run: the whole where it is certain, else its certain stretches, else an id by length or cue."""
    digits = _digits(run.groups, plain)
    if len(digits) < 4:
        return []
    before = plain[max(0, run.start - AREA) : run.start]
    entity = _strong(digits, run, before)
    if entity:
        return [_span(run.groups, entity, plain, run.plus)]
    found, rest = _inner(run, plain)
    return found + [
        _span(part.groups, ID, plain, plus=False)
        for part in rest
        if _weak(_digits(part.groups, plain), part, plain, before if part.start == run.start else "")
    ]


def _strong(digits: str, run: Run, before: str) -> str | None:
    """What the whole run certainly is."""
    n = len(digits)
    if is_phone(digits) or (run.plus and 8 <= n <= 15):
        return TEL
    if is_nir(digits) or (n in {13, 15} and digits[0] in "12" and _NIR_CUE.search(before)):
        return NIR
    if n != 14 and is_card(digits) or (12 <= n <= 19 and _CARD_CUE.search(before)):
        return CARTE
    if n == 14 or is_company(digits):
        return ID
    if 8 <= n <= 10 and len(run.groups) >= 3 and PHONE_CUE.search(before) and not _ID_NEAR.search(before):
        return TEL
    return None


_ID_NEAR = re.compile(r"(?:client|cliente|dossier|contrat|commande|compteur|facture|order|account|customer|prm|pdl)\b")


def _inner(run: Run, plain: str) -> tuple[list[Span], list[Run]]:
    """Telephone, NIR, card or SIRET numbers made of whole neighbouring groups, and the stretches between them."""
    found: list[Span] = []
    rest: list[Run] = []
    first = start = 0
    while first < len(run.groups):
        last, entity = _longest(run.groups, first, plain)
        if entity:
            found.append(_span(run.groups[first:last], entity, plain, plus=False))
            rest += [Run(run.groups[start:first], plus=False)] if first > start else []
            first = start = last
        else:
            first += 1
    return found, rest + ([Run(run.groups[start:], plus=False)] if start < len(run.groups) else [])


def _longest(groups: tuple[tuple[int, int], ...], first: int, plain: str) -> tuple[int, str | None]:
    """End of the longest certain number that starts at group `first`, and its entity."""
    for last in range(min(len(groups), first + _LONGEST), first, -1):
        digits = _digits(groups[first:last], plain)
        if 9 <= len(digits) <= _LONGEST and (entity := _inner_entity(digits)):
            return last, entity
    return first, None


def _inner_entity(digits: str) -> str | None:
    if is_phone(digits):
        return TEL
    if is_nir(digits):
        return NIR
    if len(digits) == 16 and is_card(digits):
        return CARTE
    return ID if len(digits) == 14 and is_company(digits) else None


def _weak(digits: str, run: Run, plain: str, before: str) -> bool:
    """A long number without a check: an id by its length, or by the word before it."""
    sizes = [end - start for start, end in run.groups]
    if all(_YEAR.fullmatch(plain[start:end]) for start, end in run.groups):
        return False
    if max(sizes) >= _LOOSE_IDS:
        return True
    if UNIT.match(plain, run.end) or _ARTICLE_NEAR.match(plain, run.end):
        return False
    if len(sizes) >= 3 and len(digits) >= LOOSE_SPACED:
        return True
    return len(digits) >= CUED and ID_CUE.search(before) is not None


def _span(groups: tuple[tuple[int, int], ...], entity: str, plain: str, plus: bool) -> Span:
    start, end = groups[0][0], groups[-1][1]
    if plus:
        start = plain.rfind("+", 0, start)
    elif entity == TEL and plain[start - 1 : start] == "(" and ")" in plain[start:end]:
        start -= 1
    digits = _digits(groups, plain)
    return Span(start, end, entity, phone_key(digits) if entity == TEL else digits)


def phone_key(digits: str) -> str:
    """The national number: 0033 6, +33 (0)6 and 06 are one telephone."""
    match = re.fullmatch(r"(?:00)?330?([1-9]\d{8})", digits)
    return "0" + match[1] if match else digits
