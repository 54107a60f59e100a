"""Fits the polarity model: penalty chosen out of fold, texts that contradict their score left out, one temperature."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from insights.mentions import features
from insights.mentions.lexicon import rules_version
from insights.mentions.polarity import Floats, PolarityModel
from insights.mentions.reading import read
from insights.mentions.split import split
from insights.mentions.text import has_letters

NEGATIVE_MAX, POSITIVE_MIN = 0.35, 0.7  # of the score on 0..1; what lies between is passive
MIN_TEXTS, MIN_EACH = 400, 40
MAX_TEXTS = 12_000
_FOLDS = 4
_STRENGTHS = (0.1, 0.4, 1.6)  # inverse of the penalty
_WEAKEST, _WEAKEST_FROM = 6.4, 1_500  # tried too from so many signed texts on: with fewer, neutral clauses take sides
_PASSIVE_WEIGHT = 0.5
_CONTRADICTS = 0.15  # out-of-fold probability of the given label below which it is doubted


def fit(texts: Sequence[str], languages: Sequence[str], scores01: Sequence[float], seed: int) -> PolarityModel | None:
    """A model from verbatims and their scores on 0 (worst) to 1; `scores.metric_score` brings the usual scales there.

    None below MIN_TEXTS clearly scored texts, or MIN_EACH of either sign: the lexicon is then better. The order of the
    rows does not matter; above MAX_TEXTS a seeded sample is used.
    """
    rows = sorted(
        {
            (text, language, float(score))
            for text, language, score in zip(texts, languages, scores01, strict=True)
            if not math.isnan(score) and has_letters(text)
        }
    )
    if len(rows) > MAX_TEXTS:
        kept = np.sort(np.random.default_rng(seed).choice(len(rows), MAX_TEXTS, replace=False))
        rows = [rows[index] for index in kept]
    scores = np.array([score for _, _, score in rows], dtype=np.float64)
    sign = np.where(scores >= POSITIVE_MIN, 1, np.where(scores <= NEGATIVE_MAX, -1, 0))
    if (sign != 0).sum() < MIN_TEXTS or min((sign > 0).sum(), (sign < 0).sum()) < MIN_EACH:
        return None
    pooled = _pool([row[0] for row in rows], [row[1] for row in rows])
    return _fit_pooled(pooled, sign, seed)


@dataclass(frozen=True)
class _Pooled:
    """Texts as sums of clauses over sqrt(clauses): `matrix` of the columns `places` only, `lexical` by the lexicon."""

    matrix: sparse.csr_matrix
    places: NDArray[np.intp]
    weighting: features.Weighting
    lexical: Floats


def _pool(texts: list[str], languages: list[str]) -> _Pooled:
    clauses = [[span.text for span in split(text, language)] for text, language in zip(texts, languages, strict=True)]
    owner = np.repeat(np.arange(len(texts)), [len(parts) for parts in clauses])
    flat = [clause for parts in clauses for clause in parts]
    tongue = [languages[index] for index in owner]
    readings = [read(clause, language) for clause, language in zip(flat, tongue, strict=True)]
    counted = features.counts(features.all_words(flat, tongue))
    by = features.weighting(counted)
    share = 1.0 / np.sqrt(np.bincount(owner, minlength=len(texts)).clip(1))
    gather = sparse.csr_matrix((share[owner], (owner, np.arange(len(flat)))), shape=(len(texts), len(flat)))
    lexical: Floats = gather @ np.array([reading.polarity for reading in readings])
    said = np.flatnonzero(np.bincount(counted.indices, minlength=counted.shape[1]))
    places = np.concatenate([said, np.arange(counted.shape[1], features.N_FEATURES)])
    vectors = sparse.csc_matrix(features.vectors(counted, by, readings))[:, places]
    return _Pooled(sparse.csr_matrix(gather @ vectors), places, by, lexical)


def _fit_pooled(pooled: _Pooled, sign: NDArray[np.int_], seed: int) -> PolarityModel:
    """Choose the penalty, doubt the texts that contradict their score, fit on the rest, calibrate."""
    signed = np.flatnonzero(sign)
    strength, logits = _choose_strength(pooled.matrix, sign, seed)
    given = sign[signed].astype(np.float64)
    doubted = (_sigmoid(given * logits) < _CONTRADICTS) & (given * pooled.lexical[signed] < 0)
    weights = _logistic(pooled.matrix, sign, np.setdiff1d(np.arange(len(sign)), signed[doubted]), strength)
    right = given * logits > 0
    known = pooled.places < len(pooled.weighting.idf)
    return PolarityModel(
        places=pooled.places.astype(np.int32),
        idf=pooled.weighting.idf[pooled.places[known]].astype(np.float32),
        coefficients=weights.astype(np.float32),
        temperature=_temperature(logits[~doubted], given[~doubted]),
        pieces=pooled.weighting.pieces,
        words=pooled.weighting.words,
        strength=strength,
        n_texts=int(pooled.matrix.shape[0]),
        n_positive=int((sign > 0).sum()),
        n_negative=int((sign < 0).sum()),
        n_doubted=int(doubted.sum()),
        accuracy=round(float((right[given > 0].mean() + right[given < 0].mean()) / 2), 4),
        rules=rules_version(),
    )


def _choose_strength(matrix: sparse.csr_matrix, sign: NDArray[np.int_], seed: int) -> tuple[float, Floats]:
    """The penalty with the least loss out of fold, both signs weighing the same, and its logits."""
    given = sign[sign != 0].astype(np.float64)
    share = np.where(given > 0, 1.0 / (given > 0).sum(), 1.0 / (given < 0).sum())
    tried: list[tuple[float, float, Floats]] = []
    for strength in (*_STRENGTHS, _WEAKEST) if len(given) >= _WEAKEST_FROM else _STRENGTHS:
        logits = _out_of_fold(matrix, sign, strength, seed)
        loss = share @ np.logaddexp(0.0, -given * logits * _temperature(logits, given))
        tried.append((float(loss), strength, logits))
    _, strength, logits = min(tried, key=lambda attempt: attempt[:2])
    return strength, logits


def _out_of_fold(matrix: sparse.csr_matrix, sign: NDArray[np.int_], strength: float, seed: int) -> Floats:
    """Logit of each signed text under a model that has not seen it."""
    signed = np.flatnonzero(sign)
    fold = np.full(len(sign), -1)
    fold[signed] = np.random.default_rng(seed).permutation(len(signed)) % _FOLDS
    logits = np.empty(len(sign))
    for number in range(_FOLDS):
        weights = _logistic(matrix, sign, np.flatnonzero(fold != number), strength)
        logits[fold == number] = matrix[fold == number] @ weights
    return logits[signed]


def _logistic(matrix: sparse.csr_matrix, sign: NDArray[np.int_], rows: NDArray[np.intp], strength: float) -> Floats:
    """Weights without a constant. Both signs weigh the same; a passive text is half praise, half complaint."""
    signed, passive = rows[sign[rows] != 0], rows[sign[rows] == 0]
    up = sign[signed] > 0
    weight = np.where(up, len(signed) / (2 * up.sum()), len(signed) / (2 * (~up).sum()))
    labels = np.concatenate([up, np.ones(len(passive), bool), np.zeros(len(passive), bool)])
    weights = np.concatenate([weight, np.full(2 * len(passive), _PASSIVE_WEIGHT / 2)])
    model = LogisticRegression(
        C=strength, solver="liblinear", dual=True, fit_intercept=False, max_iter=5000, random_state=0
    )
    model.fit(matrix[np.concatenate([signed, passive, passive])], labels, sample_weight=weights)
    found: Floats = model.coef_.ravel()
    return found


def _sigmoid(logit: Floats) -> Floats:
    return np.exp(-np.logaddexp(0.0, -logit))


def _temperature(logits: Floats, given: Floats) -> float:
    """Factor on the logits with the least log loss, both signs weighing the same (Guo et al. 2017, one parameter)."""
    weight = np.where(given > 0, 1.0 / (given > 0).sum(), 1.0 / (given < 0).sum())

    def loss(log_factor: float) -> float:
        return float((weight * np.logaddexp(0.0, -np.exp(log_factor) * given * logits)).sum())

    found = minimize_scalar(loss, bounds=(-2.0, 2.0), method="bounded")
    return round(float(np.exp(found.x)), 6)
