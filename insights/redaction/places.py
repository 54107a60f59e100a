"""Postal addresses: French ones here, English ones in `english`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from insights.redaction.english import english_spans
from insights.redaction.lexicon import first_name_kind, places, word_set
from insights.redaction.spans import ADRESSE, Span
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
_FULL_STOP = re.compile(r"[a-z]{5,}\.$")
_NO_STREET = r"(?! (?:met(?:er|re)s?|feet|foot|miles?|yards?)\b)"
_ADDRESS = re.compile(
    rf"(?<![\w.,/-]){_HOUSE},? ?(?:(?:de la|de l'|du|des) ?)?(?:(?P<sure>{_STREET})|(?P<weak>{_WEAK_STREET}))\b\.?(?= ){_NO_STREET}"
)
_PLAIN_PLACE = re.compile(
    r"(?:route|rte|montee) |(?:place|pl|cours|passage|cite|residence|villa|clos|mail) (?:de la |de l'|du |des )"
)
_HALL = (
    r"(?:bat(?:iment)?|appt?|apt|appartement|escalier|esc|hall|porte|etage|lot|tour|entree|bloc|villa|maison"
    r"|numero)\.? (?:n ?° ?)?"
)
_UNIT_HOUSE = re.compile(
    rf"(?<!\w)(?:{_HALL}\w{{1,4}},? ){{1,3}}(?P<weak>)(?P<sure>residence|res\.?|immeuble|cite|domaine"
    rf"|lotissement|villa|clos|hameau|lieu[ -]dit)(?= )"
)
_NUMBER_LAST = re.compile(
    rf"(?<!\w){_STREET} (?:[a-z][\w'.-]* ){{0,4}}[a-z][\w'.-]*(?:, ?(?:au )?|,? (?P<sure>n ?° ?|numero |au (?:numero )?))"
    rf"(?:\d{{1,4}}|{NUMBER_WORD}\b(?:[ -](?:et )?{NUMBER_WORD}\b){{0,3}})(?: ?(?:bis|ter)\b)?(?!\w)"
    r"(?! ?(?:h\b|heures?|euros?|€|minutes?|jours?|semaines?|mois|ans\b|%|km|m\b|fois|personnes|clients|[./]\d))"
)
_BUILDING = re.compile(
    r"\b(?:residence|res\.|immeuble|batiment|bat\.?|lotissement|domaine|hameau|lieu[ -]dit|villa|appartement|appt?\.?)"
    r" [\w' -]{1,40}, ?(?:(?:bat(?:iment)?|appt?|apt|escalier|esc|hall|porte|etage)\.? \w{1,4}, ?){0,2}$"
)
_STREET_HINT = re.compile(rf"\b(?:{_STREET}|{_WEAK_STREET})\b")
_DIGIT = re.compile(r"\d")
_CUE = re.compile(
    r"(?:habit|adresse|address|domicil|demeur|situe|log[e ]|reside|livr|envoy|courrier|intervention|\blive\b"
    r"|living|moved to|\bflat at|chantier|compteur)[^\n]{0,45}$"
)
_WORD = re.compile(r"(?:[dl]')?[a-z0-9][\w.'-]*")
_LINKS = word_set("de du des d l la le les aux au en sur sous et saint sainte st ste")
_TITLES = word_set(
    "general marechal docteur dr president professeur colonel capitaine commandant abbe pere pasteur jean pierre paul "
    "marie victor emile jules louis charles georges henri leon albert anatole gaston maurice michel jacques andre rene "
    "marcel francois robert raymond antoine claude camille alfred auguste edouard ernest eugene ferdinand gabriel "
    "gustave joseph lucien philippe pasteur grand grande petit petite vieux vieille haut haute bas basse belle beau "
    "ancien ancienne 8 11 4 14 19 champ champs croix moulin bois fontaine pont puits "
    "un deux trois quatre cinq six sept huit neuf dix onze douze quatorze dix-neuf vingt cent mille"
)
_STOPS = word_set(
    "et mais ou je j' tu il elle on nous vous ils elles qui que quand pour par avec sans depuis chez dans car donc "
    "or ni mon ma mes votre vos notre nos c'est est sont ai a ont avait svp merci stp bonjour cordialement cdt alors "
    "ca cela and or but i we you they he she it is was since for with my your please thanks to at in near"
)
_MORE_NAME = re.compile(
    rf"(?: (?!(?:{'|'.join(map(re.escape, sorted(_STOPS)))})\b)[a-z][a-z'-]+){{1,3}}(?=,? (?:0[1-9]|[1-8]\d|9[0-8])\d{{3}}\b)"
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
_SAID_CODE = rf"{NUMBER_WORD}\b(?:[ ,-]{{1,2}}(?:et )?{NUMBER_WORD}\b){{1,9}}"
_SPOKEN_CODE = re.compile(
    rf"[ ,]{{1,2}}(?:code postal,? )?(?:(?:c'est|est|le|et) )*{_SAID_CODE}"
    rf"(?:[ ,]{{1,2}}(?:a )?(?!(?:et|mais|ou|je|c'est|qui|pour|voila|merci|svp|s'il|il|on|vous|nous|depuis|avec|dans|pas)\b)"
    rf"(?:l')?(?:{_TOWN_LINK}[ -])?[a-z][a-z'-]{{2,}}{_TOWN_JOIN}{{0,2}})?"
)
_CODE_SAID = re.compile(rf"\bcode postal(?: est| c'est| le|[ :,])* (?P<code>{_SAID_CODE})")
_POSTCODE = re.compile(r"\d{3,}")
_YEAR_SAID = re.compile(
    rf" (?:mille|mil|dix[ -]neuf|dix[ -]huit) (?:neuf|huit|cent)\b(?:[ -](?:et )?{NUMBER_WORD}\b){{0,4}}"
)
_YEAR_IN_NAME = re.compile(r"1[789]\d\d")  # rue du 8 mai 1945
_CODE_TOWN = re.compile(rf"(?<![\w.,/+-]){_CODE}(?![\d/]|[.,]\d)")
_TOWN_END = re.compile(
    rf"(?<![\w'-])(?P<town>(?:l[ea] |les |l')?(?:{_TOWN_LINK}[ -])?[a-z][a-z'-]{{2,}}{_TOWN_JOIN}{{0,2}}),? \(?$"
)
_CODE_CUE = re.compile(
    r"(?:habit|adresse|code postal|\bcp\b|domicil|demeur|commune|ville|secteur|reside|logement|log[e ])[^\n]{0,30}$"
)
_POSTCODE_ALONE = re.compile(r"(?:code postal|\bcp)(?: (?:est|c'est|le))?[ :]{0,3}$")


def address_spans(plain: str, text: str) -> list[Span]:
    """Street addresses with what follows them (flat, postcode, town), and postcodes with their town."""
    found = english_spans(plain, text)
    if _STREET_HINT.search(plain):
        found += _french(plain, text)
        found += _numbered_last(plain)
    if "code postal" in plain:
        found += [Span(*match.span("code"), ADRESSE, match["code"]) for match in _CODE_SAID.finditer(plain)]
    if not _DIGIT.search(plain):
        return found
    taken = [(span.start, span.end) for span in found]
    for match in _CODE_TOWN.finditer(plain):
        if not any(start < match.end() and match.start() < end for start, end in taken):
            found += _code_and_town(match, plain, text)
    return found


def _french(plain: str, text: str) -> Iterator[Span]:
    for match in (*_ADDRESS.finditer(plain), *_UNIT_HOUSE.finditer(plain)):
        end = _street_name(match.end(), plain, text)
        if end is None or _FULL_STOP.search(match[0]):
            continue
        full = _with_tail(end, plain, text)
        name_is_proper = any(char.isupper() for char in text[match.end() : end])
        sure = (
            match["sure"] is not None
            or _PLAIN_PLACE.match(plain, match.start("weak"))
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


def _numbered_last(plain: str) -> Iterator[Span]:
    """rue des Lilas, 12: with its "n°", or where somebody lives."""
    for match in _NUMBER_LAST.finditer(plain):
        if match["sure"] or _CUE.search(plain[max(0, match.start() - 60) : match.start()]):
            yield Span(*match.span(), ADRESSE, match[0])


def _street_name(at: int, plain: str, text: str) -> int | None:
    """Offset after the street's name that starts at `at`; None when no word follows."""
    end: int | None = None
    carry = True  # the next word still belongs to the name whatever its case
    while (word := _WORD.match(plain, at + 1)) and plain[at : at + 1] in {" ", "-"}:
        bare = word[0].strip(".'")
        if bare in _LINKS:
            carry = True
        elif end and _SPOKEN_CODE.match(plain, at):
            if not (year := _YEAR_SAID.match(plain, at)):
                break
            end = year.end()
            at = end
            continue
        elif end and _YEAR_IN_NAME.fullmatch(bare):
            end = word.end()
        elif bare in _STOPS or not (carry or text[word.start()].isupper()) or _POSTCODE.fullmatch(bare):
            break
        else:
            end = word.end()
            carry = bare in _TITLES or first_name_kind(bare) != ""
            if word[0].endswith(".") and len(bare) > 2:  # end of the sentence
                return end - 1
        at = word.end()
    more = _MORE_NAME.match(plain, end) if end else None
    return more.end() if more else end


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
    turned = _TOWN_END.search(plain, max(0, match.start() - 50), match.start())
    if turned and not proper and _turned(turned, plain, text):
        yield Span(turned.start("town"), match.end(), ADRESSE, plain[turned.start("town") : match.end()])
    elif (
        town and _is_town(town, text) and (proper or _CODE_CUE.search(before)) and not _AMOUNT.match(plain, match.end())
    ):
        yield Span(match.start(), _town_end(town, text), ADRESSE, plain[match.start() : town.end("town")])
    elif _POSTCODE_ALONE.search(before):
        yield Span(match.start(), match.end(), ADRESSE, match[0])


def _turned(town: re.Match[str], plain: str, text: str) -> bool:
    """A town before its postcode: known or with a capital where the words before speak of a place."""
    first, start = re.split(r"[ '-]", town["town"])[-1], town.start("town")
    if town["town"].split(" ")[0] in _STOPS or first in _CODE_WORDS:
        return False
    cued = _CODE_CUE.search(plain[max(0, start - 45) : start]) is not None
    known = town["town"] in places() or town[0].endswith("(")
    return cued or (known and text[start].isupper())


_CODE_WORDS = word_set(
    "postal code commune ville secteur cp adresse reference dossier commande contrat client numero num"
)
_AMOUNT = re.compile(r" ?(?:€|euros?|eur|kwh|kw|km|ans|balles|clients?|personnes|foyers|points?|abonnes)\b")
