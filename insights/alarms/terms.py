"""Words that were not said before: words, pairs of words and hashtags that grew, with control of false discoveries."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binom, false_discovery_control

from insights.alarms.counting import Memory, read_posts, without_copies
from insights.mentions.text import fold
from insights.topics.words import content_words

WORD, BIGRAM, HASHTAG = "word", "bigram", "hashtag"
SAME_AUTHORS = 0.8  # of a term's authors are those of a better term: the same news, told once
EXAMPLES = 3
_HASHTAG = re.compile(r"#(\w{2,})")
Who = dict[str, dict[str, str]]  # term -> author -> first feedback_id


@dataclass(frozen=True)
class Term:
    """A term that grew. `n_authors` now and `n_before` in the baseline; `growth` of its share of authors, drawn to one.

    `q_value`: share of false discoveries if it and all better ones are believed. `feedback_ids`: examples, earliest first.
    """

    term: str
    kind: str
    n_authors: int
    n_before: int
    growth: float
    p_value: float
    q_value: float
    feedback_ids: tuple[str, ...]


def emerging_terms(
    recent: pd.DataFrame,
    baseline: pd.DataFrame,
    *,
    known: Collection[str] = (),
    false_share: float = 0.05,
    min_authors: int = 3,
    most: int = 20,
) -> list[Term]:
    """Terms said by a larger share of authors in `recent` than in `baseline`, the surest first.

    Both: feedback_id, author, at, text, optional language (fr, en; else no dictionary form) and suspect_wave.
    `known`: words of known irritants and names of the company; a term made of these alone is left out.
    An author counts once a term, a copied text once. Test: binomial of now against before given both (the exact test of
    two Poisson rates), Benjamini-Hochberg over all terms said often enough to be tested.
    """
    shown: dict[str, str] = {}
    now, before = _said(recent, shown), _said(baseline, {})
    n_now, n_before = _people(now), _people(before)
    if not n_now:
        return []
    stop = {fold(part) for phrase in known for part in phrase.lower().split()}
    terms = [t for t in sorted({*now, *before}) if _enough(t, now, before, min_authors) and not _is_known(t, stop)]
    if not terms:
        return []
    a = np.array([len(now.get(term, ())) for term in terms])
    b = np.array([len(before.get(term, ())) for term in terms])
    p = np.clip(binom.sf(a - 1, a + b, n_now / (n_now + n_before)), 0.0, 1.0)
    q = false_discovery_control(p)
    growth = (a + 0.5) / (b + 0.5) * (n_before + 0.5) / (n_now + 0.5)
    found = [
        Term(shown[term], _kind(term), int(a[n]), int(b[n]), float(growth[n]), float(p[n]), float(q[n]),
             tuple(now[term].values())[:EXAMPLES])
        for n, term in enumerate(terms)
        if q[n] <= false_share and a[n] >= min_authors
    ]  # fmt: skip
    people = {shown[term]: set(authors) for term, authors in now.items()}
    return _told_once(sorted(found, key=_order), people)[:most]


def _order(one: Term) -> tuple[float, int, int, str]:
    return (one.p_value, -one.n_authors, (HASHTAG, WORD, BIGRAM).index(one.kind), one.term)


def _told_once(found: list[Term], authors: Mapping[str, set[str]]) -> list[Term]:
    """Terms whose authors are not, nearly all, those of a better term."""
    kept: list[Term] = []
    for one in found:
        own = authors[one.term]
        if all(len(own & authors[other.term]) < SAME_AUTHORS * len(own) for other in kept):
            kept.append(one)
    return kept


def _said(frame: pd.DataFrame, shown: dict[str, str]) -> Who:
    """Authors by term, with the first feedback in which each said it; the empty term is said by all.

    A term is spelled without accents; `shown` learns it as it was first written.
    """
    found: Who = defaultdict(dict)
    if frame.empty:
        return found
    rows = frame.drop_duplicates("feedback_id").set_index("feedback_id")
    languages = rows["language"] if "language" in rows.columns else pd.Series("und", index=rows.index)
    for post in without_copies(read_posts(frame.assign(series=None)), Memory()):
        text = rows["text"].get(post.feedback_id)
        for written in ["", *_terms(text if isinstance(text, str) else "", str(languages[post.feedback_id]))]:
            found[fold(written)].setdefault(post.author, post.feedback_id)
            shown.setdefault(fold(written), written)
    return found


def _terms(text: str, language: str) -> list[str]:
    words = content_words(text, language)
    pairs = (f"{one} {other}" for one, other in zip(words, words[1:], strict=False) if one != other)
    return [*words, *pairs, *(f"#{tag.lower()}" for tag in _HASHTAG.findall(text))]


def _people(said: Who) -> int:
    return len(said.get("", ()))


def _enough(term: str, now: Who, before: Who, min_authors: int) -> bool:
    return term != "" and len(now.get(term, ())) + len(before.get(term, ())) >= min_authors


def _is_known(term: str, stop: set[str]) -> bool:
    return all(part in stop for part in term.removeprefix("#").split())


def _kind(term: str) -> str:
    return HASHTAG if term.startswith("#") else BIGRAM if " " in term else WORD
