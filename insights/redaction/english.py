"""British and American postal addresses: streets, towns with their postcode, postcodes said letter by letter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from insights.redaction.lexicon import places
from insights.redaction.spans import ADRESSE, Span
from insights.redaction.spoken import NUMBER_WORD

_SURE_KINDS = ("street", "avenue", "lane", "crescent", "terrace", "road", "drive")
_KINDS = (
    r"(?:street|str|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|close|cl|way|terrace|ter|gardens?|gdns|crescent|cres|"
    r"grove|hill|square|sq|boulevard|blvd|parkway|pkwy|highway|hwy|row|mews|place|pl|circle|cir|trail|trl|view|park|alley|"
    r"arcade|approach|bank|broadway|brow|bypass|causeway|chase|circus|common|corner|cottages?|croft|cross|crossing|dale|"
    r"dell|dene|drove|embankment|end|esplanade|estate|fields?|fold|garth|gate|glade|glen|green|heath|heights|holme|hurst|"
    r"island|landing|lawns?|lea|leas|link|loop|mansions|mead|meadows?|mill|mount|oaks?|orchards?|paddocks?|parade|pass|"
    r"passage|path|pike|plaza|point|promenade|quay|ridge|rise|run|spinney|spur|strand|turnpike|vale|valley|villas?|vista|"
    r"walk|wharf|woods?|wynd|yard)"
)
_STATE_CODES = (
    r"(?:a[klrz]|c[aot]|d[ce]|fl|ga|hi|i[adln]|k[sy]|la|m[adeinost]|n[cdehjmvy]|o[hkr]|pa|ri|s[cd]|t[nx]|ut"
    r"|v[at]|w[aivy])"
)
_STATES = (
    r"(?:alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|hawaii|idaho|illinois|"
    r"indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|minnesota|mississippi|missouri|montana|"
    r"nebraska|nevada|new (?:hampshire|jersey|mexico|york)|(?:north|south) (?:carolina|dakota)|ohio|oklahoma|oregon|"
    r"pennsylvania|rhode island|tennessee|texas|utah|vermont|(?:west )?virginia|washington|wisconsin|wyoming)"
)
_AREAS = (
    r"(?:ab|al|b[abdhlnrstx]?|c[abfhmortvw]|d[adeghlnty]|e[chnx]?|f[ky]|g[lulyxs]?|h[adgprsux]|i[gmpv]|je|k[atwy]|l[adelnsu]?|"
    r"m[ekl]?|n[egnprw]?|o[lx]|p[aehlor]|r[ghm]|s[aegklmnoprstwy]?|t[adfnqrsw]|u?b|w[acdfnrsv]?|yo|ze)"
)
_AREA = re.compile(_AREAS)
_PLATE_CUE = re.compile(r"(?:plaque|immatric|\bplate|\bregist|\breg\b|carte grise)[^\n]*$")
_STOPS = (
    r"(?:and|or|but|i|i'm|i've|you|we|they|he|she|it|was|were|are|am|be|been|have|has|had|with|since|because|when|after|"
    r"before|pounds?|days?|weeks?|hours?|months?|years?|minutes?|times?|people|of|for|not|no|my|your|our|their|this|these|that|"
    r"per|percent|stars?|calls?|emails?|letters?|kwh|miles?|metres?|meters?|feet|foot|yards?|euros?|dollars?|ago|late|called)"
)
_SAID = rf"{NUMBER_WORD}\b(?:[ -](?:and )?{NUMBER_WORD}\b){{0,4}}"
_HOUSE = rf"(?:\d{{1,5}}[a-z]?\b|{_SAID}(?: [a-f]\b)?)"
_FLAT = rf"(?:flat|apartment|apt|unit|suite|room|floor|studio)\.? (?:\w{{1,4}}|{NUMBER_WORD}(?: [a-f])?),? (?:at )?"
_NAME = rf"(?!(?:{_STOPS}|in|on|at|to|the|{NUMBER_WORD})\b)(?:\d+(?:st|nd|rd|th)|[a-z][\w'.-]*)"
_NO_STREET = r"(?! (?:met(?:er|re)s?|feet|foot|miles?|yards?)\b)"
_STREET = re.compile(
    rf"(?<![\w.,£$€/-])(?P<house>{_HOUSE}),? (?P<name>the (?P<the>{_KINDS})\b|(?:the )?(?:{_NAME} ){{1,3}}?(?P<kind>{_KINDS})\b)\.?"
    rf"{_NO_STREET}(?: (?:nw|ne|sw|se|north|south|east|west)\b)?"
    r"(?:[ ,]{1,2}(?:apt|apartment|suite|flat|unit|floor)\.? ?\w{1,5}\b)?"
)
_KIND_HINT = re.compile(rf"\b{_KINDS}\b")
_CODE_HINT = re.compile(r"\d ?\d?[a-z]{2}\b|\d{5}|\bzip\b|\b[a-z][ ,]{1,2}[a-z]\b|" + rf"\b{_STATES},? {NUMBER_WORD}\b")
_CUE = re.compile(
    r"(?:address|\blive\b|living|lives|moved? (?:in|out|to|from)|deliver\w*|flat|reside|sent? (?:it |them )?to|post(?:ed)? to|"
    r"home is|house|property|meter (?:at|for)|supply (?:at|for)|\bat)\b[^\n]{0,35}$"
)
_CUE_DIRECT = re.compile(r"\b(?:it's|that's|address is|number|is|at|to)[ ,:]{1,2}(?:the )?$")
_POSTCODE = re.compile(rf"(?<![\w.-]){_AREAS}\d[a-z\d]? ?\d[abd-hjlnp-uw-z]{{2}}(?!\w)")
_POSTCODE_CUE = re.compile(r"(?:post ?code|address|live|living|\bat\b|area|\bin\b|\bzip\b)[^\n]{0,30}$")
_POSTCODE_CUE_SURE = re.compile(r"post ?code(?: is|'s)? ?:? ?$")
_MEMORY = ("gb", "tb")
_ITEM = rf"(?:{NUMBER_WORD}\b|\d{{1,2}}\b)"
_POSTCODE_SAID = re.compile(
    rf"(?<![\w'])[a-z][ ,]{{1,2}}(?:[a-z][ ,]{{1,2}})?{_ITEM}[ ,]{{1,2}}(?:(?:{_ITEM}|[a-z])[ ,]{{1,2}})?"
    r"(?P<said>" + _ITEM + r")[ ,]{1,2}[a-z][ ,]{1,2}[a-z](?![\w'])"
)
_ZIP = re.compile(
    rf"(?<!\w)(?:{_STATE_CODES} (?P<code>\d{{5}}(?:-\d{{4}})?(?!\d))"
    rf"|{_STATES},? (?:\d{{5}}(?:-\d{{4}})?(?!\d)|{NUMBER_WORD}(?:[ -]{NUMBER_WORD}){{2,5}}(?!\w)))"
)
_ZIP_CUE = re.compile(
    rf"\bzip(?: ?code)?(?: is|'s)?:? (?P<zip>\d{{5}}(?:-\d{{4}})?(?!\d)|{NUMBER_WORD}(?:[ -]{NUMBER_WORD}){{2,5}}(?!\w))"
)
_WORD = rf"(?!{_STOPS}\b)[a-z][\w'-]*\.?"
_LEAD = re.compile(
    rf"(?<![\w.,£$€/-])(?:{_FLAT})?{_HOUSE},? (?:{_WORD}(?:, ?| |,?\n)){{1,9}}$"
    rf"|(?<![\w.,£$€/-])(?:{_FLAT})(?:{_WORD}(?:, ?| |,?\n)){{1,9}}$"
)
_TOWN_BEFORE = re.compile(r"(?P<town>(?<![\w'])[a-z][\w'-]+),?[ \n](?:post ?code (?:is )?)?$")
_NO_TOWN = frozenset(
    [
        "postcode",
        "code",
        "is",
        "in",
        "at",
        "to",
        "the",
        "a",
        "an",
        "and",
        "or",
        "from",
        "for",
        "near",
        "around",
        "of",
        "my",
        "our",
        "your",
        "on",
        "i",
        "by",
        "with",
        "area",
        "zip",
        "live",
        "address",
        "that's",
        "it's",
        "was",
        "are",
        "new",
        "old",
        "first",
        "only",
        "but",
        "this",
        "that",
        "all",
        "here",
        "there",
        "where",
        "about",
        "between",
        "so",
        "just",
        "yes",
        "no",
        "please",
    ]
)
_UPPER_TOWN = re.compile(r"(?:[A-Z][\w'-]+[, ]{1,2}(?:on |upon |under )?){1,3}\n?$")
_TOWN_AFTER = re.compile(r", (?:[A-Z][a-z]+ )?[A-Z][a-z]+")
_TOWN_SMALL = re.compile(r",? (?:in )?(?P<town>[a-z]+)\b")
_FLAT_BEFORE = re.compile(rf"{_FLAT}$")


def english_spans(plain: str, text: str) -> list[Span]:
    """Streets of both sides of the ocean, and postcodes with the lines before them."""
    found = list(_codes(plain, text)) if _CODE_HINT.search(plain) else []
    if _KIND_HINT.search(plain):
        ends = {span.start: span.end for span in found}
        found += [span for span in _streets(plain, text) if span.end > ends.get(span.start, 0)]
    return found


def _codes(plain: str, text: str) -> Iterator[Span]:
    for match in _POSTCODE.finditer(plain):
        if _is_postcode(match, plain, text):
            yield _with_lines(match.start(), match.end(), plain, text)
    for match in _POSTCODE_SAID.finditer(plain):
        area = re.match(r"[a-z][ ,]*(?:[a-z](?![a-z]))?", match[0])
        if (
            area is None
            or not _AREA.fullmatch(re.sub(r"[ ,]", "", area[0]))
            or _PLATE_CUE.search(plain, max(0, match.start() - 40), match.start())
        ):
            continue
        yield _with_lines(match.start(), match.end(), plain, text)
    for match in _ZIP.finditer(plain):
        written = match["code"] and text[match.start() : match.start() + 2].isupper()
        if not match["code"] or written or _lead(match.start(), plain) is not None:
            yield _with_lines(match.start(), match.end(), plain, text)
    for match in _ZIP_CUE.finditer(plain):
        yield _with_lines(match.start("zip"), match.end(), plain, text)


def _is_postcode(match: re.Match[str], plain: str, text: str) -> bool:
    """A postcode by its capitals, its blank or the words before it; "s10 8gb" is a telephone."""
    before = plain[max(0, match.start() - 40) : match.start()]
    if " " not in match[0]:
        return _POSTCODE_CUE_SURE.search(before) is not None or _lead(match.start(), plain) is not None
    if match[0].endswith(_MEMORY):
        return _POSTCODE_CUE_SURE.search(before) is not None
    upper = text[match.start() : match.end()].isupper()
    return upper or _POSTCODE_CUE.search(before) is not None or _lead(match.start(), plain) is not None


def _lead(at: int, plain: str) -> int | None:
    """Start of the house number or flat whose line leads to the postcode at `at`."""
    lead = _LEAD.search(plain, max(0, at - 110), at)
    return lead.start() if lead else None


def _with_lines(start: int, end: int, plain: str, text: str) -> Span:
    """The postcode with the house, street and town before it."""
    lead = _lead(start, plain)
    if lead is None and (town := _UPPER_TOWN.search(text, max(0, start - 60), start)):
        words = [word.start() + town.start() for word in re.finditer(r"[A-Z][\w'-]+", town[0])]
        lead = next((at for at in words if re.match(r"[\w'-]+", plain[at:])[0] not in _NO_TOWN), None)  # type: ignore[index]
    if lead is None and (near := _TOWN_BEFORE.search(plain, max(0, start - 50), start)):
        lead = None if near["town"] in _NO_TOWN else near.start("town")
    begin = start if lead is None else lead
    return Span(begin, end, ADRESSE, plain[begin:end])


def _streets(plain: str, text: str) -> Iterator[Span]:
    for match in _STREET.finditer(plain):
        words = text[match.start("name") : match.end("name")].split()
        before = plain[max(0, match.start() - 60) : match.start()]
        kind = match["kind"] or match["the"]
        digits = match["house"][0].isdigit()
        proper = digits and all(word[0].isupper() or not word[0].isalpha() or word == "the" for word in words)
        sure = kind in _SURE_KINDS and len(words) < 4 and (digits or " " in match["house"] or "-" in match["house"])
        flat = _FLAT_BEFORE.search(plain, max(0, match.start() - 30), match.start())
        cued = len(kind) > 3 and (_CUE.search(before) or (_CUE_DIRECT.search(before) and not match["house"].isdigit()))
        if not (flat or cued or sure or (proper and (kind in _OLD or _line(match, plain)))):
            continue
        town = _TOWN_AFTER.match(text, match.end()) or _town_listed(match.end(), plain)
        yield Span(flat.start() if flat else match.start(), (town or match).end(), ADRESSE, match[0])


_OLD = frozenset(
    [
        "street",
        "str",
        "st",
        "road",
        "rd",
        "avenue",
        "ave",
        "lane",
        "ln",
        "drive",
        "dr",
        "court",
        "ct",
        "close",
        "way",
        "terrace",
        "gardens",
        "garden",
        "crescent",
        "grove",
        "hill",
        "square",
        "boulevard",
        "blvd",
        "parkway",
        "pkwy",
        "highway",
        "hwy",
        "row",
        "mews",
        "place",
        "pl",
        "circle",
        "trail",
        "view",
        "park",
    ]
)


def _town_listed(at: int, plain: str) -> re.Match[str] | None:
    """A town of our list behind a street in small letters."""
    town = _TOWN_SMALL.match(plain, at)
    return town if town and town["town"] in places() else None


def _line(match: re.Match[str], plain: str) -> bool:
    """The street stands alone on its line or between commas: "Ann Lee, 4 Holly Walk, Leeds"."""
    opens = match.start() == 0 or plain[: match.start()].rstrip(" ").endswith((",", "\n", ":", "("))
    return opens or plain[match.end() : match.end() + 1] in {",", "\n", ""}
