"""Weights and error estimates of backward differences, on polynomials, where both are exact."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scl_fem.solvers.backward_differences import bdf2_weights, predictor

steps = st.floats(1e-3, 1e3)
coefficients = st.lists(st.floats(-2.0, 2.0), min_size=4, max_size=4)


def corrected(polynomial, times, time, order):
    """Solution of one step of dy/dt = p', from exact values before."""
    h, slope = time - times[-1], polynomial.deriv()(time)
    if order == 1:
        return polynomial(times[-1]) + h * slope
    leading, weight, of_older = bdf2_weights(h / (times[-1] - times[-2]))
    return weight * polynomial(times[-1]) - of_older * polynomial(times[-2]) + h / leading * slope


@pytest.mark.parametrize("order", [1, 2])
@settings(deadline=None)
@given(lengths=st.lists(steps, min_size=3, max_size=3), coefficients=coefficients)
def test_estimate_is_the_error_where_the_next_derivative_is_constant(order, lengths, coefficients):
    *times, time = np.cumsum([0.0, *lengths])
    polynomial = np.polynomial.Polynomial([*coefficients[: order + 1], 1.0])
    weights, share = predictor(times, time, order)
    values = [polynomial(each) for each in times[-len(weights) :]]
    extrapolated = np.dot(weights, values)
    solution = corrected(polynomial, times, time, order)
    scale = (
        np.dot(np.abs(weights), np.abs(values)) + abs(polynomial(time)) + time * abs(polynomial.deriv()(time))
    )
    error = abs(solution - polynomial(time))
    assert share * abs(solution - extrapolated) == pytest.approx(error, rel=1e-6, abs=1e-11 * scale)


@pytest.mark.parametrize("order", [1, 2])
@settings(deadline=None)
@given(lengths=st.lists(steps, min_size=3, max_size=3), coefficients=coefficients)
def test_polynomials_of_the_order_are_exact(order, lengths, coefficients):
    *times, time = np.cumsum([0.0, *lengths])
    polynomial = np.polynomial.Polynomial(coefficients[: order + 1])
    weights, share = predictor(times, time, order)
    values = [polynomial(each) for each in times[-len(weights) :]]
    scale = np.dot(np.abs(weights), np.abs(values)) + 1.0
    assert 0.0 < share < 1.0
    assert np.dot(weights, values) == pytest.approx(polynomial(time), abs=1e-11 * scale)
