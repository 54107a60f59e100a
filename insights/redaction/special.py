"""Special categories of a person: health, union, religion, origin, politics, sexual life (article 9 of the GDPR).

Only what is said of somebody is masked: "je suis diabétique", "mon mari est sous dialyse"; a product or a subject
("mutuelle santé", "remboursement de soins dentaires") stays. Health that hangs on the supply of energy has an entity of
its own, SANTE_VITALE, so that the urgency rules still see it in the token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Any

from insights.redaction.lexicon import word_set
from insights.redaction.spans import ORIENTATION, ORIGINE, POLITIQUE, RELIGION, SANTE, SANTE_VITALE, SYNDICAT, Span
from insights.yaml_files import parse_yaml

_ENTITIES = (SANTE_VITALE, SANTE, SYNDICAT, RELIGION, ORIGINE, POLITIQUE, ORIENTATION)


_ENGLISH_LINE = (
    r"@e(?:subject|poss|relative|health|vital|device|disease|surgery|union|faith|nation|people|party|sexual)\b"
)
_FRENCH_LINE = r"@(?:self|poss|have|relative|device|faith|people|demonym|partyname|partisan|sexual|disease)\b"
# Words of which every line of a language needs one.
_LANGUAGES = {
    "en": re.compile(
        r"\b(?:i|im|ive|my|he|hes|she|shes|we|who|his|her|our|their|as an?|as|being|the|with|off|is|was|because|after|since|an"
        r"|following|recovering|waiting|awaiting|due|having|had|certificate|letter|diagnosis|note|condition|reason)\b"
    ),
    "fr": re.compile(
        r"\b(?:je|j|jai|jsuis|chuis|suis|mon|ma|mes|son|sa|ses|notre|nos|nous|il|elle|est|sont|etant|etais|etait|tant|moi|qui|de|du|le|la"
        r"|les|un|une|des|l|d|pour|avec|sous|ayant|ont|souffr\w+|atteint\w*|victime|suite|cause|raison|suivie?|soignee?|traitee?|certificat"
        r"|attestation|ordonnance|courrier|lettre|justificatif|diagnostic\w*|pathologie|motif|porteu\w+|vit|vis|operee?|en|sors|equipee?)\b"
    ),
    "any": re.compile(""),
}


def special_spans(plain: str) -> list[Span]:
    """Spans of every special category in the plain text, in both languages (customers mix them)."""
    general, by_entity = _rules()
    everything = general.search(plain) is not None
    spoken = {language for language, words in _LANGUAGES.items() if words.search(plain)}
    return [
        Span(_begin(match.start("what"), entity, plain), match.end("what"), entity, "")
        for entity, hint, rules in by_entity
        if everything or (hint and hint.search(plain))
        for language, rule in rules
        if language in spoken
        for match in rule.finditer(plain)
        if match["what"].strip()
    ]


def _begin(start: int, entity: str, plain: str) -> int:
    """The start with the article before it, so that its gender goes too: "un diabétique", "fait une fausse couche"."""
    before = _ARTICLE.search(plain, max(0, start - 12), start) if entity in _WITH_ARTICLE else None
    return before.start() if before else start


_WITH_ARTICLE = frozenset((SANTE, RELIGION))
_ARTICLE = re.compile(r"(?<!\w)(?:(?:fait |eu |subi |had |got )?(?:une|an?) |(?:fait |eu |subi )?un |la |le |l')$")


@lru_cache(maxsize=1)
def _rules() -> tuple[re.Pattern[str], list[tuple[str, re.Pattern[str] | None, list[tuple[str, re.Pattern[str]]]]]]:
    """A pattern that texts of any category fit; each entity with the pattern its own texts fit and its rules."""
    text = (files("insights.redaction") / "data" / "special.yaml").read_text(encoding="utf-8")
    raw: dict[str, Any] = parse_yaml(text)
    sets = {name: _either(words) for name, words in raw["sets"].items()}
    by_entity = []
    for entity in _ENTITIES:
        stems = sorted({stem for name in _TELLING.get(entity, ()) for stem in _stems(raw["sets"][name])})
        hint = re.compile(rf"\b{_trie(stems)}") if stems else None
        by_entity.append((entity, hint, list(_patterns(raw[entity].splitlines(), sets))))
    return re.compile(rf"\b{_trie(raw['hints'].split())}"), by_entity


def _stems(words: str) -> Iterator[str]:
    """The first letters of a telling word of every phrase of a set; short words whole."""
    for phrase in re.split(r",\s+", words):
        parts = [
            part
            for part in re.findall(r"[a-z]{2,}", re.sub(r"[a-z]\?|\\[a-z]|\?[:!=<]", " ", phrase))
            if part not in _DULL
        ]
        long = next((part for part in parts if len(part) > 3), None)
        if long or parts:
            yield long[:6] if long else parts[0] + r"\b"


_DULL = word_set(
    "de la le du des en sous on of the from non very really in a an perte reconnue pour avec type maladie maladies high blood back "
    "for old soins travailleu situation probleme cas suivie suivi am chez au two another clinically extremely church "
    "foot hand open major"
)


def _trie(stems: list[str]) -> str:
    """One pattern for all stems that tries each first letter once; a plain alternation would try every stem."""
    heads: dict[str, list[str]] = {}
    for stem in stems:
        heads.setdefault(stem[:1] if stem[:1] != "\\" else stem, []).append(stem[1:] if stem[:1] != "\\" else "")
    if "" in heads:
        return ""
    return "(?:" + "|".join(head + (_trie(tails) if any(tails) else "") for head, tails in heads.items()) + ")"


_TELLING = {
    SANTE: ("healthadj", "ehealth", "disease", "edisease", "esurgery"),
    ORIGINE: ("demonym", "enation"),
    RELIGION: ("faith", "efaith"),
    SYNDICAT: ("union", "eunion"),
}


def _either(words: str) -> str:
    """Phrases divided by commas as one group; a blank is one blank, a final ? an optional letter."""
    phrases = sorted((" ".join(phrase.split()) for phrase in re.split(r",\s+", words)), key=len, reverse=True)
    return "(?:" + "|".join(phrase for phrase in phrases if phrase) + ")"


def _patterns(lines: list[str], sets: dict[str, str]) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Language and pattern of each line; lines that name no set of one language are asked of both."""
    for line in lines:
        head, what, tail = re.fullmatch(r"(.*?)«(.+)»(.*)", line, flags=re.S).groups()  # type: ignore[union-attr]
        language = "en" if re.search(_ENGLISH_LINE, line) else "fr" if re.search(_FRENCH_LINE, line) else "any"
        yield (
            language,
            re.compile(
                rf"(?<![\w'-]){_filled(head, sets)}(?P<what>{_filled(what, sets)})(?![\w-]){_filled(tail, sets)}"
            ),
        )


def _filled(part: str, sets: dict[str, str]) -> str:
    return re.sub(r"@(\w+)", lambda name: sets[name[1]], part)
