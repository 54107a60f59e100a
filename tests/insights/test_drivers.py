"""The score that goes with an irritant: the planted gap comes back, with customers drawn and scales kept apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insights.drivers import normalised_score, nps_effect


def company(n: int, seed: int, gap: float = 40.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Mentions and answers: naming IR-0001 costs `gap` points of the -100..100 scale, IR-0002 nothing."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"F{i}" for i in range(n)])
    first, second = rng.random(n) < 0.3, rng.random(n) < 0.3
    level = rng.normal(20 - gap * first, 30, n)
    answers = pd.DataFrame(
        {
            "feedback_id": ids,
            "customer_id": [f"C{i // 2}" for i in range(n)],
            "metric": "nps",
            "scale": "0-10",
            "value": np.clip(np.round((level + 100) / 20), 0, 10),
        }
    )
    rows = [(one, "IR-0001", -0.6) for one in ids[first]] + [(one, "IR-0002", -0.6) for one in ids[second]]
    rows += [(one, None, 0.5) for one in ids]
    return pd.DataFrame(rows, columns=["feedback_id", "irritant_id", "polarity"]), answers


def test_the_planted_gap_comes_back() -> None:
    found = nps_effect(*company(3000, seed=1), seed=1).set_index("irritant_id")
    assert found.loc["IR-0001", "nps_effect"] == pytest.approx(-40, abs=4)
    assert found.loc["IR-0001", "nps_effect_low"] < -40 < found.loc["IR-0001", "nps_effect_high"]
    assert found.loc["IR-0002", "nps_effect_low"] < 0 < found.loc["IR-0002", "nps_effect_high"]
    assert found.loc["IR-0001", ["n_named", "n_other"]].sum() == 3000


def test_interval_covers_at_its_level() -> None:
    inside = []
    for seed in range(60):
        found = nps_effect(*company(300, seed=seed, gap=0.0), seed=seed, draws=200)
        inside.append(((found["nps_effect_low"] <= 0) & (found["nps_effect_high"] >= 0)).mean())
    assert 0.82 <= np.mean(inside) <= 0.97


def test_naming_it_three_times_counts_once_and_order_does_not_matter() -> None:
    mentions, answers = company(400, seed=2)
    thrice = pd.concat([mentions] * 3).sample(frac=1, random_state=1)
    one = nps_effect(mentions, answers, seed=3)
    pd.testing.assert_frame_equal(one, nps_effect(thrice, answers.sample(frac=1, random_state=2), seed=3))


def test_scales_are_not_mixed() -> None:
    """Everybody who is asked on 1-5 is happy and names IR-0001: no effect, though those asked on 0-10 are not happy."""
    n = 200
    answers = pd.DataFrame(
        {
            "feedback_id": [f"F{i}" for i in range(2 * n)],
            "customer_id": None,
            "metric": ["nps"] * n + ["csat"] * n,
            "scale": ["0-10"] * n + ["1-5"] * n,
            "value": [3.0] * n + [5.0] * n,
        }
    )
    named = [f"F{i}" for i in [*range(0, 20), *range(n, n + 150)]]
    rows = [(one, "IR-0001", -0.6) for one in named] + [(f"F{i}", None, 0.1) for i in range(2 * n)]
    mentions = pd.DataFrame(rows, columns=["feedback_id", "irritant_id", "polarity"])
    found = nps_effect(mentions, answers, seed=1).iloc[0]
    assert found["nps_effect"] == pytest.approx(0.0, abs=1e-9)


def test_answers_without_words_or_against_their_words_are_left_out() -> None:
    mentions, answers = company(400, seed=4)
    silent = pd.DataFrame(
        {"feedback_id": ["S1"], "customer_id": ["S"], "metric": ["nps"], "scale": ["0-10"], "value": [10.0]}
    )
    one = nps_effect(mentions, answers, seed=3)
    pd.testing.assert_frame_equal(one, nps_effect(mentions, pd.concat([answers, silent], ignore_index=True), seed=3))
    doubtful = mentions.assign(score_contradicts=mentions["feedback_id"].isin(["F0", "F1", "F2"]))
    found = nps_effect(doubtful, answers, seed=3).iloc[0]
    assert found["n_named"] + found["n_other"] == 397


def test_few_answers_and_no_answers_give_no_number() -> None:
    mentions, answers = company(25, seed=5)
    found = nps_effect(mentions, answers, seed=1)
    few = found["n_named"] < 10
    assert few.any()
    assert found.loc[few, "nps_effect"].isna().all()
    assert nps_effect(mentions, answers.head(0), seed=1)["nps_effect"].isna().all()
    assert nps_effect(mentions.head(0), answers, seed=1).empty


def test_normalised_score_reads_every_scale() -> None:
    answers = pd.DataFrame(
        {
            "scale": ["0-10", "1-5", "1-7 (low is good)", "étoiles", "1-5", None],
            "value": [10.0, 2.0, 1.0, 4.0, 9.0, 3.0],
        }
    )
    assert normalised_score(answers) == pytest.approx([100.0, -50.0, 100.0, np.nan, np.nan, np.nan], nan_ok=True)
