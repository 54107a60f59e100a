"""The part `scores`: coverage is exact, the planted bias is seen and taken out on one portfolio, rows can be made."""

from __future__ import annotations

import numpy as np
import pytest

from insights.bench.scores_bias import portfolio
from insights.bench.scores_intervals import METHODS, adjusted_wald, coverage, samples, wald
from insights.bench.scores_million import fill
from insights.lake import Lake


def test_every_sample_is_there_once() -> None:
    found = samples(10)
    assert len(found) == 66
    assert len(np.unique(found, axis=0)) == 66
    assert (found.sum(axis=1) == 10).all()


def test_coverage_is_that_of_the_methods_table() -> None:
    mix = (0.85, 0.13, 0.02)
    assert coverage(wald, mix, 10) == pytest.approx(0.791, abs=0.01)
    assert 0.935 <= coverage(adjusted_wald, mix, 10) <= 0.965
    assert coverage(METHODS["bootstrap"], mix, 10) == pytest.approx(0.787, abs=0.01)


def test_the_corrected_score_of_a_portfolio_is_nearer_to_the_truth() -> None:
    waves = list(portfolio(105))
    raw, corrected = (np.mean([abs(wave[name] - wave["truth"]) for wave in waves]) for name in ("raw", "corrected"))
    assert len(waves) == 4
    assert corrected < raw


def test_the_rows_of_the_large_run_keep_the_contracts(lake: Lake) -> None:
    with lake.write() as writer:
        fill(writer, 300)
    counts = lake.counts()
    assert (counts["feedback"], counts["answer"], counts["invitation"]) == (300, 300, 600)
    assert lake.check_keys() == []
    assert lake.scalar("SELECT count(*) FROM answer JOIN feedback USING (feedback_id, customer_id)") == 300
