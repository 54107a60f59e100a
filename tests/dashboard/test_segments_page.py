"""The groups that differ, in words a person can act on."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from dashboard_app import settings_for, words_of, write_full
from dashboard_frames import AS_OF

from insights.lake import open_lake
from insights.settings import Settings

KEY = "tenure=4-14 & heating=electric"


def rows() -> pd.DataFrame:
    """One pair that fares worse in risk and irritant, one value that fares better."""
    pair = {"segment_key": KEY, "place": 1, "dimension": "tenure", "value": "4-14", "dimension_2": "heating",
            "value_2": "electric", "n_customers": 210, "margin_eur_year": 18_000.0, "excess_loss_eur": 540.0}  # fmt: skip
    better = {"segment_key": "energy=dual", "place": 2, "dimension": "energy", "value": "dual", "dimension_2": None,
              "value_2": None, "n_customers": 300, "margin_eur_year": 20_000.0, "excess_loss_eur": -400.0}  # fmt: skip
    told = [
        {**pair, "measure": "risk", "inside": 0.05, "outside": 0.02, "difference": 0.03},
        {**pair, "measure": "irritant:IR-0001", "inside": 0.30, "outside": 0.10, "difference": 0.20},
        {**better, "measure": "risk", "inside": 0.01, "outside": 0.03, "difference": -0.02},
    ]
    return pd.DataFrame(told).assign(n_known=200, low=0.0, high=0.0, p_value=0.001, q_value=0.01, found_on=AS_OF)


def cohorts() -> pd.DataFrame:
    first = {"cohort_on": pd.Timestamp("2026-04-01").date(), "stage": "day_7", "n_customers": 400, "n_answers": 40,
             "n_satisfied": 20, "satisfied_share": 0.5, "low": 0.37, "high": 0.63, "n_contacting": 40,
             "n_complaining": 20, "n_left": 4, "top_irritant_id": "IR-0001", "n_top_irritant": 9}  # fmt: skip
    return pd.DataFrame([first, {**first, "stage": "first_bill", "n_answers": 4, "satisfied_share": None}])


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = settings_for(Path(tmp_path_factory.mktemp("segments")))
    write_full(settings)
    with open_lake(settings) as lake, lake.write() as writer:
        writer.replace("segment_difference", rows())
        writer.replace("welcome_cohort", cohorts())
    return settings


def test_a_group_says_who_it_is_what_it_says_and_what_it_costs(app, found):
    page = app(found, "segments", "fr")
    told = words_of(page).replace("\\", "")
    assert page.metric[0].label == "Groupe qui va moins bien" and page.metric[0].value == "1"
    assert "Commencez par **clients depuis 4 à 14 mois, chauffage électrique**." in told
    assert "**5,0 %**, contre 2,0 % chez les autres" in told.replace("\u202f", " ").replace("\xa0", " ")
    assert "cité **3,0 fois** plus souvent que par les autres" in told
    assert "Groupes qui vont mieux (1)" in [one.label for one in page.expander]
    table = page.dataframe[0].value
    assert table["Satisfaits (intervalle à 90 %)"].tolist()[1] == "pas assez de réponses (4)"
    assert table["Le plus cité"].iloc[0].endswith("(9)")


def test_the_choice_of_a_measure_leaves_the_groups_that_differ_in_it(app, found):
    page = app(found, "segments", "en")
    assert "Customers for 4 to 14 months, electric heating" in words_of(page)
    page.segmented_control(key="kind").set_value("score").run()
    assert "No group fares worse in this respect." in words_of(page)


def test_without_a_run_the_page_says_what_to_do(app, places):
    told = words_of(app(places("reviews"), "segments", "en"))
    assert "No group of customers fares worse" in told or "voc run" in told
