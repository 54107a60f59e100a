"""Redaction on text nobody wrote for a test: refilled chats, a public synthetic set, and clean verbatims.

The chats carry placeholders (`_Name1_`, `_Email_`); each is filled with a made-up value of the gold sets, one value a
placeholder and chat, so that the words around it are real. What their makers failed to mask stays unlabelled: recall is
exact, precision there is a lower bound.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from insights.bench.redaction_gold import CHANNELS, FOLDER, gold_file
from insights.bench.redaction_samples import NOM, OURS, Sample, read_samples
from insights.errors import SourceError
from insights.redaction import Span

# A code with its town is an address; a town by itself stays readable, and so does a code: labels that are not scored.
PLACEHOLDER = re.compile(r"_(ZipCode)\d*_\s+_City\d*_|_(Name|Email|Phone|City|ZipCode|AdminId)\d*_")
LABELS = {"Name": "NOM", "Email": "EMAIL", "Phone": "TEL", "AdminId": "ID", "City": "CITY", "ZipCode": "ZIP"}
TOWNS = ("Lyon", "Nantes", "Roubaix", "Saint-Étienne", "Pau", "Ajaccio", "Le Havre", "Aix-en-Provence", "Tours", "Albi")
REVIEWS = {
    "fr_insurance_reviews": ("avis_1_traduit.xlsx", "avis"),
    "fr_trustpilot_keytrade": ("reviews_simple.csv", "text"),
    "fr_trustpilot_ecommerce": ("scrapped_comments.csv", "commentaire"),
    "fr_hotel_reviews": ("data_trianon_tripadvisor.csv", "Review"),
}
Values = dict[str, list[str]]


def gold_values(folder: Path = FOLDER) -> Values:
    """Made-up values by label, from the written French gold sets; names with a capital, no handles."""
    values: Values = {"CITY": list(TOWNS), "ZIP": []}
    for channel in CHANNELS:
        if channel != "call":
            for sample in read_samples(gold_file("fr", channel, folder)):
                for span in sample.spans:
                    values.setdefault(span.entity, []).append(sample.text[span.start : span.end])
    values[NOM] = [name for name in values[NOM] if name[0].isupper() and not name.isupper()]
    values["ADRESSE"] = [place for place in values["ADRESSE"] if re.fullmatch(r"\d{5} [^\d,]+", place)]
    values["ZIP"] = [place[:5] for place in values["ADRESSE"]]
    return values


def refilled_chats(path: Path, values: Values, seed: int = 1) -> list[Sample]:
    """One sample per line of the chats that holds words. Raises SourceError where no placeholder is left."""
    samples = []
    for number, dialogue in enumerate(path.read_text(encoding="utf-8").split("===")):
        chosen: dict[str, str] = {}
        draw = random.Random(f"{seed}/{number}")
        lines = [line for line in dialogue.splitlines() if re.search(r"\w", line)]
        samples += [refill(line, values, chosen, draw) for line in lines]
    if not any(sample.spans for sample in samples):
        raise SourceError(f"{path} holds none of the placeholders _Name1_, _Email1_ ...: nothing to fill in.")
    return samples


def refill(line: str, values: Values, chosen: dict[str, str], draw: random.Random) -> Sample:
    """The line with a value in each placeholder's place; `chosen` keeps the value of each placeholder."""
    parts: list[str] = []
    spans: list[Span] = []
    length = last = 0
    for match in PLACEHOLDER.finditer(line):
        label = "ADRESSE" if match[1] else LABELS[match[2]]
        value = chosen.setdefault(match[0], draw.choice(values[label]))
        before = line[last : match.start()]
        start = length + len(before)
        parts += (before, value)
        spans.append(Span(start, start + len(value), label))
        length, last = start + len(value), match.end()
    return Sample("".join([*parts, line[last:]]), tuple(spans), "fr", "chat")


def presidio_research(path: Path) -> list[Sample]:
    """The samples of presidio-research's synthetic set (English sentences, values of many countries)."""
    try:
        records = json.loads(path.read_text(encoding="utf-8"))
        return [Sample(record["full_text"], tuple(_spans(record["spans"])), "en") for record in records]
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{path}: not a list of full_text and spans ({error!r}).") from error


def _spans(entries: Iterable[dict[str, object]]) -> Iterator[Span]:
    for entry in entries:
        label = str(entry["entity_type"])
        yield Span(int(str(entry["start_position"])), int(str(entry["end_position"])), OURS.get(label, label))


def verbatims(path: Path, column: str, n: int = 1000, seed: int = 1) -> list[str]:
    """Up to n texts of a review file, drawn with a seed."""
    frame = pd.read_excel(path) if path.suffix == ".xlsx" else pd.read_csv(path, sep=None, engine="python")
    if column not in frame.columns:
        raise SourceError(f"{path}: no column {column}; it has {', '.join(map(str, frame.columns))}.")
    texts = frame[column].dropna().astype(str).drop_duplicates()
    return list(texts.sample(min(n, len(texts)), random_state=seed))


def masked_share(found: Sequence[Sequence[Span]]) -> tuple[int, int]:
    """(texts with any mask, texts with a name masked)."""
    return sum(map(bool, found)), sum(any(span.entity == NOM for span in spans) for spans in found)
