"""The build-up of a cross peak with mixing time at one temperature, and the diffusivity that it tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from scl_fem.constants import NM2_PER_CM2
from scl_fem.errors import InputError
from scl_fem.fits.estimates import Estimate, Goodness
from scl_fem.fits.least_squares import Minimum, Quantity, minimise
from scl_fem.physics.exchange import exchanged_from_cube
from scl_fem.physics.types import Array

ExchangeModel = Callable[[npt.ArrayLike, npt.ArrayLike], Array]
"""Exchanged fraction (0 to 1) at diffusivities in cm^2/s and times in s, which broadcast."""

_DECADES = 12.0
"""How far beyond the times of the data, in powers of ten of 4Dt/d^2, a diffusivity is looked for."""

_FLAT = 1e-3
"""Relative rise of the sum of squares that means nothing."""

_GRID = 241
_STEP = 0.05
"""Change of ln D, and of the amplitude, that matters."""


@dataclass(frozen=True)
class ExsyCurve:
    """The fitted build-up of the cross peak at one temperature.

    Attributes:
        temperature_K: the temperature.
        mixing_time_s: (n,) ascending.
        intensity: (n,) of the cross peak.
        model: exchanged fraction of diffusivity and time, which the amplitude multiplies.
        D_cm2_per_s: effective diffusivity; 0 or infinite where the data limit it from one side only.
        amplitude: what the cross peak tends to; None where it was not fitted and is 1.
        exchanged_fraction: amplitude times exchanged fraction at the longest mixing time.
        goodness: of the intensities.
    """

    temperature_K: float
    mixing_time_s: Array
    intensity: Array
    model: ExchangeModel
    D_cm2_per_s: Estimate
    amplitude: Estimate | None
    exchanged_fraction: Estimate
    goodness: Goodness

    def curve(self, time_s: npt.ArrayLike) -> Array:
        """The fitted intensity at mixing times in s."""
        amplitude = 1.0 if self.amplitude is None else self.amplitude.value
        return amplitude * self.model(self.D_cm2_per_s.value, time_s)


def cube_model(particle_size_nm: float) -> ExchangeModel:
    """Exchange of a cube with an infinite medium of the same diffusivity.

    Args:
        particle_size_nm: edge of the cube.
    """
    return lambda diffusivity, time: exchanged_from_cube(diffusivity, time, particle_size_nm)


@dataclass(frozen=True)
class BuildUp:
    """The data of one temperature; the parameters are ln D and, where it is free, the amplitude.

    Attributes:
        time: (n,) mixing times in s, ascending.
        intensity: (n,) of the cross peak.
        model: exchanged fraction of diffusivity and time.
        particle_size_nm: which, with the times, tells where to look for D.
        is_free: whether the amplitude is fitted; it is 1 otherwise.
    """

    time: Array
    intensity: Array
    model: ExchangeModel
    particle_size_nm: float
    is_free: bool

    def fitted(self, temperature: float) -> ExsyCurve:
        """Fit.

        Args:
            temperature: K, for messages.

        Raises:
            InputError: too few data.
        """
        self._check(temperature)
        best = self.minimum
        diffusivity = best.estimate(best.parameter(0, _STEP)).mapped(self._diffusivity)
        if self.is_free:
            amplitude, exchanged = best.estimate(best.parameter(1, _STEP)), best.estimate(self._exchanged)
        else:
            amplitude, exchanged = None, diffusivity.mapped(lambda each: self.model(each, self.time[-1]))
        residuals = best.residuals(best.parameters)
        return ExsyCurve(
            temperature_K=temperature,
            mixing_time_s=self.time,
            intensity=self.intensity,
            model=self.model,
            D_cm2_per_s=diffusivity,
            amplitude=amplitude,
            exchanged_fraction=exchanged,
            goodness=Goodness.of(self.intensity, residuals, 1 + self.is_free),
        )

    @cached_property
    def log_range(self) -> tuple[float, float]:
        """ln D between which the data can tell one D from another."""
        moving = self.time[self.time > 0.0]
        scale = self.particle_size_nm**2 / (4.0 * NM2_PER_CM2)
        reach = _DECADES * np.log(10.0)
        return float(np.log(scale / moving.max()) - reach), float(np.log(scale / moving.min()) + reach)

    @cached_property
    def minimum(self) -> Minimum:
        """The best parameters: the best of a grid over ln D, refined.

        Where the data cannot tell it from no exchange, or from complete exchange, it is that: a number from
        the flat part of the sum of squares would mean nothing.
        """
        low, high = self.log_range
        grid = np.linspace(low, high, _GRID)
        shapes = self.model(np.exp(grid)[:, None], self.time)
        if self.is_free:
            sizes = np.maximum(np.sum(shapes**2, axis=1), np.finfo(float).tiny)
            amplitudes = np.clip(shapes @ self.intensity / sizes, 0.0, 1.0)
        else:
            amplitudes = np.ones(_GRID)
        squares = np.sum((self.intensity - amplitudes[:, None] * shapes) ** 2, axis=1)
        first = int(np.argmin(squares))
        start = np.array([grid[first], amplitudes[first]])[: 1 + self.is_free]
        lower, upper = np.array([low, 0.0]), np.array([high, 1.0])
        found = minimise(self._residuals, start, lower[: start.size], upper[: start.size])
        for end in (low, high):
            extreme = replace(found, parameters=np.array([end, *found.parameters[1:]]))
            if extreme.sum_of_squares <= (1.0 + _FLAT) * found.sum_of_squares:
                return extreme
        return found

    def _residuals(self, parameters: Array) -> Array:
        amplitude = parameters[1] if self.is_free else 1.0
        return self.intensity - amplitude * self.model(np.exp(parameters[0]), self.time)

    @property
    def _exchanged(self) -> Quantity:
        """What has exchanged after the longest mixing time, according to the model with its amplitude."""
        longest, (low, high) = self.time[-1], self.log_range

        def shape(log_diffusivity: float) -> float:
            return float(self.model(np.exp(log_diffusivity), longest))

        def log_diffusivity_at(fraction: float) -> float:
            """Inverse of `shape`."""
            from scipy.optimize import brentq

            if fraction <= shape(low):
                return low
            if fraction >= shape(high):
                return high
            return float(brentq(lambda each: shape(each) - fraction, low, high))

        return Quantity(
            value=lambda parameters: float(parameters[1] * shape(parameters[0])),
            parameters=lambda value, others: np.array([others[0], value / shape(others[0])]),
            others=lambda parameters: parameters[:1],
            limits=(0.0, 1.0),
            step=_STEP,
            # no amplitude above 1
            bounds=lambda value: (np.array([min(log_diffusivity_at(value), high - _STEP)]), np.array([high])),
        )

    def _diffusivity(self, log_diffusivity: float) -> float:
        """D in cm^2/s; 0 or infinite at an end of the range, which the data cannot tell from it."""
        low, high = self.log_range
        if log_diffusivity <= low + _STEP:
            return 0.0
        return np.inf if log_diffusivity >= high - _STEP else float(np.exp(log_diffusivity))

    def _check(self, temperature: float) -> None:
        """See that there is more data than parameters."""
        parameters, times = 1 + self.is_free, np.unique(self.time[self.time > 0.0]).size
        if self.time.size > parameters and times >= parameters:
            return
        count = f"{self.time.size} intensities at {temperature:g} K, at {times} mixing times above 0,"
        raise InputError(
            f"{count} are too few to fit {parameters} parameters",
            key="mixing_time_s",
            allowed=f"{parameters + 1} or more at each temperature, at {parameters} or more times above 0",
        )
