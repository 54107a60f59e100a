"""The gold sets written for this project: 300 texts a language and channel, and the bars a release must reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from insights.bench.redaction import Finder, Score, pooled, score
from insights.bench.redaction_samples import NOM, RULE_ENTITIES, lowered, read_samples

FOLDER = Path(__file__).parents[2] / "tests" / "fixtures"
LANGUAGES = ("fr", "en")
CHANNELS = ("survey", "social", "call", "chat")


class Bars(Protocol):
    """The four settings a release is held to."""

    redaction_rule_recall: float
    redaction_name_recall: float
    redaction_name_recall_lower: float
    redaction_false_share: float


@dataclass(frozen=True)
class Figures:
    """What the bars are compared with, over the channels of one language."""

    rule_recall: float
    name_recall: float
    name_recall_lower: float
    false_share: float

    def below(self, bars: Bars) -> list[str]:
        """One sentence for each figure on the wrong side of its bar."""
        pairs = [
            ("identifiers masked", self.rule_recall, ">=", bars.redaction_rule_recall),
            ("names with capitals masked", self.name_recall, ">=", bars.redaction_name_recall),
            ("names in small letters masked", self.name_recall_lower, ">=", bars.redaction_name_recall_lower),
            ("clean texts masked somewhere", self.false_share, "<=", bars.redaction_false_share),
        ]
        return [
            f"share of {what}: {value:.4f}, the bar is {sign} {bar:.4f}"
            for what, value, sign, bar in pairs
            if not (value >= bar if sign == ">=" else value <= bar)
        ]


def gold_file(language: str, channel: str, folder: Path = FOLDER) -> Path:
    """Where the gold set of a language and channel lies."""
    return folder / f"redaction_gold_v2_{language}_{channel}.jsonl"


def score_gold(language: str, find: Finder, lower: bool = False, folder: Path = FOLDER) -> dict[str, Score]:
    """Score of a finder by channel."""
    sets = {channel: read_samples(gold_file(language, channel, folder)) for channel in CHANNELS}
    return {channel: score(lowered(texts) if lower else texts, find) for channel, texts in sets.items()}


def figures(written: Mapping[str, Score], lower: Mapping[str, Score]) -> Figures:
    """The figures of one language, from its scores by channel as written and in small letters.

    Identifiers: all channels as written. Names with capitals: the spans that hold one. Names in small letters: all
    channels read in small letters. Clean texts: as written.
    """
    cased, small = pooled(written.values()), pooled(lower.values())
    return Figures(cased.recall(*RULE_ENTITIES), cased.recall(NOM, cased=True), small.recall(NOM), cased.false_share)
