"""Jump rates from T2 relaxation against temperature: BPP above the break point, a rigid lattice below."""

from __future__ import annotations

import math
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
from scl_fem.fits.least_squares import Minimum, Quantity
from scl_fem.fits.t2_models import CERTAINTY as _CERTAINTY
from scl_fem.fits.t2_models import ENERGY_STEP as _ENERGY_STEP
from scl_fem.fits.t2_models import Regime, RelaxationData, improves
from scl_fem.physics.relaxation import (
    JUMP_LENGTH_LVO_NM,
    LARMOR_FREQUENCY_LI6_HZ,
    inverse_thermal_energy,
    jump_diffusivity,
    transverse_relaxation_time,
)
from scl_fem.physics.types import Array

_LACK: dict[Regime, str] = {
    "break": "T2 is not constant below the break point, so that the lattice is not rigid there, or the break "
    "is not sharp (several kinds of Li): T_b and what follows from it cannot be relied on",
    "mobile": "ln T2 is not straight over 1/T, near the minimum of T2, near the rigid lattice or for two "
    "processes: Ea is a mean over the range; leave out those data",
    "rigid": "T2 is not constant, but neither grows as by jumps: more than one process",
}
"""What a richer model shows."""

_BENT = (
    "activation_energy_eV: it is the slope of a straight line, but ln T2 bends over 1/T: near the minimum "
    "of T2 (w0 tau_c near 1) or near the rigid lattice the slope is less than Ea; leave those data out"
)
"""Said of data that a line fits badly."""

_LEAST_DATA = 3

_LOG_STEP = 0.02
_BETA_STEP = 0.5
"""Changes of ln T2, of Ea in eV and of 1/kT in 1/eV that matter."""


@dataclass(frozen=True)
class T2Fit:
    """What T2 against temperature tells; None where it does not.

    Attributes:
        temperature_K: (n,) ascending.
        T2_s: (n,) of the data.
        regime: "break": the data show both sides of the break point; "mobile": T2 grows throughout;
            "rigid": T2 does not change.
        fitted_s: (n,) the model's T2.
        larmor_frequency_Hz: nu.
        activation_energy_eV: Ea.
        T2_rigid_s: T2 of the rigid lattice.
        break_temperature_K: T_b.
        tau_inf_s: correlation time at infinite temperature.
        tau_room_s: correlation time at 298.15 K.
        D_room_cm2_per_s: l^2/(n tau_c) at 298.15 K.
        goodness: of ln T2.
        not_identifiable: what the data do not tell, and why.
        remarks: what else a reader should know: lack of fit and its likely reason, weights, odd numbers.
    """

    temperature_K: Array
    T2_s: Array
    regime: Regime
    fitted_s: Array
    larmor_frequency_Hz: float
    goodness: Goodness
    not_identifiable: tuple[str, ...]
    activation_energy_eV: Estimate | None = None
    T2_rigid_s: Estimate | None = None
    break_temperature_K: Estimate | None = None
    tau_inf_s: Estimate | None = None
    tau_room_s: Estimate | None = None
    D_room_cm2_per_s: Estimate | None = None
    remarks: tuple[str, ...] = ()

    def curve(self, temperature: npt.ArrayLike) -> Array:
        """The fitted T2 in s at temperatures in K."""
        if self.T2_rigid_s and self.break_temperature_K and self.activation_energy_eV:
            return transverse_relaxation_time(
                temperature,
                self.T2_rigid_s.value,
                self.break_temperature_K.value,
                self.activation_energy_eV.value,
                self.larmor_frequency_Hz,
            )
        energy = self.activation_energy_eV.value if self.activation_energy_eV else 0.0
        beta = inverse_thermal_energy(temperature) - inverse_thermal_energy(self.temperature_K[0])
        with np.errstate(over="ignore", under="ignore"):
            return self.fitted_s[0] * np.exp(-energy * beta)

    def numbers(self) -> dict[str, Any]:
        """The parameters as fit.json holds them: those that the data tell."""
        estimates = {name: value for name, value in vars(self).items() if isinstance(value, Estimate)}
        return {
            "regime": self.regime,
            **{name: value.as_table() for name, value in estimates.items()},
            "goodness": self.goodness.as_table(),
            "not_identifiable": list(self.not_identifiable),
        }


def fit_t2(
    temperature_K: npt.ArrayLike,
    T2_s: npt.ArrayLike,
    *,
    jump_length_nm: float = JUMP_LENGTH_LVO_NM,
    dimension_factor: int = 2,
    larmor_frequency_Hz: float = LARMOR_FREQUENCY_LI6_HZ,
    T2_error_s: npt.ArrayLike | None = None,
) -> T2Fit:
    """Fit T2 by BPP with the break point.

    With w0 tau_c >> 1 the rate is 3/2 C tau_c, and C and tau_inf cannot be told apart but by the break
    point, where tau_c = T2_rigid/sqrt(2). Whether there is one in the data is decided by an F
    test against a straight line of ln T2 over 1/T, and that line by one against a constant. The noise
    is taken to be normal in ln T2, of one size (a constant relative error) unless errors are given. What the
    model does not describe is among the remarks.

    Args:
        temperature_K: (n,) three or more.
        T2_s: (n,) transverse relaxation times.
        jump_length_nm: l, between sites.
        dimension_factor: n of D = l^2/(n tau_c): 2, 4 or 6.
        larmor_frequency_Hz: nu.
        T2_error_s: (n,) or one number, standard errors of T2, used as weights.

    Raises:
        InputError: the data are not of this kind, too few, or T2 falls with temperature.
    """
    temperature, relaxation = checked(temperature_K=temperature_K, T2_s=T2_s)
    if np.unique(temperature).size < _LEAST_DATA:
        raise InputError(
            f"T2 at {np.unique(temperature).size} temperatures is too little for a fit",
            key="temperature_K",
            allowed=f"{_LEAST_DATA} or more",
        )
    errors = checked_errors("T2_s", T2_error_s, relaxation)
    order = np.argsort(temperature, kind="stable")
    temperature, relaxation = temperature[order], relaxation[order]
    data = RelaxationData(
        inverse_thermal_energy(temperature),
        np.log(relaxation),
        larmor_frequency_Hz,
        np.ones_like(relaxation) if errors is None else errors[order] / relaxation,
        errors is not None,
    )
    regime, minimum = data.best_model()
    estimates, missing = _ESTIMATES[regime](minimum)
    if regime == "mobile" and improves(minimum, data.bent(), _CERTAINTY):
        missing = (*missing, _BENT)
    if "tau_room_s" in estimates:
        estimates["D_room_cm2_per_s"] = estimates["tau_room_s"].mapped(
            lambda tau: jump_diffusivity(tau, jump_length_nm, dimension_factor)
        )
    residuals = minimum.residuals(minimum.parameters) * data.errors
    return T2Fit(
        temperature_K=temperature,
        T2_s=relaxation,
        regime=regime,
        fitted_s=np.exp(data.logs - residuals),
        larmor_frequency_Hz=larmor_frequency_Hz,
        goodness=Goodness.of(
            data.logs,
            residuals,
            minimum.parameters.size,
            minimum.reduced_chi2 if data.has_known_errors else None,
        ),
        not_identifiable=missing,
        remarks=(
            *implausible(temperature_K=temperature, T2_s=relaxation),
            *([weights_remark("T2_error_s", [minimum.reduced_chi2])] if data.has_known_errors else []),
            *_lack_of_fit(data, regime, minimum),
        ),
        **estimates,
    )


def _lack_of_fit(data: RelaxationData, regime: Regime, minimum: Minimum) -> Iterator[str]:
    """A sentence if the model does not describe the data."""
    residuals = minimum.residuals(minimum.parameters)
    if np.sqrt(np.mean((residuals * data.errors) ** 2)) < NO_MATTER:
        return
    richer = data.richer(regime, minimum)
    known = data.has_known_errors
    bends = improvement_probability(minimum, richer) if richer else 1.0
    scatter = residuals_probability(data.beta, residuals, minimum.parameters.size, has_known_errors=known)
    if bends < SIGNIFICANCE / 2.0:
        yield f"lack of fit (p = {max(bends, 1e-99):.1g}): {_LACK[regime]}"
    elif scatter < SIGNIFICANCE / 2.0:
        yield (
            f"lack of fit (p = {max(scatter, 1e-99):.1g}): the model does not describe T2: see outliers, a "
            f"phase change, more than one kind of Li{', or errors that are too small' if known else ''}"
        )


def _break_estimates(minimum: Minimum) -> tuple[dict[str, Estimate], tuple[str, ...]]:
    """Everything."""
    energy = minimum.parameter(1, _ENERGY_STEP)
    estimates = {
        "activation_energy_eV": minimum.estimate(energy),
        "T2_rigid_s": minimum.estimate(minimum.parameter(0, _LOG_STEP)).mapped(np.exp),
        "break_temperature_K": minimum.estimate(minimum.parameter(2, _BETA_STEP)).mapped(
            lambda beta: float(inverse_thermal_energy(beta))
        ),
        "tau_inf_s": minimum.estimate(_log_tau(minimum, 0.0)).mapped(np.exp),
        "tau_room_s": minimum.estimate(
            _log_tau(minimum, float(inverse_thermal_energy(ROOM_TEMPERATURE)))
        ).mapped(np.exp),
    }
    return estimates, ()


def _log_tau(minimum: Minimum, beta: float) -> Quantity:
    """ln tau_c at a value of 1/kT: ln(T2_rigid/sqrt(2)) + Ea (1/kT - 1/kT_b)."""
    ln_sqrt2 = 0.5 * math.log(2.0)

    def parameters(value: float, others: Array) -> Array:
        energy, beta_break = others
        return np.array([value + ln_sqrt2 - energy * (beta - beta_break), energy, beta_break])

    return Quantity(
        value=lambda p: float(p[0] - ln_sqrt2 + p[1] * (beta - p[2])),
        parameters=parameters,
        others=lambda p: p[1:],
        limits=(-np.inf, np.inf),
        step=_LOG_STEP,
        bounds=lambda value: (minimum.lower[1:], minimum.upper[1:]),
    )


def _mobile_estimates(minimum: Minimum) -> tuple[dict[str, Estimate], tuple[str, ...]]:
    """Ea alone."""
    return {"activation_energy_eV": minimum.estimate(minimum.parameter(1, _ENERGY_STEP))}, (
        "T2_rigid_s: T2 grows throughout, its rigid value is not in the data",
        "break_temperature_K: no break point in the data",
        "tau_inf_s, tau_room_s, D_room_cm2_per_s: only a break point tells tau_inf from the dipolar coupling",
    )


def _rigid_estimates(minimum: Minimum) -> tuple[dict[str, Estimate], tuple[str, ...]]:
    """T2 of the rigid lattice alone."""
    return {"T2_rigid_s": minimum.estimate(minimum.parameter(0, _LOG_STEP)).mapped(np.exp)}, (
        "activation_energy_eV: T2 does not change beyond its noise",
        "break_temperature_K: no break point in the data",
        "tau_inf_s, tau_room_s, D_room_cm2_per_s: no jump is fast enough to be seen in T2",
    )


_ESTIMATES = {"break": _break_estimates, "mobile": _mobile_estimates, "rigid": _rigid_estimates}
