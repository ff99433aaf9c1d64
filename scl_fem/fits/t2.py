"""Jump rates from T2 relaxation against temperature: BPP above the break point, a rigid lattice below."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from scl_fem.constants import ROOM_TEMPERATURE
from scl_fem.errors import InputError
from scl_fem.fits.data import checked
from scl_fem.fits.estimates import Estimate, Goodness
from scl_fem.fits.least_squares import Minimum, Quantity, fisher_exceedance, minimise
from scl_fem.physics.relaxation import (
    JUMP_LENGTH_LVO_NM,
    LARMOR_FREQUENCY_LI6_HZ,
    inverse_thermal_energy,
    jump_diffusivity,
    transverse_relaxation_time,
)
from scl_fem.physics.types import Array

Regime = Literal["break", "mobile", "rigid"]

_SIGNIFICANCE = 0.01
"""Probability of taking noise for a break point, or for a slope."""

_CERTAINTY = 0.001
"""Probability of refusing data because noise makes T2 seem to fall."""

_BENT = (
    "activation_energy_eV: it is the slope of a straight line, but ln T2 bends over 1/T: near the minimum "
    "of T2 (w0 tau_c near 1) or near the rigid lattice the slope is less than Ea; leave those data out"
)
"""Said of data that a line fits badly."""

_LEAST_EACH_SIDE = 2
"""Data that a break point needs below it, and above."""

_LEAST_DATA = 3

_ENERGY_LIMIT = 5.0
"""Largest activation energy that is looked for, eV."""

_LOG_STEP = 0.02
_ENERGY_STEP = 0.01
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
) -> T2Fit:
    """Fit T2 by BPP with the break point.

    With w0 tau_c >> 1 the rate is 3/2 C tau_c, and C and tau_inf cannot be told apart but by the break
    point, where tau_c = T2_rigid/sqrt(2). Whether there is one in the data is decided by an F
    test against a straight line of ln T2 over 1/T, and that line by one against a constant. The noise
    is taken to be normal in ln T2, of one size: a constant relative error.

    Args:
        temperature_K: (n,) three or more.
        T2_s: (n,) transverse relaxation times.
        jump_length_nm: l, between sites.
        dimension_factor: n of D = l^2/(n tau_c): 2, 4 or 6.
        larmor_frequency_Hz: nu.

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
    order = np.argsort(temperature, kind="stable")
    temperature, relaxation = temperature[order], relaxation[order]
    data = _Data(inverse_thermal_energy(temperature), np.log(relaxation), larmor_frequency_Hz)
    regime, minimum = data.best_model()
    estimates, missing = _ESTIMATES[regime](minimum)
    if regime == "mobile" and _improves(minimum, data.bent(), _CERTAINTY):
        missing = (*missing, _BENT)
    if "tau_room_s" in estimates:
        estimates["D_room_cm2_per_s"] = estimates["tau_room_s"].mapped(
            lambda tau: jump_diffusivity(tau, jump_length_nm, dimension_factor)
        )
    residuals = minimum.residuals(minimum.parameters)
    return T2Fit(
        temperature_K=temperature,
        T2_s=relaxation,
        regime=regime,
        fitted_s=np.exp(data.logs - residuals),
        larmor_frequency_Hz=larmor_frequency_Hz,
        goodness=Goodness.of(data.logs, residuals, minimum.parameters.size),
        not_identifiable=missing,
        **estimates,
    )


@dataclass(frozen=True)
class _Data:
    """ln T2 against 1/kT (1/eV), by ascending temperature, and the three models of it."""

    beta: Array
    logs: Array
    larmor_frequency_Hz: float

    def best_model(self) -> tuple[Regime, Minimum]:
        """The model with the fewest parameters that the data do not refute.

        Raises:
            InputError: T2 falls with temperature.
        """
        rigid, mobile, with_break = self.rigid(), self.mobile(), self.with_break()
        simpler: Minimum = rigid
        regime: Regime = "rigid"
        if mobile.parameters[1] > 0.0 and _improves(rigid, mobile, _SIGNIFICANCE):
            simpler, regime = mobile, "mobile"
        if with_break is not None and _improves(simpler, with_break, _SIGNIFICANCE):
            return "break", with_break
        if mobile.parameters[1] < 0.0 and _improves(rigid, mobile, _CERTAINTY):
            raise InputError(
                "T2 falls with temperature, which is not the side of the BPP minimum where jumps are slow "
                "(w0 tau_c > 1)",
                key="T2_s",
                allowed="T2 constant at low temperature and growing above, or one of the two",
            )
        return regime, simpler

    def rigid(self) -> Minimum:
        """A constant: (ln T2_rigid,)."""
        return _minimum(lambda p: self.logs - p[0], [self.logs.mean()])

    def mobile(self) -> Minimum:
        """A straight line: (ln T2 at the mean of 1/kT, Ea)."""
        centred = self.beta - self.beta.mean()
        slope = float(np.sum(centred * self.logs) / np.sum(centred**2))
        return _minimum(lambda p: self.logs - p[0] + p[1] * centred, [self.logs.mean(), -slope])

    def bent(self) -> Minimum:
        """A parabola: what a straight line is held against."""
        centred = self.beta - self.beta.mean()
        parabola = np.polyfit(centred, self.logs, 2)[::-1]
        return _minimum(lambda p: self.logs - p[0] - p[1] * centred - p[2] * centred**2, list(parabola))

    def with_break(self) -> Minimum | None:
        """BPP above a break point within the data: (ln T2_rigid, Ea, 1/kT_b); None if they are too few."""
        temperatures = np.unique(self.beta)[::-1]
        if temperatures.size < 2 * _LEAST_EACH_SIDE or self.logs.size < 5:
            return None
        lower = np.array([self.logs.min() - 5.0, 0.0, temperatures[-_LEAST_EACH_SIDE]])
        upper = np.array([self.logs.max() + 5.0, _ENERGY_LIMIT, temperatures[_LEAST_EACH_SIDE - 1]])
        starts = (
            self._start(cut) for cut in range(_LEAST_EACH_SIDE, temperatures.size - _LEAST_EACH_SIDE + 1)
        )
        found = [minimise(self._with_break, np.array(start), lower, upper) for start in starts]
        return min(found, key=lambda each: each.sum_of_squares)

    def _with_break(self, parameters: Array) -> Array:
        """Residuals."""
        log_rigid, energy, beta_break = parameters
        kelvin_by_beta = float(inverse_thermal_energy(1.0))
        model = transverse_relaxation_time(
            kelvin_by_beta / self.beta,
            math.exp(log_rigid),
            kelvin_by_beta / beta_break,
            energy,
            self.larmor_frequency_Hz,
        )
        return self.logs - np.log(model)

    def _start(self, cut: int) -> tuple[float, float, float]:
        """Parameters if the break point came after so many temperatures: a constant and a line."""
        colder = self.beta >= np.unique(self.beta)[::-1][cut - 1]
        log_rigid = float(self.logs[colder].mean())
        slope, _ = np.polyfit(self.beta[~colder], self.logs[~colder], 1)
        energy = max(-float(slope), _ENERGY_STEP)
        middle = float(self.beta[~colder].mean())
        return log_rigid, energy, middle + (float(self.logs[~colder].mean()) - log_rigid) / energy


def _minimum(residuals: Any, parameters: list[float]) -> Minimum:
    """The minimum of a linear model without bounds."""
    best = np.array(parameters)
    return Minimum(residuals, best, np.full(best.size, -np.inf), np.full(best.size, np.inf))


def _improves(simple: Minimum, complex: Minimum, significance: float) -> bool:
    """Whether more parameters describe the data better than noise explains (F test)."""
    if complex.freedom < 1:
        return False
    gain = simple.sum_of_squares - complex.sum_of_squares
    # data without noise: what is round-off must not be tested
    if gain <= 1e-18 * simple.residuals(simple.parameters).size:
        return False
    extra = complex.parameters.size - simple.parameters.size
    noise = max(complex.sum_of_squares / complex.freedom, np.finfo(float).tiny)
    return fisher_exceedance(gain / extra / noise, extra, complex.freedom) < significance


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
