"""The words of a clause that decided its irritant: those without which the assigner would be least sure of it.

Occlusion on the assigner in force: every run of one to three words is left out, the rest is encoded and scored anew, and
a word's weight is the mean fall, over the runs that hold it, of the log-odds of the irritant against all others. Nothing
is learned beside the model, so the marks are true to what it does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from insights.irritants.assign import Assigner
from insights.topics.encoder import Encoder

Span = tuple[int, int]
Floats = NDArray[np.float64]

RUNS = (1, 2, 3)  # words left out at once: a cause is often said in two or three
MOST_WORDS = 60  # of a clause that are looked at
EXPLAINED = 0.6  # share of the whole fall that the marked words account for
MARKED = 0.4  # share of a clause's words that are marked at most
LEAST_SHARE = 0.1  # the model's share of the irritant under which it did not decide for it
_WORD = re.compile(r"\[[^\]\s]{2,24}\]|[^\W_]+(?:['’\-][^\W_]+)*['’]?")


def deciding_words(
    texts: Sequence[str],
    languages: Sequence[str],
    irritants: Sequence[frozenset[str]],
    assigner: Assigner,
    encode: Encoder,
) -> list[tuple[Span, ...]]:
    """[start, end) of the words that decided, of each clause (n), in reading order; () where the model did not decide.

    `irritants` (n): the ids the irritant shown stands for in the assigner; a person may have put the text there.
    """
    words = [[found.span() for found in _WORD.finditer(text)][:MOST_WORDS] for text in texts]
    runs = [_runs(len(spans)) for spans in words]
    asked = [text for text, _ in zip(texts, words, strict=True)]
    told = list(languages)
    for text, language, spans, own in zip(texts, languages, words, runs, strict=True):
        asked += [_without(text, spans[first:last]) for first, last in own]
        told += [language] * len(own)
    if not texts:
        return []
    scores = assigner.scores(encode(asked), told)
    logits = np.log(np.maximum(scores.shares, 1e-300))
    start = len(texts)
    found: list[tuple[Span, ...]] = []
    for row, (spans, own, ids) in enumerate(zip(words, runs, irritants, strict=True)):
        codes = [code for code, name in enumerate(assigner.irritant_ids) if name in ids]
        stop = start + len(own)
        if not codes or len(spans) < 2 or scores.shares[row, codes].sum() < LEAST_SHARE:
            found.append(())
        else:
            looked = [row, *range(start, stop)]
            odds = _log_odds(logits[looked], codes)
            if len(codes) == len(assigner.irritant_ids):  # there is no other: what is left is nearness
                odds = scores.near[looked][:, codes].max(axis=1)
            found.append(_marked(spans, _weights(len(spans), own, odds[0] - odds[1:])))
        start = stop
    return found


def _runs(n_words: int) -> list[Span]:
    """Runs of words, as [first, last) places; a run never is the whole clause."""
    lengths = [length for length in RUNS if length < n_words]
    return [(first, first + length) for length in lengths for first in range(n_words - length + 1)]


def _without(text: str, gone: Sequence[Span]) -> str:
    return " ".join((text[: gone[0][0]] + " " + text[gone[-1][1] :]).split())


def _log_odds(logits: Floats, codes: Sequence[int]) -> Floats:
    """(m,) of the irritant `codes` stand for against all others, of log shares (m, k)."""
    own, others = logits[:, list(codes)], np.delete(logits, list(codes), axis=1)
    against = logsumexp(others, axis=1) if others.shape[1] else 0.0
    return np.asarray(logsumexp(own, axis=1) - against, dtype=np.float64)


def _weights(n_words: int, runs: Sequence[Span], falls: Floats) -> Floats:
    """(words,) mean fall a word left out, over the runs that hold it."""
    total, held = np.zeros(n_words), np.zeros(n_words)
    for (first, last), fall in zip(runs, falls, strict=True):
        total[first:last] += fall / (last - first)
        held[first:last] += 1
    return total / np.maximum(held, 1)


def _marked(spans: Sequence[Span], weights: Floats) -> tuple[Span, ...]:
    """The fewest words that account for most of the fall, neighbours joined."""
    falls = np.maximum(weights, 0)
    if falls.sum() <= 0:
        return ()
    order = np.argsort(-falls, kind="stable")
    enough = int(np.searchsorted(np.cumsum(falls[order]), EXPLAINED * falls.sum())) + 1
    most = max(1, int(MARKED * len(spans)))
    return _joined([spans[place] for place in sorted(order[: min(enough, most)])], spans)


def _joined(marked: Sequence[Span], words: Sequence[Span]) -> tuple[Span, ...]:
    after = {one: other for one, other in pairwise(words)}
    joined = [marked[0]]
    last = marked[0]
    for span in marked[1:]:
        if after.get(last) == span:
            joined[-1] = (joined[-1][0], span[1])
        else:
            joined.append(span)
        last = span
    return tuple(joined)
