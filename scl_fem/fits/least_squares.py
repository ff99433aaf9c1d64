"""Least squares by scipy, and intervals of confidence by the profile of the sum of squares.

The profile follows the sum of squares while one quantity is held at a value and the rest adapt. Unlike
the covariance at the minimum it stays right where the model bends, where a parameter ends at a
bound, and where the data limit a quantity from one side only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from scl_fem.fits.estimates import CONFIDENCE, Estimate
from scl_fem.physics.types import Array

Residuals = Callable[[Array], Array]

_SMALLEST_RESIDUAL = 1e-9
"""Residuals (of data that are of order 1) below which they count as round-off."""

_TOLERANCE = 1e-9
_CROSSING_TOLERANCE = 1e-4


def student_quantile(freedom: float) -> float:
    """Half-width of a two-sided interval at `CONFIDENCE` in standard errors (Student's t).

    Args:
        freedom: degrees of freedom, positive; infinity gives the normal distribution's.
    """
    from scipy.special import ndtri, stdtrit

    level = 0.5 * (1.0 + CONFIDENCE)
    return float(stdtrit(freedom, level)) if np.isfinite(freedom) else float(ndtri(level))


def fisher_exceedance(ratio: float, extra: int, freedom: float) -> float:
    """Probability that noise alone makes this ratio of variances, or a larger one (Fisher's F).

    Args:
        ratio: variance that the extra parameters explain, per parameter, over the residual variance.
        extra: number of extra parameters.
        freedom: degrees of freedom of the residual.
    """
    from scipy.special import fdtrc

    return float(fdtrc(extra, freedom, ratio))


@dataclass(frozen=True)
class Quantity:
    """What an interval is wanted for: a parameter, or something that several parameters make up.

    Attributes:
        value: of the parameters (p,).
        parameters: the parameters (p,) at which the quantity has a value, given the p - 1 others.
        others: those p - 1, of the parameters (p,).
        limits: between which the quantity lies by its nature; an end of the interval that reaches one is it.
        step: typical size of a change that matters.
        bounds: lower and upper bounds (p - 1,) each of the others where the quantity has a value.
    """

    value: Callable[[Array], float]
    parameters: Callable[[float, Array], Array]
    others: Callable[[Array], Array]
    limits: tuple[float, float]
    step: float
    bounds: Callable[[float], tuple[Array, Array]]


@dataclass(frozen=True)
class Minimum:
    """The minimum of a sum of squares.

    Attributes:
        residuals: (n,) of the parameters (p,).
        parameters: (p,) where the minimum is.
        lower: (p,) bounds.
        upper: (p,) bounds.
        has_known_errors: whether the residuals are in units of standard errors that are known; if not, their
            own size tells the noise.
    """

    residuals: Residuals
    parameters: Array
    lower: Array
    upper: Array
    has_known_errors: bool = False

    @cached_property
    def sum_of_squares(self) -> float:
        """At the minimum."""
        return float(np.sum(self.residuals(self.parameters) ** 2))

    @cached_property
    def freedom(self) -> int:
        """Degrees of freedom: data minus parameters."""
        return self.residuals(self.parameters).size - self.parameters.size

    @property
    def reduced_chi2(self) -> float:
        """Sum of squares by degree of freedom; near 1 where known errors are right. NaN without freedom."""
        return self.sum_of_squares / self.freedom if self.freedom > 0 else float("nan")

    def parameter(self, index: int, step: float) -> Quantity:
        """One of the parameters as a quantity.

        Args:
            index: which.
            step: typical size of a change that matters.
        """
        rest = np.arange(self.parameters.size) != index
        return Quantity(
            value=lambda parameters: float(parameters[index]),
            parameters=lambda value, others: np.insert(others, index, value),
            others=lambda parameters: parameters[rest],
            limits=(float(self.lower[index]), float(self.upper[index])),
            step=step,
            bounds=lambda value: (self.lower[rest], self.upper[rest]),
        )

    def estimate(self, quantity: Quantity) -> Estimate:
        """Value and interval of a quantity, by the profile.

        The interval holds what raises the sum of squares by less than a share t^2/(n - p) of its
        minimum, t Student's quantile: exact for linear models with normal noise (Bates & Watts,
        Nonlinear Regression Analysis and Its Applications, 1988, chapter 6). With known errors it holds what
        raises the sum by less than the normal distribution's quantile squared, times the reduced chi2 where
        that is above 1: a scatter that the errors do not explain widens the limits.

        Args:
            quantity: what is wanted.
        """
        best = quantity.value(self.parameters)
        if self.has_known_errors:
            scatter = self.reduced_chi2 if self.freedom > 0 else 1.0
            allowed = max(1.0, scatter) * student_quantile(np.inf) ** 2
        else:
            count = self.residuals(self.parameters).size
            noise = max(self.sum_of_squares, count * _SMALLEST_RESIDUAL**2)
            allowed = noise * student_quantile(self.freedom) ** 2 / self.freedom
        ends = [
            _crossing(_Profile(self, quantity), best, limit, quantity.step, allowed)
            for limit in quantity.limits
        ]
        return Estimate(best, *ends)


class _Profile:
    """Rise of the sum of squares where a quantity is held and the others adapt.

    A kink of the model, such as a break point, makes local minima: each solve starts from where the last
    one ended and from the minimum, and the better answer counts.
    """

    def __init__(self, minimum: Minimum, quantity: Quantity) -> None:
        self._minimum, self._quantity = minimum, quantity
        self._others = quantity.others(minimum.parameters)

    def __call__(self, value: float) -> float:
        quantity, residuals = self._quantity, self._minimum.residuals
        if not self._others.size:
            squares = float(np.sum(residuals(quantity.parameters(value, self._others)) ** 2))
            return squares - self._minimum.sum_of_squares
        lower, upper = quantity.bounds(value)
        found = [
            minimise(lambda others: residuals(quantity.parameters(value, others)), start, lower, upper)
            for start in (self._others, quantity.others(self._minimum.parameters))
        ]
        adapted = min(found, key=lambda each: each.sum_of_squares)
        self._others = adapted.parameters
        return adapted.sum_of_squares - self._minimum.sum_of_squares


def minimise(
    residuals: Residuals, start: Array, lower: Array, upper: Array, *, has_known_errors: bool = False
) -> Minimum:
    """Minimise a sum of squares from a start, within bounds.

    Args:
        residuals: (n,) of the parameters (p,).
        start: (p,) parameters; moved into the bounds.
        lower: (p,) bounds.
        upper: (p,) bounds.
        has_known_errors: whether the residuals are in units of known standard errors.
    """
    from scipy.optimize import least_squares

    found = least_squares(
        residuals,
        np.clip(start, lower, upper),
        bounds=(lower, upper),
        jac="2-point",
        x_scale="jac",
        ftol=_TOLERANCE,
        xtol=_TOLERANCE,
        gtol=_TOLERANCE,
    )
    return Minimum(residuals, found.x, lower, upper, has_known_errors)


def linear_minimum(design: Array, data: Array, errors: Array, *, has_known_errors: bool = False) -> Minimum:
    """The minimum of a sum of squares whose model is linear, without bounds.

    Args:
        design: (n, p) what each parameter adds to the model.
        data: (n,).
        errors: (n,) standard errors of the data, or their ratios.
        has_known_errors: whether the errors are known.
    """
    best = np.linalg.lstsq(design / errors[:, None], data / errors, rcond=None)[0]
    wide = np.full(best.size, np.inf)
    return Minimum(lambda p: (data - design @ p) / errors, best, -wide, wide, has_known_errors)


def _crossing(
    rise: Callable[[float], float], best: float, limit: float, step: float, allowed: float
) -> float:
    """Where the rise exceeds what is allowed on the way from the best value to a limit.

    Args:
        rise: of the sum of squares, 0 at the best value.
        best: the best value.
        limit: where to end; the answer if the rise stays below.
        step: first step.
        allowed: the rise that ends the interval.
    """
    from scipy.optimize import brentq

    farthest, direction = abs(limit - best), 1.0 if limit > best else -1.0
    if farthest == 0.0:
        return limit

    # remembered: a profile with local minima depends a little on the way, and a bracket must stay one
    @cache
    def excess(distance: float) -> float:
        return (rise(best + direction * distance) if distance else 0.0) - allowed

    # near the minimum the profile is a parabola: one trial tells where it will cross
    trial = min(step, 0.5 * farthest)
    rises = max(excess(trial) + allowed, np.finfo(float).tiny)
    with np.errstate(over="ignore"):
        inside, outside = 0.0, trial * float(np.clip(1.1 * np.sqrt(allowed / rises), 1e-12, 8.0))
    while excess(min(outside, farthest)) < 0.0:
        if outside >= farthest:
            return limit
        inside, outside = outside, 2.0 * outside
    outside = min(outside, farthest)
    distance = brentq(excess, inside, outside, xtol=_CROSSING_TOLERANCE * outside, rtol=1e-12)
    return best + direction * float(distance)
