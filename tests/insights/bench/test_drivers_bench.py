"""The benchmark's own arithmetic: what was planted, and the rivals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insights.bench.drivers import _dropped, _top, many_companies
from insights.bench.drivers_planted import counterparts, euros, points, true_lists


def test_drop_one_theme_is_the_gain_of_the_score_without_the_answers_that_name_it() -> None:
    score = np.array([10.0, 10.0, 0.0, 8.0])
    flags = np.array([[0.0], [0.0], [1.0], [0.0]])
    assert _dropped(score, flags, "nps")[0] == pytest.approx(2 / 3 - 1 / 4)
    assert _dropped(np.array([5.0, 1.0]), np.array([[0.0], [1.0]]), "csat")[0] == pytest.approx(0.5)


def test_top_counts_all_that_are_as_strong_as_the_third() -> None:
    assert _top(np.array([9.0, 8.0, 7.0, 1.0]), np.array([3.0, 1.0, 3.0, 3.0])) == pytest.approx(2 / 3)


def test_the_fit_beats_the_arithmetic_of_the_suites_where_irritants_are_named_together() -> None:
    found = many_companies(n=2)
    assert all(entry.value > entry.rival_value for entry in found)


def test_planted_points_and_euros_follow_the_simulator() -> None:
    assert points()["IRR-27"] == 3.0 and points()["IRR-17"] == 1.1
    t0 = pd.Timestamp(2026, 5, 31)
    mentions = pd.DataFrame(
        {
            **{"customer_id": ["C1", "C2", "C2"], "true_irritant": ["IRR-01", "IRR-09", None], "irritant_id": "IR-1"},
            **{"true_leave": [False, False, True], "day": t0 - pd.Timedelta(days=10)},
        }
    )
    panel = pd.DataFrame(
        {
            **{"customer_id": ["C1", "C2", "C3"], "t0": t0, "value_eur": 100.0, "gap_days": 14},
            **{"horizon_days": 90, "irritants_90d": [[], [], []]},
        }
    )
    hazards = pd.DataFrame(
        {"customer_id": ["C1", "C2", "C3"], "as_of": t0.date(), "chosen_90d_probability": [0.1, 0.1, 0.1]}
    )
    found = euros(mentions, panel, hazards).set_index("irritant_id")["planted"]
    assert 0 < found["IRR-09"] < found["IRR-01"] < 100 * 0.1, "loud is not costly, and never more than the whole risk"
    assert true_lists(euros(mentions, panel, hazards), panel)["irritants_90d"].tolist() == [["IRR-01"], ["IRR-09"], []]
    assert counterparts(mentions) == {"IR-1": "IRR-01"}
