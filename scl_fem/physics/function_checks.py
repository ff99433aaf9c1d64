"""What laws that are plain functions of a user have in common: derivatives by complex steps, and checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scl_fem.errors import InputError
from scl_fem.physics.types import Array

_STEP = 1e-20
"""Complex step relative to the argument: no difference is taken, so it may be as small."""

_SMALLEST_STEP = 1e-290

_FORWARD = 1e-4
"""Step of the difference that the derivative is compared with, relative to the argument."""

_AGREEMENT = 1e-4
"""How far the two may be apart, relative to the slope or the value over the argument."""


def complex_step(function: Callable[[Any], Array], at: Array) -> Array:
    """The derivative of a function of real numbers that takes complex ones, to round-off.

    Args:
        function: of one variable.
        at: where.
    """
    at = np.asarray(at, dtype=np.float64)
    step = np.maximum(_STEP * np.where(at == 0.0, 1.0, np.abs(at)), _SMALLEST_STEP)
    return np.imag(function(at + 1j * step)) / step


def checked_values(name: str, of: str, at: Array, function: Callable[[Array], Array]) -> Array:
    """Values of a law, once it is sure that they are finite numbers.

    Args:
        name: of the law.
        of: what its variable is called.
        at: places.
        function: of the places.

    Raises:
        InputError: they are not.
    """
    try:
        with np.errstate(all="ignore"):
            values = np.array(function(at))
    except Exception as error:  # it is a user's: it may raise anything
        problem = f"fails on an array: {type(error).__name__}: {error}"
        raise unfit(name, problem, "a function of NumPy arrays") from error
    if values.dtype.kind not in "fiu":
        raise unfit(name, f"gives {values.dtype} of real numbers", "real numbers")
    if not np.all(np.isfinite(values)):
        worst = float(at[np.argmin(np.isfinite(values))])
        raise unfit(name, f"is not finite at {of} = {worst:.3g}", "finite numbers")
    return values.astype(np.float64)


def check_derivative(
    name: str,
    at: Array,
    scale: Array,
    function: Callable[[Array], Array],
    derivative: Callable[[Array], Array],
) -> None:
    """Compare the derivative with differences.

    Args:
        name: of the law.
        at: places.
        scale: length on which the function may vary at each.
        function: of the places.
        derivative: of it.

    Raises:
        InputError: it is not the derivative, or cannot be had.
    """
    remedy = "NumPy functions that take complex numbers (x**(1/3), not cbrt), or derivative=..."
    try:
        with np.errstate(all="ignore"):
            slope = np.asarray(derivative(at), dtype=np.float64)
    except Exception as error:  # it is a user's: it may raise anything
        problem = f"cannot be differentiated: {type(error).__name__}: {error}"
        raise unfit(name, problem, remedy) from error
    step = _FORWARD * scale
    difference = (function(at + step) - function(at - step)) / (2.0 * step)
    size = np.maximum(np.abs(difference), np.abs(function(at)) / scale * _FORWARD)
    wrong = ~(np.abs(slope - difference) <= _AGREEMENT * size)
    # a bend within a step is no mistake: a law may be made of pieces
    if np.count_nonzero(wrong) > 2:
        worst = int(np.argmax(wrong))
        problem = (
            f"has another derivative than its values: {slope[worst]:.4g} for {difference[worst]:.4g} "
            f"at {at[worst]:.3g}"
        )
        raise unfit(name, problem, remedy)


def unfit(name: str, problem: str, allowed: str) -> InputError:
    """What to say of a law that cannot be used.

    Args:
        name: of the law.
        problem: what it does, after "the law 'name'".
        allowed: what would do.
    """
    return InputError(f"the law '{name}' {problem}", allowed=allowed)


def called_name(function: Callable[..., Any]) -> str:
    """What a function is called in messages."""
    return str(getattr(function, "__name__", function))
