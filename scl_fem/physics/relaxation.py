"""NMR relaxation by jumping ions: correlation time, transverse relaxation, and the diffusivity they tell.

The ions' jumps have a correlation time tau_c = tau_inf exp(Ea/kT). Where they are fast, their dipolar
fields average out and T2 grows with temperature; below the break point, where tau_c = T2_rigid/sqrt(2),
T2 is that of the rigid lattice. Units: s, K, eV, Hz; diffusivities in cm^2/s.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from scl_fem.constants import BOLTZMANN, NM2_PER_CM2
from scl_fem.physics.types import Array

LARMOR_FREQUENCY_LI6_HZ = 73.60e6
"""6Li in the 11.7 T magnet of Cheng et al. (Joule 2020)."""

JUMP_LENGTH_LVO_NM = 0.360
"""b axis of LixV2O5, along which its Li jumps (Cheng et al., Joule 2020)."""


def inverse_thermal_energy(temperature: npt.ArrayLike) -> Array:
    """1/kT in 1/eV at temperatures in K."""
    return 1.0 / (BOLTZMANN * np.asarray(temperature, dtype=float))


def arrhenius_value(prefactor: float, activation_energy: float, temperature: npt.ArrayLike) -> Array:
    """What an activated process does at a temperature: prefactor exp(-E/kT).

    Args:
        prefactor: value at infinite temperature, in any unit, which is that of the result.
        activation_energy: E in eV.
        temperature: K.
    """
    return prefactor * np.exp(-activation_energy * inverse_thermal_energy(temperature))


def correlation_time(tau_inf_s: float, activation_energy: float, temperature: npt.ArrayLike) -> Array:
    """Correlation time of the jumps, s: tau_c = tau_inf exp(Ea/kT).

    Args:
        tau_inf_s: at infinite temperature, the inverse of the attempt frequency, s.
        activation_energy: Ea in eV.
        temperature: K.
    """
    return arrhenius_value(tau_inf_s, -activation_energy, temperature)


def correlation_time_at_break(rigid_T2_s: float) -> float:
    """Correlation time at the break point between slow and fast jumps, s: T2_rigid/sqrt(2).

    Args:
        rigid_T2_s: T2 of the rigid lattice, s.
    """
    return rigid_T2_s / math.sqrt(2.0)


def tau_inf_from_break(rigid_T2_s: float, activation_energy: float, break_temperature: float) -> float:
    """tau_inf in s from where T2 leaves its rigid value: T2_rigid/sqrt(2) exp(-Ea/kT_b).

    Args:
        rigid_T2_s: T2 of the rigid lattice, s.
        activation_energy: Ea in eV.
        break_temperature: T_b in K.
    """
    at_break = correlation_time_at_break(rigid_T2_s)
    return float(arrhenius_value(at_break, activation_energy, break_temperature))


def bpp_spectral_sum(correlation_time_s: npt.ArrayLike, larmor_frequency_Hz: float) -> Array:
    """The braces of the BPP rate 1/T2 = C {...}, in s.

        3/2 tau_c + 5/2 tau_c/(1 + w0^2 tau_c^2) + tau_c/(1 + 4 w0^2 tau_c^2),    w0 = 2 pi nu

    Bloembergen, Purcell and Pound, Phys. Rev. 73, 679 (1948), as Cheng et al. (Joule 2020) write it.
    It grows with tau_c everywhere.

    Args:
        correlation_time_s: tau_c.
        larmor_frequency_Hz: nu.
    """
    tau = np.asarray(correlation_time_s, dtype=float)
    phase2 = (2.0 * math.pi * larmor_frequency_Hz * tau) ** 2
    return tau * (1.5 + 2.5 / (1.0 + phase2) + 1.0 / (1.0 + 4.0 * phase2))


def transverse_relaxation_time(
    temperature: npt.ArrayLike,
    rigid_T2_s: float,
    break_temperature: float,
    activation_energy: float,
    larmor_frequency_Hz: float = LARMOR_FREQUENCY_LI6_HZ,
) -> Array:
    """T2 in s: BPP above the break point, the rigid lattice below, joined where tau_c = T2_rigid/sqrt(2).

    C of the BPP rate follows from the value at the break point.

    Args:
        temperature: K.
        rigid_T2_s: T2 of the rigid lattice, s.
        break_temperature: T_b in K.
        activation_energy: Ea in eV, positive.
        larmor_frequency_Hz: nu.
    """
    at_break = correlation_time_at_break(rigid_T2_s)
    colder = inverse_thermal_energy(temperature) - inverse_thermal_energy(break_temperature)
    # tau_c beyond that of the break point changes nothing any more
    tau = at_break * np.exp(np.minimum(activation_energy * colder, 0.0))
    rate = bpp_spectral_sum(tau, larmor_frequency_Hz) / bpp_spectral_sum(at_break, larmor_frequency_Hz)
    return rigid_T2_s / rate


def jump_diffusivity(
    correlation_time_s: npt.ArrayLike,
    jump_length_nm: float = JUMP_LENGTH_LVO_NM,
    dimension_factor: int = 2,
) -> Array:
    """Diffusivity of ions that jump at random, cm^2/s: D = l^2/(n tau_c).

    Args:
        correlation_time_s: tau_c.
        jump_length_nm: l.
        dimension_factor: n, 2 along a channel, 4 in a plane, 6 in space.
    """
    return jump_length_nm**2 / (NM2_PER_CM2 * dimension_factor * np.asarray(correlation_time_s, dtype=float))
