"""Waves of copies are found whatever their order and small changes; everyday phrases and common stories are not."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from insights.copies import WaveRule, normal, waves

START = datetime(2026, 9, 1, tzinfo=UTC)
COPIED = "Le technicien n'est jamais venu, trois rendez-vous annulés sans un mot, fuyez cette entreprise au plus vite"
NEAR = (
    COPIED,
    "le technicien n'est jamais venu ! 3 rendez-vous annulés sans un mot... fuyez cette entreprise au plus vite",
    "Le technicien n'est jamais venu, trois rendez-vous annulés sans un mot, fuyez cette société au plus vite",
    "Le technicien n'est vraiment jamais venu, trois rendez-vous annulés sans un mot, fuyez cette entreprise vite",
    "LE TECHNICIEN N'EST JAMAIS VENU, trois rendez-vous annulés sans un seul mot, fuyez cette entreprise au plus vite",
)
VOCABULARY = """facture compteur relève mensualité contrat prélèvement conseillère dossier rappel remboursement attente
erreur délai promesse réponse courrier panne devis visite avis téléphone agence espace client chèque énergie gaz linky
hiver travaux voisin immeuble ascenseur loyer notaire syndic cuisine chauffage facile lent aimable correct cher clair
perdu reçu payé signé attendu demandé expliqué compris trouvé changé""".split()  # noqa: SIM905


def post(number: int, text: str, hours: float, author: str | None = None, brand: str = "L") -> dict[str, Any]:
    at = START + timedelta(hours=hours)
    return {"feedback_id": f"F{number:05}", "verbatim": text, "author_key": author, "occurred_at": at, "brand": brand}


def background(n: int = 300) -> list[dict[str, Any]]:
    """Different stories, one every six hours, each by its own author."""
    draw = random.Random(5)
    return [post(number, " ".join(draw.choices(VOCABULARY, k=18)), number * 6, f"a{number}") for number in range(n)]


def copies(texts: Sequence[str], hours: float, every: float = 5, author: str | None = None) -> list[dict[str, Any]]:
    made = [(90_000 + place, text, hours + place * every) for place, text in enumerate(texts)]
    return [post(number, text, at, author or f"w{number}") for number, text, at in made]


def marked(*groups: list[dict[str, Any]], rule: WaveRule = WaveRule()) -> set[str]:  # noqa: B008
    return set(waves(pd.DataFrame([row for group in groups for row in group]), rule)["feedback_id"])


@pytest.mark.parametrize("texts", [[COPIED] * 4, NEAR], ids=["exact", "edited"])
def test_a_wave_is_marked_and_nothing_else(texts: Sequence[str]) -> None:
    wave = copies(texts, 500)
    assert marked(background(), wave) == {row["feedback_id"] for row in wave}


def test_the_order_of_rows_changes_nothing() -> None:
    frame = pd.DataFrame(background(60) + copies(NEAR, 100) + copies([NEAR[0]] * 4, 900))
    first = waves(frame).sort_values("feedback_id", ignore_index=True)
    again = waves(frame.sample(frac=1, random_state=3)).sort_values("feedback_id", ignore_index=True)
    pd.testing.assert_frame_equal(first, again)


def test_two_waves_of_one_text_a_month_apart_are_two() -> None:
    second = [row | {"feedback_id": "G" + row["feedback_id"]} for row in copies([COPIED] * 5, 1500)]
    found = waves(pd.DataFrame(background() + copies([COPIED] * 5, 300) + second))
    assert len(found) == 10 and found["suspect_wave"].nunique() == 2


@pytest.mark.parametrize(
    "phrase", ["Très satisfait", "Rien à dire", "service nul", "Rapide et efficace, je recommande !"]
)
def test_everyday_phrases_make_no_wave(phrase: str) -> None:
    assert marked(background(), copies([phrase] * 30, 500, every=1)) == set()


def test_a_story_many_tell_at_all_times_is_no_wave_but_a_burst_of_it_is() -> None:
    common = "Je suis satisfaite du service, les prix me conviennent et la conseillère a été très aimable"
    always = [post(50_000 + number, common, number * 9, f"c{number}") for number in range(200)]
    assert marked(background(), always) == set()
    burst = copies([common] * 40, 700, every=0.5)
    assert {row["feedback_id"] for row in burst} <= marked(background(), always, burst)


@pytest.mark.parametrize(
    ("wave", "why"),
    [
        (copies([COPIED] * 3, 500), "three posts"),
        (copies([COPIED] * 6, 200, every=80), "too far apart"),
        (copies([COPIED] * 6, 500, author="one"), "one angry person"),
        (copies([COPIED] * 3, 500, author="one") + [post(1, COPIED, 501, "two")], "two persons"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_is_no_wave(wave: list[dict[str, Any]], why: str) -> None:
    assert marked(background(), [row | {"feedback_id": f"X{n}"} for n, row in enumerate(wave)]) == set(), why


def test_one_author_who_copies_a_text_over_brands_is_a_wave() -> None:
    wave = [post(90_000 + place, COPIED, 500 + 100 * place, "one", f"brand {place}") for place in range(3)]
    assert marked(background(), wave) == {row["feedback_id"] for row in wave}
    assert marked(background(), [row | {"author_key": None} for row in wave]) == set()


def test_missing_authors_count_each_as_one() -> None:
    wave = [row | {"author_key": None} for row in copies([COPIED] * 4, 500)]
    assert marked(background(), wave) == {row["feedback_id"] for row in wave}


def test_no_rows_and_no_words() -> None:
    empty = pd.DataFrame(columns=["feedback_id", "verbatim", "author_key", "occurred_at", "brand"])
    assert waves(empty).empty
    assert waves(pd.DataFrame([post(1, "", 0), post(2, None, 1)])).empty  # type: ignore[arg-type]


def test_copies_differ_in_signs_figures_and_tokens_only() -> None:
    assert normal("Payé 45 €, appelez [NOM_1] !") == normal("paye 120 €... appelez [NOM_2]")
