"""Scores as rows of the benchmark: shares with their intervals, each beside each rival that counted something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from insights.bench.redaction import Score
from insights.bench.redaction_rivals import SPACY
from insights.bench.redaction_samples import NOM, RULE_ENTITIES
from insights.bench.report import Entry
from insights.intervals import wilson

PART = "redaction"
OURS = ""
WRITTEN, SMALL = "as written", "small letters"
AIMS = dict.fromkeys(("EMAIL", "IBAN", "NIR", "CARTE", "ID"), "1") | {"TEL": ">= 0.99"}
NAME_AIMS = {WRITTEN: ">= 0.98", SMALL: ">= 0.95"}
Scores = Mapping[str, Score]  # by finder; "" is ours


def by_entity(data: str, language: str, variant: str, scores: Scores) -> Iterator[Entry]:
    """Recall and precision of each entity; a rival's row only where it has such a mask or the text such a span."""
    tables = {name: one.table.set_index("entity") for name, one in scores.items()}
    for what, hits, n in (("recall", "n_masked", "n_gold"), ("precision", "n_right_masks", "n_masks")):
        for entity in (entity for entity in tables[OURS].index if tables[OURS].loc[entity, "n_gold"]):
            counts = {
                name: (int(table.loc[entity, hits]), int(table.loc[entity, n]))
                for name, table in tables.items()
                if entity in table.index and (name != SPACY or entity in {NOM, "ADRESSE", "ALL"})
            }
            aim = (NAME_AIMS[variant] if entity == NOM else AIMS.get(entity, "")) if what == "recall" else ""
            noun = "spans" if what == "recall" else "masks"
            size = f"{counts[OURS][1]} {noun}, {scores[OURS].n_texts} texts"
            yield from rows(f"{what} {entity} ({language}, {variant})", data, size, counts, aim)


def by_channel(language: str, variant: str, channel: str, scores: Scores) -> Iterator[Entry]:
    """Names, identifiers and false masks of one channel."""
    where = f"{language}, {channel}, {variant}"
    for what, entities in (("names", (NOM,)), ("identifiers", RULE_ENTITIES)):
        counts = {name: one.counts(*entities) for name, one in scores.items() if name != SPACY or what == "names"}
        yield from rows(f"recall of {what} ({where})", "own gold", f"{counts[OURS][1]} spans", counts)
    yield from false_masks("own gold", where, scores)


def false_masks(data: str, where: str, scores: Scores) -> Iterator[Entry]:
    """Shares of the texts without gold that were masked somewhere, and that had a name masked."""
    counts = {name: (one.n_false_texts, one.n_clean_texts) for name, one in scores.items()}
    names = {name: (one.n_false_names, one.n_clean_texts) for name, one in scores.items()}
    size = f"{counts[OURS][1]} clean texts"
    yield from rows(f"share of clean texts with something masked ({where})", data, size, counts, "<= 0.01")
    yield from rows(f"share of clean texts with a name masked ({where})", data, size, names)


def speed(data: str, language: str, scores: Scores) -> Iterator[Entry]:
    """Texts a second beside each rival."""
    ours = scores[OURS].texts_per_second
    for rival in [name for name in scores if name != OURS]:
        size = f"{scores[OURS].n_texts} texts, one core"
        beside = scores[rival].texts_per_second
        yield Entry(PART, f"texts a second ({language})", ours, "", data, size, rival=rival, rival_value=beside)


def rows(name: str, data: str, size: str, counts: Mapping[str, tuple[int, int]], aim: str = "") -> Iterator[Entry]:
    """One row per rival that counted something, at least one; none where we counted nothing."""
    hits, n = counts[OURS]
    if not n:
        return
    share = wilson(hits, n)
    interval = (float(share.low), float(share.high))
    rivals = [(rival, found[0] / found[1]) for rival, found in counts.items() if rival != OURS and found[1]]
    beside: list[tuple[str, float | None]] = [*rivals] or [("", None)]
    for rival, value in beside:
        yield Entry(PART, name, hits / n, "", data, size, aim, interval, rival, value)
