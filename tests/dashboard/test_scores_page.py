"""The page Scores: raw beside corrected, three states, what to do, frozen months and restatements, in both languages."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from dashboard_app import settings_for, words_of, write_full

from dashboard import score_queries
from dashboard.score_choice import choices
from dashboard.score_months import month_rows
from dashboard.scores import Figure, scores
from dashboard.who_answered import answered, level, reading
from insights.contracts import QUESTIONNAIRE
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
    raw = found[found["reading"] == "raw"][["value", "n"]].to_numpy().tolist()
    assert raw == [[pytest.approx(100 * 10 / 60 - JUMP, abs=1e-3), 50], [pytest.approx(100 * -4 / 60), 60]]
    states = found[["month", "reading", "state"]].to_numpy().tolist()
    assert states == [
        [date(2026, 4, 1), "raw", "frozen"],
        [date(2026, 10, 1), "corrected", "open"],
        [date(2026, 10, 1), "raw", "open"],
    ]
    assert np.isfinite(found[["value", "low", "high"]].to_numpy(float)).all()


def test_a_published_month_stays_when_its_rows_are_gone(measured, page_of):
    with open_lake(measured, read_only=True) as lake:
        rows = lake.read("SELECT * FROM metric_daily WHERE metric = 'nps' AND day >= DATE '2026-10-01'")
    found = month_rows(page_of(measured), METRICS["nps"], "relational", "0-10", rows)
    april = found[found["month"] == date(2026, 4, 1)].iloc[0]
    assert (april["value"], april["n"], april["state"]) == (pytest.approx(100 * 10 / 60 - JUMP, abs=1e-3), 50, "frozen")


def test_an_open_month_whose_calls_may_be_gone_is_left_out(measured, page_of):
    day = pd.Timestamp(2026, 3, 10)
    row = {"day": day, "metric": "fcr_7d_irritant", "survey": "contacts", "scale": "(none)", "numerator": 40.0,
           "denominator": 60.0, "n_positive": 40, "n_negative": 0, "squares": None}  # fmt: skip
    rows = pd.DataFrame([row, row | {"day": day + pd.Timedelta(days=120)}])
    found = month_rows(page_of(measured), METRICS["fcr_7d_irritant"], "contacts", "(none)", rows)
    assert found["month"].tolist() == [date(2026, 7, 1)]


def test_who_answered_is_that_of_the_months_of_asking_and_no_basis_gives_no_group(measured, page_of):
    page = page_of(measured)
    november = (date(2026, 11, 1), date(2026, 11, 28))
    nobody = answered(page, "relational", *november)
    assert (nobody.known, nobody.basis) == (False, None)
    said = reading(page, METRICS["nps"], Figure(*november, 200, 10.0, 0.0, 20.0, -5.0, -15.0, 5.0, 150.0), nobody)
    assert "parmi" not in said
    assert "−5" in said
    with open_lake(measured, read_only=True) as lake:
        late = lake.read("SELECT feedback_id, occurred_at FROM feedback WHERE survey = 'relational' ORDER BY ALL DESC")
    assert answered(page, "relational", *[late["occurred_at"].iloc[0].date()] * 2).n_answered == 120


def test_answers_of_november_to_a_wave_of_october_count_october(page_of, tmp_path: Path):
    settings = settings_for(tmp_path)
    write_full(settings)
    with open_lake(settings) as lake:
        weigh(lake)
        ids = lake.read(
            "SELECT feedback_id FROM feedback WHERE survey = 'relational' ORDER BY occurred_at DESC LIMIT 1"
        )
        weight = {"survey": "relational", "month": date(2026, 10, 1), "weight": 1.0, "basis": "customers"}
        with lake.write() as writer:
            writer.insert_new("response_weight", ids.assign(**weight))
            writer.execute(
                "UPDATE feedback SET occurred_at = TIMESTAMPTZ '2026-11-03 10:00:00+00' "
                "WHERE feedback_id IN (SELECT feedback_id FROM response_weight)"
            )
    found = answered(page_of(settings), "relational", date(2026, 11, 1), date(2026, 11, 28))
    assert (found.n_answered, found.basis) == (120, "customers")


def test_reviews_and_uncorrected_surveys_are_not_told_to_publish(app, measured, places):
    page = app(places("reviews"), "scores", "en")
    said = words_of(page)
    assert "Not a sample" in said
    assert "Try another period" not in said
    assert "frozen month" not in said
    said = words_of(app(measured, "scores", "en", score="csat/post_call/1-5"))
    assert "Not corrected for who answered: follow the trend" in said
    assert "publish it with its interval" not in said


def test_scores_of_answers_come_before_those_of_contacts(measured, page_of):
    found = [choice[0] for choice in choices(page_of(measured))]
    assert found[0] == "nps"
    assert found.index("csat") < found.index("fcr_7d")


def test_a_lake_of_an_older_version_says_what_to_run(app, places, tmp_path: Path):
    settings = settings_for(tmp_path)
    write_full(settings)
    with open_lake(settings) as lake, lake.write() as writer:
        writer.execute("DROP TABLE restatement")
    assert "étape measure" in words_of(app(settings, "scores", "fr"))


def test_rows_of_a_version_without_scales_say_what_to_run_and_keep_the_week(app, page_of, tmp_path: Path):
    settings = settings_for(tmp_path)
    write_full(settings)
    with open_lake(settings) as lake, lake.write() as writer:
        for column in ("scale", "tenure_band"):
            writer.execute(f"ALTER TABLE metric_daily DROP COLUMN {column}")
    with open_lake(settings) as lake:  # opening it to write migrates
        assert lake.read("SELECT count(*) AS n FROM metric_daily WHERE scale IS NULL")["n"].iloc[0] > 0
    page = app(settings, "scores", "fr")
    assert not page.exception
    assert "étape measure" in words_of(page)
    assert scores(page_of(settings))


def test_levels_are_said_as_people_say_them():
    assert level(str, "age_band", "75+") == "75 years and over"
    assert level(str, "tenure_band", "0-3") == "0-3 months with us"
    assert level(str, "digital_habit", "avoids") == "those who avoid digital"
    assert level(str, "value_band", "(none)") == "not known"


def test_the_question_shown_is_that_of_its_own_scale():
    with duckdb.connect() as connection:
        connection.execute(QUESTIONNAIRE.ddl())
        for scale in ("0-1", "0-10"):
            connection.execute("INSERT INTO questionnaire (survey, metric, scale) VALUES ('s', 'csat', $1)", [scale])
        for scale in ("0-10", "0-10 (low is good)"):
            asked = connection.execute(score_queries.WORDING, {"survey": "s", "metric": "csat", "scale": scale}).df()
            assert asked["scale"].tolist() == ["0-10"]
