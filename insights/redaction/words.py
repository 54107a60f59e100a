"""The words of one text as a name sees them: capitals that count, brands, neighbours, and how far a name reaches.

Capitals count only where a text uses them: in a text without any, or all in capitals, the lists and the cues decide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from insights.redaction.cues import GOODS_AFTER, PLACE_AFTER, PLACE_BEFORE
from insights.redaction.lexicon import (
    ADJECTIVES,
    DETERMINERS,
    ENGLISH_NAMES,
    FOREIGN,
    HARD,
    PARTICLES,
    TOPOGRAPHIC,
    Brands,
    could_be_name,
    first_name_kind,
    is_common,
    is_surname,
    not_names,
    places,
    surnames,
    word_set,
)
from insights.redaction.likeness import CERTAIN, NAMED, Look, likeness, name_look
from insights.redaction.spans import NOM, Span

_WORD = re.compile(
    r"(?<!\w)(?:[oOdDlL]['’](?=[A-ZÀ-Ý])|[nNmM]['’](?=[bcdfgjklpstzBCDFGJKLPSTZ])|[oO]['’](?=[a-z])(?!.clock))?[^\W\d_]++(?:(?:[-‐‑]|(?<=c)['’](?=h))[^\W\d_]++)*+(?![\d_])"
)
_PREFIX = re.compile(r"[odl]'")
_ARTICLE = re.compile(r"(?<!\w)l[' ]$")
_AFTER_FULL_STOP = re.compile(r"(?:^|[.!?…\n:;»\"(•-])\s*$")
_SHOUT_SHARE = 0.7
_MIN_LETTERS = 6
_MAX_WORDS = 4
_MIN_LOOK = 4
_ACRONYM = 5
_STRANGE_FROM = 8
_STRANGE_SHARE = 0.4
_PLACE_REACH = 26
_TOWARDS = frozenset(("la", "du", "des"))
_CERTAIN_STREETS = word_set(
    "street road avenue lane station airport hospital school college university branch tickets hoodie concert"
)


class Cue(IntEnum):
    """How much the words before a name say."""

    NONE = 0
    LIKELY = 1
    CERTAIN = 2


@dataclass(slots=True)
class Word:
    """One word of a text; `plain` is its plain spelling without d' or l', `upper` says that its capital counts."""

    start: int
    end: int
    text: str
    plain: str
    upper: bool
    brand: bool
    english: bool

    @property
    def listed(self) -> bool:
        return is_surname(self.plain) or bool(first_name_kind(self.plain))

    @property
    def barred(self) -> bool:
        """A brand or a word that can be no name."""
        return self.brand or self.void

    @property
    def void(self) -> bool:
        """A word that can be no name in the language of its text."""
        return self.plain in not_names() and not (self.english and self.plain in ENGLISH_NAMES)

    @property
    def proper(self) -> bool:
        """A capital that counts, on a word that is no acronym and no function word."""
        short = self.text.isupper() and 1 < len(self.text) <= 3 and not self.listed
        return self.upper and len(self.text) > 1 and not short and not self.void


class Words:
    """The words of one text, in order. Positions in this class are indexes of words unless called offset."""

    def __init__(self, text: str, plain: str, brands: Brands, language: str) -> None:
        self.text, self.plain, self.language = text, plain, language
        covered = brands.covers(plain)
        tells = capitals_tell(text)
        self.all = [_word(match, plain, tells, covered, language == "en") for match in _WORD.finditer(text)]
        self._at = {word.start: index for index, word in enumerate(self.all)}
        self._strange: bool | None = None

    def __getitem__(self, index: int) -> Word:
        return self.all[index]

    def __len__(self) -> int:
        return len(self.all)

    def from_offset(self, offset: int) -> int | None:
        """Index of the word that starts at `offset`, blanks and opening quotes skipped."""
        while offset < len(self.plain) and self.plain[offset] in ' "«*\n':
            offset += 1
        return self._at.get(offset)

    def within(self, start: int, end: int) -> list[Word]:
        """Words inside the characters [start, end)."""
        return [word for word in self.all if start <= word.start and word.end <= end]

    @property
    def strange(self) -> bool:
        """The text is neither French nor English: that a dictionary does not know a word says nothing there."""
        if self._strange is None:
            small = [word.plain for word in self.all if len(word.plain) > 1 and word.text.islower() and not word.listed]
            unknown = sum(not is_common(plain, "und") for plain in small)
            self._strange = len(small) >= _STRANGE_FROM and unknown >= _STRANGE_SHARE * len(small)
        return self._strange

    def common(self, word: Word) -> bool:
        return is_common(word.plain, self.language) and not self._listed_twice(word)

    def _listed_twice(self, word: Word) -> bool:
        """A surname that the English dictionary lists too: "fitzgerald", "zhang"."""
        if self.language == "fr" or word.plain not in surnames() or word.plain in HARD or word.plain in ADJECTIVES:
            return False
        return len(word.plain) >= _MIN_LOOK and likeness(word.text.lower(), word.plain) >= CERTAIN

    def possible(self, word: Word) -> bool:
        """A word that may be a name behind a cue, whatever its case."""
        if word.barred:
            return False
        if word.english and word.plain in ENGLISH_NAMES:
            return True
        if not could_be_name(word.plain, self.language):
            return False
        return word.listed or not self.strange

    def rare(self, word: Word) -> bool:
        """A possible name that no dictionary knows."""
        return self.possible(word) and not self.common(word)

    def look(self, word: Word) -> Look:
        """What the look of a rare word says; NONE for all others."""
        if len(word.plain) < _MIN_LOOK or word.listed or not self.rare(word):
            return Look.NONE
        lower = word.text.lower()
        return name_look(lower[len(lower) - len(word.plain) :], word.plain, self.language)

    def named(self, word: Word, bar: float = NAMED) -> bool:
        """A word behind a cue that reads as a name though a dictionary knows it: "monsieur poupard"."""
        if word.barred or len(word.plain) < _MIN_LOOK or word.plain in ADJECTIVES or word.plain in places():
            return False
        return likeness(word.text.lower(), word.plain) >= bar

    def candidate(self, word: Word) -> bool:
        """A word that can carry a name by itself: listed, or unknown to the dictionary; no brand, no acronym."""
        if word.barred or len(word.plain) < 2:
            return False
        acronym = word.text.isupper() and len(word.text) <= _ACRONYM
        kind = first_name_kind(word.plain)
        if kind == "sure" or (not acronym and (kind or word.plain in surnames())):
            return word.plain not in HARD
        if word.plain in places():
            return False
        return not acronym and not self.common(word) and not self.strange

    def opens(self, word: Word) -> bool:
        """The word opens a sentence or a line."""
        return word.start == 0 or _AFTER_FULL_STOP.search(self.text[max(0, word.start - 12) : word.start]) is not None

    def in_place_name(self, word: Word) -> bool:
        """Behind "rue", "la gamme", "Saint-", directly or with one more capitalised word between; before "Street"."""
        if PLACE_BEFORE.search(self.plain, max(0, word.start - _PLACE_REACH), word.start) or self._before_thing(word):
            return True
        index = self._at[word.start]
        before = self.all[index - 1] if index and word.upper and self.adjacent(index - 1) else None
        return before is not None and before.upper and self.in_place_name(before)

    def _before_thing(self, word: Word) -> bool:
        """ "Dean Street branch", "the Oscar sofa"."""
        if self.language != "en":
            return False
        index = self._at[word.start]
        if (
            word.upper
            and self.adjacent(index)
            and self.all[index + 1].upper
            and self._before_thing(self.all[index + 1])
        ):
            return True
        street = PLACE_AFTER.match(self.plain, word.end)
        if street and (street[1] in _CERTAIN_STREETS or (word.upper and self.text[word.end + 1].isupper())):
            return True
        if not GOODS_AFTER.match(self.plain, word.end):
            return False
        return self.determined(word) or (index > 0 and self.determined(self.all[index - 1]))

    def determined(self, word: Word) -> bool:
        """Behind an article or a possessive: "la cergap"."""
        index = self._at[word.start]
        return index > 0 and self.all[index - 1].plain in DETERMINERS and self.adjacent(index - 1)

    def at(self, word: Word) -> bool:
        """Behind "chez": a firm more often than a person."""
        index = self._at[word.start]
        return index > 0 and self.all[index - 1].plain == "chez" and self.adjacent(index - 1)

    def after_article(self, word: Word) -> bool:
        """l'olivier, l'Olivier: a thing or a firm; no person takes the article."""
        return (
            word.text[:2].lower() in {"l'", "l’"}
            or _ARTICLE.search(self.plain[max(0, word.start - 3) : word.start]) is not None
        )

    def adjacent(self, index: int) -> bool:
        """The next word follows after one blank, or after an initial's dot."""
        if not 0 <= index < len(self.all) - 1:
            return False
        gap = self.plain[self.all[index].end : self.all[index + 1].start]
        return gap in {" ", "'"} or (gap == ". " and len(self.all[index].text) == 1)

    def past_particles(self, index: int) -> int:
        """Index after "de", "Le", "van der" when another word follows at once."""
        at = index
        while at + 1 < len(self.all) and self.all[at].plain in PARTICLES and self.adjacent(at) and at < index + 2:
            at += 1
        return at

    def continues(self, index: int, cue: Cue) -> bool:
        """The word after `index` belongs to the same name."""
        word, this = self.all[index + 1], self.all[index]
        if self.initial(word) and not this.barred:
            return True
        if word.barred:
            return False
        if word.upper:
            return not self.opens(word) and (len(word.text) == 1 or word.proper)
        if cue > Cue.NONE and word.plain in FOREIGN and self.language != "en":
            return True
        if cue == Cue.CERTAIN and first_name_kind(this.plain):
            return len(word.plain) > 1  # behind "je m'appelle olivier" any word that is no function word
        return (cue > Cue.NONE or not this.upper) and len(word.plain) > 2 and self.possible(word)

    def initial(self, word: Word) -> bool:
        """A letter and its dot: "Samira H."."""
        return len(word.text) == 1 and self.text[word.end : word.end + 1] == "."

    def phrase(self, index: int, cue: Cue = Cue.NONE, start: int | None = None) -> Span:
        """The name that holds word `index`: what follows it, and a surname written before the first name."""
        last = index
        while last - index < _MAX_WORDS - 1 and self.adjacent(last):
            if (beyond := self._beyond_particles(last)) is not None:
                last = beyond
            elif self.continues(last, cue):
                last += 1
            else:
                break
        first = index if start is None else start
        if cue == Cue.NONE and self.adjacent(first - 1) and self._surname_before(first - 1):
            first -= 2 if self._particle_before(first - 1) else 1
        return self.span(first, last)

    def _particle_before(self, index: int) -> bool:
        """LE BIHAN Huguette; "le bihan huguette" where it opens the sentence."""
        if not self.adjacent(index - 1) or self.all[index - 1].plain not in PARTICLES:
            return False
        before, word = self.all[index - 1], self.all[index]
        return before.text.isupper() if word.text.isupper() else self.opens(before) and before.upper == word.upper

    def _beyond_particles(self, index: int) -> int | None:
        """Index of the surname behind "de", "de la", "van": Marie de Villiers, karim el amrani."""
        at = self.past_particles(index + 1)
        word = self.all[at]
        if at == index + 1 or word.barred or len(word.plain) < 3 or (word.upper and not word.proper):
            return None
        particles = {other.plain for other in self.all[index + 1 : at]}
        if not particles.isdisjoint(FOREIGN) or (word.plain in TOPOGRAPHIC and not particles.isdisjoint(_TOWARDS)):
            return at
        unknown = not self.common(word) and (word.upper or self.possible(word))
        return at if unknown or (word.upper and word.plain in surnames()) else None

    def _surname_before(self, index: int) -> bool:
        word = self.all[index]
        if word.barred or len(word.plain) < 3:
            return False
        if word.text.isupper() and word.upper and is_surname(word.plain):
            return True
        if self.determined(word) and not self._particle_before(index):
            return False
        known = word.plain in surnames() and (word.upper or not self.common(word))
        return known or self.look(word) > Look.NONE or (word.text.isupper() and word.upper and not self.common(word))

    def span(self, first: int, last: int) -> Span:
        """The words first to last, with the dot of a last initial."""
        start, end = self.all[first].start, self.all[last].end
        if len(self.all[last].text) == 1 and self.text[end : end + 1] == ".":
            end += 1
        return Span(start, end, NOM, self.plain[start:end])


def _word(match: re.Match[str], plain: str, tells: bool, covered: list[tuple[int, int]], english: bool) -> Word:
    start, end = match.span()
    bare = plain[start:end]
    prefix = 2 if _PREFIX.match(bare) else 0
    upper = tells and match[0][prefix].isupper()
    brand = any(first < end and start < last for first, last in covered)
    return Word(start, end, match[0], bare[prefix:], upper, brand, english)


def capitals_tell(text: str) -> bool:
    """False where a text has no small letters to speak of: its capitals are shouting."""
    if text.islower():
        return True
    letters = sum(map(str.isalpha, text))
    return letters < _MIN_LETTERS or sum(map(str.isupper, text)) < _SHOUT_SHARE * letters
