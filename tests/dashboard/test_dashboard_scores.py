"""Windows, waves, the least number of answers, and the difference of two scores."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from dashboard_frames import AS_OF

from dashboard.scores import Figure, Score, change_words, scores
from insights.metrics import METRICS


def by_name(page):
    return {(score.survey, score.metric.name): score for score in scores(page)}


def test_the_relationship_survey_is_compared_wave_with_wave(places, page_of):
    nps = by_name(page_of(places("full")))[("relational", "nps")]
    assert nps.weeks == 0
    assert (nps.now.n, nps.before.n) == (60, 60)
    assert (nps.now.value, nps.before.value) == (
        pytest.approx(100 * (18 - 22) / 60),
        pytest.approx(100 * (25 - 15) / 60),
    )
    assert nps.now.since > nps.before.until + timedelta(days=28)


def test_other_surveys_compare_four_weeks_with_the_four_before(places, page_of):
    csat = by_name(page_of(places("full")))[("post_call", "csat")]
    assert csat.weeks == 4
    assert (csat.now.since, csat.now.until) == (AS_OF - timedelta(days=27), AS_OF)
    assert csat.before.until == csat.now.since - timedelta(days=1)


def test_with_too_few_answers_the_window_grows_to_thirteen_weeks_then_says_nothing(places, page_of):
    few = places("full").model_copy(update={"min_answers": 300})
    assert by_name(page_of(few))[("post_call", "csat")].weeks == 13
    none = places("full").model_copy(update={"min_answers": 100_000})
    score = by_name(page_of(none))[("post_call", "csat")]
    assert not score.now.enough
    assert "Pas assez de réponses" in change_words(page_of(none), score)


def test_questionnaires_come_relationship_first_and_reviews_last(places, page_of):
    assert [score.survey for score in scores(page_of(places("full")))] == ["relational", "post_call", "post_call"]
    assert [score.survey for score in scores(page_of(places("reviews")))] == ["review"]


def test_the_interval_of_a_difference_follows_newcombe():
    """Newcombe 1998, his method 10, example a: 56/70 against 48/80 gives 0.0524 to 0.3339."""
    day = date(2026, 1, 1)
    metric = METRICS["csat"]
    one, two = (metric.interval(hits, 0, n) for hits, n in ((56, 70), (48, 80)))
    figures = [Figure(day, day, 0, float(i.value), float(i.low), float(i.high)) for i in (one, two)]
    change, low, high = Score(metric, "post_call", 4, *figures).change
    assert change == pytest.approx(20)
    assert (low, high) == (pytest.approx(5.24, abs=0.01), pytest.approx(33.39, abs=0.01))
