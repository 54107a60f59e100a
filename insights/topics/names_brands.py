"""Brands that nobody declared, told by how customers write them: « chez X », @X, and a capital where no sentence begins."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from insights.mentions.text import fold
from insights.redaction.lexicon import is_common
from insights.topics.words import STOPWORDS, known_word, word_set

FEW = 3  # uses
AFTER = 0.08  # share of a word's uses that stand right after « chez »
ORDINARY_FEW, ORDINARY_AFTER = 5, 0.12  # ... for a word that a dictionary has: « chez Orange »
CAPITAL = 0.5  # share of a word's uses, not first of a sentence and not shouted, written with a capital
SPREAD = 0.25  # of the topics hold it: a company's own name is everywhere, a thing with a proper name in its own topic
_WORD = re.compile(r"@?[^\W\d_]{2,}")
_HANDLE = re.compile(r"@([^\W\d_]{3,})")
_AFTER = re.compile(r"\bchez ([^\W\d_]{2,})")
_ENDS = '.!?:;\u2026"\u00ab\u201c'
_PEOPLE = word_set(
    "moi toi lui elle nous vous eux elles soi certains tous cet cette mon ma mes vos leur mamie maman papa un une des"
)


def said_brands(texts: Sequence[str], topics: Sequence[int]) -> frozenset[str]:
    """Folded words that the texts use as the name of a company. `topics`: the topic of each text, -1 for none."""
    uses: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    after: Counter[str] = Counter()
    handles: Counter[str] = Counter()
    where: dict[str, set[int]] = defaultdict(set)
    for text, topic in zip(texts, topics, strict=True):
        handles.update(fold(one) for one in _HANDLE.findall(text))
        after.update(set(_AFTER.findall(fold(text))))
        for word, titled in _words(text):
            uses[word] += 1
            capital[word] += titled
            where[word].add(topic)
    n_topics = max(len({topic for topic in topics if topic >= 0}), 1)
    found = {word for word in after if _placed(word, uses, capital, after)}
    found |= {
        word for word, n in capital.items() if n >= FEW and _proper(word, n / uses[word], len(where[word]) / n_topics)
    }
    return frozenset(found | {word for word, n in handles.items() if n >= FEW and not is_common(word, "")})


def _words(text: str) -> list[tuple[str, bool]]:
    """Folded words of a text, with whether each has a capital that no sentence's beginning and no shouting explains."""
    letters = [char for char in text if char.isalpha()]
    shouted = sum(char.isupper() for char in letters) > len(letters) / 2
    found = []
    for match in _WORD.finditer(text):
        before = text[: match.start()].rstrip()
        opens = not before or before[-1] in _ENDS
        found.append((fold(match.group().lstrip("@")), match.group()[0].isupper() and not opens and not shouted))
    return found


def _placed(word: str, uses: Counter[str], capital: Counter[str], after: Counter[str]) -> bool:
    if after[word] < FEW or word in STOPWORDS or word in _PEOPLE or after[word] < AFTER * uses[word]:
        return False
    often = after[word] >= max(ORDINARY_FEW, ORDINARY_AFTER * uses[word])
    return often or not _ordinary(word) or capital[word] >= CAPITAL * uses[word]


def _proper(word: str, share: float, spread: float) -> bool:
    return share >= CAPITAL and spread >= SPREAD and len(word) > 3 and not _ordinary(word)


def _ordinary(word: str) -> bool:
    return is_common(word, "") or known_word(word, "fr") or known_word(word, "en")
