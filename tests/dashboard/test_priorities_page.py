"""What to work on first, and how sure the order is."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest
from dashboard_app import settings_for, words_of
from dashboard_frames import NOW

from dashboard.priority_panels import one_scale
from insights.lake import open_lake
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
    told = words_of(page).replace("\\", "")
    assert "- Energy voucher ignored: 4 mentions in 90 days; 1.0 times the four weeks before" in told


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


def test_the_first_three_are_told_in_words(app, places):
    told = words_of(app(places("full"), "priorities", "fr")).replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert "« Facture de régularisation trop élevée »" in told.replace("\\", "")
    assert "c'est une association, pas une preuve" in told


def test_a_named_person_changes_what_the_priority_supposes_and_takes_it_back(app, own_ledger):
    mine = own_ledger("full")
    page = app(mine, "priorities", "en")
    euros = page.dataframe[0].value["Margin at stake"].tolist()
    before = page.dataframe[0].value["Priority"].iloc[0]
    assert page.button(key="assumption_save").disabled, "nobody is named yet"
    page.text_input(key="adviser").set_value("Nadia").run()
    effort = next(field for field in page.number_input if field.label.startswith("Effort"))
    effort.set_value(1.0).run()
    page.button(key="assumption_save").click().run()
    assert page.dataframe[0].value["Priority"].iloc[0] != before
    assert page.dataframe[0].value["Margin at stake"].tolist() == euros
    history = page.dataframe[-1].value
    assert history[["By", "Before", "After"]].iloc[0].tolist() == ["Nadia", "4.00", "1.00"]
    with open_ledger(mine) as ledger:
        found = ledger.events(("assumption.",))
    assert [(one.kind, one.subject, one.actor) for one in found] == [("assumption.changed", "IR-0001", "Nadia")]
    page.button(key="assumption_undo").click().run()
    assert page.dataframe[0].value["Priority"].iloc[0] == before
    assert page.dataframe[-1].value["Taken back by"].iloc[0] == "Nadia"


def test_the_list_can_follow_the_priority(app, own_ledger):
    mine = own_ledger("full")
    with open_ledger(mine) as ledger:
        ledger.append(
            "assumption.changed", "IR-0003", {"name": "effort", "value": 0.2}, actor="Nadia", at=NOW, key="effort"
        )
    page = app(mine, "priorities", "fr")
    assert page.dataframe[0].value["Irritant"].iloc[0] == "Facture de régularisation trop élevée"
    page.radio(key="order").set_value("priority").run()
    assert page.dataframe[0].value["Irritant"].iloc[0] == "Heures creuses déplacées"
    assert page.dataframe[0].value["Marge en jeu"].iloc[1].strip() != ""


def test_one_insurer_has_priorities_of_its_own(app, places):
    page = app(places("reviews"), "priorities", "fr")
    page.selectbox(key="part_of").set_value("brand").run()
    value = page.selectbox(key="part_brand").value
    assert value
    found = page.dataframe[0].value
    assert found["Mentions"].sum() < app(places("reviews"), "priorities", "fr").dataframe[0].value["Mentions"].sum()
    assert not page.exception


def test_tied_irritants_and_what_a_new_model_changed_are_told(app, places, tmp_path):
    folder = tmp_path / "own"
    shutil.copytree(places("full").data_dir.parent, folder)
    mine = settings_for(folder)
    with open_lake(mine) as lake, lake.write() as writer:
        writer.execute("UPDATE priority SET tie = 1 WHERE rank <= 2")
        writer.execute("DELETE FROM irritant_change")
        writer.execute(
            "INSERT INTO irritant_change VALUES (DATE '2026-10-26', 'IR-0001', 20, 26, 30, 4, 6), "
            "(DATE '2026-10-26', 'IR-0002', 9, 9, 9, 0, 0)"
        )
    rows = app(mine, "priorities", "fr").dataframe[0].value
    assert rows["Ex aequo"].tolist()[:3] == ["ex aequo 1", "ex aequo 1", ""]
    assert rows["Dû à un nouveau modèle"].tolist()[:2] == ["+6", "—"]
    assert "Dû à un nouveau modèle" not in app(places("full"), "priorities", "fr").dataframe[0].value.columns


def test_a_part_shows_nothing_of_the_whole_company(app, places, tmp_path):
    folder = tmp_path / "own"
    shutil.copytree(places("reviews").data_dir.parent, folder)
    mine = settings_for(folder)
    with open_lake(mine) as lake, lake.write() as writer:
        writer.execute("DELETE FROM irritant_change")
        writer.execute(
            "INSERT INTO irritant_change SELECT DISTINCT DATE '2026-10-26', irritant_id, 20, 26, 30, 4, 6 FROM priority"
        )
    page = app(mine, "priorities", "fr")
    assert "Dû à un nouveau modèle" in page.dataframe[0].value.columns
    page.selectbox(key="part_of").set_value("brand").run()
    assert not {"Dû à un nouveau modèle", "Priorité"} & set(page.dataframe[0].value.columns)


def test_points_of_two_scales_are_never_drawn_on_one_axis():
    scores = {"effect_survey": "relational", "effect_metric": "nps", "effect_scale": "0-10"}
    rows = pd.DataFrame(
        [scores, scores | {"effect_metric": "csat", "effect_scale": "1-5"}, scores, dict.fromkeys(scores)]
    )
    assert one_scale(rows).index.tolist() == [0, 2]
    assert one_scale(rows.iloc[[1, 0]]).index.tolist() == [1], "of two as common, the one that ranks first"
    assert one_scale(rows.iloc[[3]]).empty


@pytest.mark.parametrize("column", ["tie", "trend_weeks"])
def test_a_ranking_of_an_older_version_asks_for_a_run(app, places, tmp_path, column):
    folder = tmp_path / "own"
    shutil.copytree(places("full").data_dir.parent, folder)
    mine = settings_for(folder)
    with open_lake(mine) as lake, lake.write() as writer:
        writer.execute(f"ALTER TABLE priority DROP COLUMN {column}")
    page = app(mine, "priorities", "fr")
    assert not page.exception
    assert "vient d'une version plus ancienne" in words_of(page) and "voc run" in words_of(page)


def test_an_effort_below_what_the_form_offers_is_shown(app, own_ledger):
    mine = own_ledger("full")
    with open_ledger(mine) as ledger:
        ledger.append(
            "assumption.changed", "IR-0001", {"name": "effort", "value": 0.05}, actor="Nadia", at=NOW, key="effort"
        )
    page = app(mine, "priorities", "en")
    assert not page.exception
    assert next(field for field in page.number_input if field.label.startswith("Effort")).value == 0.05
