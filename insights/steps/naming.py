"""Names of groups of texts, with the owner whose words fit, as the fields of a birth."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from textwrap import shorten
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.digest.owners import load_owners, owner_of
from insights.mentions.text import fold
from insights.outbox.label_endpoint import label_endpoint
from insights.settings import Settings
from insights.topics.encoder import encoder_for
from insights.topics.labels import TopicLabel, label_topics, read_hints
from insights.topics.propose import with_proposals

SAID_LENGTH = 60  # characters of a verbatim that stands for a name


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
    texts: Sequence[str],
    languages: Sequence[str],
    settings: Settings,
    taken: Collection[str] = (),
) -> dict[int, dict[str, Any]]:
    """Fields of a birth by topic; a name in `taken` (those of living irritants) is not given again."""
    owners, folded = load_owners(settings.reference_dir / "owners.yaml"), {fold(name) for name in taken}
    named = {}
    for label in labels:
        fr, en = (None if one and fold(one) in folded else one for one in (label.label_fr, label.label_en))
        if fr is None and en is None:  # nothing a person would say was found: the customers' own words then
            fr, en = _words_of(label, texts, languages)
        owner = owner_of(owners, fr, en)
        named[label.topic] = {
            "label_fr": fr,
            "label_en": en,
            "label_source": label.label_source,
            "keywords": list(label.keywords),
            "owner": owner.name if owner else None,
        }
    return named


def _words_of(label: TopicLabel, texts: Sequence[str], languages: Sequence[str]) -> tuple[str | None, str | None]:
    row = label.verbatims[0]
    said = f"« {shorten(texts[row], SAID_LENGTH, placeholder='…')} »"
    return (None, said) if languages[row] == "en" else (said, None)
