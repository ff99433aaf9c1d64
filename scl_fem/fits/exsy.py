"""Diffusivities from the cross peaks of 2D exchange NMR against mixing time, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from scl_fem.errors import unknown_name
from scl_fem.fits.arrhenius import ArrheniusFit, fit_arrhenius
from scl_fem.fits.build_up import BuildUp, ExchangeModel, ExsyCurve, cube_model
from scl_fem.fits.cross_peaks import cross_peaks, lack_of_fit_remarks
from scl_fem.fits.estimates import Estimate
from scl_fem.fits.lack_of_fit import SIGNIFICANCE, weights_remark
from scl_fem.fits.least_squares import student_quantile
from scl_fem.physics.exchange import exchange_current_density, interface_resistance
from scl_fem.progress import Reporter, SilentReporter

PARTICLE_SIZE_NM = 65.0
"""Edge of the cube of Cheng et al. (Joule 2020): particles of 110 and 20 nm, centre to centre."""

AMPLITUDES = ("fixed", "free")

_LEAST_RELATIVE_ERROR = 1e-12
"""Of a diffusivity whose data have no noise."""


@dataclass(frozen=True)
class ExsyFit:
    """Fitted cross peaks at one temperature or more.

    Attributes:
        curves: by ascending temperature.
        arrhenius: through the diffusivities; None where they are too few.
        not_identifiable: what the data do not tell, and why.
        remarks: what else a reader should know: lack of fit and its likely reason, weights, odd numbers.
    """

    curves: tuple[ExsyCurve, ...]
    arrhenius: ArrheniusFit | None
    not_identifiable: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @property
    def D_cm2_per_s(self) -> dict[float, Estimate]:
        """Effective diffusivity by temperature in K."""
        return {curve.temperature_K: curve.D_cm2_per_s for curve in self.curves}

    @property
    def activation_energy_eV(self) -> Estimate | None:
        """Of the diffusivity; None where the data do not tell."""
        return None if self.arrhenius is None else self.arrhenius.activation_energy_eV

    def numbers(self) -> dict[str, Any]:
        """The parameters as fit.json holds them."""
        numbers: dict[str, Any] = {
            "D_cm2_per_s": self._by_temperature(lambda curve: curve.D_cm2_per_s.as_table()),
            "exchanged_fraction": self._by_temperature(
                lambda curve: curve.exchanged_fraction.as_table() | {"time_s": curve.mixing_time_s[-1]}
            ),
        }
        if self.curves[0].amplitude is not None:
            numbers["amplitude"] = self._by_temperature(
                lambda curve: curve.amplitude.as_table() if curve.amplitude else None
            )
        if self.curves[0].T1_s is not None:
            numbers["T1_s"] = self._by_temperature(
                lambda curve: curve.T1_s.as_table() if curve.T1_s else None
            )
        goodness = self._by_temperature(lambda curve: curve.goodness.as_table())
        if self.arrhenius is not None:
            numbers |= self.arrhenius.numbers()
            goodness["arrhenius"] = self.arrhenius.goodness.as_table()
        return numbers | {"goodness": goodness, "not_identifiable": list(self.not_identifiable)}

    def interface_numbers(self, concentration_per_nm3: float, volume_per_area_nm: float) -> dict[str, Any]:
        """Exchange current density and interface resistance by temperature, as fit.json holds them.

        j_0 = e c (V/A) (exchanged fraction) / t at the longest mixing time, R = RT/(F j_0): an average over
        that time, and thus a lower bound of j_0 where the exchange has begun to saturate.

        Args:
            concentration_per_nm3: c of the Li whose exchanged fraction was measured, 1/nm^3.
            volume_per_area_nm: V/A, its volume by area of the interface, nm.
        """
        currents, resistances = {}, {}
        for curve in self.curves:
            name, time, temperature = temperature_name(curve), curve.mixing_time_s[-1], curve.temperature_K
            at_full_exchange = exchange_current_density(1.0, time, concentration_per_nm3, volume_per_area_nm)
            current = curve.exchanged_fraction.mapped(partial(np.multiply, at_full_exchange))
            resistance = current.mapped(partial(interface_resistance, temperature=temperature))
            currents[name], resistances[name] = current.as_table(), resistance.as_table()
        return {
            "exchange_current_density_mA_per_cm2": currents,
            "interface_resistance_ohm_cm2": resistances,
        }

    def _by_temperature(self, entry: Callable[[ExsyCurve], Any]) -> dict[str, Any]:
        return {temperature_name(curve): entry(curve) for curve in self.curves}


def temperature_name(curve: ExsyCurve) -> str:
    """The key of a temperature in fit.json: in K."""
    return f"{curve.temperature_K:.10g}"


def fit_exsy(
    temperature_K: npt.ArrayLike,
    mixing_time_s: npt.ArrayLike,
    intensity: npt.ArrayLike,
    *,
    particle_size_nm: float = PARTICLE_SIZE_NM,
    amplitude: str = "fixed",
    model: ExchangeModel | None = None,
    T1_s: npt.ArrayLike | str | None = None,
    diagonal: npt.ArrayLike | None = None,
    intensity_error: npt.ArrayLike | None = None,
    diagonal_error: npt.ArrayLike | None = None,
    progress: Reporter | None = None,
) -> ExsyFit:
    """Fit an effective diffusivity to each temperature, and an activation energy through them.

    The noise is taken to be normal, of one size at each temperature unless its size is given. Whether the
    model describes the data is tested against a free amplitude, against relaxation and by the residuals;
    what it does not describe is among the remarks.

    Args:
        temperature_K: (n,) one or several temperatures.
        mixing_time_s: (n,) not negative.
        intensity: (n,) cross peak as a fraction of all, 0 to 1 but for noise; on any scale with `diagonal`.
        particle_size_nm: edge d of the cube.
        amplitude: "fixed" (the peak tends to 1: infinite surroundings) or "free" (to a plateau of at most 1
            that each temperature fits).
        model: exchanged fraction of diffusivity (cm^2/s) and time (s) instead of the cube's; a simulation's.
        T1_s: spin-lattice relaxation time, by which the peak falls as exp(-t/T1): one number, or (n,) that
            are equal at each temperature, or "free": each temperature fits its own.
        diagonal: (n,) diagonal peaks in the unit of the intensities: the fit is to cross over diagonal plus
            cross, from which a T1 that both phases share cancels.
        intensity_error: (n,) or one number, standard errors of the intensities, used as weights.
        diagonal_error: those of the diagonal; left out, the errors of the intensities hold for both.
        progress: takes the news of each temperature.

    Raises:
        InputError: the data are not of this kind, or too few at a temperature.
    """
    if amplitude not in AMPLITUDES:
        raise unknown_name("amplitude", amplitude, AMPLITUDES)
    peaks = cross_peaks(
        temperature_K, mixing_time_s, intensity, T1_s, diagonal, intensity_error, diagonal_error
    )
    curves: list[ExsyCurve] = []
    temperatures, progress = np.unique(peaks.temperature), progress or SilentReporter()
    progress.fraction(0.0)
    for each in temperatures:
        rows = np.flatnonzero(peaks.temperature == each)
        rows = rows[np.argsort(peaks.time[rows], kind="stable")]
        fitter = BuildUp(
            peaks.time[rows],
            peaks.fraction[rows],
            cube_model(particle_size_nm) if model is None else model,
            particle_size_nm,
            amplitude == "free",
            T1=peaks.relaxation_at(rows),
            can_relax=diagonal is None,
            errors=1.0 if peaks.errors is None else peaks.errors[rows],
            has_known_errors=peaks.has_known_errors,
        )
        curves.append(fitter.fitted(float(each), SIGNIFICANCE / temperatures.size))
        progress.fraction(len(curves) / temperatures.size)
        progress.step(f"{temperature_name(curves[-1])} K", milestone=len(curves) % 10 == 0)
    arrhenius, missing = _arrhenius(curves)
    return ExsyFit(
        tuple(curves),
        arrhenius,
        not_identifiable=(*_one_sided(curves), *missing),
        remarks=(
            *peaks.remarks,
            *_weights(curves),
            *lack_of_fit_remarks(curves, is_normalised=diagonal is not None),
            *(arrhenius.remarks if arrhenius else ()),
        ),
    )


def _arrhenius(curves: list[ExsyCurve]) -> tuple[ArrheniusFit | None, list[str]]:
    """The activation energy, and remarks where there is none."""
    usable = [curve for curve in curves if curve.D_cm2_per_s.is_positive]
    if len(usable) < 2:
        needed = "takes two temperatures at which the data limit D on both sides"
        return None, [f"activation_energy_eV: {needed}, here {len(usable)}"]
    freedom = np.array([curve.freedom for curve in usable])
    widths = [np.log(curve.D_cm2_per_s.high / curve.D_cm2_per_s.low) for curve in usable]
    errors = np.array(widths) / [2.0 * student_quantile(each) for each in freedom]
    return (
        fit_arrhenius(
            [curve.temperature_K for curve in usable],
            [curve.D_cm2_per_s.value for curve in usable],
            relative_error=np.maximum(errors, _LEAST_RELATIVE_ERROR),
            freedom=freedom,
        ),
        [],
    )


def _one_sided(curves: list[ExsyCurve]) -> list[str]:
    """Remarks about diffusivities that the data do not limit on both sides."""
    remarks = []
    for curve in curves:
        estimate = curve.D_cm2_per_s
        if estimate.is_positive:
            continue
        if estimate.low > 0.0:
            what = "the exchange is complete, which gives a lower limit only"
        elif estimate.high < np.inf:
            what = "the exchange is within the noise, which gives an upper limit only"
        else:
            what = "the data give no limits"
        remarks.append(f"D_cm2_per_s at {temperature_name(curve)} K: {what}")
    for curve in curves:
        if curve.T1_s is not None and not np.isfinite(curve.T1_s.high):
            remarks.append(
                f"T1_s at {temperature_name(curve)} K: the data are as well without relaxation, which gives "
                "a lower limit only"
            )
    return remarks


def _weights(curves: list[ExsyCurve]) -> list[str]:
    """What known errors did, at all the temperatures."""
    known = [curve.goodness.reduced_chi2 for curve in curves if curve.goodness.reduced_chi2 is not None]
    return [weights_remark("intensity_error", known)] if known else []
