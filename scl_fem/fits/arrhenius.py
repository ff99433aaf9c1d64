"""Activation energy from diffusivities at several temperatures: D = D_inf exp(-Ea/kT)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scl_fem.constants import ROOM_TEMPERATURE
from scl_fem.errors import InputError
from scl_fem.fits.data import checked
from scl_fem.fits.estimates import Estimate, Goodness
from scl_fem.fits.least_squares import student_quantile
from scl_fem.physics.relaxation import inverse_thermal_energy
from scl_fem.physics.types import Array

_SMALLEST_SPREAD_K = 0.5
"""Temperatures that lie closer tell no activation energy."""


@dataclass(frozen=True)
class ArrheniusFit:
    """A straight line through ln D against 1/kT.

    Attributes:
        temperature_K: (n,) of the data.
        D_cm2_per_s: (n,) of the data.
        activation_energy_eV: Ea.
        D_inf_cm2_per_s: at infinite temperature.
        D_room_cm2_per_s: at 298.15 K.
        goodness: of ln D.
        log_covariance: (2, 2) of intercept and slope of ln D against 1/kT - 1/kT_room.
        quantile: standard errors in half an interval.
        not_identifiable: what the data do not tell, and why.
    """

    temperature_K: Array
    D_cm2_per_s: Array
    activation_energy_eV: Estimate
    D_inf_cm2_per_s: Estimate
    D_room_cm2_per_s: Estimate
    goodness: Goodness
    log_covariance: Array
    quantile: float
    not_identifiable: tuple[str, ...]

    def diffusivity(self, temperature: npt.ArrayLike) -> Array:
        """The fitted D in cm^2/s at temperatures in K."""
        beta = inverse_thermal_energy(temperature) - inverse_thermal_energy(ROOM_TEMPERATURE)
        return self.D_room_cm2_per_s.value * np.exp(-self.activation_energy_eV.value * beta)

    def limits(self, temperature: npt.ArrayLike) -> tuple[Array, Array]:
        """Lower and upper confidence limits of the fitted D in cm^2/s at temperatures in K."""
        beta = inverse_thermal_energy(temperature) - inverse_thermal_energy(ROOM_TEMPERATURE)
        weights = np.stack([np.ones_like(beta), beta])
        half = self.quantile * np.sqrt(np.einsum("i...,ij,j...", weights, self.log_covariance, weights))
        value = self.diffusivity(temperature)
        return value * np.exp(-half), value * np.exp(half)

    def numbers(self) -> dict[str, Any]:
        """The parameters as fit.json holds them."""
        return {
            "activation_energy_eV": self.activation_energy_eV.as_table(),
            "D_inf_cm2_per_s": self.D_inf_cm2_per_s.as_table(),
            "D_room_cm2_per_s": self.D_room_cm2_per_s.as_table(),
            "goodness": self.goodness.as_table(),
            "not_identifiable": list(self.not_identifiable),
        }


def fit_arrhenius(
    temperature_K: npt.ArrayLike,
    D_cm2_per_s: npt.ArrayLike,
    *,
    relative_error: npt.ArrayLike | None = None,
    freedom: npt.ArrayLike = np.inf,
) -> ArrheniusFit:
    """Fit D = D_inf exp(-Ea/kT).

    Without errors of the data their scatter about the line tells the intervals (Student's t with n - 2
    degrees of freedom). With them the data are weighted, their errors are propagated, and a scatter that
    they do not explain widens the intervals.

    Args:
        temperature_K: (n,), two different ones or more.
        D_cm2_per_s: (n,) positive.
        relative_error: (n,) standard errors of ln D, where they are known.
        freedom: (n,) or one number: degrees of freedom from which those errors were estimated.

    Raises:
        InputError: the data are not of this kind, or tell no activation energy.
    """
    temperature, diffusivity = checked(temperature_K=temperature_K, D_cm2_per_s=D_cm2_per_s)
    if np.ptp(temperature) < _SMALLEST_SPREAD_K:
        raise InputError(
            f"an activation energy needs two temperatures or more, here there is {temperature[0]:g} K alone",
            key="temperature_K",
        )
    beta = inverse_thermal_energy(temperature) - inverse_thermal_energy(ROOM_TEMPERATURE)
    design = np.column_stack([np.ones_like(beta), beta])
    logs = np.log(diffusivity)
    errors = np.ones_like(logs) if relative_error is None else np.asarray(relative_error, dtype=float)
    # intercept and slope as weighted sums of the data
    solution = np.linalg.pinv(design / errors[:, None]) / errors
    intercept, slope = solution @ logs
    residuals = logs - design @ (intercept, slope)
    left = logs.size - 2
    scatter = float(np.sum((residuals / errors) ** 2)) / left if left else np.nan
    if relative_error is None:
        scale, quantile = scatter, student_quantile(left) if left else np.inf
    else:
        scale = max(1.0, scatter) if left else 1.0
        quantile = student_quantile(_effective_freedom(solution[1] * errors, freedom))
    covariance = (solution * errors**2) @ solution.T * scale

    def estimate(weights: tuple[float, float]) -> Estimate:
        value = float(np.dot(weights, (intercept, slope)))
        half = quantile * float(np.sqrt(np.dot(weights, covariance @ weights)))
        half = np.inf if np.isnan(half) else half
        return Estimate(value, value - half, value + half)

    origin = float(inverse_thermal_energy(ROOM_TEMPERATURE))
    unknown = "intervals: two data leave no scatter to tell them from"
    return ArrheniusFit(
        temperature_K=temperature,
        D_cm2_per_s=diffusivity,
        activation_energy_eV=estimate((0.0, 1.0)).mapped(lambda each: -each),
        D_inf_cm2_per_s=estimate((1.0, -origin)).mapped(np.exp),
        D_room_cm2_per_s=estimate((1.0, 0.0)).mapped(np.exp),
        goodness=Goodness.of(logs, residuals, 2),
        log_covariance=covariance,
        quantile=quantile,
        not_identifiable=() if np.isfinite(quantile) and np.isfinite(scale) else (unknown,),
    )


def _effective_freedom(contributions: Array, freedom: npt.ArrayLike) -> float:
    """Degrees of freedom of a sum of errors that were estimated apart (Welch 1947, Satterthwaite 1946).

    Args:
        contributions: (n,) standard errors that add up in quadrature.
        freedom: (n,) degrees of freedom of each.
    """
    variances = contributions**2
    shares = float(np.sum(variances**2 / np.asarray(freedom, dtype=float)))
    return float(np.sum(variances)) ** 2 / shares if shares > 0.0 else np.inf
