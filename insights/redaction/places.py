"""Postal addresses, French and English, and dates of birth."""

from __future__ import annotations

import re
from collections.abc import Iterator

from insights.redaction.lexicon import word_set
from insights.redaction.spans import ADRESSE, DATE_NAISSANCE, Span
from insights.redaction.spoken import NUMBER_WORD

_HOUSE = (
    rf"(?!(?:une?|one) )(?:\d{{1,4}}|{NUMBER_WORD}(?:[ -](?:et )?{NUMBER_WORD}){{0,4}})(?: ?[,-] ?\d{{1,4}})?"
    r"(?: ?(?:bis|ter|quater)\b| [a-f]\b(?!')|[a-f]\b)?"
)
_STREET = (
    r"(?:rue|avenue|av|ave|boulevard|boul|bld|blvd|bvd|bd|chemin|chem|che|allees?|impasse|imp|quai|square|sentier|"
    r"lotissement|lot|faubourg|fbg|fg|venelle|ruelle|esplanade|promenade|rond[ -]point|lieu[ -]dit|traverse|hameau)"
)
_WEAK_STREET = (
    r"(?:place|pl|cours|route|rte|passage|cite|voie|residence|res|villa|clos|mail|montee|parc|mas|domaine|za|zac|zi)"
)
_NO_STREET = r"(?! (?:met(?:er|re)s?|feet|foot|miles?|yards?)\b)"
_ADDRESS = re.compile(
    rf"(?<![\w.,/-]){_HOUSE},? ?(?:(?P<sure>{_STREET})|(?P<weak>{_WEAK_STREET}))\b\.?(?= ){_NO_STREET}"
)
_BUILDING = re.compile(
    r"\b(?:residence|res\.|immeuble|batiment|bat\.?|lotissement|domaine|hameau|lieu[ -]dit|villa|appartement|appt?\.?)"
    r" [\w' -]{1,40}, ?(?:(?:bat(?:iment)?|appt?|apt|escalier|esc|hall|porte|etage)\.? \w{1,4}, ?){0,2}$"
)
_CUE = re.compile(
    r"(?:habit|adresse|address|domicil|demeur|situe|log[e ]|reside|livr|envoy|courrier|\blive\b"
    r"|living|moved to|\bflat at|chantier|compteur)[^\n]{0,45}$"
)
_WORD = re.compile(r"(?:[dl]')?[a-z0-9][\w.'-]*")
_LINKS = word_set("de du des d l la le les aux au en sur sous et saint sainte st ste")
_TITLES = word_set(
    "general marechal docteur dr president professeur colonel capitaine commandant abbe pere pasteur jean pierre paul "
    "marie victor emile jules louis charles georges henri leon albert anatole gaston maurice michel jacques andre rene "
    "marcel francois robert raymond antoine claude camille alfred auguste edouard ernest eugene ferdinand gabriel "
    "gustave joseph lucien philippe pasteur grand grande petit petite vieux vieille haut haute bas basse belle beau "
    "ancien ancienne 8 11 4 14 19 onze huit quatre champ champs croix moulin bois fontaine pont puits"
)
_STOPS = word_set(
    "et mais ou je j' tu il elle on nous vous ils elles qui que quand pour par avec sans depuis chez dans car donc "
    "or ni mon ma mes votre vos notre nos c'est est sont ai a ont avait svp merci stp bonjour cordialement cdt alors "
    "ca cela and or but i we you they he she it is was since for with my your please thanks to at in near"
)
_TAIL_EXTRA = (
    r"(?:[ ,]{1,2}(?:appartement|appt|apt|bat|batiment|etage|escalier|esc|porte|bp|cs|boite|hall|entree)"
    r"\.? ?[\w]{1,4}\b|[ ,]{1,2}\d{1,2}(?:er|e|eme) etage)*"
)
_CODE = r"(?:f ?- ?)?(?:0[1-9]|[1-8]\d|9[0-8]) ?\d{3}"
_TAIL = re.compile(rf"{_TAIL_EXTRA}(?P<code>[\s,;-]{{0,4}}(?:a |au |cp |code postal )?{_CODE}(?!\d))?")
_TOWN_LINK = (
    r"(?:saint|sainte|st|ste|le|la|les|aix|bourg|mont|pont|port|fort|la ferte|villeneuve|neuilly|boulogne|issy)"
)
_TOWN_JOIN = r"(?:[ -](?:(?:en|sur|sous|les|lez|le|la|de|des|du|aux)[ -]|d'|l')(?:(?:la|le|les)[ -]|l')?[a-z][a-z'-]*)"
_TOWN = re.compile(
    rf"[ ,-]{{1,3}}(?:a )?(?P<town>(?:l')?(?:{_TOWN_LINK}[ -])?[a-z][a-z'-]+{_TOWN_JOIN}{{0,2}}"
    r"(?: cedex(?: \d{1,2})?)?)"
)
_SPOKEN_CODE = re.compile(rf"[ ,]{{1,2}}{NUMBER_WORD}(?:[ -]{NUMBER_WORD}){{1,6}}(?P<town> (?:\w+ )??[a-z]{{3,}})?")
_POSTCODE = re.compile(r"\d{3,}")
_YEAR_IN_NAME = re.compile(r"1[789]\d\d")  # rue du 8 mai 1945
_CODE_TOWN = re.compile(rf"(?<![\w.,/+-]){_CODE}(?![\d.,/])")
_CODE_CUE = re.compile(
    r"(?:habit|adresse|code postal|\bcp\b|domicil|demeur|commune|ville|secteur|reside|logement|log[e ])[^\n]{0,30}$"
)
_POSTCODE_ALONE = re.compile(r"(?:code postal|\bcp)(?: (?:est|c'est|le))?[ :]{0,3}$")
_EN_STREET = (
    r"(?:street|str|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|close|way|terrace|gardens?|crescent|grove|hill|"
    r"square|boulevard|blvd|parkway|pkwy|highway|hwy|row|mews|place|pl|circle|trail|view|park)"
)
_EN_NAME = (
    r"(?!(?:and|or|of|in|on|at|to|the|for|days?|weeks?|hours?|months?|years?|minutes?|times?|people|pounds)\b)[\w'.-]+"
)
_EN_SAID = (
    r"(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?"
    r"|(?:eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen))"
)
_EN_ADDRESS = re.compile(
    rf"(?<![\w.,£$€/-])(?:\d{{1,5}}[a-z]?|{_EN_SAID}),? (?:{_EN_NAME} ){{1,3}}?(?P<kind>{_EN_STREET})\b\.?{_NO_STREET}"
    r"(?: (?:nw|ne|sw|se)\b)?(?:[ ,]{1,2}(?:apt|apartment|suite|flat|unit|floor)\.? ?\w{1,5})?"
)
_EN_CODE = r"(?:[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}|[a-z]{2} \d{5}(?:-\d{4})?)\b"
_EN_TAIL = re.compile(rf"(?:,? (?:[a-z][\w'.-]+)(?: [a-z][\w'.-]+){{0,2}})?,? {_EN_CODE}")
_UK_POSTCODE = re.compile(r"\b[a-z]{1,2}\d[a-z\d]? ?\d[a-hjlnp-z]{2}\b")
_EN_TOWN = re.compile(r", (?:[A-Z][a-z]+ )?[A-Z][a-z]+")
_EN_SURE = frozenset(("street", "avenue", "lane", "crescent", "terrace", "road", "drive"))
_EN_BEFORE = re.compile(r"\b(?:flat|apt|apartment|unit|suite|room)\.? ?(?:\w{1,4}, ?)?$")
_EN_LINES = re.compile(r"(?:[A-Z][\w']*(?: [A-Z][\w']*){0,3}, )+(?:[A-Z][\w']*(?: [A-Z][\w']*)? )?$")
_UK_CUE_SURE = re.compile(r"post ?code(?: is)? ?:? ?$")
_UK_CUE = re.compile(r"(?:post ?code|address|live|living|\bat\b)[^\n]{0,30}$")

_MONTH = (
    r"(?:janvier|janv|fevrier|fevr?|mars|avril|avr|mai|juin|juillet|juil|aout|septembre|sept|octobre|oct|novembre|nov|"
    r"decembre|dec|january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|"
    r"apr|jun|jul|aug|sep)\.?"
)
_NUMBERS = rf"{NUMBER_WORD}(?:[ -](?:et )?{NUMBER_WORD}){{0,7}}"
_ORDINAL = r"(?:(?:twenty|thirty)[ -])?(?:first|second|third|[a-z]{3,9}th|thirtieth|twentieth)"
_DAY = rf"(?:{_ORDINAL}|\d{{1,2}}(?:er|st|nd|rd|th)?|premier|{_NUMBERS})"
_DATE = (
    rf"(?:\d{{1,2}} ?[./ -] ?\d{{1,2}} ?[./ -] ?(?:\d{{4}}|\d{{2}})\b|\d{{4}}-\d{{2}}-\d{{2}}"
    rf"|{_DAY} (?:of )?{_MONTH},?(?: (?:\d{{4}}|\d{{2}}\b|{_NUMBERS}))?|{_MONTH} {_DAY},?(?: \d{{4}})?)"
)
_IS = r"(?: ?[:=])?(?: (?:est|c'est|is|du|le|au|the))*"
_YEAR_SAID = rf"(?:(?:19|20)\d{{2}}|(?:mille neuf cent|deux mille|nineteen|twenty)(?:[ -]{NUMBER_WORD}){{0,4}})"
_BORN_ON = (
    rf"(?P<date>(?:the )?{_MONTH} {_YEAR_SAID}|(?:the )?{_DATE}|(?<=en )(?:19|20)\d{{2}}\b|(?<=in )(?:19|20)\d{{2}}\b"
    rf"|{_MONTH} the {_ORDINAL}(?: {_YEAR_SAID})?)"
)
_BIRTH = re.compile(
    rf"(?:\bnee?s?(?:\(e\)|\.e|-e)?(?: ?:)?(?: (?:le|en|un|a [a-z'-]+ le|vers))?|\banniversaire{_IS}) ?{_BORN_ON}"
)
_BIRTH_LOOSE = re.compile(
    r"(?:\bddn\b|\bd\.?[ ]?o\.?[ ]?b\b\.?|\bbirth ?da(?:y|te)\b|\bdate of birth\b|\bnaissances?\b|\bborn\b)"
    rf"(?:[^\n.;!?\d]{{0,30}}? |[ :=]{{0,4}})(?:{_BORN_ON}|(?P<said>{NUMBER_WORD}(?:[ -]{NUMBER_WORD}){{2,8}}))"
)
_BIRTH_AFTER = re.compile(
    rf"(?P<date>{_DATE})(?= (?:is|was|c'est|est) (?:my|ma|the|la) (?:date of birth|birthday|dob|date de naissance))"
)


def address_spans(plain: str, text: str) -> list[Span]:
    """Street addresses with what follows them (flat, postcode, town), and postcodes with their town."""
    found = list(_french(plain, text))
    found += _english(plain, text)
    taken = [(span.start, span.end) for span in found]
    for match in _CODE_TOWN.finditer(plain):
        if not any(start < match.end() and match.start() < end for start, end in taken):
            found += _code_and_town(match, plain, text)
    return found


def _french(plain: str, text: str) -> Iterator[Span]:
    for match in _ADDRESS.finditer(plain):
        end = _street_name(match.end(), plain, text)
        if end is None:
            continue
        full = _with_tail(end, plain, text)
        name_is_proper = any(char.isupper() for char in text[match.end() : end])
        sure = (
            match["sure"]
            or full > end
            or name_is_proper
            or _CUE.search(plain[max(0, match.start() - 60) : match.start()])
        )
        if sure:
            start = (
                building.start()
                if (building := _BUILDING.search(plain, max(0, match.start() - 100), match.start()))
                else match.start()
            )
            yield Span(start, full, ADRESSE, plain[start:full])


def _street_name(at: int, plain: str, text: str) -> int | None:
    """Offset after the street's name that starts at `at`; None when no word follows."""
    end: int | None = None
    carry = True  # the next word still belongs to the name whatever its case
    while (word := _WORD.match(plain, at + 1)) and plain[at : at + 1] in {" ", "-"}:
        bare = word[0].strip(".'")
        if bare in _LINKS:
            carry = True
        elif end and _SPOKEN_CODE.match(plain, at):
            break
        elif end and _YEAR_IN_NAME.fullmatch(bare):
            end = word.end()
        elif bare in _STOPS or not (carry or text[word.start()].isupper()) or _POSTCODE.fullmatch(bare):
            break
        else:
            end = word.end()
            carry = bare in _TITLES
            if word[0].endswith(".") and len(bare) > 2:  # end of the sentence
                return end - 1
        at = word.end()
    return end


def _with_tail(end: int, plain: str, text: str) -> int:
    """Offset after floor, flat, postcode and town that follow a street name ending at `end`."""
    if spoken := _SPOKEN_CODE.match(plain, end):
        return spoken.end()
    tail = _TAIL.match(plain, end)
    if tail is None or tail["code"] is None:
        after = tail.end() if tail else end
        town = _TOWN.match(plain, after)
        proper = town and text[town.start("town")].isupper() and plain[after] in ", -"
        return _town_end(town, text) if town and proper else after
    town = _TOWN.match(plain, tail.end())
    return _town_end(town, text) if town and _is_town(town, text) else tail.end()


def _is_town(town: re.Match[str], text: str) -> bool:
    first = town["town"].split(" ")[0].strip("'")
    return text[town.start("town")].isupper() or first not in _STOPS


def _town_end(town: re.Match[str], text: str) -> int:
    """End of the town: capitalised words that follow belong to it ("Aix Les Bains")."""
    end = town.end("town")
    if not text[town.start("town")].isupper():
        return end
    while (more := re.compile(r"[ -]([A-ZÀ-Ý][\w'-]+)").match(text, end)) and more[1].lower() not in _STOPS:
        end = more.end()
    return end


def _code_and_town(match: re.Match[str], plain: str, text: str) -> Iterator[Span]:
    before = plain[max(0, match.start() - 45) : match.start()]
    town = _TOWN.match(plain, match.end())
    proper = town is not None and text[town.start("town")].isupper() and plain[match.end()] == " "
    if town and _is_town(town, text) and (proper or _CODE_CUE.search(before)) and not _AMOUNT.match(plain, match.end()):
        yield Span(match.start(), _town_end(town, text), ADRESSE, plain[match.start() : town.end("town")])
    elif _POSTCODE_ALONE.search(before):
        yield Span(match.start(), match.end(), ADRESSE, match[0])


_AMOUNT = re.compile(r" ?(?:€|euros?|eur|kwh|kw|km|ans|balles|clients?|personnes|foyers|points?|abonnes)\b")


def _english(plain: str, text: str) -> Iterator[Span]:
    for match in _EN_ADDRESS.finditer(plain):
        words = text[match.start() : match.end()].split()[1:]
        before = plain[max(0, match.start() - 60) : match.start()]
        tail = _EN_TAIL.match(plain, match.end())
        proper = all(word[0].isupper() or not word[0].isalpha() for word in words)
        spelled_out = len(match["kind"]) > 3
        sure = match["kind"] in _EN_SURE and len(words) < 4
        if not (proper or tail or sure or (spelled_out and _CUE.search(before))):
            continue
        flat = _EN_BEFORE.search(plain, max(0, match.start() - 30), match.start())
        town = None if tail else _EN_TOWN.match(text, match.end())
        end = (tail or town or match).end()
        yield Span(flat.start() if flat else match.start(), end, ADRESSE, match[0])
    for match in _UK_POSTCODE.finditer(plain):
        upper = text[match.start() : match.end()].isupper() and " " in match[0]
        cue = _UK_CUE if " " in match[0] else _UK_CUE_SURE
        if upper or cue.search(plain[max(0, match.start() - 40) : match.start()]):
            lines = _EN_LINES.search(text, max(0, match.start() - 90), match.start()) if upper else None
            yield Span(lines.start() if lines else match.start(), match.end(), ADRESSE, match[0])


def birth_spans(plain: str) -> list[Span]:
    """Dates of birth: the date after "né(e) le", "date de naissance", "born on" and the like."""
    found = []
    for rule in (_BIRTH, _BIRTH_LOOSE, _BIRTH_AFTER):
        for match in rule.finditer(plain):
            group = "said" if rule is _BIRTH_LOOSE and match["said"] else "date"
            found.append(Span(*match.span(group), DATE_NAISSANCE, match[group]))
    return found
