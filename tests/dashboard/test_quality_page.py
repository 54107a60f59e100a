"""How far the irritants can be trusted, in words."""

from __future__ import annotations

from dashboard_app import words_of


def said(page) -> str:
    return words_of(page).replace("\\", "").replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_the_last_discovery_that_found_something_is_told(app, places):
    """The run after it found nothing new, and its note holds no figures."""
    told = said(app(places("learned"), "quality", "fr"))
    assert "À regarder : au moins un chiffre n'atteint pas son repère." in told
    assert "100 % des irritants ont gardé leur identité (au moins 95 % attendu)." in told
    assert "**4,1 % des textes ont changé d'irritant (au plus 3,0 % attendu).**" in told
    assert "0,92 sur 1" in told
    assert "un dixième de textes en plus" not in told  # not measured by this discovery


def test_agreement_stands_beside_likeness_and_people(app, places):
    page = app(places("learned"), "quality", "en")
    told = said(page)
    assert "**0.78**: as two people agree between themselves (0.70 to 0.85)." in told
    assert "Your answers help: +9.0 points more than likeness alone." in told
    assert "Measured on 64 answers held back of 64; 31 of them moved a text." in told
    assert page.metric[0].value == "10%"  # of the negative mentions, as on the page Irritants
    assert "**Check 10 more texts**" in told


def test_the_model_s_part_of_a_change_is_apart(app, places):
    rows = app(places("learned"), "quality", "en").dataframe[0].value
    assert rows.iloc[0].tolist() == ["Off-peak hours moved", "8", "36", "+25", "+3"]


def test_what_was_not_measured_is_said(app, places):
    told = said(app(places("full"), "quality", "en"))
    assert "The last discovery has no certificate" in told
    assert "0 answers so far. At least 10 are needed" in told
