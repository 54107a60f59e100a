"""How stable a fit is, in figures that a person can hold against a threshold, and one verdict.

Two kinds of question. Against the irritants before: do their ids survive, and how many mentions changed theirs? And of
the fit itself: would another seed, or a tenth more texts, have given the same topics (adjusted Rand index: 1 the same,
0 chance)? Any figure short of its threshold makes the verdict "look": the fit may be right, a person should see it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from insights.contracts import UNCLASSIFIED
from insights.errors import ModelError

MIN_IDS_SURVIVING = 0.95
MAX_MOVED_SHARE = 0.03
MIN_ARI = 0.80
SURVIVES = 0.5  # an id survives where at least this share of its texts still carries it
MIN_TEXTS = 4  # of an irritant before the fit: fewer than a topic needs say nothing about its survival

Language = Literal["fr", "en"]
STABLE, LOOK = "stable", "look"
SAID: dict[Language, dict[str, str]] = {
    "fr": {
        "ids_surviving": "{value:.0%} des irritants gardent leur identité (attendu : au moins {limit:.0%})",
        "moved_share": "{value:.1%} des textes changent d'irritant (attendu : au plus {limit:.0%})",
        "ari_reseed": "accord avec une autre graine : {value:.2f} (attendu : au moins {limit:.2f})",
        "ari_more": "accord après 10 % de textes en plus : {value:.2f} (attendu : au moins {limit:.2f})",
    },
    "en": {
        "ids_surviving": "{value:.0%} of the irritants keep their identity (expected: at least {limit:.0%})",
        "moved_share": "{value:.1%} of the texts change irritant (expected: at most {limit:.0%})",
        "ari_reseed": "agreement with another seed: {value:.2f} (expected: at least {limit:.2f})",
        "ari_more": "agreement after 10 % more texts: {value:.2f} (expected: at least {limit:.2f})",
    },
}
LIMITS = {
    "ids_surviving": MIN_IDS_SURVIVING,
    "moved_share": MAX_MOVED_SHARE,
    "ari_reseed": MIN_ARI,
    "ari_more": MIN_ARI,
}


@dataclass(frozen=True)
class Certificate:
    """Figures of one fit; None for what was not measured, as `ids_surviving` and `moved_share` of a first fit."""

    n_texts: int
    n_known: int  # texts that had an irritant before
    n_ids: int  # irritants before, of at least MIN_TEXTS texts
    ids_surviving: float | None
    moved_share: float | None  # of the known texts, those that have another irritant now, or none
    ari_reseed: float | None
    ari_more: float | None

    @property
    def short(self) -> tuple[str, ...]:
        """Names of the figures that miss their threshold."""
        measured = ((name, getattr(self, name), limit) for name, limit in LIMITS.items())
        return tuple(name for name, value, limit in measured if value is not None and _misses(name, value, limit))

    @property
    def verdict(self) -> str:
        """`stable`, or `look` where a figure misses its threshold."""
        return LOOK if self.short else STABLE

    def reasons(self, language: Language) -> list[str]:
        """One sentence for each figure that misses its threshold, with both."""
        said = SAID[language]
        return [said[name].format(value=getattr(self, name), limit=LIMITS[name]) for name in self.short]

    def to_payload(self) -> dict[str, Any]:
        """A plain dict for the run log and the ledger, the verdict and the thresholds it rests on in it."""
        return {**asdict(self), "verdict": self.verdict, "limits": dict(LIMITS)}

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Self:
        """What `to_payload` wrote. Raises ModelError where a figure is missing."""
        try:
            return cls(**{name: payload[name] for name in cls.__dataclass_fields__})
        except KeyError as error:
            raise ModelError(f"The certificate of a fit has no {error}; run `voc run` to fit again.") from error


def certify(
    before: Sequence[str | None], after: Sequence[str | None], stability: Mapping[str, float] | None = None
) -> Certificate:
    """Certificate of a fit from the irritant of each text (n) before and after it, None or `unclassified` for none.

    `stability`: `TopicFit.stability`. Ids merged by a person count as their target: resolve both sides first.
    """
    if len(before) != len(after):
        raise ModelError(f"{len(before)} texts before and {len(after)} after: a certificate compares the same texts.")
    pairs = [(old, new) for old, new in zip(before, after, strict=True) if old and old != UNCLASSIFIED]
    total, stayed = dict.fromkeys((old for old, _ in pairs), 0), dict.fromkeys((old for old, _ in pairs), 0)
    for old, new in pairs:
        total[old] += 1
        stayed[old] += old == new
    ids = [one for one in total if total[one] >= MIN_TEXTS]
    survived = sum(stayed[one] >= SURVIVES * total[one] for one in ids)
    told = stability or {}
    return Certificate(
        n_texts=len(before),
        n_known=len(pairs),
        n_ids=len(ids),
        ids_surviving=survived / len(ids) if ids else None,
        moved_share=1 - sum(stayed.values()) / len(pairs) if pairs else None,
        ari_reseed=told.get("ari_reseed"),
        ari_more=told.get("ari_resample"),
    )


def _misses(name: str, value: float, limit: float) -> bool:
    return value > limit if name == "moved_share" else value < limit
