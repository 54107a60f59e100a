"""Scores redaction on any JSON Lines file of {"text", "spans": [{"start", "end", "label"}], "language"?}.

Recall counts a gold span as found only when every letter and digit of it is masked, by whatever entity: what matters is
that nothing stays readable. Precision counts a mask as right when it touches a gold span. Both with Wilson intervals.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from insights.errors import SourceError
from insights.intervals import wilson
from insights.redaction import ENTITIES, Redactor, Span
from insights.redaction.text import clean

# Labels of other data sets, in our words. A label that is in neither list is ignored: neither missed nor false.
ALIASES = {
    "NOM": "NOM PERSON PER NAME FIRST_NAME LAST_NAME PERSONNE HANDLE",
    "EMAIL": "EMAIL EMAIL_ADDRESS MAIL",
    "TEL": "TEL PHONE PHONE_NUMBER TELEPHONE",
    "IBAN": "IBAN IBAN_CODE",
    "CARTE": "CARTE CREDIT_CARD CARD CARD_LAST4",
    "NIR": "NIR",
    "ID": "ID SIRET SIREN PRM PDL PCE CUSTOMER_REF ORDER CUSTOMER_ID REFERENCE METER",
    "ADRESSE": "ADRESSE ADDRESS STREET_ADDRESS POSTCODE",
    "DATE_NAISSANCE": "DATE_NAISSANCE BIRTH_DATE BIRTHDATE DATE_OF_BIRTH",
    "PLAQUE": "PLAQUE PLATE LICENSE_PLATE",
    "IP": "IP IP_ADDRESS",
    "URL": "URL DOMAIN_NAME",
}
_OURS = {alias: entity for entity, aliases in ALIASES.items() for alias in aliases.split()}
RULE_ENTITIES = tuple(entity for entity in ENTITIES if entity != "NOM")
Finder = Callable[[Sequence[str], Sequence[str]], list[list[Span]]]


@dataclass(frozen=True)
class Sample:
    """One text with its gold spans; labels that are not ours stay as they are."""

    text: str
    spans: tuple[Span, ...]
    language: str = "fr"


@dataclass(frozen=True)
class Score:
    """`table`: one row per entity and one of all; `n_false_texts`: texts without gold that were masked somewhere."""

    table: pd.DataFrame
    n_texts: int
    n_clean_texts: int
    n_false_texts: int
    seconds: float

    @property
    def texts_per_second(self) -> float:
        return self.n_texts / self.seconds if self.seconds else float("nan")

    def recall(self, *entities: str) -> float:
        """Share of the gold spans of these entities that are masked whole."""
        rows = self.table[self.table["entity"].isin(entities)]
        return float(rows["n_masked"].sum() / rows["n_gold"].sum())


def read_samples(path: Path, language: str = "fr") -> list[Sample]:
    """The samples of a JSON Lines file. Raises SourceError with the line that cannot be read."""
    samples = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            try:
                samples.append(_sample(json.loads(line), language))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise SourceError(
                    f"{path}, line {number}: not a JSON object with text and spans of start, end, label ({error!r})."
                ) from error
    if not samples:
        raise SourceError(f"{path} holds no text: one JSON object a line is needed.")
    return samples


def _sample(record: dict[str, object], language: str) -> Sample:
    text = str(record["text"])
    spans = record.get("spans") or []
    if not isinstance(spans, list):
        raise TypeError("spans is not a list")
    gold = tuple(Span(int(s["start"]), int(s["end"]), _OURS.get(s["label"], s["label"])) for s in spans)
    if any(not 0 <= span.start < span.end <= len(text) for span in gold):
        raise ValueError("a span lies outside its text")
    return Sample(text, gold, str(record.get("language") or language))


def lowered(samples: Iterable[Sample]) -> list[Sample]:
    """The samples in small letters; texts whose length changes with it are left out."""
    return [replace(s, text=s.text.lower()) for s in samples if len(s.text.lower()) == len(s.text)]


def score(samples: Sequence[Sample], find: Finder) -> Score:
    """Recall and precision of a finder, per entity and over all. `find` gives offsets in `clean(text)`."""
    samples = [_cleaned(sample) for sample in samples]
    started = time.perf_counter()
    found = find([sample.text for sample in samples], [sample.language for sample in samples])
    seconds = time.perf_counter() - started
    rows = [row for sample, spans in zip(samples, found, strict=True) for row in _compare(sample, spans)]
    unlabelled = [not sample.spans for sample in samples]
    n_false = sum(bool(spans) for clear, spans in zip(unlabelled, found, strict=True) if clear)
    return Score(_table(pd.DataFrame(rows, columns=_COLUMNS)), len(samples), sum(unlabelled), n_false, seconds)


def score_file(path: Path, redactor: Redactor, language: str = "fr", lower: bool = False) -> Score:
    """Score of a redactor on a file; `lower` reads every text in small letters."""
    samples = read_samples(path, language)
    return score(lowered(samples) if lower else samples, redactor.spans)


_COLUMNS = ["entity", "is_gold", "hit", "same_entity"]


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


def _compare(sample: Sample, found: Sequence[Span]) -> list[tuple[str, bool, bool, bool]]:
    """One row per gold span (masked whole?) and one per mask (touches gold?)."""
    masked = {at for span in found for at in range(span.start, span.end)}
    rows = []
    for gold in sample.spans:
        if gold.entity in ENTITIES:
            whole = all(at in masked for at in range(gold.start, gold.end) if sample.text[at].isalnum())
            same = any(s.entity == gold.entity and _touch(s, gold) for s in found)
            rows.append((gold.entity, True, whole, same))
    for span in found:
        touched = [gold for gold in sample.spans if _touch(span, gold)]
        rows.append((span.entity, False, bool(touched), any(gold.entity == span.entity for gold in touched)))
    return rows


def _touch(left: Span, right: Span) -> bool:
    return left.start < right.end and right.start < left.end


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per entity in the order of ENTITIES, then ALL; shares with 95 % Wilson bounds."""
    seen = [entity for entity in ENTITIES if (rows["entity"] == entity).any()]
    lines = [_line(entity, rows[rows["entity"] == entity]) for entity in seen]
    return pd.DataFrame([*lines, _line("ALL", rows)])


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
