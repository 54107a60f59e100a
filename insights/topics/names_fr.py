"""French phrases that can name a problem, read from spaCy's parts of speech: what is missing, fails or is refused first.

One character a token makes a clause a string, on which the patterns are regular expressions:
N noun, A adjective, P past participle, V other verb, I infinitive, D article or possessive, d de, p other preposition,
S sans, K aucun, G pas/jamais/plus, n ne, x auxiliary, M impossible, o non, r pronoun, t trop, m mal, U number. Adverbs between
them are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from insights.mentions.text import fold
from insights.topics.names_griefs import Grief, aggrieved, beside, french_name, griefs_in, suits
from insights.topics.names_words import ACTION, BARE, DENIED, EVENT, GROUP, JOINED, MAX_WORDS, QUALITY, WORD, Phrase
from insights.topics.words import STOPWORDS_FR, lemma, word_set

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_NOUNS = r"A?NN?(?:o?[AP])?"
_GROUP = rf"{_NOUNS}(?:[dp]D?{_NOUNS}){{0,2}}"
_TAIL = rf"(?:[dpS]D?{_GROUP})?"
_GROUPS = re.compile(rf"(?<!N)(?=({_GROUP}))")  # « service client absent » holds no « client absent »
_NONE = re.compile(rf"(?:Gd|[KS]D?)({_GROUP})")
_CANNOT = re.compile(rf"M(?:dr*(I)((?:[dp]?D?{_GROUP})?))")
_UNABLE = re.compile(rf"(?:VG|xG[PVx])[pd]?r*(I)((?:[dp]?D?{_GROUP})?)")
_UNDONE = re.compile(rf"({_NOUNS}(?:[dp]D?{_NOUNS})?)n?r*xG(x?P)({_TAIL})")
_NOT_GOT = re.compile(rf"xGx?(P)D({_GROUP})")
_FAILS = re.compile(rf"({_NOUNS}(?:dD?{_NOUNS})?)r?nr*(V)G")
_DOES = re.compile(rf"(?<![NIVP])({_NOUNS})r?(V)(?=$|[.p])")
_NOBODY = re.compile(rf"(N)nr*(V)((?:pD?{_NOUNS})?)")
_IS = re.compile(rf"({_NOUNS}(?:dD?{_NOUNS})?)x?x(t?A)(?!N)")
_TOO = re.compile(rf"({_NOUNS}(?:dD?{_NOUNS})?)(t[AP])")
_DONE = re.compile(rf"({_NOUNS}(?:dD?{_NOUNS})?)x*x(m?P)({_TAIL})")
_BADLY = re.compile(rf"({_NOUNS}(?:dD?{_NOUNS})?)(mP)")
_REFUSED = re.compile(rf"V(?:dr*(I)((?:[dp]?D?{_NOUNS})?)|D({_GROUP}))")
_WAIT = re.compile(rf"[VIP]D({_GROUP})")
_ACT = re.compile(rf"(I)(D?{_GROUP}|[pd]D?{_GROUP})")
_STATE = re.compile(rf"(P)([pS]D?{_NOUNS}|UN)|(?<=G)([PA])([pd]D?{_NOUNS})")
_ABLE = frozenset({"arriver", "parvenir", "réussir", "pouvoir"})
_IMPOSSIBLE = frozenset({"impossible", "impossibilité"})
_NOT_MEANT = _IMPOSSIBLE | {"non"}
_SPEAKER = frozenset(["je", "j'", "tu", "nous", "vous", "on"])
_PLACES = {"DET": "D", "NOUN": "N", "PROPN": "N", "ADJ": "A", "AUX": "x", "PRON": "r", "NUM": "U"}
_FIXED = {"sans": "S", "aucun": "K", "aucune": "K", "pas": "G", "jamais": "G", "ne": "n", "n'": "n", "n": "n"}
_FIXED |= {"trop": "t", "mal": "m", "zéro": "K", "non": "o"}
_FIXED |= dict.fromkeys(("de", "d'", "du", "des"), "d") | dict.fromkeys(_IMPOSSIBLE, "M")
_LINKS = ("à", "a", "au", "aux", "en", "sur", "par", "avec", "pour", "chez", "dans", "sous", "contre")
_PARTICIPLE = ("é", "ée", "és", "ées", "ant", "ante", "ants", "antes")
_DONE_ENDS = ("é", "ée", "és", "ées", "u", "ue", "us", "ues", "it", "ite", "pris", "mis")
_BEFORE = word_set("petit vieux mauvais grand gros faux")
_NOUNS_TOO = word_set("conseiller déjeuner dîner pouvoir devoir avoir loyer courrier dossier")
_ASPIRATED = ("hauss", "haut", "hand", "hasard", "honte", "hors", "huit", "hurl", "harcel", "hall", "hach", "heurt")
_TO_BE = word_set("passer venir aller arriver rester devenir partir tomber sortir entrer revenir retourner")
_NEEDS = word_set("joindre contacter obtenir résilier recevoir avoir faire trouver récupérer envoyer")
_TAKES = word_set("recevoir obtenir demander payer signer voir comprendre trouver avoir")
_THEM = frozenset(["vous", "les", "le", "la", "l'", "nous", "lui", "leur"])
_ALWAYS_NOUNS = frozenset({"personne", "rien"})
_SMALL = frozenset(map(fold, STOPWORDS_FR)) - {"rappel"}
_ARTICLES = {"": ("le", "la", "l'", "les"), "de": ("du", "de la", "de l'", "des"), "à": ("au", "à la", "à l'", "aux")}
_POSSESSIVES = word_set("mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ce cet cette ces un une")


def phrases_of(doc: Doc, barred: frozenset[str]) -> Iterator[Phrase]:
    """Phrases of one tagged text; none of them holds a folded word of `barred`."""
    clause = _Clause(doc, barred)
    yield from clause.groups()
    yield from clause.denials()
    yield from clause.failures()
    yield from clause.states()
    yield from clause.actions()
    yield from clause.joined()


class _Clause:
    """The tokens of a text that count, and one character for each."""

    def __init__(self, doc: Doc, barred: frozenset[str]) -> None:
        read = [(token, _tag(token, place, doc)) for place, token in enumerate(doc) if not token.is_space]
        kept = [(token, tag) for token, tag in read if tag]
        self.words = [token for token, _ in kept]
        self.tags = "".join(tag for _, tag in kept)
        self.barred = barred
        self.folded = fold(doc.text)

    def groups(self) -> Iterator[Phrase]:
        """Noun groups: « facture de régularisation », and their nouns alone."""
        for found in _GROUPS.finditer(self.tags):
            for end in _ends(self.tags, *found.span(1)):
                own = self.words[found.start(1) : end]
                yield from self._phrase(own, _said(own), GROUP if len(_meaning(own)) > 1 else WORD)

    def joined(self) -> Iterator[Phrase]:
        """« carte verte jamais reçue »: a noun group and a grievance said near it."""
        griefs = list(griefs_in(self.folded, "fr"))
        for found in _GROUPS.finditer(self.tags) if griefs else ():
            for end in _ends(self.tags, *found.span(1)):
                own = self.words[found.start(1) : end]
                head = next((token for token in own if token.pos_ in ("NOUN", "PROPN")), own[0])
                span = (own[0].idx, own[-1].idx + len(own[-1]))
                said = _said(own)
                for grief in _once(grief for grief, *at in griefs if beside(self.folded, span, (at[0], at[1]))):
                    if suits(grief, [fold(lemma(head.lower_, "fr"))]) and not aggrieved(said, "fr"):
                        form = french_name(grief, said, female=_feminine([head]), many=_plural(head))
                        yield from self._phrase(own, form, JOINED, grief.mark)

    def denials(self) -> Iterator[Phrase]:
        """« aucune réponse aux mails », « impossible de joindre le service », « personne ne répond »."""
        for found in _NONE.finditer(self.tags):
            own = self._at(found, 1)
            mark = self.tags[found.start()]
            lead = {"G": "pas de", "S": "sans"}.get(mark) or ("aucune" if _feminine(own) else "aucun")
            if mark == "K" and (_plural(own[0]) or own[0].pos_ == "PROPN"):
                lead = "pas de"
            yield from self._phrase(own, f"{lead} {_said(own)}", DENIED)
        for found in [*_CANNOT.finditer(self.tags), *_UNABLE.finditer(self.tags)]:
            if found.re is _UNABLE and not any(word.lemma_ in _ABLE for word in self._at(found, 0)):
                continue
            verb, rest = self._at(found, 1)[0], self._at(found, 2)
            pronoun = self.words[found.start(1) - 1]
            kept = [pronoun.lower_] if pronoun.lower_ in ("me", "m'", "se", "s'") else []
            if not rest and pronoun.lower_ in _THEM:
                kept = ["les"]
            if not rest and not kept and verb.lower_ in _NEEDS:
                continue
            form = " ".join(["impossible de", *("se" if one == "me" else "s'" if one == "m'" else one for one in kept)])
            yield from self._phrase([verb, *rest], f"{form} {verb.lower_} {_said(rest, opening=False)}", DENIED)
        for found in _NOBODY.finditer(self.tags):
            who, verb, rest = self._at(found, 1)[0], self._at(found, 2)[0], self._at(found, 3)
            if who.lower_ in _ALWAYS_NOUNS and "3" in verb.morph.get("Person", []):
                form = f"{who.lower_} {_ne(verb)} {_now(verb)} {_said(rest, opening=False)}"
                yield from self._phrase([verb, *rest], form, DENIED)

    def failures(self) -> Iterator[Phrase]:
        """« technicien pas venu », « remboursement pas reçu », « site qui ne fonctionne pas »."""
        for found in _UNDONE.finditer(self.tags):
            own, done, rest = self._at(found, 1), self._at(found, 2)[-1], self._at(found, 3)
            never = next(word.lower_ for word in self.words[found.start(2) - 1 :: -1] if word.lower_ in _FIXED)
            if (agreed := _agreed(done, own[0])) and not self._acts(found):
                form = f"{_said(own)} {never} {agreed} {_said(rest, opening=False)}"
                yield from self._phrase([*own, done, *rest], form, DENIED)
        for found in _NOT_GOT.finditer(self.tags):
            done, own = self._at(found, 1)[0], self._at(found, 2)
            never = "jamais" if any(word.lower_ == "jamais" for word in self._at(found, 0)) else "pas"
            if agreed := _agreed(done, own[0]):
                yield from self._phrase([*own, done], f"{_said(own)} {never} {agreed}", DENIED)
        for found in _FAILS.finditer(self.tags):
            own, verb = self._at(found, 1), self._at(found, 2)[0]
            spoken = any(word.lower_ in _SPEAKER for word in self._at(found, 0))
            if "3" in verb.morph.get("Person", []) and not spoken:
                yield from self._phrase([*own, verb], f"{_said(own)} qui {_ne(verb)} {_now(verb)} pas", DENIED)

        for found in _DOES.finditer(self.tags):
            own, verb = self._at(found, 1), self._at(found, 2)[0]
            spoken = any(word.lower_ in _SPEAKER or word.pos_ == "PRON" for word in self._at(found, 0))
            if "3" in verb.morph.get("Person", []) and not spoken and own[-1].lower_ not in _ALWAYS_NOUNS:
                yield from self._phrase([*own, verb], f"{_said(own)} qui {verb.lower_}", BARE)

    def _acts(self, found: re.Match[str]) -> bool:
        """Whether the noun of an _UNDONE did not do a thing to another, and did not suffer it: « ma mère n'a pas reçu »."""
        suffers = any(word.lemma_ == "être" or word.lower_ == "été" for word in self.words[found.end(1) : found.end(2)])
        return not suffers and (
            self.tags[found.end(2) :].startswith("D") or self.words[found.end(2) - 1].lemma_ in _TAKES
        )

    def states(self) -> Iterator[Phrase]:
        """« tarifs trop élevés », « contrat résilié sans préavis », « dossier mal suivi », « bloqué à l'étape »."""
        for found in [*_IS.finditer(self.tags), *_TOO.finditer(self.tags)]:
            own, what = self._at(found, 1), self._at(found, 2)
            if agreed := _agreed(what[-1], own[0]):
                too = "trop " if len(what) > 1 else ""
                form = f"{_said(own)} {too}{agreed}"
                if not too and what[-1].lemma_ in _BEFORE and len(own) == 1:
                    form = f"{agreed} {_said(own)}"
                yield from self._phrase([*own, what[-1]], form, QUALITY)
        for found in [*_DONE.finditer(self.tags), *_BADLY.finditer(self.tags)]:
            own, what = self._at(found, 1), self._at(found, 2)
            rest = self._at(found, 3) if found.re is _DONE else []
            passive = found.re is _BADLY or any(
                word.lemma_ == "être" for word in self.words[found.end(1) : found.start(2)]
            )
            passive = passive and not (found.re is _DONE and what[-1].lemma_ in _TO_BE)
            if passive and (agreed := _agreed(what[-1], own[0])):
                badly = "mal " if len(what) > 1 else ""
                form = f"{_said(own)} {badly}{agreed} {_said(rest, opening=False)}"
                yield from self._phrase([*own, what[-1], *rest], form, EVENT)
        for found in _STATE.finditer(self.tags):
            at = 1 if found.group(1) else 3
            past, rest = self._at(found, at)[0], self._at(found, at + 1)
            counted = self.tags[found.start(at + 1)] == "U"
            if not past.lower_.endswith(_DONE_ENDS) or (counted and rest[-1].lower_ != "fois"):
                continue
            denied = self.tags[: found.start()].endswith(("G", "Gx"))
            form = f"{'pas ' * denied}{past.lower_} {_said(rest, opening=False)}"
            yield from self._phrase([past] if counted else [past, *rest], form, DENIED if denied else BARE)

    def actions(self) -> Iterator[Phrase]:
        """« refus de rembourser », « attente du remboursement », « résilier le contrat »."""
        for found in _REFUSED.finditer(self.tags):
            if self.words[found.start()].lemma_ == "refuser":
                done, rest = self._at(found, 1), self._at(found, 2) or self._at(found, 3)
                form = f"refus de {done[0].lower_} {_said(rest, opening=False)}" if done else f"refus {_of(rest)}"
                yield from self._phrase([self.words[found.start()], *done, *rest], form, EVENT)
        for found in _WAIT.finditer(self.tags):
            if self.words[found.start()].lemma_ == "attendre":
                own = self._at(found, 1)
                yield from self._phrase([self.words[found.start()], *own], f"attente {_of(own)}", EVENT)
        for found in _ACT.finditer(self.tags):
            verb, rest = self._at(found, 1)[0], self._at(found, 2)
            if verb.lower_ in _NOUNS_TOO:
                continue
            if "G" not in self.tags[max(0, found.start() - 4) : found.start()]:
                yield from self._phrase([verb, *rest], f"{verb.lower_} {_said(rest, opening=False)}", ACTION)

    def _at(self, found: re.Match[str], group: int) -> list[Token]:
        return self.words[slice(*found.span(group))] if found.group(group) is not None else []

    def _phrase(self, own: Sequence[Token], form: str, shape: str, mark: str = "") -> Iterator[Phrase]:
        """The phrase of these tokens, if each of its words says something; possessives are articles by now."""
        spoken = _meaning(own)
        key = {fold(lemma(token.lower_, "fr")) for token in spoken}
        forms = {fold(token.lower_) for token in spoken}
        small = any(len(form) < 3 or form in _SMALL for form in key | forms)
        if not key or len(key) < len(spoken) or small or len(key) > MAX_WORDS or (key | forms) & self.barred:
            return
        if len(own) == 2 and own[0].pos_ == "NOUN" and form == _said(own) and _before(own[1]):
            form = f"{own[1].lower_} {own[0].lower_}"
        cut = own[-1].lemma_ in _BEFORE and len(own) > 1 and own[-2].pos_ == "DET"  # « pour le petit »
        if not cut and not _disagree(own):
            yield Phrase(tuple(sorted(key)), _tidy(form), shape, mark)


def _tag(token: Token, place: int, doc: Doc) -> str:
    """The pattern character of one token, '.' for what no phrase holds, '' for what is passed over."""
    low = token.lower_.replace("\u2019", "'")
    if low == "plus":
        before = [other.lower_ for other in doc[max(0, place - 4) : place]]
        denies = any(one in ("ne", "n'", "n", "n\u2019") for one in before)
        return "G" if denies or (place == 0 and len(doc) > 1 and doc[1].lower_ in ("de", "d'")) else ""
    if low in _ALWAYS_NOUNS:
        return "N"
    if low in _FIXED and not (low == "des" and token.pos_ == "DET"):
        return _FIXED[low]
    if token.pos_ == "ADV":
        return ""
    if token.lemma_ in ("avoir", "être") and token.pos_ in ("VERB", "AUX"):
        return "x"
    if token.pos_ == "VERB" or (token.pos_ == "AUX" and "Part" in token.morph.get("VerbForm", [])):
        form = token.morph.get("VerbForm", [])
        past = "Part" in form and "Pres" not in token.morph.get("Tense", [])
        return "x" if token.pos_ == "AUX" else "P" if past else "I" if "Inf" in form else "V"
    if token.pos_ == "ADP":
        return "p" if low in _LINKS else "."
    known = _PLACES.get(token.pos_, ".")
    if known == "A" and lemma(low, "fr").endswith("er") and not low.endswith(_PARTICIPLE):
        return "."  # a verb the tagger took for an adjective: « la cotisation augmente »
    return known if known != "N" or token.is_alpha or "-" in low else "."


def _once(griefs: Iterable[Grief]) -> list[Grief]:
    return list({grief.mark: grief for grief in griefs}.values())


def _ends(tags: str, start: int, end: int) -> list[int]:
    """Every place where a group beginning at `start` may stop: after a noun, or after the adjective that follows one."""
    return [
        at for at in range(start + 1, end + 1) if tags[at - 1] == "N" or tags[at - 1] in "AP" and "N" in tags[start:at]
    ]


def _meaning(words: Sequence[Token]) -> list[Token]:
    return [one for one in words if one.pos_ not in ("DET", "ADP", "PRON", "NUM") and one.lower_ not in _NOT_MEANT]


def _said(words: Sequence[Token], *, opening: bool = True) -> str:
    """Lower-case words; « de mon contrat » reads « du contrat »; at the opening of a name no article stands."""
    parts: list[str] = []
    for place, token in enumerate(words):
        low = token.lower_.replace("\u2019", "'")
        if low == "a" and token.pos_ == "ADP":
            low = "à"
        if low in _POSSESSIVES and place + 1 < len(words):
            role = parts[-1] if parts and parts[-1] in ("de", "d'", "à") else ""
            low = _ARTICLES["de" if role == "d'" else role][_place(words[place + 1])]
            if role:
                parts.pop()
        if parts or not opening or token.pos_ != "DET":
            parts.append(low)
    return " ".join(parts)


def _of(words: Sequence[Token]) -> str:
    """« du remboursement », « de la carte »: the group after a noun."""
    return f"{_ARTICLES['de'][_place(words[0])]} {_said(words)}"


def _tidy(form: str) -> str:
    """Single spaces, elisions closed: « de avance » is « d'avance »."""
    text = " ".join(form.replace("' ", "'").split())
    return re.sub(r"\b([dD]e|[lL][ea]|se|ne) ([aeiouyéèêâîô])", lambda m: f"{m[1][0]}'{m[2]}", text).replace("' ", "'")


def _plural(token: Token) -> bool:
    low = token.lower_
    return low.endswith(("s", "x")) and (fold(lemma(low, "fr")) != fold(low) or "Plur" in token.morph.get("Number", []))


def _place(noun: Token) -> int:
    """Masculine, feminine, before a vowel, plural: the column of _ARTICLES."""
    if _plural(noun):
        return 3
    low = fold(noun.lower_)
    return (
        2
        if low[0] in "aeiouy" or (low[0] == "h" and not low.startswith(_ASPIRATED))
        else int("Fem" in noun.morph.get("Gender", []))
    )


def _feminine(words: Sequence[Token]) -> bool:
    noun = next((token for token in words if token.pos_ == "NOUN"), None)
    return noun is not None and "Fem" in noun.morph.get("Gender", [])


def _agreed(what: Token, noun: Token) -> str:
    """A participle or an adjective as it is written beside the noun; '' where it cannot be told."""
    low = what.lower_
    female, many = "Fem" in noun.morph.get("Gender", []), _plural(noun)
    own = what.morph.get("Gender", []), _plural(what)
    if own[0] and ("Fem" in own[0]) == female and own[1] == many:
        return low
    if not own[0] and own[1] == many:
        return low  # « difficile »: one form for both
    if "Fem" in own[0] or own[1]:
        return ""
    if what.pos_ != "VERB" or low[-1] not in "éisut":
        return ""
    return low + "e" * female + "s" * (many and (female or not low.endswith("s")))


def _disagree(words: Sequence[Token]) -> bool:
    """Whether a noun and the word right after it that qualifies it differ in number or gender: a slip nobody wants."""
    for left, right in zip(words, words[1:], strict=False):
        beside = right.i == left.i + 1 and left.pos_ == "NOUN"
        if beside and (right.pos_ == "ADJ" or "Part" in right.morph.get("VerbForm", [])):
            pair = left.morph.get("Gender", []), right.morph.get("Gender", [])
            if (all(pair) and pair[0] != pair[1]) or _plural(left) != _plural(right):
                return True
    return False


def _before(token: Token) -> bool:
    """Whether an adjective stands before its noun: « petite chambre »."""
    return token.pos_ == "ADJ" and lemma(token.lower_, "fr") in _BEFORE


def _now(verb: Token) -> str:
    """A verb in the present where the past can be turned: « fonctionnait » is « fonctionne »."""
    low, base = verb.lower_, lemma(verb.lower_, "fr")
    for ending, present in (("aient", "ent"), ("ait", "e"), ("eront", "ent"), ("era", "e")):
        if low.endswith(ending) and base.endswith(("er", "dre")) and low != base:
            stem = low.removesuffix(ending)
            return stem + present if base == f"{stem}er" or present == "ent" else stem if base == f"{stem}re" else low
    return low


def _ne(verb: Token) -> str:
    return "n'" if fold(verb.lower_)[0] in "aeiouyh" else "ne"
