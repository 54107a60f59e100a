"""A score taken apart: the parts sum to it exactly, in both languages, and what is not known is said."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from insights.churn.attribution import Attribution
from insights.churn.calibrate import Sigmoid
from insights.churn.design import Design
from insights.churn.evaluate import cluster_codes
from insights.churn.explain import SCORED, Explanation, anatomy, base, log_odds, terms, unknown
from insights.churn.logistic import fit_logistic
from insights.churn.model import ChurnModel, line_key
from insights.churn.panel import FAMILIES, prepare
from insights.churn.telling import status_sentence, tell, times, unknown_sentence
from insights.churn.training import Parameters
from insights.digest.words import Words
from insights.errors import ModelError
from insights.settings import load_settings

DAY = date(2026, 10, 31)
LABELS = {"IR-0001": "Facture trop élevée"}
STATUSES = ("objected", "unknown", "no_picture", "left", "leaving", "stale", "new", "not_run")


@pytest.fixture(scope="module")
def card():
    return Parameters.from_settings(load_settings()).card


@pytest.fixture(scope="module")
def model(panel, card) -> ChurnModel:
    """A logistic with a sigmoid on the households, so that calibration is in the parts too."""
    known = prepare(panel)
    known = known[known["label"].notna()].reset_index(drop=True)
    design = Design.learn(known)
    clusters = cluster_codes(known["customer_id"].to_numpy())
    fitted = fit_logistic(design.matrix(known), known["label"].to_numpy(float), clusters, 30.0)
    sigmoids = {line_key(14, 90): Sigmoid(1.2, -0.1)}
    return ChurnModel.of_fitted(card, DAY, {}, design, fitted, sigmoids, Attribution.learn(known))


@pytest.fixture(scope="module")
def today(panel) -> pd.DataFrame:
    rows = prepare(panel)
    return rows[rows["t0"] == pd.Timestamp(DAY)].reset_index(drop=True)


def explained(model: ChurnModel, today: pd.DataFrame, place: int = 0) -> Explanation:
    scores = model.predict(today, DAY)
    score = scores.iloc[place].to_dict() | {"n_scored": len(scores)}
    row = today[today["customer_id"] == score["customer_id"]]
    return Explanation(score["customer_id"], SCORED, score, anatomy(model, row), DAY)


def test_the_terms_and_the_base_sum_exactly_to_the_scored_probability(model, today):
    listed = terms(model, today)
    summed = listed.groupby("row")["contribution"].sum().to_numpy() + base(model, today)
    np.testing.assert_allclose(summed, log_odds(model, today), atol=1e-12)
    scored = model.predict(today, DAY).set_index("customer_id")["probability"]
    np.testing.assert_allclose(summed, logit(scored.loc[today["customer_id"]].to_numpy()), atol=1e-9)
    assert listed.groupby("row").size().eq(len(model.design.names)).all()
    assert set(listed["family"]) <= set(FAMILIES)


def test_the_card_is_taken_apart_in_points(card, today):
    model = ChurnModel.of_card(card, DAY, {})
    listed = terms(model, today)
    summed = listed.groupby("row")["contribution"].sum().clip(0, 100)
    np.testing.assert_allclose(summed, card.index(today))
    place = int(np.argmax(card.index(today)))
    one = anatomy(model, today.iloc[[place]])
    assert (one.base, one.base_probability) == (0.0, None)
    assert one.families[0].reason is not None


def test_a_family_that_lowers_the_risk_says_what_lowers_it(model, today):
    for place in (0, len(today) - 1):
        one = explained(model, today, place)
        for part in one.anatomy.families:
            if part.reason is not None:
                assert np.sign(part.reason["contribution"]) == np.sign(part.contribution)
                assert part.reason["contribution"] == pytest.approx(part.contribution, abs=1e-3)
    lowest = explained(model, today, len(today) - 1)
    assert lowest.anatomy.families[0].contribution < 0
    assert lowest.anatomy.families[0].reason is not None


def test_the_strongest_families_that_raise_are_the_reasons_of_the_list(model, today):
    one = explained(model, today)
    raising = [part.family for part in one.anatomy.families if part.contribution > 0 and part.reason]
    assert [reason["family"] for reason in one.reasons] == raising[:3]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_it_is_told_in_both_languages_without_a_code(model, today, language):
    told = "\n".join(tell(explained(model, today), Words(language), LABELS))
    assert {"fr": "Risque de départ", "en": "Risk of leaving"}[language] in told
    assert {"fr": "31 octobre 2026", "en": "31 October 2026"}[language] in told
    assert not [name for name in model.design.names if "_" in name and name in told]
    assert "{" not in told
    assert "nan" not in told.lower().split()


def test_the_card_says_index_and_never_risk(card, today):
    told = "\n".join(tell(explained(ChurnModel.of_card(card, DAY, {}), today), Words("en"), LABELS))
    assert "Index " in told
    assert "Risk of leaving" not in told


@pytest.mark.parametrize("status", STATUSES)
def test_who_has_no_score_is_told_why(status):
    one = Explanation("C1", status, day=date(2026, 9, 1), cause="chosen")
    english, french = (status_sentence(one, Words(language)) for language in ("en", "fr"))
    assert english.startswith("No score")
    assert french.startswith(("Pas de score", "Pas encore de score"))
    assert tell(one, Words("fr"), {})[-1] == french


def test_what_is_not_known_has_a_sentence(today):
    row = today.iloc[[0]].assign(
        usage_known=False, tenure_months=np.nan, nps_last=np.nan, never_asked=True, csat_last_share=np.nan,
        ces_last_share=np.nan, value_eur=np.nan,
    )  # fmt: skip
    codes = unknown(row)
    assert codes == ("usage_last_year", "tenure", "nps_never_asked", "satisfaction_90d", "effort_90d", "value")
    silent = unknown(row.assign(never_asked=False, n_silent_365d=2))
    waiting = unknown(row.assign(never_asked=False, n_silent_365d=0))
    assert ("nps_silent" in silent, "nps_none" in waiting) == (True, True)
    for code in (*codes, "nps_silent", "nps_none"):
        assert unknown_sentence(code, Words("fr")) != unknown_sentence(code, Words("en"))


def test_a_model_that_is_gone_leaves_the_reasons(model, today):
    one = explained(model, today)
    told = "\n".join(tell(Explanation(one.customer_id, SCORED, one.score, None, DAY), Words("en"), LABELS))
    assert "only the strongest reasons are known" in told


def test_an_explanation_is_of_one_row(model, today):
    with pytest.raises(ModelError, match="one customer on one day; 2 rows"):
        anatomy(model, today.iloc[:2])


def test_times_reads_as_a_factor():
    assert (times(0.47, Words("en")), times(-0.5, Words("fr"))) == ("×1.6", "×0,61")
