from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from insights.errors import SettingsError
from insights.mentions.text import fold
from insights.topics.encoder import encoder_for
from insights.topics.labels import Hint, TopicLabel, label_topics, read_hints
from insights.topics.names_check import faults, sense

from .conftest import Corpus

HINTS = Path(__file__).parents[3] / "data" / "reference" / "labels.yaml"


def named(corpus: Corpus, keep: str | None = None, hints: tuple[Hint, ...] = ()) -> dict[str, TopicLabel]:
    """Labels by cause; `keep` leaves one language only."""
    rows = [row for row, language in enumerate(corpus.languages) if keep in (None, language)]
    causes = sorted(set(corpus.causes))
    labels = np.array([causes.index(corpus.causes[row]) for row in rows])
    found = label_topics(
        [corpus.texts[row] for row in rows],
        [corpus.languages[row] for row in rows],
        labels,
        keywords={topic: (cause, "mot") for topic, cause in enumerate(causes)},
        representatives={topic: (0, 1, 2) for topic in range(len(causes))},
        seed=1,
        hints=hints,
        encoder=encoder_for("use-multilingual"),
    )
    return {cause: label for cause, label in zip(causes, found, strict=True)}


def test_names_say_the_cause_in_both_languages(corpus: Corpus) -> None:
    found = named(corpus)
    assert {label.label_source for label in found.values()} == {"mined_both"}
    for cause, french, english in [
        ("refund", "remboursement", "refund"),
        ("app", "espace client", "customer account"),
        ("price", "hausse", "price increase"),
    ]:
        assert french in str(found[cause].label_fr).lower()
        assert english in str(found[cause].label_en).lower()


def test_no_two_topics_share_a_name_and_none_is_empty(corpus: Corpus) -> None:
    found = named(corpus).values()
    for language in ("fr", "en"):
        names = [fold(label.shown(language)[0]) for label in found]
        assert len(set(names)) == len(names)
        assert all(len(name) > 3 for name in names)
        assert len({sense(label.shown(language)[0], language) for label in found}) == len(names)


def test_no_mined_name_is_a_fragment(corpus: Corpus) -> None:
    for label in named(corpus).values():
        assert faults(str(label.label_fr), "fr") == ()
        assert faults(str(label.label_en), "en") == ()


def test_same_texts_same_names(corpus: Corpus) -> None:
    causes = sorted(set(corpus.causes))
    labels = np.array([causes.index(cause) for cause in corpus.causes])
    first, again = (
        label_topics(
            corpus.texts, corpus.languages, labels, keywords={t: ("x",) for t in range(4)}, representatives={}, seed=1,
            encoder=encoder_for("use-multilingual"), vectors=corpus.vectors,
        )
        for _ in range(2)
    )  # fmt: skip
    assert first == again
    assert all(one.label_fr and one.label_en for one in first)


def test_a_topic_of_mere_feeling_takes_a_feeling_of_the_list() -> None:
    feelings = [
        f"{how} {what}" for how in ("vraiment", "je suis", "très", "encore") for what in ("déçu", "déçue", "déçus")
    ]
    causes = [f"{what} {when}" for what in ("la facture papier manque", "pas de facture papier") for when in "abcdefg"]
    labels = np.array([0] * len(feelings) + [1] * len(causes))
    texts = [*feelings, *causes]
    found = label_topics(
        texts, ["fr"] * len(texts), labels, keywords={0: ("déçu",), 1: ("facture",)}, representatives={}, seed=1,
        hints=read_hints(HINTS),
    )  # fmt: skip
    assert (found[0].label_fr, found[0].label_en, found[0].label_source) == (
        "Clients déçus", "Disappointed customers", "labels_yaml",
    )  # fmt: skip
    assert "facture papier" in str(found[1].label_fr)


def test_what_nothing_names_shows_the_words_of_a_customer() -> None:
    texts = [f"{who} {what}" for who in ("Bof", "Mouais", "Euh", "Ah") for what in ("là là", "ici ici", "oh oh")]
    found = label_topics(
        [*texts, "[NOM_1] bof"], ["fr"] * 13, np.zeros(13, dtype=np.int64), keywords={0: ("bof",)},
        representatives={0: (12, 0)}, seed=1,
    )  # fmt: skip
    assert (found[0].label_fr, found[0].label_source) == ("« Bof là là »", "verbatim")


def test_a_language_without_evidence_takes_the_hint_and_says_so(corpus: Corpus) -> None:
    label = named(corpus, keep="fr", hints=(Hint("Remboursement lent", "Slow refund", ("rembours",)),))["refund"]
    assert (label.label_en, label.label_source, label.hinted) == ("Slow refund", "mined_fr", ("en",))
    assert "remboursement" in str(label.label_fr).lower()


def test_without_hint_the_other_language_is_shown_with_its_mark(corpus: Corpus) -> None:
    label = named(corpus, keep="fr")["refund"]
    assert label.label_en is None
    assert label.shown("en") == (label.label_fr, "fr")
    assert label.shown("fr") == (label.label_fr, None)


def test_brands_stay_out_of_names(corpus: Corpus) -> None:
    texts = [f"{text} chez Lumarelle" for text in corpus.texts]
    causes = sorted(set(corpus.causes))
    labels = np.array([causes.index(cause) for cause in corpus.causes])
    found = label_topics(
        texts, corpus.languages, labels, keywords={t: ("x",) for t in range(4)}, representatives={}, seed=1,
        brands=("Lumarelle Énergie",),
    )  # fmt: skip
    assert not any("lumarelle" in fold(str(name)) for one in found for name in (one.label_fr, one.label_en))


def test_the_shipped_hints_have_both_names_once_and_plain_words() -> None:
    hints = read_hints(HINTS)
    assert len(hints) >= 25
    for names in ([hint.fr for hint in hints], [hint.en for hint in hints]):
        assert len({fold(name) for name in names}) == len(names)
    assert all(hint.words and all(word == fold(word) for word in hint.words) for hint in hints)


def test_a_hint_that_means_another_thing_is_not_taken(corpus: Corpus) -> None:
    other = Hint("Chambre bruyante", "Noisy room", ("rembours",))
    assert named(corpus, keep="fr", hints=(other,))["refund"].label_en is None


def test_a_broken_hints_file_names_itself(tmp_path: Path) -> None:
    path = tmp_path / "labels.yaml"
    path.write_text("labels: [{fr: seul}]", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"labels\.yaml"):
        read_hints(path)
