"""What each family adds: nested, forward in time, and honest where nothing is shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insights.churn.ablation import (
    CARRIED,
    FULL,
    METRICS,
    NOT_SHOWN,
    STEPS,
    ablation,
    cumulative,
    forward_folds,
    nested_scores,
    verdict,
)
from insights.churn.panel import FAMILIES, lines, prepare


def test_every_family_belongs_to_exactly_one_step():
    placed = [family for families in STEPS.values() for family in families]
    assert sorted(placed) == sorted(FAMILIES)
    assert set(dict(cumulative())[FULL]) == set(FAMILIES)


def test_folds_run_forward_and_learn_only_from_what_had_closed(panel):
    rows = prepare(panel)
    folds = forward_folds(rows, lines(rows)[0], n_folds=3)
    assert folds
    assert [fold.months[0] for fold in folds] == sorted(fold.months[0] for fold in folds)
    for fold in folds:
        assert rows["closes_on"].to_numpy()[fold.train].max() <= np.datetime64(fold.months[0])
        assert set(rows["t0"].iloc[fold.test]) == set(fold.months)
        assert rows["label"].iloc[fold.test].notna().all()


@pytest.fixture(scope="module")
def scored(panel) -> pd.DataFrame:
    rows = prepare(panel)
    return nested_scores(rows, forward_folds(rows, lines(rows)[0], n_folds=2))


def test_a_family_that_carries_the_hazard_is_shown(scored):
    """The planted hazard rests on usage (log-odds -4 a unit) and on two irritants; scores carry nothing."""
    found = {(entry["step"], entry["metric"]): entry for entry in ablation(scored, seed=0, draws=60)}
    assert set(found) == {(step, metric) for step in STEPS for metric in METRICS}
    assert found["behaviour", "pr_auc"]["verdict"] == "shown"
    assert found["behaviour", "lift_top_decile"]["change_low"] > 0
    assert found["scores", "pr_auc"]["verdict"] != "shown"
    assert "change" not in found["crm", "pr_auc"]


def test_a_step_of_noise_is_not_shown(scored):
    rng = np.random.default_rng(3)
    noisy = scored.assign(text=scored["scores"] * np.exp(rng.normal(0, 0.02, len(scored))))
    found = {(entry["step"], entry["metric"]): entry for entry in ablation(noisy, seed=0, draws=60)}
    assert found["text", "pr_auc"]["verdict"] == NOT_SHOWN
    assert found["text", "pr_auc"]["change_low"] <= 0 <= found["text", "pr_auc"]["change_high"]


def test_the_same_rows_in_another_order_give_the_same_figures(scored):
    shuffled = scored.sample(frac=1, random_state=2)
    pd.testing.assert_frame_equal(pd.DataFrame(ablation(scored, 1, 10)), pd.DataFrame(ablation(shuffled, 1, 10)))


def test_steps_can_be_left_out_and_no_fold_gives_no_figure(panel):
    rows = prepare(panel)
    folds = forward_folds(rows, lines(rows)[0], n_folds=1)
    assert list(nested_scores(rows, folds, steps=(FULL,)).columns) == [*CARRIED, FULL]
    assert ablation(nested_scores(rows, []), 0) == []


@pytest.mark.parametrize(
    ("low", "high", "said"), [(0.1, 0.2, "shown"), (-0.2, -0.1, "hurts"), (-0.1, 0.1, "not_shown")]
)
def test_a_verdict_reads_the_interval(low, high, said):
    assert verdict(low, high) == said
