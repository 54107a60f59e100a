"""Labelled texts of any file in our words: read, checked, in small letters."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from insights.errors import SourceError
from insights.redaction import Span

NOM = "NOM"
# Labels of other data sets, in our words. A label that is in neither list is ignored: neither missed nor false.
ALIASES = {
    "EMAIL": "EMAIL EMAIL_ADDRESS MAIL",
    "URL": "URL DOMAIN_NAME",
    "IBAN": "IBAN IBAN_CODE",
    "NIR": "NIR",
    "CARTE": "CARTE CREDIT_CARD CARD CARD_LAST4",
    "TEL": "TEL PHONE PHONE_NUMBER TELEPHONE",
    "ADRESSE": "ADRESSE ADDRESS STREET_ADDRESS POSTCODE",
    "DATE_NAISSANCE": "DATE_NAISSANCE BIRTH_DATE BIRTHDATE DATE_OF_BIRTH",
    "PLAQUE": "PLAQUE PLATE LICENSE_PLATE",
    "IP": "IP IP_ADDRESS",
    "ID": "ID SIRET SIREN PRM PDL PCE CUSTOMER_REF ORDER CUSTOMER_ID REFERENCE METER",
    "NOM": "NOM PERSON PER NAME FIRST_NAME LAST_NAME PERSONNE HANDLE",
    "SANTE": "SANTE HEALTH",
    "SYNDICAT": "SYNDICAT TRADE_UNION",
    "RELIGION": "RELIGION",
    "ORIGINE": "ORIGINE ORIGIN ETHNICITY",
}
SCORED = tuple(ALIASES)
SPECIAL = ("SANTE", "SYNDICAT", "RELIGION", "ORIGINE")
RULE_ENTITIES = tuple(entity for entity in SCORED if entity not in (NOM, *SPECIAL))
OURS = {alias: entity for entity, aliases in ALIASES.items() for alias in aliases.split()}


@dataclass(frozen=True)
class Sample:
    """One text with its gold spans; labels that are not ours stay as they are."""

    text: str
    spans: tuple[Span, ...]
    language: str = "fr"
    channel: str = ""


def read_samples(path: Path, language: str = "fr") -> list[Sample]:
    """The samples of a JSON Lines file. Raises SourceError with the line that cannot be read and why."""
    samples = []
    for number, line in _lines(path):
        try:
            samples.append(_sample(json.loads(line), language))
        except (ValueError, RecursionError) as error:
            raise SourceError(
                f"{path}, line {number}: {str(error).splitlines()[0]}. "
                'Each line is one JSON object: {"text": "...", "spans": [{"start": 0, "end": 4, "label": "NOM"}]}.'
            ) from error
    if not samples:
        raise SourceError(f"{path} holds no text: one JSON object a line is needed.")
    return samples


def lowered(samples: Iterable[Sample]) -> list[Sample]:
    """The samples in small letters; texts whose length changes with it are left out."""
    return [replace(s, text=s.text.lower()) for s in samples if len(s.text.lower()) == len(s.text)]


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that hold something, numbered from 1. Only a line feed ends a line: a text may hold other separators."""
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: cannot be read as UTF-8 text ({error}). Save it as UTF-8 JSON Lines.") from error
    return ((number, line) for number, line in enumerate(content.split("\n"), start=1) if line.strip())


def _sample(record: object, language: str) -> Sample:
    """The sample of one record. Raises ValueError that says what is wrong with it."""
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise ValueError("no object with a text")
    text, spans = record["text"], record.get("spans") or []
    if not isinstance(spans, list):
        raise ValueError("spans is not a list")
    gold = sorted(_span(item, text) for item in spans)
    for left, right in zip(gold, gold[1:], strict=False):
        if right.start < left.end:
            raise ValueError(f"spans overlap at {right.start}")
    return Sample(text, tuple(gold), _word(record, "language", language), _word(record, "channel", ""))


def _word(record: dict[str, object], key: str, default: str) -> str:
    value = record.get(key) or default
    if not isinstance(value, str):
        raise ValueError(f"{key} is not a text")
    return value


def _span(item: object, text: str) -> Span:
    """The span of one entry, in our words."""
    if not isinstance(item, dict):
        raise ValueError("a span is not an object with start, end and label")
    start, end, label = item.get("start"), item.get("end"), item.get("label")
    if type(start) is not int or type(end) is not int or not isinstance(label, str):
        raise ValueError(
            f"a span needs whole numbers start and end and a text label, it has {start!r}, {end!r}, {label!r}"
        )
    if not 0 <= start < end <= len(text):
        raise ValueError(f"the span {start} to {end} lies outside its text of {len(text)} characters")
    return Span(start, end, OURS.get(label.upper(), label))
