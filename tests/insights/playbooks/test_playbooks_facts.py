"""Placeholders are filled with what names nobody, and what is not known is left to the adviser."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.playbooks import amount_range, delay, fill, load_playbooks
from insights.playbooks.facts import FACTS

NOW = datetime(2026, 10, 31, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("une facture de 612 euros", "entre 500 et 1\u202f000 €"),
        ("une régul de 1 180 € pour un T2", "entre 1\u202f000 et 2\u202f000 €"),
        ("de 89 à 164 euros par mois", "entre 100 et 200 €"),
        ("612e de regul", "entre 500 et 1\u202f000 €"),
        ("prélevé 74,90 € deux fois", "entre 50 et 100 €"),
        ("deux mois d'attente, contrat 20261031", None),
        ("le 12 et le 15", None),
    ],
)
def test_an_amount_becomes_a_range(text, expected):
    assert amount_range([text], "fr") == expected


def test_english_amounts_read_both_ways():
    assert amount_range(["you owe me €180"], "en") == "between €100 and €200"
    assert amount_range(["over 900 euros"], "en") == "between €500 and €1,000"


@given(st.integers(1, 10_000))
def test_no_exact_amount_is_ever_told_unless_it_is_an_edge(amount):
    told = amount_range([f"j'ai payé {amount} euros"], "fr") or ""
    figures = [int("".join(filter(str.isdigit, part))) for part in told.replace("entre", "").split(" et ")]
    assert figures[0] < amount <= figures[1]
    assert figures[1] - figures[0] >= 20


def test_a_delay_is_told_in_days_and_in_the_language_of_the_reply():
    assert delay(NOW - timedelta(days=9, hours=5), NOW, "fr") == "9\xa0jours"
    assert delay(NOW - timedelta(hours=2), NOW, "en") == "1 day"
    assert delay(NOW + timedelta(days=1), NOW, "en") is None
    assert delay(None, NOW, "en") is None


def test_what_is_not_known_stays_in_brackets():
    filled = fill("Offre {product}, {delay}.", {"delay": "3 jours", "product": None}, "fr")
    assert (filled.text, filled.missing) == ("Offre [nom de l'offre], 3 jours.", ("product",))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_shipped_reply_can_be_filled(language):
    known = load_playbooks(Path(__file__).parents[3] / "data" / "reference" / "playbooks")
    for _, reply in known.replies():
        filled = fill(reply.text[language == "en"], dict.fromkeys(FACTS, "X"), language)
        assert filled.missing == ()
        assert "{" not in filled.text
