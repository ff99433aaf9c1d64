"""Where a function of the potential reaches a value: brackets that widen, then a root."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scl_fem.physics.types import Array

_FIRST_STEP, _FURTHEST = 1e-4, 100.0
"""V: of the search for a bracket; no potential of a cell lies further."""

_PLACES = np.concatenate([[0.0], np.geomspace(1e-7, _FURTHEST, 200)])


def root(function: Callable[[float], float], guess: float) -> float | None:
    """The potential at which a falling function is 0, to round-off; None where it is not within 100 V.

    Args:
        function: of a potential (V).
        guess: about where.
    """
    at_guess = function(guess)
    if at_guess == 0.0:
        return guess
    direction = 1.0 if at_guess > 0.0 else -1.0
    step, near = _FIRST_STEP, guess
    while step <= _FURTHEST:
        far = guess + direction * step
        value = function(far)
        if value == 0.0:
            return far
        if (value > 0.0) != (at_guess > 0.0):
            return _between(function, near, far)
        near, step = far, 2.0 * step
    return None


def first_crossing(function: Callable[[Array], Array], value: float) -> list[float]:
    """Place (V) nearest to 0, on either side, at which a function has a value: none, or one.

    Args:
        function: of potentials; not `value` at 0.
        value: the one.
    """
    sign = np.sign(float(function(np.zeros(1))[0]) - value)
    crossed = []
    for direction in (1.0, -1.0):
        beyond = np.flatnonzero(np.sign(function(direction * _PLACES) - value) != sign)
        if beyond.size:
            crossed.append((int(beyond[0]), direction))
    if not crossed:
        return []
    place, direction = min(crossed)
    return [
        direction
        * _between(
            lambda at: float(function(np.array([direction * at]))[0] - value),
            _PLACES[place - 1],
            _PLACES[place],
        )
    ]


def _between(function: Callable[[float], float], low: float, high: float) -> float:
    """The root in a bracket, to round-off."""
    from scipy.optimize import brentq

    return float(brentq(function, low, high, xtol=1e-18, rtol=4 * np.finfo(float).eps, maxiter=1000))
