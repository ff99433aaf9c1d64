"""Activation energy from diffusivities at several temperatures: D = D_inf exp(-Ea/kT)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scl_fem.constants import ROOM_TEMPERATURE
from scl_fem.errors import InputError
from scl_fem.fits.data import checked, checked_errors, implausible
from scl_fem.fits.estimates import Estimate, Goodness
from scl_fem.fits.lack_of_fit import (
    NO_MATTER,
    SIGNIFICANCE,
    improvement_probability,
    residuals_probability,
    weights_remark,
)
from scl_fem.fits.least_squares import fisher_exceedance, linear_minimum, student_quantile
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
        remarks: what else a reader should know: lack of fit and its likely reason, weights, odd numbers.
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
    remarks: tuple[str, ...] = ()

    def diffusivity(self, temperature: npt.ArrayLike) -> Array:
        """The fitted D in cm^2/s at temperatures in K."""
        beta = inverse_thermal_energy(temperature) - inverse_thermal_energy(ROOM_TEMPERATURE)
        with np.errstate(over="ignore", under="ignore"):
            return self.D_room_cm2_per_s.value * np.exp(-self.activation_energy_eV.value * beta)

    def limits(self, temperature: npt.ArrayLike) -> tuple[Array, Array]:
        """Lower and upper confidence limits of the fitted D in cm^2/s at temperatures in K."""
        beta = inverse_thermal_energy(temperature) - inverse_thermal_energy(ROOM_TEMPERATURE)
        weights = np.stack([np.ones_like(beta), beta])
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
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
    D_error_cm2_per_s: npt.ArrayLike | None = None,
    relative_error: npt.ArrayLike | None = None,
    freedom: npt.ArrayLike = np.inf,
) -> ArrheniusFit:
    """Fit D = D_inf exp(-Ea/kT).

    Without errors of the data their scatter about the line tells the intervals (Student's t with n - 2
    degrees of freedom). With them the data are weighted, their errors are propagated, and a scatter that
    they do not explain widens the intervals. Whether ln D is straight over 1/T is tested, and said among the
    remarks if it is not.

    Args:
        temperature_K: (n,), two different ones or more.
        D_cm2_per_s: (n,) positive.
        D_error_cm2_per_s: (n,) standard errors of D, or one number, where they are known.
        relative_error: (n,) standard errors of ln D instead.
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
    of_data = checked_errors("D_cm2_per_s", D_error_cm2_per_s, diffusivity)
    if of_data is not None:
        relative_error = of_data / diffusivity
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
    chi2 = None if relative_error is None else scatter
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
        goodness=Goodness.of(logs, residuals, 2, chi2),
        log_covariance=covariance,
        quantile=quantile,
        not_identifiable=() if np.isfinite(quantile) and np.isfinite(scale) else (unknown,),
        remarks=(
            *implausible(temperature_K=temperature, D_cm2_per_s=diffusivity),
            *([] if of_data is None else [weights_remark("D_error_cm2_per_s", [scatter])]),
            *_lack_of_fit(beta, logs, errors, residuals, None if relative_error is None else freedom),
        ),
    )


def _lack_of_fit(
    beta: Array, logs: Array, errors: Array, residuals: Array, freedom: npt.ArrayLike | None
) -> Iterator[str]:
    """A sentence if ln D is not a straight line over 1/kT.

    Args:
        beta: (n,) 1/kT from some origin.
        logs: (n,) ln D.
        errors: (n,) of ln D, ones where they are not known.
        residuals: (n,) from the line.
        freedom: from which the errors were estimated; None where they are not known.
    """
    if np.sqrt(np.mean(residuals**2)) < NO_MATTER or logs.size < 3:
        return
    known = freedom is not None
    line, bent = (
        linear_minimum(np.vander(beta, degree + 1, increasing=True), logs, errors, has_known_errors=known)
        for degree in (1, 2)
    )
    # errors that were estimated from few data are not known well enough for chi2
    least = float(np.min(np.asarray(freedom, dtype=float))) if known else np.inf
    if np.isfinite(least):
        gain = line.sum_of_squares - bent.sum_of_squares
        curvature = fisher_exceedance(gain / max(1.0, bent.reduced_chi2), 1, least) if bent.freedom else 1.0
        scatter = fisher_exceedance(line.reduced_chi2, line.freedom, least)
    else:
        curvature = improvement_probability(line, bent)
        scatter = residuals_probability(beta, residuals / errors, 2, has_known_errors=known)
    if curvature < SIGNIFICANCE / 2.0:
        yield (
            f"lack of fit: ln D is curved over 1/T (p = {max(curvature, 1e-99):.1g}), and Ea is a mean over "
            "the range of temperatures: two processes or a phase change within it; fit each part by itself"
        )
    elif scatter < SIGNIFICANCE / 2.0:
        yield (
            f"lack of fit: a straight line of ln D over 1/T does not describe the data (p = "
            f"{max(scatter, 1e-99):.1g}): see outliers, different samples, a phase change"
            f"{', or errors that are too small' if known else ''}"
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
