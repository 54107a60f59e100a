"""What to work on first, and how sure the order is."""

from __future__ import annotations

import pytest
from dashboard_app import words_of
from dashboard_frames import NOW

from insights.ledger import open_ledger


def test_priorities_in_euros_with_ranges_and_owner(app, places):
    page = app(places("full"), "priorities", "fr")
    rows = page.dataframe[0].value
    first = {name: str(value).replace("\N{NARROW NO-BREAK SPACE}", " ") for name, value in rows.iloc[0].items()}
    assert first["Rang (plage)"] == "1 (1 à 3)"
    assert first["Irritant"] == "Facture de régularisation trop élevée"
    assert first["Marge en jeu"].replace("\N{NO-BREAK SPACE}", " ") == "9 000 €"
    assert first["Responsable"] == "PO Facturation"
    assert page.metric[0].label == "Marge en jeu, premier irritant"
    assert "**association**" in words_of(page)
    assert "value at risk" not in words_of(page) and "valeur à risque" not in words_of(page)


def test_a_weak_signal_is_apart_and_has_no_rank(app, places):
    page = app(places("full"), "priorities", "en")
    assert "Energy voucher ignored" not in page.dataframe[0].value["Irritant"].tolist()
    assert "- Energy voucher ignored — 4 mentions" in words_of(page)


def test_without_customers_there_are_no_euros(app, places):
    page = app(places("reviews"), "priorities", "fr")
    assert "Marge en jeu" not in page.dataframe[0].value.columns
    assert page.metric[0].label == "Mentions négatives, premier irritant"
    told = words_of(page)
    assert "Sans clients connus ni marge, il n'y a pas d'euros" in told
    assert "€" not in told


def test_an_irritant_merged_since_the_ranking_has_no_line_of_its_own(app, own_ledger):
    mine = own_ledger("full")
    with open_ledger(mine) as ledger:
        ledger.append("irritant.merged", "IR-0004", {"into": "IR-0001"}, actor="Nadia", at=NOW, key="merged:IR-0004")
    named = app(mine, "priorities", "fr").dataframe[0].value["Irritant"].tolist()
    assert "Rappel promis jamais reçu" not in named
    assert named.count("Facture de régularisation trop élevée") == 1


@pytest.mark.parametrize("view", ["priorities", "week"])
def test_a_ranking_older_than_the_registry_says_so(app, own_ledger, view):
    mine = own_ledger("learned")
    late = "le classement suivra au prochain calcul"
    assert late not in words_of(app(mine, view, "fr"))
    with open_ledger(mine) as ledger:
        ledger.append("irritant.owner", "IR-0004", {"owner": "PO"}, actor="Nadia", at=NOW, key="owner")
    assert late not in words_of(app(mine, view, "fr"))  # an owner changes no count
    with open_ledger(mine) as ledger:
        ledger.append("irritant.merged", "IR-0004", {"into": "IR-0001"}, actor="Nadia", at=NOW, key="merged:IR-0004")
    assert late in words_of(app(mine, view, "fr"))
