"""English phrases that can name a problem. No English model is at hand: small words, lists and neighbours tell the parts.

One character a word makes a clause a string, on which the patterns are regular expressions: N noun, A adjective, P past
participle, V verb, G verb in -ing, O article or possessive, l link (of, for, to ...), n denial, c can or could, x auxiliary,
I speaker, T too. Adverbs are passed over, '.' ends a phrase.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from insights.mentions.text import fold
from insights.topics.names_griefs import aggrieved, beside, english_name, griefs_in, suits
from insights.topics.names_words import ACTION, BARE, DENIED, EVENT, GROUP, JOINED, MAX_WORDS, QUALITY, WORD, Phrase
from insights.topics.words import STOPWORDS_EN, lemma, word_list, word_set

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?(?:-[^\W\d_]+)*|[^\s\w]|\d+")
_SPLIT = (
    (re.compile(r"\bcan ?not\b|\bcan'?t\b"), "can not"),
    (re.compile(r"\bwon'?t\b"), "will not"),
    (re.compile(r"\b(do|does|did|is|was|are|were|has|have|had|could|would|should)n'?t\b"), r"\1 not"),
    (re.compile(r"\bair (?=condition)"), "air-"),
    (re.compile(r"\btop(?:ping|ped)? up\b"), "top-up"),
    (re.compile(r"\blog(?:ging|ged)? in\b"), "log-in"),
)

_GROUP_NP = r"A{0,2}N{1,3}"
_NP = rf"{_GROUP_NP}(?:lO?{_GROUP_NP})?"
_GROUPS = re.compile(rf"(?=({_NP}))")
_NONE = re.compile(rf"n(O?{_NP})")
_CANNOT = re.compile(rf"(?:cn|un|uto|u)l?(V)((?:[lO]*{_NP})?)")
_NOT_GOT = re.compile(rf"n([PV])O?({_GROUP_NP})")
_UNDONE = re.compile(rf"({_GROUP_NP})x*nx?([PVG])")
_IS = re.compile(rf"({_GROUP_NP})x(T?A)(?!N)")
_IS_NOT = re.compile(rf"({_GROUP_NP})x+n(T?A)(?!N)")
_DONE = re.compile(rf"({_GROUP_NP})x*(P)(?!O?N)")
_ACT = re.compile(rf"(V)(O?{_GROUP_NP}|lO?{_GROUP_NP})")
_STATE = re.compile(rf"(P)(2|lO?{_GROUP_NP}|O{_GROUP_NP})")

_LINKS = word_set("of for to on in with from by at into about")
_DROP = word_set("the a an my our your his her their its this that these those any some another every each")
_NOT = word_set("not never no without nobody none")
_AUX = word_set(
    "be is are was were been being am has have had having do does did will would should get gets got getting"
)
_CAN = frozenset(["can", "could"])
_SPEAKER = word_set("i we you they he she it who someone somebody me us them")
_ADVERBS = word_set(
    "still yet already also always just even only really very quite so again now then ever often extremely rather "
    "pretty completely totally absolutely literally constantly simply please ago soon far"
)
_VERBS = word_list("verbs_en")
_ADJECTIVES = word_list("adjectives_en")
_STOP = STOPWORDS_EN | word_set(
    "since per whenever while regarding although both same other many much such using done im ive dont cant wont didnt "
    "doesnt isnt wasnt id youre theyre"
)
_TWICE = frozenset(["twice", "double"])
_SUFFIXES = ("ful", "less", "ous", "able", "ible", "ish")
_IRREGULAR = word_set(
    "stolen lost broken sent paid charged taken gone done given told sold kept left made found stuck cut shut frozen "
    "withdrawn forgotten hidden known caught"
)


def phrases_of(text: str, barred: frozenset[str]) -> Iterator[Phrase]:
    """Phrases of one text; none of them holds a folded word of `barred`."""
    clause = _Clause(text, barred)
    yield from clause.groups()
    yield from clause.denials()
    yield from clause.states()
    yield from clause.joined()


class _Clause:
    """The words of a text that count, and one character for each."""

    def __init__(self, text: str, barred: frozenset[str]) -> None:
        low = text.lower().replace("\u2019", "'")
        for pattern, plain in _SPLIT:
            low = pattern.sub(plain, low)
        self.words: list[str] = []
        self.tags = ""
        self.barred = barred
        self.folded = fold(low)
        self.spans: list[tuple[int, int]] = []
        for found in _WORD.finditer(low):
            tag = self._tag(found.group())
            if tag:
                self.words.append(found.group())
                self.spans.append(found.span())
                self.tags += tag

    def _tag(self, word: str) -> str:
        """The pattern character of a word, by its lists and by the word before it."""
        fixed = (
            ("", word in _ADVERBS), ("n", word in _NOT), ("c", word in _CAN), ("u", word == "unable"),
            ("l", word in _LINKS), ("O", word in _DROP), ("x", word in _AUX), ("I", word in _SPEAKER),
            ("T", word == "too"), ("2", word in _TWICE), (".", not word[0].isalpha() or len(word) < 3 or word in _STOP),
        )  # fmt: skip
        for tag, holds in fixed:
            if holds:
                return tag
        return self._open(word)

    def _open(self, word: str) -> str:
        base, last = lemma(word, "en"), self.tags[-1:]
        after = self.words[-1] if self.words else ""
        noun_place = last in ("O", "A", "N", "P") or (last == "l" and after != "to") or after in ("no", "without")
        if word in _IRREGULAR or (word.endswith("ed") and base != word):
            return "P"
        if word in _ADJECTIVES or word.endswith(_SUFFIXES):
            return "A"
        if base == "work" and last != "O":
            return "G" if word.endswith("ing") else "V"
        if word.endswith("ing") and base != word and base in _VERBS and not noun_place:
            return "G"
        if base in _VERBS and not noun_place and (last in ("I", "c", "n", "l", "", ".") or last == "x"):
            return "V" if not (word.endswith("s") and last in ("", ".", "l")) else "N"
        return "." if word.endswith("ly") else "N"

    def groups(self) -> Iterator[Phrase]:
        """Noun groups: "exchange rate", "fee for transfers", and their nouns alone."""
        for found in _GROUPS.finditer(self.tags):
            for end in range(found.start(1) + 1, found.end(1) + 1):
                if self.tags[end - 1] == "N":
                    own = slice(found.start(1), end)
                    single = sum(one in "NA" for one in self.tags[own]) == 1
                    yield from self._phrase(own, self._said(own), WORD if single else GROUP)

    def joined(self) -> Iterator[Phrase]:
        """ "refund not received": a noun group and a grievance said near it."""
        griefs = list(griefs_in(self.folded, "en"))
        for found in _GROUPS.finditer(self.tags) if griefs else ():
            for end in range(found.start(1) + 1, found.end(1) + 1):
                own = slice(found.start(1), end)
                if self.tags[end - 1] != "N" or aggrieved(said := self._said(own), "en"):
                    continue
                first = self.tags[own].split("l")[0].rindex("N")
                head = fold(lemma(self.words[own][first], "en"))
                span = (self.spans[own.start][0], self.spans[end - 1][1])
                for grief in {
                    grief.mark: grief for grief, *at in griefs if beside(self.folded, span, (at[0], at[1]))
                }.values():
                    if suits(grief, [head]):
                        yield from self._phrase(own, english_name(grief, said), JOINED, grief.mark)

    def denials(self) -> Iterator[Phrase]:
        """ "no reply to e-mails", "unable to log in", "refund not received", "app not working"."""
        for found in _NONE.finditer(self.tags):
            lead = self.words[found.start()]
            if lead in ("no", "without"):
                yield from self._phrase(found.span(1), f"{lead} {self._said(found.span(1))}", DENIED)
        for found in _CANNOT.finditer(self.tags):
            own = (found.start(1), found.end())
            yield from self._phrase(own, f"unable to {self._said(own)}", DENIED)
        for found in _NOT_GOT.finditer(self.tags):
            if done := _done(self.words[found.start(1)]):
                form = f"{self._said(found.span(2))} not {done}"
                yield from self._phrase((found.start(1), found.end(2)), form, DENIED)
        for found in _UNDONE.finditer(self.tags):
            verb, tags = self.words[found.start(2)], self.tags[found.end(1) : found.start(2)]
            doing = _doing(verb) if any(one in ("do", "does", "did") for one in self._between(found)) else _done(verb)
            if doing and ("x" in tags or "never" in self._between(found)):
                yield from self._phrase(
                    (found.start(1), found.end(2)), f"{self._said(found.span(1))} not {doing}", DENIED
                )

    def _between(self, found: re.Match[str]) -> list[str]:
        return self.words[found.end(1) : found.start(2)]

    def states(self) -> Iterator[Phrase]:
        """ "small room", "staff too slow", "card declined", "charged twice", "activate card"."""
        for found in _IS.finditer(self.tags):
            thing, what = self._said(found.span(1)), self.words[found.end(2) - 1]
            form = f"{thing} too {what}" if self.tags[found.start(2)] == "T" else f"{what} {thing}"
            yield from self._phrase((found.start(1), found.end(2)), form, QUALITY)
        for found in _IS_NOT.finditer(self.tags):
            form = f"{self._said(found.span(1))} not {self.words[found.end(2) - 1]}"
            yield from self._phrase((found.start(1), found.end(2)), form, DENIED)
        for found in _DONE.finditer(self.tags):
            if self.tags[found.end(1) : found.start(2)] or self.tags[found.start(2) + 1 : found.start(2) + 2] != "N":
                form = f"{self._said(found.span(1))} {self.words[found.start(2)]}"
                yield from self._phrase((found.start(1), found.end(2)), form, EVENT)
        for found in _STATE.finditer(self.tags):
            yield from self._phrase(found.span(), self._said(found.span()), BARE)
        for found in _ACT.finditer(self.tags):
            if self.words[found.start()] == lemma(self.words[found.start()], "en"):
                yield from self._phrase(found.span(), self._said(found.span()), ACTION)

    def _said(self, span: tuple[int, int] | slice) -> str:
        """The words of a span without articles and possessives."""
        own = span if isinstance(span, slice) else slice(*span)
        return " ".join(word for word, tag in zip(self.words[own], self.tags[own], strict=True) if tag not in "OIx")

    def _phrase(self, span: tuple[int, int] | slice, form: str, shape: str, mark: str = "") -> Iterator[Phrase]:
        own = span if isinstance(span, slice) else slice(*span)
        meant = [w for w, tag in zip(self.words[own], self.tags[own], strict=True) if tag in "NAPVG2"]
        key = [fold(lemma(word, "en")) for word in meant]
        known = {*map(fold, meant), *key} | {part for word in meant for part in fold(word).split("-")}
        if key and len(set(key)) == len(meant) <= MAX_WORDS and not known & self.barred:
            yield Phrase(tuple(sorted(key)), form, shape, mark)


def _done(verb: str) -> str:
    """The participle of a verb: "receive" gives "received"; '' for an irregular one we cannot write."""
    if verb.endswith("ed") or verb in _IRREGULAR or verb == "gotten":
        return verb
    base = lemma(verb, "en")
    if base in ("work", "function", "respond", "reply", "answer", "connect"):
        return _doing(verb)
    known = {
        "get": "received",
        "receive": "received",
        "send": "sent",
        "give": "given",
        "take": "taken",
        "find": "found",
    }
    known |= {
        "see": "seen",
        "go": "gone",
        "come": "arrived",
        "show": "shown",
        "withdraw": "withdrawn",
        "steal": "stolen",
    }
    if base in known:
        return known[base]
    return base + "d" if base.endswith("e") else base[:-1] + "ied" if re.search("[^aeiou]y$", base) else base + "ed"


def _doing(verb: str) -> str:
    """The -ing form: "work" gives "working"; doubled consonants only where the list of verbs shows them."""
    base = lemma(verb, "en")
    if base.endswith("ing"):
        return base
    return base[:-1] + "ing" if base.endswith("e") and not base.endswith("ee") else base + "ing"
