"""The build-up of a cross peak with mixing time at one temperature, and the diffusivity that it tells."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from scl_fem.constants import NM2_PER_CM2
from scl_fem.errors import InputError
from scl_fem.fits.estimates import Estimate, Goodness
from scl_fem.fits.lack_of_fit import NO_MATTER, improvement_probability, residuals_probability
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
_DECAY_GRID = 24
_GRID_DATA = 400
"""Points of the grids of ln D and of relaxation, and most data that are held against them."""

_LARGEST_DECAY = 30.0
"""Shortest mixing time over T1 beyond which nothing is left to see."""

_PLATEAU_SHARE, _OTHER_SHARE = 2.2, 0.1
"""What of the significance goes to a plateau below 1, where it moves D and nothing was done about relaxation,
which makes it likely; and what to each other test, whose effects are strong where they matter."""

_SHIFT = math.log(1.5)
"""Change of ln D by a free amplitude that matters."""

_ANY_AMPLITUDE = 1e3
"""Bound of an amplitude that is fitted to see whether it would be another than 1."""

_STEP = 0.05
"""Change of ln D, and of the amplitude, that matters."""


Reason = Literal["amplitude", "relaxation", "unknown"]


@dataclass(frozen=True)
class LackOfFit:
    """What a build-up shows that its model does not have.

    Attributes:
        reason: the parameter that would describe it best: a plateau other than 1, a relaxation, or neither.
        probability: that noise alone looks so.
        value: of that parameter: the plateau, or T1 in s.
    """

    reason: Reason
    probability: float
    value: float


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
        exchanged_fraction: amplitude times exchanged fraction at the longest mixing time, T1 aside.
        goodness: of the intensities.
        T1_s: relaxation time that was fitted; None where it was not.
        known_T1_s: relaxation time that was given; infinite where none was.
        lack_of_fit: what the model does not describe; None where nothing is seen.
        has_known_errors: whether the intensities had errors as weights.
    """

    temperature_K: float
    mixing_time_s: Array
    intensity: Array
    model: ExchangeModel
    D_cm2_per_s: Estimate
    amplitude: Estimate | None
    exchanged_fraction: Estimate
    goodness: Goodness
    T1_s: Estimate | None = None
    known_T1_s: float = np.inf
    lack_of_fit: LackOfFit | None = None
    has_known_errors: bool = False

    def curve(self, time_s: npt.ArrayLike) -> Array:
        """The fitted intensity at mixing times in s."""
        amplitude = 1.0 if self.amplitude is None else self.amplitude.value
        relaxation = self.known_T1_s if self.T1_s is None else self.T1_s.value
        decay = np.exp(-np.asarray(time_s, dtype=float) / relaxation)
        return amplitude * self.model(self.D_cm2_per_s.value, time_s) * decay

    @property
    def freedom(self) -> float:
        """Degrees of freedom from which the limits were told; infinity where errors were known."""
        return np.inf if self.has_known_errors else self.goodness.points - self.goodness.parameters


def cube_model(particle_size_nm: float) -> ExchangeModel:
    """Exchange of a cube with an infinite medium of the same diffusivity.

    Args:
        particle_size_nm: edge of the cube.
    """
    return lambda diffusivity, time: exchanged_from_cube(diffusivity, time, particle_size_nm)


@dataclass(frozen=True)
class BuildUp:
    """The data of one temperature; parameters: ln D and, where they are free, amplitude and relaxation.

    Attributes:
        time: (n,) mixing times in s, ascending.
        intensity: (n,) of the cross peak.
        model: exchanged fraction of diffusivity and time.
        particle_size_nm: which, with the times, tells where to look for D.
        is_free: whether the amplitude is fitted; it is 1 otherwise.
        T1: relaxation time in s, which multiplies the peak by exp(-t/T1); None where it is fitted.
        can_relax: whether a relaxation that was not given may be the reason of a lack of fit.
        errors: (n,) standard errors of the intensities; ones where they are equal and not known.
        has_known_errors: whether the errors are known, not only their ratios.
        largest_amplitude: that is looked for.
    """

    time: Array
    intensity: Array
    model: ExchangeModel
    particle_size_nm: float
    is_free: bool
    T1: float | None = np.inf
    can_relax: bool = True
    errors: Array | float = 1.0
    has_known_errors: bool = False
    largest_amplitude: float = 1.0

    def fitted(self, temperature: float, significance: float) -> ExsyCurve:
        """Fit.

        Args:
            temperature: K, for messages.
            significance: probability of taking noise for a lack of fit.

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
            goodness=Goodness.of(
                self.intensity,
                residuals * self.errors,
                self.parameters,
                best.reduced_chi2 if self.has_known_errors else None,
            ),
            T1_s=self._relaxation_time(best),
            known_T1_s=np.inf if self.T1 is None else self.T1,
            lack_of_fit=self._lack_of_fit(significance),
            has_known_errors=self.has_known_errors,
        )

    @property
    def parameters(self) -> int:
        """Their number."""
        return 1 + self.is_free + (self.T1 is None)

    @cached_property
    def log_range(self) -> tuple[float, float]:
        """ln D between which the data can tell one D from another."""
        moving = self.time[self.time > 0.0]
        scale = self.particle_size_nm**2 / (4.0 * NM2_PER_CM2)
        reach = _DECADES * np.log(10.0)
        return float(np.log(scale / moving.max()) - reach), float(np.log(scale / moving.min()) + reach)

    @cached_property
    def minimum(self) -> Minimum:
        """The best parameters: the best of a grid over ln D (and the relaxation), refined.

        Where the data cannot tell it from no exchange, or from complete exchange, it is that: a number from
        the flat part of the sum of squares would mean nothing.
        """
        low, high = self.log_range
        highest_decay = _LARGEST_DECAY * float(self.time[-1] / self.time[self.time > 0.0].min())
        lower = np.array([low, *([0.0] * (self.parameters - 1))])
        upper = np.array([high, *([self.largest_amplitude] * self.is_free), highest_decay])[: self.parameters]
        found = minimise(
            self._residuals, self._start(highest_decay), lower, upper, has_known_errors=self.has_known_errors
        )
        for end in (low, high):
            extreme = replace(found, parameters=np.array([end, *found.parameters[1:]]))
            if extreme.sum_of_squares <= (1.0 + _FLAT) * found.sum_of_squares:
                return extreme
        return found

    def _start(self, highest_decay: float) -> Array:
        """The best parameters of a grid; of many data, some tell where to begin."""
        some = np.unique(np.linspace(0, self.time.size - 1, min(self.time.size, _GRID_DATA)).astype(int))
        time, peak = self.time[some], self.intensity[some]
        errors = np.broadcast_to(self.errors, self.time.shape)[some]
        low, high = self.log_range
        grid = np.linspace(low, high, _GRID)
        exchanged = self.model(np.exp(grid)[:, None], time) / errors
        decays = [0.0] if self.T1 is not None else [0.0, *np.geomspace(0.05, highest_decay, _DECAY_GRID)]
        best = (np.inf, np.zeros(3))
        for decay in decays:
            shapes = exchanged * np.exp(-self._rate(decay) * time)
            amplitudes = np.ones(_GRID)
            if self.is_free:
                sizes = np.maximum(np.sum(shapes**2, axis=1), np.finfo(float).tiny)
                amplitudes = np.clip(shapes @ (peak / errors) / sizes, 0.0, self.largest_amplitude)
            squares = np.sum((peak / errors - amplitudes[:, None] * shapes) ** 2, axis=1)
            first = int(np.argmin(squares))
            if squares[first] < best[0]:
                best = squares[first], np.array([grid[first], amplitudes[first], decay])
        is_parameter = np.array([True, self.is_free, self.T1 is None])
        return best[1][is_parameter]

    def _rate(self, decay: float) -> float:
        """1/T1 in 1/s: given, or of the parameter, which is the longest time over T1."""
        return decay / float(self.time[-1]) if self.T1 is None else 1.0 / self.T1

    def _residuals(self, parameters: Array) -> Array:
        amplitude = parameters[1] if self.is_free else 1.0
        peak = amplitude * self.model(np.exp(parameters[0]), self.time)
        return (self.intensity - peak * np.exp(-self._rate(parameters[-1]) * self.time)) / self.errors

    def _relaxation_time(self, best: Minimum) -> Estimate | None:
        """T1, infinite where no relaxation is seen."""
        if self.T1 is not None:
            return None
        longest = float(self.time[-1])
        return best.estimate(best.parameter(self.parameters - 1, _STEP)).mapped(
            lambda decay: np.divide(longest, decay)
        )

    def _lack_of_fit(self, significance: float) -> LackOfFit | None:
        """What the model does not describe: held against a free amplitude, relaxation, and the noise."""
        best = self.minimum
        residuals = best.residuals(best.parameters)
        if np.sqrt(np.mean((residuals * self.errors) ** 2)) < NO_MATTER:
            return None
        richer: dict[Reason, BuildUp] = {}
        if not self.is_free:
            richer["amplitude"] = replace(self, is_free=True, largest_amplitude=_ANY_AMPLITUDE)
        if self.can_relax and np.inf == self.T1:
            richer["relaxation"] = replace(self, T1=None)
        found: list[tuple[float, LackOfFit]] = []
        for reason, other in richer.items():
            if self.time.size <= other.parameters:
                continue
            value = other._told(reason)
            # a plateau is sought below 1, a relaxation above none: one side of the F test
            side = 0.5 if reason == "relaxation" or value < 1.0 else 1.0
            lack = LackOfFit(reason, side * improvement_probability(best, other.minimum), value)
            shift = abs(float(other.minimum.parameters[0] - best.parameters[0]))
            is_default = self.can_relax and np.inf == self.T1
            matters = is_default and reason == "amplitude" and value < 1.0 and shift > _SHIFT
            found.append((_PLATEAU_SHARE if matters else _OTHER_SHARE, lack))
        probability = residuals_probability(
            self.time, residuals, self.parameters, has_known_errors=self.has_known_errors
        )
        found.append((_OTHER_SHARE, LackOfFit("unknown", probability, float("nan"))))
        if any(lack.probability < share * significance for share, lack in found):
            return min((lack for _, lack in found), key=lambda each: each.probability)
        return None

    def _told(self, reason: Reason) -> float:
        """The parameter that a richer model adds: amplitude, or T1 in s."""
        last = float(self.minimum.parameters[-1])
        least = float(np.finfo(float).tiny)
        return last if reason == "amplitude" else float(self.time[-1]) / max(last, least)

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
            parameters=lambda value, others: np.insert(others, 1, value / shape(others[0])),
            others=lambda parameters: np.delete(parameters, 1),
            limits=(0.0, 1.0),
            step=_STEP,
            # no amplitude above 1
            bounds=lambda value: (
                np.array([min(log_diffusivity_at(value), high - _STEP), *self.minimum.lower[2:]]),
                np.array([high, *self.minimum.upper[2:]]),
            ),
        )

    def _diffusivity(self, log_diffusivity: float) -> float:
        """D in cm^2/s; 0 or infinite at an end of the range, which the data cannot tell from it."""
        low, high = self.log_range
        if log_diffusivity <= low + _STEP:
            return 0.0
        return np.inf if log_diffusivity >= high - _STEP else float(np.exp(log_diffusivity))

    def _check(self, temperature: float) -> None:
        """See that there is more data than parameters."""
        parameters, times = self.parameters, np.unique(self.time[self.time > 0.0]).size
        if self.time.size > parameters and times >= parameters:
            return
        count = f"{self.time.size} intensities at {temperature:g} K, at {times} mixing times above 0,"
        raise InputError(
            f"{count} are too few to fit {parameters} parameters",
            key="mixing_time_s",
            allowed=f"{parameters + 1} or more at each temperature, at {parameters} or more times above 0",
        )
