"""Special categories: masked when said of a person, left when they are a product or a subject."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ("text", "language", "redacted"),
    [
        ("je suis diabétique", "fr", "je suis [SANTE_1]"),
        ("mon mari est sous dialyse", "fr", "mon mari est [SANTE_VITALE_1]"),
        ("I'm on oxygen at home", "en", "I'm [SANTE_VITALE_1]"),
        ("j'ai besoin de mon concentrateur d'oxygène", "fr", "j'ai besoin de mon [SANTE_VITALE_1]"),
        ("my husband relies on a ventilator", "en", "my husband relies on a [SANTE_VITALE_1]"),
        ("ma femme enceinte grelotte", "fr", "ma femme [SANTE_1] grelotte"),
        ("my mum has dementia", "en", "my mum has [SANTE_1]"),
        ("JE SUIS DIABÉTIQUE", "fr", "JE SUIS [SANTE_1]"),
        ("déléguée CGT", "fr", "[SYNDICAT_1]"),
        ("I'm a union rep", "en", "I'm a [SYNDICAT_1]"),
        ("je suis musulman", "fr", "je suis [RELIGION_1]"),
        ("we are muslim", "en", "we are [RELIGION_1]"),
        ("je suis d'origine algérienne", "fr", "je suis [ORIGINE_1]"),
        ("je vote RN", "fr", "je vote [POLITIQUE_1]"),
        ("mon fils est gay", "fr", "mon fils est [ORIENTATION_1]"),
    ],
)
def test_of_a_person(text: str, language: str, redacted: str, redact: Callable[..., str]) -> None:
    assert redact(text, language) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "mutuelle santé trop chère, assurance maladie lente",
        "remboursement de soins dentaires refusé",
        "je suis en arrêt maladie et rien n'est versé",
        "ça me rend malade, un dialogue de sourds",
        "je suis malade de voir ça",
        "mon traitement de dossier et mon syndicat de copropriété",
        "pièce d'origine française, je suis noir de colère",
        "en cas de maladie grave le handicap n'est pas couvert",
        "je suis adhérent depuis dix ans",
    ],
)
def test_a_product_or_a_subject_stays(text: str, redact: Callable[..., str]) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "text", ["I'm sick of waiting", "health insurance and green energy", "I'm a member since 2010"]
)
def test_english_subjects_stay(text: str, redact: Callable[..., str]) -> None:
    assert redact(text, "en") == text
