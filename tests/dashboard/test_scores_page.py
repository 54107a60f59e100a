"""The page Scores: raw beside corrected, three states, what to do, frozen months and restatements, in both languages."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from dashboard_app import settings_for, words_of, write_full

from dashboard.score_choice import choices
from dashboard.score_months import month_rows
from dashboard.scores import scores
from dashboard.who_answered import level
from insights.frozen import figures, frozen_rows, restatements
from insights.lake import Lake, open_lake
from insights.metrics import METRICS
from insights.settings import Settings
from insights.steps.freeze import DAILY
from insights.weighting import VARIABLES, cell_weights

LANGUAGES = ("fr", "en")
JUMP = 40.0  # points between what was published of April and what it is now


def cells() -> pd.DataFrame:
    """October's wave: seniors are 80 of the 120 answers and 300 of the 1,000 customers."""
    blank = dict.fromkeys(VARIABLES, "1") | {"survey": "relational", "month": date(2026, 10, 1), "channel": "email"}
    counts = [("75+", 80, 60, 160), ("18-34", 40, 180, 480)]
    names = ["age_band", "n_answered", "n_silent", "n_never_asked"]
    return pd.DataFrame([blank | dict(zip(names, row, strict=True)) for row in counts])


def weigh(lake: Lake) -> None:
    """Who answered, and weights for October that lower the score; April's figure is published as another."""
    found = cells()
    weights = cell_weights(found, {"relational": "customers"})
    daily = lake.read("SELECT * FROM metric_daily WHERE survey = 'relational'")
    october = daily[pd.to_datetime(daily["day"]) >= pd.Timestamp(2026, 10, 1)]
    up, down = october["n_positive"].to_numpy(float), october["n_negative"].to_numpy(float)
    n = october["denominator"].to_numpy(float)
    weighted = october.assign(
        positive_weighted=0.5 * up, negative_weighted=1.5 * down, numerator_weighted=0.5 * up - 1.5 * down,
        denominator_weighted=0.5 * up + 1.5 * down + (n - up - down),
        weight_squares=0.25 * up + 2.25 * down + (n - up - down),
    )  # fmt: skip
    with lake.write() as writer:
        writer.insert_new("response_cell", found)
        writer.insert_new("cell_weight", weights)
        writer.upsert("metric_daily", weighted)


def publish(lake: Lake) -> None:
    """April is frozen with another figure than today's."""
    now = figures(lake.read(DAILY), 30)
    rows = frozen_rows(now, datetime(2026, 10, 31, tzinfo=UTC), "Europe/Paris", 1)
    whole = rows["item"] == "nps/relational/0-10/(all)"
    value = json.loads(rows.loc[whole, "value"].iloc[0])
    rows.loc[whole, "value"] = json.dumps(value | {"value": value["value"] - JUMP, "n": 50})
    with lake.write() as writer:
        writer.insert_new("published", rows)
        writer.replace("restatement", restatements(rows, now))


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = settings_for(tmp_path_factory.mktemp("measured"))
    write_full(settings)
    with open_lake(settings) as lake:
        weigh(lake)
        publish(lake)
    return settings


@pytest.mark.parametrize("language", LANGUAGES)
def test_raw_and_corrected_stand_side_by_side_with_what_to_do(app, measured, language):
    page = app(measured, "scores", language)
    assert not page.exception
    said = words_of(page).replace("\N{NARROW NO-BREAK SPACE}", " ")
    raw, corrected = (metric.value for metric in page.metric[:2])
    assert (raw, corrected) == ("−7", "−39")
    wanted = {
        "fr": ["75 ans et plus (67 % des réponses, 30 % des clients concernés)", "silencieux : **240**",
               "L'intervalle est large", "Dernier mois figé : avril 2026"],
        "en": ["75 years and over (67% of the answers, 30% of those concerned)", "silent: **240**",
               "The interval is wide", "Last frozen month: April 2026"],
    }  # fmt: skip
    for words in wanted[language]:
        assert words in said


def test_a_restatement_is_listed_with_both_figures_and_both_n(app, measured):
    tables = [frame.value for frame in app(measured, "scores", "en").dataframe]
    told = next(table for table in tables if "Answers then" in table)
    row = told[told["Segment"] == "All"].iloc[0]
    assert (row["Published"], row["Now"]) == ("−23", "17")
    assert (row["Answers then"], row["Answers now"]) == ("50", "60")


def test_another_score_is_chosen_by_the_url(app, measured):
    page = app(measured, "scores", "en", score="fcr_7d/contacts/(none)", period="13")
    assert page.metric[0].label == "As counted"
    assert "Nothing to correct" in words_of(page)


def test_too_few_answers_show_no_number(app, places):
    few = places("full")
    page = app(few, "scores", "fr", score="nps/relational/0-10", period="4")
    assert page.metric[0].value != "—"
    page = app(few, "scores", "fr", score="fcr_7d/contacts/(none)", period="4")
    assert page.metric[0].value == "—"
    assert "Pas assez de réponses" in words_of(page)


def test_the_week_shows_the_corrected_score_beside_the_raw_one(measured, page_of):
    nps = next(score for score in scores(page_of(measured)) if score.metric.name == "nps")
    assert nps.now.is_corrected
    assert nps.now.corrected < nps.now.value
    assert not nps.before.is_corrected


def test_months_know_which_are_frozen(measured, page_of):
    page = page_of(measured)
    with open_lake(measured, read_only=True) as lake:
        rows = lake.read("SELECT * FROM metric_daily WHERE metric = 'nps' AND survey = 'relational'")
    found = month_rows(page, METRICS["nps"], "relational", "0-10", rows)
    states = found[["month", "reading", "state"]].to_numpy().tolist()
    assert states == [
        [date(2026, 4, 1), "raw", "frozen"],
        [date(2026, 10, 1), "corrected", "open"],
        [date(2026, 10, 1), "raw", "open"],
    ]
    assert np.isfinite(found[["value", "low", "high"]].to_numpy(float)).all()


def test_scores_of_answers_come_before_those_of_contacts(measured, page_of):
    found = [choice[0] for choice in choices(page_of(measured)).values()]
    assert found[0] == "nps"
    assert found.index("csat") < found.index("fcr_7d")


def test_a_lake_of_an_older_version_says_what_to_run(app, places, tmp_path: Path):
    settings = settings_for(tmp_path)
    write_full(settings)
    with open_lake(settings) as lake, lake.write() as writer:
        writer.execute("DROP TABLE restatement")
    assert "étape measure" in words_of(app(settings, "scores", "fr"))


def test_levels_are_said_as_people_say_them():
    assert level(str, "age_band", "75+") == "75 years and over"
    assert level(str, "tenure_band", "0-3") == "0-3 months with us"
    assert level(str, "digital_habit", "avoids") == "those who avoid digital"
    assert level(str, "value_band", "(none)") == "not known"
