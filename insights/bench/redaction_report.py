"""The benchmark's rows on redaction: ours beside stock Presidio and stock spaCy, same texts, same run, one core."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from insights.bench.redaction import Finder, pooled, score
from insights.bench.redaction_gold import FOLDER, LANGUAGES, Bars, figures, gold_file, score_gold
from insights.bench.redaction_real import (
    REVIEWS,
    gold_values,
    masked_share,
    presidio_research,
    refilled_chats,
    verbatims,
)
from insights.bench.redaction_rivals import PRESIDIO, SPACY, stock_presidio, stock_spacy
from insights.bench.redaction_rows import (
    OURS,
    PART,
    SMALL,
    WRITTEN,
    Scores,
    by_channel,
    by_entity,
    false_masks,
    rows,
    speed,
)
from insights.bench.redaction_samples import Sample, lowered
from insights.bench.report import Entry
from insights.language import detect

CHATS, SYNTHETIC = "fr_chat_ecommerce_pmc", "en_pii_presidio"
Say = Callable[[str], None]
Finders = Mapping[str, Finder]  # "" is ours


def redaction_entries(find: Finder, bars: Bars, shared: Path, say: Say, folder: Path = FOLDER) -> list[Entry]:
    """Every figure on redaction. What lies in `shared` and is absent is left out, and said."""
    entries: list[Entry] = []
    for language in LANGUAGES:
        finders = finders_of(language, find)
        entries += gold_entries(language, finders, bars, say, folder)
        entries += real_entries(language, finders, shared, say, folder)
    return entries


def finders_of(language: str, find: Finder) -> Finders:
    """Ours and the rivals of a language, each warmed up."""
    finders = {OURS: find, PRESIDIO: stock_presidio(language)}
    if language == "fr":
        finders[SPACY] = stock_spacy()
    for one in finders.values():
        one(["."], [language])
    return finders


def gold_entries(language: str, finders: Finders, bars: Bars, say: Say, folder: Path = FOLDER) -> list[Entry]:
    """Rows of the gold sets of a language: the bars, by entity, by channel, texts a second."""
    if not gold_file(language, "survey", folder).exists():
        say(f"  {gold_file(language, 'survey', folder)} is absent: left out")
        return []
    say(f"  gold sets, {language}")
    written = {name: score_gold(language, find, folder=folder) for name, find in finders.items()}
    small = {name: score_gold(language, find, lower=True, folder=folder) for name, find in finders.items()}
    entries = list(_bar_entries(language, written, small, bars))
    for variant, scores in ((WRITTEN, written), (SMALL, small)):
        whole = {name: pooled(channels.values()) for name, channels in scores.items()}
        entries += by_entity("own gold", language, variant, whole)
        entries += false_masks("own gold", f"{language}, {variant}", whole)
        for channel in scores[OURS]:
            entries += by_channel(language, variant, channel, {name: s[channel] for name, s in scores.items()})
    return [*entries, *speed("own gold", language, {n: pooled(channels.values()) for n, channels in written.items()})]


def real_entries(language: str, finders: Finders, shared: Path, say: Say, folder: Path = FOLDER) -> list[Entry]:
    """Rows of the public sets of a language."""
    entries: list[Entry] = []
    for data, samples in _labelled(language, shared, say, folder):
        for variant, texts in ((WRITTEN, samples), (SMALL, lowered(samples))):
            scores = {name: score(texts, find) for name, find in finders.items()}
            entries += by_entity(data, language, variant, scores)
            entries += speed(data, language, scores) if variant == WRITTEN else []
    for data, reviews in _unlabelled(language, shared, say):
        found = {name: find(reviews, [language] * len(reviews)) for name, find in finders.items()}
        shares = {name: masked_share(spans) for name, spans in found.items()}
        for at, what in enumerate(("something", "a name")):
            counts = {name: (share[at], len(reviews)) for name, share in shares.items()}
            label = f"share of real texts with {what} masked ({language})"
            entries += rows(label, data, f"{len(reviews)} texts, not labelled", counts)
    return entries


def _bar_entries(
    language: str, written: Mapping[str, Scores], small: Mapping[str, Scores], bars: Bars
) -> Iterator[Entry]:
    """The four figures that gate a release, aim = the bar of the settings."""
    found = figures(written[OURS], small[OURS])
    size = f"{pooled(written[OURS].values()).n_texts} texts"
    for name, value, aim in (
        ("identifiers masked", found.rule_recall, f">= {bars.redaction_rule_recall}"),
        ("names with capitals masked", found.name_recall, f">= {bars.redaction_name_recall}"),
        ("names in small letters masked", found.name_recall_lower, f">= {bars.redaction_name_recall_lower}"),
        ("clean, deliberately hard texts masked", found.false_share, f"<= {bars.redaction_false_share}"),
    ):
        yield Entry(PART, f"release bar: {name} ({language})", value, "", "own gold", size, aim)


def _labelled(language: str, shared: Path, say: Say, folder: Path) -> Iterator[tuple[str, Sequence[Sample]]]:
    """The public sets with spans of a language."""
    chats, synthetic = shared / CHATS / "dialogues.txt", shared / SYNTHETIC / "synth_dataset_v2.json"
    if language == "fr" and _present(chats, say):
        yield f"{CHATS}, refilled", refilled_chats(chats, gold_values(folder))
    if language == "en" and _present(synthetic, say):
        yield SYNTHETIC, presidio_research(synthetic)


def _unlabelled(language: str, shared: Path, say: Say) -> Iterator[tuple[str, list[str]]]:
    """The texts of the public reviews that are in a language."""
    for data, (file, column) in REVIEWS.items():
        path = shared / data / file
        if language == "fr" and _present(path, say):
            texts = verbatims(path, column)
            yield data, [text for text, found in zip(texts, detect(texts), strict=True) if found == language]


def _present(path: Path, say: Say) -> bool:
    say(f"  {path.parent.name}" if path.exists() else f"  {path} is absent: left out")
    return path.exists()
