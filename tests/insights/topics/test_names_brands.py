from __future__ import annotations

import numpy as np

from insights.topics.labels import label_topics
from insights.topics.names_brands import said_brands


def test_a_brand_is_told_by_chez_by_a_handle_and_by_its_capital() -> None:
    texts = [
        *[f"je suis chez zorbank depuis {n} ans" for n in range(4)],
        *[f"@Kravelo répondez, {n} jours" for n in range(4)],
        *[f"la carte Tivolo ne marche pas, {n} fois" for n in range(4)],
    ]
    assert said_brands(texts, [0, 1, 2] * 4) == {"zorbank", "kravelo", "tivolo"}


def test_an_everyday_word_an_acronym_and_a_thing_of_one_topic_are_no_brands() -> None:
    texts = [
        *[f"le technicien est passé chez moi, {n} fois, pour mon RIB" for n in range(4)],
        *[f"MON WIFI ZORBO EST EN PANNE {n}" for n in range(4)],
    ]
    assert said_brands(texts, [0] * 4 + [1] * 4) == frozenset()
    spread = [*[f"avec Zelpay je paie {n} fois" for n in range(4)], *[f"rien à dire {n}" for n in range(20)]]
    assert "zelpay" not in said_brands(spread, [0] * 4 + [1 + n % 5 for n in range(20)])
    assert "zelpay" in said_brands(spread, [0, 1, 2, 3] + [1 + n % 5 for n in range(20)])


def test_a_brand_that_nobody_declared_is_in_no_name() -> None:
    own = [
        f"le service de zorbank chez zorbank {how}"
        for how in ("déçoit", "traîne", "ment", "triche", "fatigue", "lasse")
    ]
    other = [f"la facture {how} chez nous" for how in ("manque", "tarde", "gonfle", "déborde", "double", "triple")]
    labels = np.array([0] * 6 + [1] * 6)
    found = label_topics(
        [*own, *other],
        ["fr"] * 12,
        labels,
        keywords={0: ("zorbank",), 1: ("facture",)},
        representatives={0: (0,)},
        seed=1,
    )
    assert not any("zorbank" in (one.label_fr or "").lower() for one in found)
