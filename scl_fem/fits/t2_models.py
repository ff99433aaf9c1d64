"""The models of T2 over temperature: rigid lattice, jumps, both with a break point between; and richer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scl_fem.errors import InputError
from scl_fem.fits.lack_of_fit import improvement_probability
from scl_fem.fits.least_squares import Minimum, linear_minimum, minimise
from scl_fem.physics.relaxation import inverse_thermal_energy, transverse_relaxation_time
from scl_fem.physics.types import Array

Regime = Literal["break", "mobile", "rigid"]

CERTAINTY = 0.001
"""Probability of refusing data because noise makes T2 seem to fall."""

ENERGY_STEP = 0.01
"""Change of Ea in eV that matters."""

_SIGNIFICANCE = 0.01
"""Probability of taking noise for a break point, or for a slope."""

_LEAST_EACH_SIDE = 2
"""Data that a break point needs below it, and above."""

_ENERGY_LIMIT = 5.0
"""Largest activation energy that is looked for, eV."""

_MOST_STARTS = 24
"""Places from which the break point is looked for."""

_LARGEST = 700.0
"""ln of a T2 that a float can hold."""


@dataclass(frozen=True)
class RelaxationData:
    """ln T2 against 1/kT (1/eV), by ascending temperature, and the models of it.

    Attributes:
        beta: (n,) 1/kT, descending.
        logs: (n,) ln T2, T2 in s.
        larmor_frequency_Hz: nu.
        errors: (n,) of ln T2; ones where they are equal and not known.
        has_known_errors: whether they are known.
    """

    beta: Array
    logs: Array
    larmor_frequency_Hz: float
    errors: Array
    has_known_errors: bool = False

    def best_model(self) -> tuple[Regime, Minimum]:
        """The model with the fewest parameters that the data do not refute.

        Raises:
            InputError: T2 falls with temperature.
        """
        rigid, mobile, with_break = self.rigid(), self.mobile(), self.with_break()
        simpler: Minimum = rigid
        regime: Regime = "rigid"
        if mobile.parameters[1] > 0.0 and improves(rigid, mobile, _SIGNIFICANCE):
            simpler, regime = mobile, "mobile"
        if with_break is not None and improves(simpler, with_break, _SIGNIFICANCE):
            return "break", with_break
        if mobile.parameters[1] < 0.0 and improves(rigid, mobile, CERTAINTY):
            raise InputError(
                "T2 falls with temperature, which is not the side of the BPP minimum where jumps are slow "
                "(w0 tau_c > 1)",
                key="T2_s",
                allowed="T2 constant at low temperature and growing above, or one of the two",
            )
        return regime, simpler

    def rigid(self) -> Minimum:
        """A constant: (ln T2_rigid,)."""
        return self._linear(np.ones_like(self.beta))

    def mobile(self) -> Minimum:
        """A straight line: (ln T2 at the mean of 1/kT, Ea)."""
        return self._linear(np.ones_like(self.beta), -self._centred)

    def bent(self) -> Minimum:
        """A parabola: what a straight line is held against."""
        return self._linear(np.ones_like(self.beta), self._centred, self._centred**2)

    def richer(self, regime: Regime, minimum: Minimum) -> Minimum | None:
        """A model that contains the one that was chosen; None if the data are too few for it.

        Args:
            regime: which was chosen; a parabola contains a line and a constant, a slope below the break point
                goes beyond a rigid lattice.
            minimum: its best parameters.
        """
        if regime != "break":
            return self.bent()
        if self.logs.size < minimum.parameters.size + 2:
            return None

        def residuals(parameters: Array) -> Array:
            colder = np.maximum(self.beta - parameters[2], 0.0)
            return self._with_break(parameters[:3]) - parameters[3] * colder / self.errors

        slope = _ENERGY_LIMIT
        return minimise(
            residuals,
            np.append(minimum.parameters, 0.0),
            np.append(minimum.lower, -slope),
            np.append(minimum.upper, slope),
            has_known_errors=self.has_known_errors,
        )

    def with_break(self) -> Minimum | None:
        """BPP above a break point within the data: (ln T2_rigid, Ea, 1/kT_b); None if they are too few."""
        temperatures = np.unique(self.beta)[::-1]
        if temperatures.size < 2 * _LEAST_EACH_SIDE or self.logs.size < 5:
            return None
        lower = np.array([self.logs.min() - 5.0, 0.0, temperatures[-_LEAST_EACH_SIDE]])
        upper = np.array([self.logs.max() + 5.0, _ENERGY_LIMIT, temperatures[_LEAST_EACH_SIDE - 1]])
        last = temperatures.size - _LEAST_EACH_SIDE
        count = min(_MOST_STARTS, last - _LEAST_EACH_SIDE + 1)
        cuts = np.unique(np.linspace(_LEAST_EACH_SIDE, last, count).round().astype(int))
        starts = (self._start(float(temperatures[cut - 1])) for cut in cuts)
        found = [
            minimise(self._with_break, np.array(start), lower, upper, has_known_errors=self.has_known_errors)
            for start in starts
        ]
        return min(found, key=lambda each: each.sum_of_squares)

    @property
    def _centred(self) -> Array:
        return self.beta - self.beta.mean()

    def _linear(self, *columns: Array) -> Minimum:
        return linear_minimum(
            np.column_stack(columns), self.logs, self.errors, has_known_errors=self.has_known_errors
        )

    def _with_break(self, parameters: Array) -> Array:
        """Residuals."""
        log_rigid, energy, beta_break = parameters
        kelvin_by_beta = float(inverse_thermal_energy(1.0))
        # far above the break point tau_c may be less than a float can hold
        with np.errstate(all="ignore"):
            model = np.log(
                transverse_relaxation_time(
                    kelvin_by_beta / self.beta,
                    math.exp(log_rigid),
                    kelvin_by_beta / beta_break,
                    energy,
                    self.larmor_frequency_Hz,
                )
            )
        model = np.nan_to_num(model, nan=_LARGEST, posinf=_LARGEST, neginf=-_LARGEST)
        return (self.logs - model) / self.errors

    def _start(self, beta_cut: float) -> tuple[float, float, float]:
        """Parameters if the break point came after 1/kT of a temperature: a constant and a line."""
        colder = self.beta >= beta_cut
        log_rigid = float(self.logs[colder].mean())
        slope, _ = np.polyfit(self.beta[~colder], self.logs[~colder], 1)
        energy = max(-float(slope), ENERGY_STEP)
        middle = float(self.beta[~colder].mean())
        return log_rigid, energy, middle + (float(self.logs[~colder].mean()) - log_rigid) / energy


def improves(simple: Minimum, richer: Minimum, significance: float) -> bool:
    """Whether more parameters describe the data better than noise explains.

    Args:
        simple: the model under test.
        richer: one that contains it.
        significance: probability of taking noise for an improvement.
    """
    return improvement_probability(simple, richer) < significance
