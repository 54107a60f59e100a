"""Clauses as vectors: what is counted, how it is weighed."""

from __future__ import annotations

import numpy as np

from insights.mentions import features
from insights.mentions.reading import Reading


def test_numbers_are_one_word_and_redaction_tokens_none() -> None:
    assert features.words_of("[NOM_1] doit 240 euros", "fr") == ["doit", "0", "euros"]


def test_words_that_share_pieces_lie_near_each_other() -> None:
    clauses = [["remboursement"], ["remboursements"], ["technicien"]]
    counted = features.counts(clauses)
    vectors = features.vectors(counted, features.weighting(counted), [Reading()] * 3).toarray()[:, : features.N_PIECES]
    near, far = vectors[0] @ vectors[1], vectors[0] @ vectors[2]
    assert near > 10 * far


def test_a_clause_twice_as_often_counts_twice_and_order_of_words_only_moves_pairs() -> None:
    once, twice, turned = features.counts([["colis", "nul"], ["colis", "nul", "colis", "nul"], ["nul", "colis"]])
    assert twice.sum() > 2 * once.sum()  # one pair more: nul colis
    assert once[:, : features.N_PIECES].toarray().tolist() == turned[:, : features.N_PIECES].toarray().tolist()
    assert (once != turned).nnz == 2


def test_a_short_clause_is_little_evidence() -> None:
    counted = features.counts(
        [["oui"], ["le", "colis", "arrive", "trop", "tard"], ["le", "casier", "reste", "vide", "hier"]]
    )
    vectors = features.vectors(counted, features.weighting(counted), [Reading()] * 3)
    lengths = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1))).ravel()
    assert lengths[0] < lengths[1:].min()


def test_nothing_said_is_an_empty_vector() -> None:
    counted = features.counts([[], ["colis"]])
    assert features.vectors(counted, features.weighting(counted), [Reading()] * 2)[0].count_nonzero() == 0
