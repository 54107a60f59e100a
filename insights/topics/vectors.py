"""The space texts are clustered in: encoder vectors centred by language beside a lexical picture of the same texts.

Both parts have unit length. Semantics bring synonyms and languages together, words keep causes apart that the encoder
blurs; character n-grams carry typing errors and SMS spelling. Measured against METHODS 8: docs/benchmark.md.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from insights.errors import ModelError
from insights.topics.words import cleaned, content_words

Matrix = NDArray[np.float32]

LSA_WEIGHT = 0.4
DIMENSIONS = 300
FIT_TEXTS = 3_000  # the axes of the lexical part are learned on a sample: the same quality, bounded cost
MAX_FEATURES = 20_000  # of words, and of character n-grams
PRIOR_TEXTS = 10.0  # a language's mean counts as much as the overall mean at this many texts


def unit(rows: NDArray[Any]) -> Matrix:
    """Rows scaled to unit length; rows of zeros stay zero."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(length, 1e-9), dtype=np.float32)


@dataclass(frozen=True)
class LanguageCentre:
    """Mean vector of each language, taken away so that a text's language does not decide its neighbours."""

    languages: tuple[str, ...]
    means: Matrix  # (n languages, d)
    overall: Matrix  # (d,)

    @classmethod
    def fit(cls, vectors: Matrix, languages: Sequence[str]) -> Self:
        """Means shrunk towards the overall mean: a language of three texts must not lose its texts' own content."""
        codes, names = np.asarray(languages, dtype=object), tuple(sorted(set(languages)))
        overall = vectors.mean(axis=0).astype(np.float32)
        sums = [vectors[codes == name].sum(axis=0) + PRIOR_TEXTS * overall for name in names]
        counts = [(codes == name).sum() + PRIOR_TEXTS for name in names]
        means = np.array([total / count for total, count in zip(sums, counts, strict=True)], dtype=np.float32)
        return cls(names, means, overall)

    def apply(self, vectors: Matrix, languages: Sequence[str]) -> Matrix:
        """(n, d) centred and of unit length; a language never seen gets the overall mean."""
        place = {name: row for row, name in enumerate(self.languages)}
        table = np.vstack([self.means, self.overall[None, :]])
        return unit(vectors - table[[place.get(name, len(place)) for name in languages]])


@dataclass(frozen=True)
class Lexicon:
    """Word and character n-grams projected on the axes of an LSA: (n, at most 300), unit length."""

    words: dict[str, int]
    word_idf: NDArray[np.float64]
    chars: dict[str, int]
    char_idf: NDArray[np.float64]
    axes: Matrix  # (features, dimensions)

    @classmethod
    def fit(cls, texts: Sequence[str], languages: Sequence[str], seed: int) -> tuple[Self, Matrix]:
        """The lexicon of these texts and their place in it (n, dimensions).

        The vocabulary is that of all texts, the axes are learned on a bounded sample. Too few words give no axes.
        """
        word, char = _word_counter(), _char_counter()
        try:
            counted = [word.fit_transform(_lemmas(texts, languages)), char.fit_transform(_letters(texts))]
        except ValueError:  # scikit-learn: no word is left after pruning
            nothing = np.empty((0, 0), dtype=np.float32)
            return cls({}, np.empty(0), {}, np.empty(0), nothing), np.zeros((len(texts), 0), dtype=np.float32)
        joined = sparse.hstack(counted).tocsr() * np.sqrt(0.5)
        rows = np.arange(joined.shape[0])
        if len(rows) > FIT_TEXTS:
            rows = np.sort(np.random.default_rng(seed).choice(rows, FIT_TEXTS, replace=False))
        size = min(DIMENSIONS, joined.shape[1] - 1, len(rows) - 1)
        axes = np.empty((joined.shape[1], 0), dtype=np.float32)
        if size > 0:
            axes = TruncatedSVD(size, random_state=seed).fit(joined[rows]).components_.T.astype(np.float32)
        return cls(_plain(word), word.idf_, _plain(char), char.idf_, axes), unit(np.asarray(joined @ axes))

    def apply(self, texts: Sequence[str], languages: Sequence[str]) -> Matrix:
        """(n, dimensions) of unit length; a text without a known word is a row of zeros."""
        if not self.axes.size:
            return np.zeros((len(texts), 0), dtype=np.float32)
        word, char = _word_counter(self.words), _char_counter(self.chars)
        word.idf_, char.idf_ = self.word_idf, self.char_idf
        counted = [word.transform(_lemmas(texts, languages)), char.transform(_letters(texts))]
        return unit(np.asarray(sparse.hstack(counted).tocsr() @ (self.axes * np.sqrt(0.5))))


@dataclass(frozen=True)
class Blend:
    """A fitted space. `matrix` (n, d) holds the texts it was fitted on: columns before `split` are the encoder's."""

    centre: LanguageCentre
    lexicon: Lexicon
    lsa_weight: float
    matrix: Matrix = field(repr=False)

    @property
    def split(self) -> int:
        """Number of encoder columns; the lexical ones follow."""
        return int(self.centre.means.shape[1])

    def transform(self, texts: Sequence[str], vectors: Matrix, languages: Sequence[str]) -> Matrix:
        """(n, d) of new texts in the same space."""
        return self.beside(self.centre.apply(vectors, languages), self.lexicon.apply(texts, languages))

    def beside(self, meaning: Matrix, lexical: Matrix) -> Matrix:
        """(n, d) of the two parts side by side at their weights."""
        weight = self.lsa_weight if lexical.shape[1] else 0.0
        return unit(np.hstack([meaning * np.sqrt(1 - weight), lexical * np.sqrt(weight)]))

    def save(self, folder: Path) -> None:
        """Write blend.npz and blend.json, without pickle; the fitted texts' own matrix is not kept."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            folder / "blend.npz",
            means=self.centre.means,
            overall=self.centre.overall,
            word_idf=self.lexicon.word_idf,
            char_idf=self.lexicon.char_idf,
            axes=self.lexicon.axes,
        )
        told = {
            "languages": self.centre.languages,
            "lsa_weight": self.lsa_weight,
            "words": self.lexicon.words,
            "chars": self.lexicon.chars,
        }
        (folder / "blend.json").write_text(json.dumps(told, ensure_ascii=False, sort_keys=True), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ModelError where a file is missing or damaged."""
        try:
            told = json.loads((folder / "blend.json").read_text(encoding="utf-8"))
            with np.load(folder / "blend.npz", allow_pickle=False) as kept:
                centre = LanguageCentre(tuple(told["languages"]), kept["means"], kept["overall"])
                lexicon = Lexicon(told["words"], kept["word_idf"], told["chars"], kept["char_idf"], kept["axes"])
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(
                f"The topic space in {folder} cannot be read ({error}); run `voc run` to fit again."
            ) from error
        empty = np.empty((0, centre.means.shape[1] + lexicon.axes.shape[1]), dtype=np.float32)
        return cls(centre, lexicon, float(told["lsa_weight"]), empty)


def blend(
    texts: Sequence[str], vectors: Matrix, languages: Sequence[str], seed: int, lsa_weight: float = LSA_WEIGHT
) -> Blend:
    """Fit the space on texts (n), their encoder vectors (n, d) and languages (n). `lsa_weight` 0 leaves words out."""
    if len(texts) == 0:
        raise ModelError("No text to fit topics on: run `voc ingest` and `voc run` first.")
    centre = LanguageCentre.fit(vectors, languages)
    lexicon, lexical = Lexicon.fit(texts, languages, seed)
    space = Blend(centre, lexicon, lsa_weight, np.empty((0, 0), dtype=np.float32))
    return replace(space, matrix=space.beside(centre.apply(vectors, languages), lexical))


def _word_counter(vocabulary: dict[str, int] | None = None) -> Any:
    return TfidfVectorizer(
        ngram_range=(1, 2),
        min_df=1 if vocabulary else 2,
        max_df=1.0 if vocabulary else 0.5,
        max_features=None if vocabulary else MAX_FEATURES,
        sublinear_tf=True,
        token_pattern=r"\S+",
        vocabulary=vocabulary,
    )


def _char_counter(vocabulary: dict[str, int] | None = None) -> Any:
    return TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(3, 5),
        min_df=1 if vocabulary else 3,
        max_df=1.0 if vocabulary else 0.5,
        max_features=None if vocabulary else MAX_FEATURES,
        sublinear_tf=True,
        vocabulary=vocabulary,
    )


def _lemmas(texts: Sequence[str], languages: Sequence[str]) -> list[str]:
    return [" ".join(content_words(text, language)) for text, language in zip(texts, languages, strict=True)]


def _letters(texts: Sequence[str]) -> list[str]:
    return [cleaned(text).lower() for text in texts]


def _plain(counter: Any) -> dict[str, int]:
    """Vocabulary with Python's own integers, so that JSON takes it."""
    return {term: int(place) for term, place in counter.vocabulary_.items()}
