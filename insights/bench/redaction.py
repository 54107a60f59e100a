"""Scores redaction on any JSON Lines file of {"text", "spans": [{"start", "end", "label"}], "language"?, "channel"?}.

Recall counts a gold span as found only when every letter and digit of it is masked, by whatever entity: what matters is
that nothing stays readable. Precision counts a mask as right when it touches a gold span. Both with Wilson intervals.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from insights.bench.redaction_samples import NOM, SCORED, Sample, lowered, read_samples
from insights.intervals import wilson
from insights.redaction import Redactor, Span
from insights.redaction.text import clean

Finder = Callable[[Sequence[str], Sequence[str]], list[list[Span]]]
_COLUMNS = ["entity", "is_gold", "hit", "same_entity", "cased"]


@dataclass(frozen=True)
class Score:
    """Counts of one finder on one set of texts.

    `rows`: one row per gold span (hit: masked whole; cased: holds a capital) and one per mask (hit: touches gold).
    `n_false_texts`: texts without gold that were masked somewhere; `n_false_names`: those where a name was masked.
    """

    rows: pd.DataFrame = field(repr=False)
    n_texts: int
    n_clean_texts: int
    n_false_texts: int
    n_false_names: int
    seconds: float

    @property
    def table(self) -> pd.DataFrame:
        """One row per entity that occurs, and one of all; shares with 95 % Wilson bounds."""
        seen = [entity for entity in SCORED if (self.rows["entity"] == entity).any()]
        lines = [_line(entity, self.rows[self.rows["entity"] == entity]) for entity in seen]
        return pd.DataFrame([*lines, _line("ALL", self.rows)])

    @property
    def texts_per_second(self) -> float:
        return self.n_texts / self.seconds if self.seconds else float("nan")

    @property
    def false_share(self) -> float:
        """Share of the texts without gold that were masked somewhere."""
        return self.n_false_texts / self.n_clean_texts if self.n_clean_texts else float("nan")

    def counts(self, *entities: str, cased: bool = False) -> tuple[int, int]:
        """(masked whole, all) of the gold spans of these entities; `cased`: only spans that hold a capital."""
        gold = self.rows[self.rows["is_gold"] & self.rows["entity"].isin(entities)]
        gold = gold[gold["cased"]] if cased else gold
        return int(gold["hit"].sum()), len(gold)

    def recall(self, *entities: str, cased: bool = False) -> float:
        """Share of the gold spans of these entities that are masked whole; NaN where there is none."""
        masked, n = self.counts(*entities, cased=cased)
        return masked / n if n else float("nan")


def score(samples: Sequence[Sample], find: Finder) -> Score:
    """Recall and precision of a finder, per entity and over all. `find` gives offsets in `clean(text)`."""
    samples = [_cleaned(sample) for sample in samples]
    started = time.perf_counter()
    found = find([sample.text for sample in samples], [sample.language for sample in samples])
    seconds = time.perf_counter() - started
    rows = [row for sample, spans in zip(samples, found, strict=True) for row in _compare(sample, spans)]
    clear = [spans for sample, spans in zip(samples, found, strict=True) if not sample.spans]
    n_names = sum(any(span.entity == NOM for span in spans) for spans in clear)
    frame = pd.DataFrame(rows, columns=_COLUMNS).astype({name: bool for name in _COLUMNS[1:]})
    return Score(frame, len(samples), len(clear), sum(map(bool, clear)), n_names, seconds)


def pooled(scores: Iterable[Score]) -> Score:
    """The counts of several sets as of one."""
    scores = list(scores)
    return Score(
        pd.concat([one.rows for one in scores], ignore_index=True),
        sum(one.n_texts for one in scores),
        sum(one.n_clean_texts for one in scores),
        sum(one.n_false_texts for one in scores),
        sum(one.n_false_names for one in scores),
        sum(one.seconds for one in scores),
    )


def score_file(path: Path, redactor: Redactor, language: str = "fr", lower: bool = False) -> Score:
    """Score of a redactor on a file; `lower` reads every text in small letters."""
    samples = read_samples(path, language)
    return score(lowered(samples) if lower else samples, redactor.spans)


def _cleaned(sample: Sample) -> Sample:
    """The sample as the redactor sees it: offsets follow the text into its cleaned form."""
    text = clean(sample.text)
    if text == sample.text:
        return sample
    moved = (
        Span(len(clean(sample.text[: span.start])), len(clean(sample.text[: span.end])), span.entity)
        for span in sample.spans
    )
    return replace(sample, text=text, spans=tuple(moved))


def _compare(sample: Sample, found: Sequence[Span]) -> list[tuple[str, bool, bool, bool, bool]]:
    """One row per gold span (masked whole?) and one per mask (touches gold?)."""
    masked = {at for span in found for at in range(span.start, span.end)}
    rows = []
    for gold in sample.spans:
        if gold.entity in SCORED:
            value = sample.text[gold.start : gold.end]
            whole = all(at in masked for at in range(gold.start, gold.end) if sample.text[at].isalnum())
            same = any(s.entity == gold.entity and _touch(s, gold) for s in found)
            rows.append((gold.entity, True, whole, same, value != value.lower()))
    for span in found:
        touched = [gold for gold in sample.spans if _touch(span, gold)]
        rows.append((span.entity, False, bool(touched), any(gold.entity == span.entity for gold in touched), False))
    return rows


def _touch(left: Span, right: Span) -> bool:
    return left.start < right.end and right.start < left.end


def _line(entity: str, rows: pd.DataFrame) -> dict[str, object]:
    gold, masks = rows[rows["is_gold"]], rows[~rows["is_gold"]]
    n_masked, n_right = int(gold["hit"].sum()), int(masks["hit"].sum())
    recall, precision = wilson(n_masked, len(gold)), wilson(n_right, len(masks))
    return {
        "entity": entity,
        "n_gold": len(gold),
        "n_masked": n_masked,
        "recall": float(recall.value),
        "recall_low": float(recall.low),
        "recall_high": float(recall.high),
        "n_right_entity": int(gold["same_entity"].sum()),
        "n_masks": len(masks),
        "n_right_masks": n_right,
        "precision": float(precision.value),
        "precision_low": float(precision.low),
        "precision_high": float(precision.high),
    }
