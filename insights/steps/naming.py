"""Names of groups of texts, with the owner whose words fit, as the fields of a birth."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.digest.owners import load_owners, owner_of
from insights.lake import Lake
from insights.mentions.text import fold
from insights.outbox.label_endpoint import label_endpoint
from insights.settings import Settings
from insights.topics.encoder import encoder_for
from insights.topics.labels import TopicLabel, label_topics, read_hints
from insights.topics.propose import with_proposals

SHORTEST_WORD = 4  # letters of a keyword in a name
SAID_BRANDS = "SELECT DISTINCT brand FROM feedback WHERE brand IS NOT NULL ORDER BY 1 LIMIT 1000"


def knowing_brands(lake: Lake) -> Settings:
    """The lake's settings, with competitors and the brands its feedback carries beside those declared: none is a name."""
    settings = lake.settings
    known = (*settings.brands, *settings.competitors, *lake.read(SAID_BRANDS)["brand"])
    return settings.model_copy(update={"brands": tuple(dict.fromkeys(known))})


def labelled(
    texts: Sequence[str],
    languages: Sequence[str],
    labels: NDArray[np.int64],
    keywords: Mapping[int, Sequence[str]],
    representatives: Mapping[int, Sequence[int]],
    settings: Settings,
    vectors: NDArray[np.float32],
) -> list[TopicLabel]:
    """One label per topic of `keywords`, mined in its texts, with the settings' brands and labels.yaml.

    Where an endpoint is configured it may propose others; they are checked by the same rules and marked.
    """
    named = label_topics(
        texts,
        languages,
        labels,
        keywords=keywords,
        representatives=representatives,
        seed=settings.seed,
        brands=settings.brands,
        hints=read_hints(settings.reference_dir / "labels.yaml"),
        encoder=encoder_for(settings.encoder, settings.threads),
        vectors=vectors,
    )
    endpoint = label_endpoint(settings)
    return with_proposals(named, texts, languages, endpoint, settings.brands).labels if endpoint else named


def births(
    labels: Sequence[TopicLabel],
    languages: Sequence[str],
    settings: Settings,
    taken: Collection[str] = (),
) -> dict[int, dict[str, Any]]:
    """Fields of a birth by topic; a name in `taken` (those of living irritants) is not given again."""
    owners, folded = load_owners(settings.reference_dir / "owners.yaml"), {fold(name) for name in taken}
    named = {}
    for label in labels:
        fr, en = (None if one and fold(one) in folded else one for one in (label.label_fr, label.label_en))
        if label.label_source == "verbatim" or (fr is None and en is None):
            fr, en = _no_cause(label, languages)
        owner = owner_of(owners, fr, en)
        named[label.topic] = {
            "label_fr": fr,
            "label_en": en,
            "label_source": label.label_source,
            "keywords": list(label.keywords),
            "owner": owner.name if owner else None,
        }
    return named


def _no_cause(label: TopicLabel, languages: Sequence[str]) -> tuple[str | None, str | None]:
    """A name that says that the texts name no cause, told apart by the words they share."""
    english = languages[label.verbatims[0]] == "en"
    words: list[str] = []
    for keyword in sorted(label.keywords, key=lambda one: -len(one.split())):
        if not any(set(keyword.split()) & set(other.split()) for other in words) and len(keyword) >= SHORTEST_WORD:
            words.append(keyword)
    said = ", ".join(words[:2]) or f"{label.topic}"
    return (None, f"No clear cause ({said})") if english else (f"Sans cause précise ({said})", None)
