"""Answers on one scale, and the score of a response."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from insights.mentions.scores import feedback_scores, metric_score
from insights.mentions.training import NEGATIVE_MAX, POSITIVE_MIN


@pytest.mark.parametrize(
    ("metric", "scale", "values", "sign"),
    [
        ("nps", "0-10", range(7), -1),
        ("nps", "0-10", (7, 8), 0),
        ("nps", "0-10", (9, 10), 1),
        ("csat", "1-5", (1, 2), -1),
        ("csat", "1-5", (3,), 0),
        ("csat", "1-5", (4, 5), 1),
        ("ces", "1-7 (high is good)", (1, 2, 3), -1),
        ("ces", "1-7 (high is good)", (4,), 0),
        ("ces", "1-7 (high is good)", (5, 6, 7), 1),
        ("ces", "1-7 (low is good)", (1, 2, 3), 1),
    ],
)
def test_a_score_means_what_its_metric_means(metric: str, scale: str, values: tuple[int, ...], sign: int) -> None:
    for value in values:
        score = metric_score(metric, scale, value)
        assert 0 <= score <= 1
        assert (score >= POSITIVE_MIN) - (score <= NEGATIVE_MAX) == sign


@pytest.mark.parametrize(
    ("metric", "scale", "value"), [("other", "1-5", 3), ("nps", "none", 3), ("nps", "0-10", 11), ("csat", "5-5", 5)]
)
def test_what_cannot_be_read_has_no_score(metric: str, scale: str, value: float) -> None:
    assert math.isnan(metric_score(metric, scale, value))


def test_a_response_has_the_mean_of_its_answers() -> None:
    answers = pd.DataFrame(
        {
            "feedback_id": ["b", "a", "a", "c"],
            "metric": ["nps", "csat", "csat", "other"],
            "scale": ["0-10", "1-5", "1-5", "1-5"],
            "value": [10.0, 1.0, 5.0, 4.0],
        }
    )
    assert feedback_scores(answers).to_dict() == {"a": 0.5, "b": 1.0}
