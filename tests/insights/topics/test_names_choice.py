from __future__ import annotations

from insights.topics.encoder import encoder_for
from insights.topics.names_choice import Chosen, agreeing
from insights.topics.names_rank import Candidate
from insights.topics.names_words import Phrase


def candidate(form: str, *words: str, merit: float = 1.0) -> Candidate:
    return Candidate(Phrase(tuple(sorted(words)), form), merit, 0.4, frozenset(range(4)), 0.3, 0.4)


def test_the_two_names_of_a_topic_mean_the_same() -> None:
    offered = {
        0: [candidate("open account", "open", "account", merit=2.0), candidate("refund delayed", "refund", "delay")]
    }
    kept = agreeing(offered, {0: "Remboursement qui tarde"}, "fr", encoder_for("use-multilingual"))
    assert [one.phrase.form for one in kept[0]] == ["refund delayed"]
    assert agreeing(offered, {}, "fr", None) == offered


def test_a_thin_name_gives_way_to_one_that_says_what_is_wrong() -> None:
    chosen = Chosen(frozenset(), {})
    chosen.names = {
        "fr": {0: "Prix trop élevé", 1: "Remboursement qui tarde"},
        "en": {0: "Cash deposit", 1: "Refund delayed"},
    }
    chosen.settle(encoder_for("use-multilingual"))
    assert chosen.names == {"fr": {0: "Prix trop élevé", 1: "Remboursement qui tarde"}, "en": {1: "Refund delayed"}}


def test_two_topics_never_take_one_name() -> None:
    chosen = Chosen(frozenset(), {0: (), 1: ()})
    same = candidate("remboursement refusé", "remboursement", "refuser", merit=2.0)
    other = candidate("dossier perdu", "dossier", "perdre")
    chosen.choose({0: [same, other], 1: [same, other]}, "fr")
    assert chosen.names["fr"] == {0: "Remboursement refusé", 1: "Dossier perdu"}
