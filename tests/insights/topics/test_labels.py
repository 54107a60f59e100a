from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from insights.errors import SettingsError
from insights.mentions.text import fold
from insights.topics.encoder import encoder_for
from insights.topics.labels import Hint, TopicLabel, label_topics, read_hints

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


def test_a_broken_hints_file_names_itself(tmp_path: Path) -> None:
    path = tmp_path / "labels.yaml"
    path.write_text("labels: [{fr: seul}]", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"labels\.yaml"):
        read_hints(path)
