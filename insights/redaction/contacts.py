"""Electronic addresses and codes: e-mail written or said, web links, IBAN, IP addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from stdnum import iban as iban_rule

from insights.redaction.spans import EMAIL, IBAN, IP, NOM, URL, Span
from insights.redaction.spoken import NUMBER_WORD

_TLD = r"(?:fr|com|net|org|eu|be|ch|ca|io|lu|de|es|it|uk|co(?:\.| dot | point )uk|info|pro|bzh|re|tech|us|me)"
_HOSTS = (
    r"(?:gmail|g mail|googlemail|hotmail|outlook|live|msn|orange|wanadoo|free|sfr|neuf|bbox|numericable|laposte"
    r"|la poste|yahoo|icloud|proton|protonmail|gmx|aol|exemple|example|club-internet|bouygues)"
)
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{2,63}(?:\.[\w-]{1,63}){0,5}")
_TYPOGRAPHIC = re.compile(r"[a-z]@[a-z]{1,6}")  # f@st, d@ns: an a in disguise
_EMAIL_LOOSE = re.compile(
    r"[\w.+'-]{1,64} ?@ ?[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}\.[a-z]{2,12}\b|"
    rf"[\w.+-]{{2,64}} ?@ ?{_HOSTS}\b(?: ?[.,] ?{_TLD}\b)?|[\w.+-]{{2,64}} ?@ ?[\w-]{{2,40}} ?\. ?{_TLD}\b"
)
_SIGN = r"(?:point|tiret(?: (?:du )?(?:bas|six|6|huit|8))?|underscore|dot|dash|hyphen|plus)"
_LOCAL = rf"(?:(?:[a-z0-9] ){{2,20}}[a-z0-9](?: {_SIGN} [\w+-]{{1,64}}){{0,5}}|[\w.+'-]{{1,64}}(?: {_SIGN} [\w+-]{{1,64}}){{0,5}})"
_AT_SURE = (
    r"(?: ?(?:\[at\]|\(at\)|<at>|\(arobase\)|\[arobase\]) ?| (?:a ?rr?obase?s?|arr?obass?es?|arr?obaz|a commercial) )"
)
_AT_WEAK = r" (?:at|chez|@) "
_DOT = r"(?: ?\. ?| (?:point|dot) | ?[(\[](?:dot|point)[)\]] ?)"
_DOT_CLOSE = r"(?:\.| (?:point|dot) | ?[(\[](?:dot|point)[)\]] ?)"
_DOMAIN = rf"[\w-]{{1,40}}(?: (?:tiret|dash) [\w-]{{1,40}})?(?: [\w-]{{1,20}}(?={_DOT}))?"
_SPOKEN = (
    re.compile(rf"(?<![\w@]){_LOCAL}{_AT_SURE}(?:{_DOMAIN}(?:{_DOT}[\w-]{{1,40}}){{1,3}}|{_HOSTS}\b)"),
    re.compile(rf"(?<![\w@]){_LOCAL}{_AT_WEAK}(?:{_DOMAIN}{_DOT_CLOSE}{_TLD}\b|{_HOSTS}{_DOT}{_TLD}\b)"),
    re.compile(rf"(?<![\w@]){_LOCAL}@[\w-]{{1,40}}(?: (?:point|dot) [\w-]{{1,40}}){{1,3}}"),
    re.compile(rf"(?<![\w@])[\w+-]{{1,64}}(?: {_SIGN} [\w+-]{{1,64}}){{1,5}} ?@ ?[\w.-]{{2,60}}"),
)
_SPOKEN_HINT = re.compile(
    r"arr?oba|a robas|a commercial|[\[(<]at[\])>]|(?: at | chez |@)[^\n]{0,60}?(?:\.| point | dot )"
    r"|(?: point | dot )[^\n]{0,60}?@"
)
_LEFT = re.compile(
    rf"(?<![\w'])(?:[\w'-]{{1,30}} {_SIGN} [\w'-]{{1,30}} |[\w'-]{{1,30}} {_SIGN} |{NUMBER_WORD} "
    rf"|(?:[a-z] ){{2,20}}|(?![ayi] )[a-z] |\d{{1,4}} )+$"
)
_LINK = re.compile(r"(?:https?://|\bwww\.)[^\s<>\"\])]+")
_BARE_LINK = re.compile(r"(?<![\w@.:/-])(?:[a-z0-9-]{1,40}\.){1,3}[a-z]{2,6}/[^\s<>\"\])]*")
_PERSONAL_LINK = re.compile(
    r"[?@=&]|\d{4,}|(?:^https?://)?[^/]+/.*(?:user|profil|track|suivi|account|compte|client)/?."
    r"|/(?=[\w-]{6,})(?=[a-z-]*\d)(?=[\d-]*[a-z])"
    r"|/(?:u|in|p|m|s|id|me|pub|people|person|member|membre|membres|members|author|auteur|friends?|amis?|by|~)/\w|/~\w"
    r"|(?:facebook|instagram|twitter|linkedin|tiktok|youtube|snapchat|threads|pinterest|twitch|github|t|fb|x|wa|vinted|leboncoin)"
    r"\.(?:com|fr|net|me|be|tv)/\w"
)
_HANDLE = re.compile(r"(?<![\w@./])@([a-z_][\w.]{1,30}\w)")
_IBAN_START = re.compile(r"(?<![a-z0-9])([a-z]{2}) ?(\d) ?(\d)(?=[ .\-]?[a-z0-9])")
_IBAN_PLAIN = re.compile(r"[A-Z]{2}\d{2}(?:[A-Z]{4})?\d+")
_IBAN_MIN, _IBAN_MAX, _IBAN_DIGITS = 15, 34, 12
_IBAN_LENGTHS = {
    "FR": 27,
    "MC": 27,
    "GB": 22,
    "IE": 22,
    "DE": 22,
    "BE": 16,
    "LU": 20,
    "NL": 18,
    "CH": 21,
    "ES": 24,
    "PT": 25,
}
_IBAN_LENGTHS |= {"IT": 27, "AT": 20, "PL": 28, "DK": 18, "SE": 24, "NO": 15, "FI": 18, "GR": 27, "RO": 24, "MA": 28}
_IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\d)")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])")
_VERSION = re.compile(r"(?:\bv|version|appli|app|maj|firmware)[ :.]{0,3}$")


def contact_spans(plain: str, text: str, brand_handle: re.Pattern[str]) -> list[Span]:
    """E-mails (also spoken), personal links and public handles. `brand_handle` matches the handles that stay."""
    found: list[Span] = []
    if "@" in plain:
        found += [
            _mail(match, plain)
            for rule in (_EMAIL, _EMAIL_LOOSE)
            for match in rule.finditer(plain)
            if not _TYPOGRAPHIC.fullmatch(match[0])
        ]
        found += [
            Span(match.start(), match.end(), NOM, match[1])
            for match in _HANDLE.finditer(plain)
            if not brand_handle.match(match[1])
        ]
    if _SPOKEN_HINT.search(plain):
        found += [_mail(match, plain) for rule in _SPOKEN for match in rule.finditer(plain)]
    if "/" in plain:
        found += [
            Span(match.start(), end, URL, text[match.start() : end])
            for rule in (_LINK, _BARE_LINK)
            for match in rule.finditer(plain)
            if _PERSONAL_LINK.search(match[0]) and (end := match.start() + len(match[0].rstrip(".,;:!?'")))
        ]
    return found


def _mail(match: re.Match[str], plain: str) -> Span:
    """The e-mail without the quotes or dots around it; its key is the address as it would be typed."""
    start, end = match.span()
    while start < end and plain[start] in ".'`-/=":
        start += 1
    while end > start and plain[end - 1] in ".-_":
        end -= 1
    if "@" not in plain[start:end]:
        start = _leftwards(start, plain)
    return Span(start, end, EMAIL, _typed(plain[start:end]))


def _leftwards(start: int, plain: str) -> int:
    """The start of a spoken address with the numbers, the letters and the "x point" said before, and their word."""
    before = _LEFT.search(plain, max(0, start - 80), start)
    if before:
        start = before.start()
    spelled = re.match(r"(?:[a-z] ){2,}[a-z]\b", plain[start:])
    word = re.search(r"(?<!\w)([\w'-]{2,}) $", plain[:start])
    if spelled and word and spelled[0].replace(" ", "") == word[1]:
        return word.start(1)
    return start


def _typed(spoken: str) -> str:
    typed = re.sub(
        r" ?(?:\[at\]|\(at\)|<at>|\b(?:arr?obase?s?|arr?obaz|a commercial|at|chez)\b) ?", "@", spoken, count=1
    )
    typed = re.sub(r" (?:tiret (?:du )?(?:bas|six|6|huit|8)|underscore) ", "_", typed)
    typed = re.sub(r" (?:point|dot) ", ".", typed)
    typed = re.sub(r" (?:tiret|dash|hyphen) ", "-", typed)
    return typed.replace(" ", "")


def iban_spans(plain: str) -> list[Span]:
    """IBANs in any case and grouping whose check fits, and those of the right length with a slip in them."""
    return [span for match in _IBAN_START.finditer(plain) if (span := _iban_at(match.start(), plain))]


def _iban_at(start: int, plain: str) -> Span | None:
    chars, ends = _iban_chars(start, plain)
    for length in range(len(chars), _IBAN_MIN - 1, -1):
        value, end = chars[:length], ends[length - 1]
        whole = not (end < len(plain) and plain[end].isalnum())
        if whole and (iban_rule.is_valid(value, check_country=False) or _slipped(value)):
            return Span(start, end, IBAN, value)
    return None


def _iban_chars(start: int, plain: str) -> tuple[str, list[int]]:
    """Letters and digits from `start` on, single separators skipped, and the offset after each."""
    chars: list[str] = []
    ends: list[int] = []
    for at in range(start, min(len(plain), start + 3 * _IBAN_MAX)):
        char = plain[at]
        if char.isascii() and char.isalnum():
            chars.append(char)
            ends.append(at + 1)
        elif char not in " .-" or (ends and at - ends[-1] > 1) or not ends:
            break
        if len(chars) == _IBAN_MAX:
            break
    return "".join(chars).upper(), ends


def _slipped(iban: str) -> bool:
    if len(iban) != _IBAN_LENGTHS.get(iban[:2]) or sum(map(str.isdigit, iban)) < _IBAN_DIGITS:
        return False
    return sum(map(str.isdigit, iban)) >= 20 if len(iban) == 27 else _IBAN_PLAIN.fullmatch(iban) is not None


def ip_spans(plain: str) -> Iterator[Span]:
    """IP addresses of both kinds, version numbers left alone."""
    for rule in (_IPV4, _IPV6):
        for match in rule.finditer(plain):
            if _VERSION.search(plain[max(0, match.start() - 12) : match.start()]):
                continue
            try:
                address = ipaddress.ip_address(match[0])
            except ValueError:
                continue
            if len(match[0]) > 6:
                yield Span(match.start(), match.end(), IP, address.compressed)
