"""Intervals by the profile of the sum of squares."""

import numpy as np
import pytest

from scl_fem.fits.least_squares import fisher_exceedance, minimise, student_quantile


def test_quantiles():
    # tables of Student's t
    assert student_quantile(1) == pytest.approx(12.706, abs=5e-4)
    assert student_quantile(10) == pytest.approx(2.228, abs=5e-4)
    assert student_quantile(np.inf) == pytest.approx(1.960, abs=5e-4)
    # of Fisher's F at 1 %
    assert fisher_exceedance(10.04, 1, 10) == pytest.approx(0.01, rel=2e-3)


@pytest.fixture
def line():
    """Residuals of a straight line, and intercept, slope and covariance by linear algebra."""
    x = np.linspace(0.0, 3.0, 12)
    y = 1.0 - 0.5 * x + 0.1 * np.random.default_rng(4).standard_normal(x.size)
    design = np.column_stack([np.ones_like(x), x])
    inverse = np.linalg.inv(design.T @ design)
    best = inverse @ design.T @ y
    variance = np.sum((y - design @ best) ** 2) / (x.size - 2)
    return (lambda p: y - design @ p), best, np.sqrt(variance * np.diag(inverse))


@pytest.mark.parametrize("index", [0, 1])
def test_a_linear_model_gives_the_exact_interval(line, index):
    residuals, best, errors = line
    wide = np.full(2, np.inf)
    minimum = minimise(residuals, np.zeros(2), -wide, wide)
    found = minimum.estimate(minimum.parameter(index, 0.1))
    half = student_quantile(10) * errors[index]
    assert found.value == pytest.approx(best[index], abs=1e-6)
    assert [found.low, found.high] == pytest.approx([best[index] - half, best[index] + half], rel=1e-3)


def test_an_interval_ends_at_the_bounds(line):
    residuals, best, errors = line
    bound = best[1] + 0.5 * errors[1]
    minimum = minimise(residuals, np.zeros(2), np.full(2, -np.inf), np.array([np.inf, bound]))
    found = minimum.estimate(minimum.parameter(1, 0.1))
    assert found.low < best[1] < found.high == bound


def test_data_without_noise_have_an_interval_of_no_width():
    x = np.linspace(0.1, 2.0, 9)
    exact = np.exp(-1.3 * x)
    minimum = minimise(lambda p: exact - np.exp(-p[0] * x), np.array([1.0]), np.array([0.0]), np.array([9.0]))
    found = minimum.estimate(minimum.parameter(0, 0.1))
    assert found.low <= found.value <= found.high
    assert [found.low, found.high] == pytest.approx([1.3, 1.3], rel=1e-6)
