from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from insights.errors import DeliveryError
from insights.topics.labels import TopicLabel
from insights.topics.propose import Message, with_proposals

TEXTS = [
    "je n'ai toujours pas reçu mon remboursement",
    "aucune nouvelle de mon remboursement, écrivez à jean@exemple.fr",
    "the app crashes when I pay",
    "l'attente au téléphone est interminable",
]
LANGUAGES = ["fr", "fr", "en", "fr"]


def label(topic: int, fr: str | None, en: str | None, *rows: int) -> TopicLabel:
    return TopicLabel(topic, fr, en, "mined_fr" if fr else "mined_en", ("mot", "autre"), rows)


def answering(*answers: str) -> tuple[Callable[[Sequence[Message]], str], list[Sequence[Message]]]:
    """An answer after the other, and what was asked."""
    asked: list[Sequence[Message]] = []

    def ask(messages: Sequence[Message]) -> str:
        asked.append(messages)
        return answers[len(asked) - 1]

    return ask, asked


def test_a_good_proposal_is_taken_in_the_language_of_the_verbatims_and_marked() -> None:
    ask, asked = answering("« Remboursement jamais reçu. »\nVoici pourquoi", "App crashes at payment")
    labels = [label(0, "Remboursement", None, 0), label(1, None, "App", 2)]
    found = with_proposals(labels, TEXTS, LANGUAGES, ask)
    assert [(one.label_fr, one.label_en, one.label_source) for one in found.labels] == [
        ("Remboursement jamais reçu", None, "proposed"),
        (None, "App crashes at payment", "proposed"),
    ]
    assert (found.n_taken, found.n_refused, found.n_failed) == (2, 0, 0)
    assert "anglais" not in asked[0][0]["content"] and "in English" in asked[1][0]["content"]


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "Problème",
        "Attente au téléphone",
        "Dossier de [NOM_1]",
        "Panne chez Lumarelle",
        "Appelez le 0612345678",
        "mot " * 30,
    ],
)
def test_a_proposal_that_fails_the_tests_or_repeats_a_name_is_ignored(answer: str) -> None:
    ask, _ = answering(answer)
    labels = [label(0, "Remboursement", None, 0), label(1, "Attentes au téléphone", None)]
    found = with_proposals(labels, TEXTS, LANGUAGES, ask, brands=("Lumarelle Énergie",))
    assert found.labels == labels
    assert found.n_refused == 1


def test_what_still_looks_personal_is_not_sent() -> None:
    ask, asked = answering("Remboursement jamais reçu")
    with_proposals([label(0, "Remboursement", None, 1, 0), label(1, "Nouvelles", None, 1)], TEXTS, LANGUAGES, ask)
    assert len(asked) == 1
    assert "jean@exemple.fr" not in str(asked)


def test_failures_keep_the_labels_and_after_three_nothing_more_is_asked() -> None:
    n_asked = 0

    def ask(messages: Sequence[Message]) -> str:
        nonlocal n_asked
        n_asked += 1
        raise DeliveryError("down")

    labels = [label(topic, f"Nom {topic}", None, 0) for topic in range(6)]
    found = with_proposals(labels, TEXTS, LANGUAGES, ask)
    assert (found.labels, found.n_failed, n_asked) == (labels, 3, 3)
