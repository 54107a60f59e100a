"""The stacked regressions give what statsmodels gives."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from insights.proof.glm import fit_many


@pytest.fixture(scope="module")
def made() -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(4)
    k, t = 6, 90
    index = np.arange(t)
    columns = np.column_stack([np.ones(t), np.sin(index / 8), np.cos(index / 8), index > 50]).astype(float)
    offset = np.log(rng.uniform(50, 150, (k, t)))
    mean = np.exp(offset - 2 + 0.3 * columns[:, 1] - 0.5 * columns[:, 3])
    counts = rng.negative_binomial(4, 4 / (4 + mean)).astype(float)
    weights = np.ones((k, t))
    weights[:, 40:50] = 0
    return counts, np.repeat(columns[None], k, axis=0), offset, weights


def test_coefficients_and_errors_are_those_of_statsmodels(made):
    counts, design, offset, weights = made
    fits = fit_many(counts, design, offset, weights)
    for row in range(len(counts)):
        used = weights[row] > 0
        family = sm.families.NegativeBinomial(alpha=fits.dispersion[row])
        other = sm.GLM(counts[row][used], design[row][used], family=family, offset=offset[row][used]).fit()
        np.testing.assert_allclose(fits.coef[row], other.params, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(np.sqrt(np.diag(fits.variance[row])), other.bse, rtol=1e-4)


def test_dispersion_brings_pearson_to_its_degrees_of_freedom(made):
    counts, design, offset, weights = made
    fits = fit_many(counts, design, offset, weights)
    variance = fits.mean + fits.dispersion[:, None] * fits.mean**2
    pearson = (weights * (counts - fits.mean) ** 2 / variance).sum(axis=1)
    np.testing.assert_allclose(pearson, weights.sum(axis=1) - design.shape[2], rtol=0.02)
    assert ((fits.dispersion > 0.05) & (fits.dispersion < 0.8)).all()  # planted: 0.25


def test_weeks_left_out_do_not_count(made):
    counts, design, offset, weights = made
    changed = np.where(weights > 0, counts, 999.0)
    np.testing.assert_allclose(
        fit_many(counts, design, offset, weights).coef, fit_many(changed, design, offset, weights).coef
    )


def test_a_given_dispersion_is_kept_and_poisson_is_zero(made):
    counts, design, offset, weights = made
    fits = fit_many(counts, design, offset, weights, np.zeros(len(counts)))
    assert (fits.dispersion == 0).all()
    other = sm.GLM(
        counts[0][weights[0] > 0],
        design[0][weights[0] > 0],
        family=sm.families.Poisson(),
        offset=offset[0][weights[0] > 0],
    ).fit()
    np.testing.assert_allclose(fits.coef[0], other.params, rtol=1e-5, atol=1e-6)


def test_counts_of_nothing_do_not_break(made):
    _, design, offset, weights = made
    fits = fit_many(np.zeros_like(offset), design, offset, weights)
    assert np.isfinite(fits.coef).all() and np.isfinite(fits.variance).all()
