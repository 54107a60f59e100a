from __future__ import annotations

from pathlib import Path

import pytest

from insights.errors import SettingsError
from insights.mentions.text import fold
from insights.topics.encoder import encoder_for
from insights.topics.names_hints import says
from insights.topics.theme_names import Member, Theme, name_themes, read_themes

THEMES = Path(__file__).parents[3] / "data" / "reference" / "themes.yaml"


def member(fr: str | None, en: str | None = None, size: int = 10, keywords: tuple[str, ...] = ()) -> Member:
    return Member(fr, en, keywords, size)


def test_a_group_takes_the_entry_that_fits_it_in_both_languages() -> None:
    groups = {
        0: [
            member("Impossible de joindre le service client"),
            member("Attente au téléphone"),
            member("Raccroché au nez"),
        ],
        1: [member("Facture de régularisation trop lourde"), member("Facture de clôture pas reçue")],
        2: [member(None, "Charged fee for transfer"), member(None, "Fee on card")],
    }
    found = name_themes(groups, read_themes(THEMES), encoder_for("use-multilingual"))
    assert (found[0].fr, found[1].fr, found[2].en) == ("Téléphone et attente", "Facturation", "Fees")
    assert {one.source for one in found.values()} == {"themes_yaml"}


def test_what_fits_no_entry_is_named_by_the_word_its_labels_share() -> None:
    groups = {3: [member("Selle du scooter volée", size=4), member("Pneus de scooter usés", size=9)]}
    found = name_themes(groups, (Theme("Facturation", "Billing", ("factur",)),))
    assert (found[3].fr, found[3].en, found[3].source) == ("Scooter", None, "mined")


def test_no_two_themes_share_a_name() -> None:
    group = [member("Facture fausse"), member("Facture perdue")]
    found = name_themes({0: group, 1: [member("Facture illisible"), member("Facture double")]}, read_themes(THEMES))
    assert len({one.fr for one in found.values()}) == 2


def test_the_shipped_themes_have_both_names_once_and_plain_words() -> None:
    themes = read_themes(THEMES)
    assert len(themes) >= 25
    for names in ([one.fr for one in themes], [one.en for one in themes]):
        assert len({fold(name) for name in names}) == len(names)
        assert all(len(name.split()) <= 5 for name in names)
    assert all(one.words and all(word == fold(word) for word in one.words) for one in themes)


def test_a_broken_file_names_itself(tmp_path: Path) -> None:
    path = tmp_path / "themes.yaml"
    path.write_text("themes: [{fr: seul}]", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"themes\.yaml"):
        read_themes(path)


@pytest.mark.parametrize(
    ("label", "wrong"),
    [
        ("Impossible d'avoir un conseiller", "Remboursement"),  # the verb is no credit note
        ("Location de véhicule refusée", "Accès et stationnement"),
        ("Tarifs excessifs", "Garanties et prise en charge"),
        ("Accès au compte refusé", "Accès et stationnement"),
        ("Prime d'assurance en hausse", "Fidélité et gestes commerciaux"),
        ("Sur un coup de tête", "Pannes et coupures"),
    ],
)
def test_a_beginning_of_another_word_brings_no_theme(label: str, wrong: str) -> None:
    theme = next(one for one in read_themes(THEMES) if one.fr == wrong)
    assert not says(fold(label), theme.words)
