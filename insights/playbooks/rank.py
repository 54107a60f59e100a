"""Replies for a case, best first: by its playbook, by nearness of wording, and by what resolved similar cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from insights.mentions.text import fold
from insights.playbooks.match import Match
from insights.playbooks.model import Playbook, Playbooks, Reply, said

OWN, SAME_THEME, DEFAULT_TOO, ELSEWHERE = 1.0, 0.4, 0.2, 0.0
WORDING, OUTCOME = 1.0, 0.5  # what a cosine of 1, or a share of helped cases of 1, is worth beside the playbook's own 1
LEAST = 0.05  # a reply of another theme whose wording is no nearer is not offered


@dataclass(frozen=True)
class Suggested:
    """A reply with its place (from 1) and what put it there. `n_similar`: cases of this irritant it was used on."""

    rank: int
    playbook: Playbook
    reply: Reply
    score: float
    nearness: float
    share: float | None
    n_similar: int


def suggest(
    known: Playbooks,
    found: Match,
    words: Sequence[str],
    language: str,
    shares: Mapping[str, tuple[float, int]],
    step_reply: str | None = None,
) -> list[Suggested]:
    """Replies by score, best first; ties by the order of the files. `words`: redacted verbatims of the case.

    `shares`: of `insights.playbooks.chosen.shares`. `step_reply`: the reply the decision tree led to, which stands first.
    """
    pairs = list(known.replies())
    near = nearness(known, words, language)
    usual = float(np.mean([share for share, _n in shares.values()])) if shares else 0.5
    rows = []
    for place, (playbook, reply) in enumerate(pairs):
        base = _base(playbook, found.playbook)
        if base == ELSEWHERE and near[place] < LEAST:
            continue
        share, n_similar = shares.get(reply.reply_id, (None, 0))
        gained = OUTCOME * ((usual if share is None else share) - usual)
        first = reply.reply_id == step_reply
        score = base + WORDING * float(near[place]) + gained
        rows.append((not first, -round(score, 9), place, playbook, reply, score, float(near[place]), share, n_similar))
    rows.sort(key=lambda row: row[:3])
    return [Suggested(rank, *row[3:]) for rank, row in enumerate(rows, start=1)]


def _base(playbook: Playbook, own: Playbook) -> float:
    if playbook is own:
        return OWN
    if playbook.theme == own.theme:
        return SAME_THEME
    return DEFAULT_TOO if playbook.default else ELSEWHERE


def nearness(known: Playbooks, words: Sequence[str], language: str) -> NDArray[np.float64]:
    """(replies,) cosine of each reply's own words and what the customer said: TF-IDF of parts of words, 0 to 1."""
    text = fold(" . ".join(word for word in words if word))
    if not text.strip(" ."):
        return np.zeros(sum(1 for _ in known.replies()))
    vectorizer, matrix = _index(tuple(_document(*pair, language) for pair in known.replies()))
    return np.asarray((matrix @ vectorizer.transform([text]).T).todense(), dtype=float).ravel()


def _document(playbook: Playbook, reply: Reply, language: str) -> str:
    """What a reply is about, mostly as customers say it; its own text speaks as a company does and stays out."""
    return fold(" . ".join((said(reply.when, language), said(reply.title, language), said(playbook.name, language))))


@lru_cache(maxsize=8)
def _index(documents: tuple[str, ...]) -> tuple[TfidfVectorizer, csr_matrix]:
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    return vectorizer, vectorizer.fit_transform(documents)
