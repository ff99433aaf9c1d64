"""Parts of simplices cut by a level: volumes by a closed form and by counting random points."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scl_fem.postprocess.clipping import positive_parts

DIMENSIONS = (1, 2, 3)


def fractions(values):
    """Fraction of each simplex where f > 0, by its parts."""
    total = np.zeros(len(values))
    for part in positive_parts(values):
        np.add.at(total, part.simplices, part.fraction)
    return total


def exact_fraction(values):
    """Sum over the positive vertices of f_i^d / prod (f_i - f_j): the truncated powers of a B-spline."""
    d = len(values) - 1
    return sum(
        f**d / math.prod(f - g for j, g in enumerate(values) if j != i)
        for i, f in enumerate(values)
        if f > 0.0
    )


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_volumes_in_closed_form(dimension):
    values = np.random.default_rng(dimension).uniform(-1.0, 1.0, (500, dimension + 1))
    exact = [exact_fraction(row) for row in values]
    np.testing.assert_allclose(fractions(values), exact, rtol=1e-7, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(DIMENSIONS), st.integers(0, 2**32 - 1), st.floats(-9.0, 0.0))
def test_both_sides_of_the_cut_make_the_whole(dimension, seed, power):
    values = np.random.default_rng(seed).normal(0.0, 1.0, (20, dimension + 1))
    values[:, 0] *= 10.0**power
    np.testing.assert_allclose(fractions(values) + fractions(-values), 1.0, rtol=1e-12)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_volumes_and_integrals_against_random_points(dimension):
    """The parts are where f > 0, not just as large: the mean of a polynomial over them."""
    random = np.random.default_rng(7)
    points = random.dirichlet(np.ones(dimension + 1), 400_000)
    weights = random.uniform(-1.0, 1.0, dimension + 1)
    for signs in itertools.product((-1.0, 1.0), repeat=dimension + 1):
        values = np.array(signs) * random.uniform(0.2, 1.0, dimension + 1)
        inside = points @ values > 0.0
        volume, moment = 0.0, 0.0
        for part in positive_parts(values[None]):
            corners = np.eye(dimension + 1) if part.corners is None else part.corners[0]
            assert part.fraction[0] == pytest.approx(abs(np.linalg.det(corners)), rel=1e-12)
            volume += part.fraction[0]
            moment += part.fraction[0] * (corners @ weights).mean()  # exact for a linear function
        assert volume == pytest.approx(inside.mean(), abs=4e-3)
        assert moment == pytest.approx(((points @ weights) * inside).mean(), abs=4e-3)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_levels_that_touch_vertices(dimension):
    one = np.eye(dimension + 1)[0]
    assert fractions(np.zeros((1, dimension + 1))) == 0.0
    assert fractions(-one[None]) == 0.0
    # zero at all vertices but one: positive inside
    assert fractions(one[None]) == pytest.approx(1.0)
    assert fractions(np.ones((1, dimension + 1))) == 1.0
    # zero at one vertex, of either sign at the others
    values = np.array([[0.0, 1.0, -1.0, -1.0][: dimension + 1]])
    expected = {1: 1.0, 2: 0.5, 3: 0.25}[dimension]
    assert fractions(values) == pytest.approx(expected)
