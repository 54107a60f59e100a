"""The lexicon's reading of a clause: sign, negation, emphasis, talk and irony."""

from __future__ import annotations

import numpy as np
import pytest

from insights.mentions.polarity import LexiconPolarity
from insights.mentions.reading import NEUTRAL_BAND, read

PRAISE = [
    ("fr", "vendeuse charmante et efficace"),
    ("fr", "une histoire prenante, à ne pas manquer"),
    ("fr", "rien à redire"),
    ("fr", "jamais eu le moindre souci"),
    ("fr", "pas déçue du tout de ce choix"),
    ("fr", "moins cher que les autres"),
    ("fr", "réglé en un seul appel"),
    ("fr", "elle a pris le temps de m'écouter"),
    ("fr", "👏"),
    ("en", "the courier was lovely"),
    ("en", "no problems at all"),
    ("en", "sorted within the day"),
]
COMPLAINTS = [
    ("fr", "accueil lamentable"),
    ("fr", "un suivi non satisfaisant"),
    ("fr", "la série s'essouffle et devient ennuyeuse"),
    ("fr", "je ne suis pas satisfait"),
    ("fr", "je recommande pas"),
    ("fr", "toujours pas reçu mon colis"),
    ("fr", "ma carte n'a pas été débloquée, impossible de payer"),
    ("fr", "le forfait a changé sans prévenir"),
    ("fr", "débité deux fois le même jour"),
    ("fr", "j'attends mon virement depuis six semaines"),
    ("fr", "personne ne décroche"),
    ("fr", "jms rappele"),
    ("fr", "bravo pour la panne"),
    ("fr", "😡"),
    ("en", "nobody ever answers"),
    ("en", "still waiting for the parcel"),
    ("en", "charged twice"),
    ("en", "the clerk was not helpful"),
    ("en", "thanks for nothing"),
]
TALK = [
    ("fr", "je voulais connaître la date du prochain relevé"),
    ("fr", "veuillez trouver ci-joint mon justificatif"),
    ("fr", "j'appelle pour ajouter un bénéficiaire"),
    ("fr", "merci d'avance"),
    ("fr", "pourriez-vous m'indiquer la date"),
    ("fr", "pardon, je n'ai pas bien entendu"),
    ("fr", "j'attends combien de temps"),
    ("fr", "bon, je note tout ça"),
    ("en", "have a nice day"),
    ("fr", "ma maison fait 90 mètres carrés"),
    ("en", "I would like to know the opening times"),
    ("en", "kind regards"),
]


@pytest.mark.parametrize(("language", "text"), PRAISE)
def test_praise_is_read_as_praise(language: str, text: str) -> None:
    assert read(text, language).polarity >= NEUTRAL_BAND


@pytest.mark.parametrize(("language", "text"), COMPLAINTS)
def test_a_complaint_is_read_as_a_complaint(language: str, text: str) -> None:
    assert read(text, language).polarity <= -NEUTRAL_BAND


@pytest.mark.parametrize(("language", "text"), TALK)
def test_talk_is_read_as_neither(language: str, text: str) -> None:
    assert abs(read(text, language).polarity) < NEUTRAL_BAND


def test_emphasis_strengthens_and_negation_turns() -> None:
    plain, strong, turned = (read(text, "fr").polarity for text in ("utile", "vraiment utile", "pas utile"))
    assert turned < 0 < plain < strong


def test_irony_is_flagged() -> None:
    assert read("quel plaisir de payer trois fois", "fr").irony
    assert not read("quel plaisir", "fr").irony


def test_an_undecided_text_is_read_by_the_lexicon_that_says_more() -> None:
    assert read("awful", "und").polarity < 0 < read("génial", "und").polarity
    assert read("génial", "nl").polarity == 0


def test_the_lexicon_scores_a_batch_within_its_bounds() -> None:
    texts = [text for _, text in PRAISE + COMPLAINTS + TALK]
    polarity, confidence = LexiconPolarity().score(texts, [language for language, _ in PRAISE + COMPLAINTS + TALK])
    assert polarity.shape == confidence.shape == (len(texts),)
    assert np.abs(polarity).max() <= 1
    assert confidence.min() >= 0
    assert confidence.max() <= 1
    assert confidence[polarity == 0].max() <= confidence[np.abs(polarity) > 0.8].min()
    assert LexiconPolarity().version.startswith("lexicon-")
