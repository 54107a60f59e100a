"""Phrases a person could use to name a problem, found in verbatims: noun groups, and what is missing or impossible.

French is read with spaCy's parts of speech; English, which has no model on the registry, by its small words. A phrase is
kept as the folded lemmas of its meaningful words (with a mark when it denies something) and as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from insights import nlp
from insights.mentions.text import fold
from insights.topics.words import STOPWORDS_EN, STOPWORDS_FR, cleaned, lemma, word_list

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

DENIED = "\u00ac"
MAX_WORDS = 4  # meaningful words of a phrase

_BARRED = frozenset(map(fold, word_list("barred")))


@dataclass(frozen=True)
class Phrase:
    """`key`: folded lemmas in alphabetical order, with DENIED first where something is denied. `form`: as written."""

    key: tuple[str, ...]
    form: str


def french_phrases(texts: Iterable[str], barred: frozenset[str] = frozenset()) -> Iterator[list[Phrase]]:
    """Phrases of each French text. `barred`: folded words that no phrase may hold (brands)."""
    for doc in nlp.docs((_OVERPAID.sub("trop-perçu", cleaned(text)) for text in texts), nlp.TAGS):
        _join_hyphens(doc)
        yield list(_french(doc, _BARRED | barred))


def english_phrases(texts: Iterable[str], barred: frozenset[str] = frozenset()) -> Iterator[list[Phrase]]:
    """Phrases of each English text, by its small words."""
    for text in texts:
        yield list(_english(cleaned(text), _BARRED | barred))


def text_key(text: str, language: str) -> frozenset[str]:
    """What a text can be matched with: the folded lemmas of its words, and DENIED where it denies anything."""
    words = _WORD.findall(_ELIDED.sub(" ", _OVERPAID.sub("trop-perçu", cleaned(text)).lower()))
    found = {fold(lemma(word, language)) for word in words}
    return frozenset(found | ({DENIED} if found & _DENIALS or "n't" in text.lower().replace("\u2019", "'") else set()))


_OVERPAID = re.compile(r"\btrop[ -]per[çc]us?\b", re.IGNORECASE)  # one noun, which the tagger reads as two words
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_ELIDED = re.compile(r"\b(?:qu|jusqu|lorsqu|[cdjlmnst])'", re.IGNORECASE)
_DENIALS = frozenset(
    [
        "pas",
        "jamais",
        "aucun",
        "aucune",
        "rien",
        "personne",
        "sans",
        "impossible",
        "ni",
        "not",
        "never",
        "no",
        "nobody",
        "without",
        "cannot",
        "unable",
        "nothing",
    ]
)

# One character a token: N noun, A adjective, P past participle, V other verb, I infinitive, D article or possessive,
# d de, p other preposition, S sans, K aucun, G pas/jamais/plus, n ne, x auxiliary, M impossible, r pronoun before a verb.
_NOUNS = r"A?NN?[AP]?"
_GROUP = rf"{_NOUNS}(?:[dp]D?{_NOUNS}){{0,2}}"
_GROUPS = re.compile(rf"(?=({_GROUP}))")
_NONE = re.compile(rf"(?:Gd|[KS]D?)({_GROUP})")
_CANNOT = re.compile(rf"(Mdr?I)((?:[dp]?D?{_GROUP})?)")
_UNDONE = re.compile(rf"({_NOUNS}(?:[dp]D?{_NOUNS})?)n?r?x?G(x?P(?:pD?N)?)")
_NEVER = re.compile(rf"xG(x?[PAN])((?:[dp]?D?{_GROUP})?)")
_FAILS = re.compile(rf"({_NOUNS}(?:dD?{_NOUNS})?)r?n?r?VG")
_UNABLE = re.compile(rf"VGp?(r?I(?:[dp]?D?{_GROUP})?)")
_ABLE = frozenset({"arriver", "parvenir", "réussir", "pouvoir"})
_SPEAKER = frozenset(["je", "j'", "tu", "nous", "vous", "on"])
_IMPOSSIBLE = frozenset({"impossible", "impossibilité"})
_PLACES = {"DET": "D", "NOUN": "N", "ADJ": "A", "AUX": "x", "PRON": "r"}


def _french(doc: Doc, barred: frozenset[str]) -> Iterator[Phrase]:
    words = [token for token in doc if not token.is_space]
    tags = "".join(_tag(token) for token in words)
    for found in _GROUPS.finditer(tags):
        for end in _ends(tags, *found.span(1)):
            yield from _phrase(words[found.start(1) : end], barred)
    for found in _NONE.finditer(tags):
        lead = {"G": "pas de", "K": "aucun", "S": "sans"}[tags[found.start()]]
        if lead == "aucun" and _feminine(words[found.start(1) : found.end(1)]):
            lead = "aucune"
        yield from _phrase(words[slice(*found.span(1))], barred, before=lead, denied=True)
    for found in _CANNOT.finditer(tags):
        yield from _phrase(words[slice(*found.span(0))], barred, denied=True)
    for found in _UNDONE.finditer(tags):
        never = next(words[at].lower_ for at in range(found.start(2) - 1, -1, -1) if tags[at] == "G")
        yield from _phrase(
            [*words[slice(*found.span(1))], *_without_aux(words, tags, found.span(2))], barred,
            at=len(words[slice(*found.span(1))]), between=never, denied=True,
        )  # fmt: skip
    for found in _NEVER.finditer(tags):
        if words[found.start() + 1].lower_ == "jamais":
            spoken = [*_without_aux(words, tags, found.span(1)), *words[slice(*found.span(2))]]
            yield from _phrase(spoken, barred, before="jamais", denied=True)
    for found in _UNABLE.finditer(tags):
        if words[found.start()].lemma_ in _ABLE:
            spoken = words[slice(*found.span(1))]
            yield from _phrase(spoken, barred, before=f"impossible {_de(spoken[0])}", denied=True)
    for found in _FAILS.finditer(tags):
        verb = words[found.end() - 2]
        if "3" not in verb.morph.get("Person", []) or any(words[at].lower_ in _SPEAKER for at in range(*found.span())):
            continue
        yield from _phrase(
            [*words[slice(*found.span(1))], verb], barred, at=-1, between=_who(verb), after="pas", denied=True
        )


def _join_hyphens(doc: Doc) -> None:
    """One noun of each « a-b » the tokenizer took apart; inversions such as « puis-je » stay."""
    with doc.retokenize() as merge:
        last = 0
        for token in doc[1:-1]:
            left, right = doc[token.i - 1], doc[token.i + 1]
            closed = token.text == "-" and not left.whitespace_ and not token.whitespace_ and left.i >= last
            if closed and left.is_alpha and right.is_alpha and right.pos_ != "PRON":
                merge.merge(doc[left.i : right.i + 1], attrs={"POS": "NOUN"})
                last = right.i + 1


def _tag(token: Token) -> str:
    """The pattern character of one token, '.' for what no phrase holds."""
    low = token.lower_.replace("\u2019", "'")
    fixed = {"sans": "S", "aucun": "K", "aucune": "K", "pas": "G", "jamais": "G", "ne": "n", "n'": "n"}
    fixed |= dict.fromkeys(("de", "d'", "du", "des"), "d") | dict.fromkeys(_IMPOSSIBLE, "M")
    if low in fixed and not (low == "des" and token.pos_ == "DET"):
        return fixed[low]
    if token.lemma_ in ("avoir", "être") and token.pos_ in ("VERB", "AUX"):
        return "x"
    if token.pos_ == "VERB" or (token.pos_ == "AUX" and "Part" in token.morph.get("VerbForm", [])):
        form = token.morph.get("VerbForm", [])
        past = "Part" in form and "Pres" not in token.morph.get("Tense", [])
        return "x" if token.pos_ == "AUX" else "P" if past else "I" if "Inf" in form else "V"
    if token.pos_ == "ADP":
        return "p" if low in ("à", "au", "aux", "en", "sur", "par", "avec", "pour") else "."
    known = _PLACES.get(token.pos_, ".")
    return known if known != "N" or token.is_alpha or "-" in low else "."


def _ends(tags: str, start: int, end: int) -> list[int]:
    """Every place where a group beginning at `start` may stop: after a noun, or after the adjective that follows one."""
    return [
        at for at in range(start + 1, end + 1) if tags[at - 1] == "N" or tags[at - 1] in "AP" and "N" in tags[start:at]
    ]


def _phrase(
    words: Sequence[Token],
    barred: frozenset[str],
    *,
    before: str = "",
    between: str = "",
    at: int = 0,
    after: str = "",
    denied: bool = False,
) -> Iterator[Phrase]:
    """The phrase of these tokens, if each of its words says something; possessives become articles."""
    spoken = [token for token in words if token.pos_ not in ("DET", "ADP", "PRON") and token.lower_ not in _IMPOSSIBLE]
    key = {fold(lemma(token.lower_, "fr")) for token in spoken}
    forms = {fold(token.lower_) for token in spoken}
    small = any(len(form) < 3 or form in _SMALL for form in key | forms)
    if len(key) < max(1, len(spoken)) or small or len(key) > MAX_WORDS or (key | forms) & barred or _disagree(words):
        return
    parts = _with_articles(words)
    parts = [*parts[:at], between, *parts[at:]] if between else parts
    text = " ".join(part for part in [before, *parts, after] if part)
    text = re.sub(r"\bde ([aeiouyhéèêâîô])", r"d'\1", text.replace("' ", "'"))
    yield Phrase((DENIED, *sorted(key)) if denied else tuple(sorted(key)), text)


def _disagree(words: Sequence[Token]) -> bool:
    """Whether a noun and the word that qualifies it differ in number or gender: a slip nobody wants in a name."""
    for left, right in zip(words, words[1:], strict=False):
        if left.pos_ == "NOUN" and (right.pos_ == "ADJ" or "Part" in right.morph.get("VerbForm", [])):
            for feature in ("Number", "Gender"):
                pair = left.morph.get(feature, []), right.morph.get(feature, [])
                if all(pair) and pair[0] != pair[1]:
                    return True
    return False


_SMALL = frozenset(map(fold, STOPWORDS_FR))
_ARTICLES = {"": ("le", "la", "l'", "les"), "de": ("du", "de la", "de l'", "des"), "à": ("au", "à la", "à l'", "aux")}
_POSSESSIVES = frozenset(
    [
        "mon",
        "ma",
        "mes",
        "ton",
        "ta",
        "tes",
        "son",
        "sa",
        "ses",
        "notre",
        "nos",
        "votre",
        "vos",
        "leur",
        "leurs",
        "ce",
        "cet",
        "cette",
        "ces",
    ]
)


def _with_articles(words: Sequence[Token]) -> list[str]:
    """Lower-case forms; « de mon contrat » reads « du contrat », and nothing opens with an article."""
    parts: list[str] = []
    for place, token in enumerate(words):
        low = token.lower_.replace("\u2019", "'")
        if low in _POSSESSIVES and place + 1 < len(words):
            role = parts[-1] if parts and parts[-1] in ("de", "d'", "à") else ""
            low = _ARTICLES["de" if role == "d'" else role][_place(words[place + 1])]
            if role:
                parts.pop()
        if parts or token.pos_ != "DET":
            parts.append(low)
    return parts


def _place(noun: Token) -> int:
    """Masculine, feminine, before a vowel, plural: the column of _ARTICLES."""
    if "Plur" in noun.morph.get("Number", []):
        return 3
    return 2 if fold(noun.lower_)[0] in "aeiouyh" else int("Fem" in noun.morph.get("Gender", []))


def _feminine(words: Sequence[Token]) -> bool:
    noun = next((token for token in words if token.pos_ == "NOUN"), None)
    return noun is not None and "Fem" in noun.morph.get("Gender", [])


def _without_aux(words: Sequence[Token], tags: str, span: tuple[int, int]) -> list[Token]:
    return [words[at] for at in range(*span) if tags[at] != "x"]


def _de(word: Token) -> str:
    return "d'" if fold(word.lower_)[0] in "aeiouyh" else "de"


def _who(verb: Token) -> str:
    """« qui ne » before a consonant, « qui n' » before a vowel."""
    return "qui n'" if fold(verb.lower_)[0] in "aeiouyh" else "qui ne"


_EN_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?(?:-[a-z]+)*|[^\sa-z]+")
_EN_DENY = frozenset(["no", "not", "never", "nobody", "unable", "cannot", "can't", "without"])
_EN_LINK = frozenset(["of", "for", "to", "on", "in", "with", "from", "by", "at", "into", "without", "about"])
_EN_DROP = frozenset(
    ["the", "a", "an", "my", "our", "your", "his", "her", "their", "this", "that", "these", "those", "any", "some"]
)
_EN_LEAD = {"unable": "unable", "cannot": "cannot", "can't": "cannot", "no": "no", "never": "never", "not": "not"}
_EN_LEAD |= {"nobody": "nobody", "without": "without"}
_EN_VERBS = word_list("verbs_en")
_EN_STOP = STOPWORDS_EN | frozenset(
    ["been", "being", "had", "has", "have", "having", "im", "ive", "dont", "it's", "that's"]
)


def _english(text: str, barred: frozenset[str]) -> Iterator[Phrase]:
    words = _EN_WORD.findall(text.lower())
    kinds = [
        "l" if w in _EN_LINK else "o" if w in _EN_DROP else "d" if w in _EN_DENY else _en_kind(w, barred) for w in words
    ]
    for start, kind in enumerate(kinds):
        if kind not in ("w", "d"):
            continue
        spoken, key = [_EN_LEAD.get(words[start], words[start])], [] if kind == "d" else [words[start]]
        if key:
            yield _en_phrase(spoken, key, denied=False)
        for at in range(start + 1, len(words)):
            if kinds[at] == "o":
                continue
            if kinds[at] not in "wvl" or len(key) == MAX_WORDS:
                break
            spoken.append(words[at])
            if kinds[at] in "wv":
                key.append(words[at])
            if kinds[at] == "w":
                yield _en_phrase(spoken, key, denied=kind == "d")


def _en_kind(word: str, barred: frozenset[str]) -> str:
    """w: a word that says something; v: a verb, which neither opens nor closes a phrase; '.': one that ends it."""
    bases = {word, fold(lemma(word, "en"))}
    spoken = word[0].isalpha() and len(word) > 2 and "n't" not in word and word not in _EN_STOP
    if not spoken or bases & barred:
        return "."
    return "v" if bases & _EN_VERBS and not word.endswith("ed") else "w"


def _en_phrase(spoken: list[str], key: list[str], *, denied: bool) -> Phrase:
    lemmas = sorted({fold(lemma(word, "en")) for word in key})
    return Phrase((DENIED, *lemmas) if denied else tuple(lemmas), " ".join(spoken))
