"""What an erasure is judged by: ids and distinctive runs of words, taken before anything is deleted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from insights.keys import KeyRing
from insights.lake import Lake

ID, WORDS, GIVEN = "id", "words", "given"
RUN = 5  # words of a run: fewer are said by many
MIN_CHARS = 16  # a run or a source id below this length points at nobody
MIN_SOURCE_ID = 8
SHORT_ID = 4  # an id below this length is looked for as a whole value only
MAX_RUNS = 400


@dataclass(frozen=True)
class Term:
    """One thing to look for. `required`: the control search must find it before the erasure."""

    text: str
    kind: str
    required: bool = True

    @cached_property
    def exact(self) -> re.Pattern[str]:
        """Finds it in a decoded text: an id as a word of its own, words whatever the blanks between them."""
        if self.kind == WORDS:
            return re.compile(r"\s+".join(re.escape(word) for word in self.text.split()))
        body = re.escape(self.text)
        whole = rf"^{body}$" if len(self.text) < SHORT_ID else rf"(?<![0-9A-Za-z]){body}(?![0-9A-Za-z])"
        return re.compile(whole, re.MULTILINE)  # leaves of a document are joined by line ends

    @property
    def loose(self) -> str:
        """An RE2 pattern that never misses what `exact` finds."""
        if self.kind == WORDS:
            return r"[\s\p{Z}]+".join(re.escape(word).replace(r"\ ", " ") for word in self.text.split())
        return re.escape(self.text)

    @cached_property
    def raw(self) -> re.Pattern[bytes] | None:
        """Finds it in raw bytes, where columns follow one another unparted; None for ids too short to tell."""
        if len(self.text) < 6:
            return None
        body = re.escape(self.text.encode())
        before = rb"(?<![0-9])" if self.text[0].isdigit() else b""
        return re.compile(before + body + (rb"(?![0-9])" if self.text[-1].isdigit() else b""))


def ids_of(values: Iterable[object], shortest: int = 1) -> list[Term]:
    """Terms of the ids that are long enough to be told from others."""
    return [Term(str(one), ID) for one in dict.fromkeys(values) if one is not None and len(str(one)) >= shortest]


def runs(text: str) -> Iterator[str]:
    """The first, the middle and the last run of words of a text; the whole of a short one."""
    words = text.split()
    if len(words) < 3:
        return
    last = max(len(words) - RUN, 0)
    for start in dict.fromkeys((0, last // 2, last)):
        found = " ".join(words[start : start + RUN])
        if len(found) >= MIN_CHARS:
            yield found


SAID_BY_OTHERS = """
SELECT r.run FROM (SELECT unnest($runs::VARCHAR[]) AS run) r WHERE EXISTS (
    SELECT 1 FROM feedback f WHERE f.feedback_id NOT IN (SELECT unnest($ids::VARCHAR[])) AND contains(f.verbatim, r.run)
) OR EXISTS (
    SELECT 1 FROM turn t WHERE t.feedback_id NOT IN (SELECT unnest($ids::VARCHAR[])) AND contains(t.text, r.run)
)
"""


def words_of(lake: Lake, texts: Sequence[str], feedback_ids: Sequence[str]) -> list[Term]:
    """Terms of the runs of words in these texts that nobody else said."""
    found = list(dict.fromkeys(run for text in texts for run in runs(text)))[:MAX_RUNS]
    if not found:
        return []
    shared: set[str] = set()
    if not (said := lake.read(SAID_BY_OTHERS, runs=found, ids=list(feedback_ids))).empty:
        shared = set(said["run"])
    return [Term(run, WORDS) for run in found if run not in shared]


def given(values: Iterable[str]) -> list[Term]:
    """Terms a person gave (address, phone, names): we hold only hashes of them, so none need be found before."""
    return [Term(value.strip(), GIVEN, required=False) for value in values if value.strip()]


def fingerprints(terms: Iterable[Term], keys: KeyRing) -> list[str]:
    """Keyed hashes of the terms, for the receipt: a term can be checked against it, and not read from it."""
    return sorted(keys.lasting_hash(f"term:{term.text}") for term in terms)


def texts_in(frame: pd.DataFrame, column: str) -> list[str]:
    """The texts of a column that are there."""
    return [str(text) for text in frame[column] if isinstance(text, str) and text.strip()]
