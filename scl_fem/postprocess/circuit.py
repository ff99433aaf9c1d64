"""Equivalent circuits: resistance and capacitance of the interface from a spectrum.

    Z = R_bulk/(1 + i omega R_bulk C_bulk) + R_interface/(1 + i omega R_interface C_interface)

Two arcs in series. The fit says so where the spectrum does not tell them apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scl_fem.physics.types import Array

CIRCUIT_PARAMETERS = (
    "bulk_resistance_ohm_cm2",
    "bulk_capacitance_uF_per_cm2",
    "interface_resistance_ohm_cm2",
    "interface_capacitance_uF_per_cm2",
)
"""Keys of the report, in the order of the parameters."""

_WIDEST = 2.0
"""Ratio of the 95 % limits above which a parameter counts as not identifiable."""

_WRONG_ARC = 0.1
"""Relative difference from the interface's resistance above which an arc is something else."""

_LOGARITHMS = (-50.0, 50.0)
"""Bounds of the logarithms of the parameters."""

_WORST_MISFIT = 0.02
"""Relative misfit above which the circuit does not describe the spectrum."""


def two_arcs(frequency: Array, parameters: Array) -> np.ndarray:
    """Impedance of two RC elements in series, ohm cm^2.

    Args:
        frequency: Hz.
        parameters: R, C, R, C in ohm cm^2 and uF/cm^2.
    """
    omega = 2.0 * np.pi * frequency
    r1, c1, r2, c2 = parameters
    return r1 / (1.0 + 1e-6j * omega * r1 * c1) + r2 / (1.0 + 1e-6j * omega * r2 * c2)


def fit_circuit(
    frequency: Array, spectrum: np.ndarray, interface_resistance: float, bulk_resistance: float
) -> dict[str, Any]:
    """Fit two arcs, the slower one being the interface's.

    Args:
        frequency: Hz, ascending.
        spectrum: complex impedance, ohm cm^2.
        interface_resistance: what the interface adds at zero frequency, ohm cm^2, computed without
            any circuit: an arc of another size is not the interface's.
        bulk_resistance: of both phases alone, ohm cm^2, likewise.

    Returns:
        each parameter as {value, low, high} (95 % limits, from the misfit), the largest relative
        misfit, whether the circuit is identifiable, and why if it is not.
    """
    from scipy.optimize import least_squares

    weights = 1.0 / np.abs(spectrum)

    def misfit(logarithms: Array) -> Array:
        difference = (two_arcs(frequency, np.exp(logarithms)) - spectrum) * weights
        return np.concatenate([difference.real, difference.imag])

    best = min(
        (
            least_squares(misfit, np.clip(np.log(start), *_LOGARITHMS), bounds=_LOGARITHMS)
            for start in _starts(frequency, spectrum)
        ),
        key=lambda fit: fit.cost,
    )
    found, spread = _ordered(best)
    limits = np.exp(np.minimum(1.96 * spread, 300.0))
    worst = float(np.max(np.abs((two_arcs(frequency, found) - spectrum) * weights)))
    report: dict[str, Any] = {
        "circuit": "two RC elements in series",
        **{
            name: {"value": value, "low": value / limit, "high": value * limit}
            for name, value, limit in zip(CIRCUIT_PARAMETERS, found, limits, strict=True)
        },
        "largest_relative_misfit": worst,
    }
    reasons = [
        f"{name} is uncertain by a factor {limit:.2g}"
        for name, limit in zip(CIRCUIT_PARAMETERS, limits, strict=True)
        if limit > _WIDEST
    ]
    if worst > _WORST_MISFIT:
        reasons.append(f"two arcs miss the spectrum by {100.0 * worst:.2g} %: it has more, or they overlap")
    if abs(found[2] - interface_resistance) > _WRONG_ARC * abs(interface_resistance):
        reasons.append(
            f"the slower arc of {found[2]:.3g} ohm cm^2 is not that of the interface, which adds "
            f"{interface_resistance:.3g} ohm cm^2: the arcs of both phases and of the interface overlap"
        )
    if abs(found[0] - bulk_resistance) > _WRONG_ARC * bulk_resistance:
        reasons.append(
            f"the faster arc of {found[0]:.3g} ohm cm^2 is not that of the phases, {bulk_resistance:.3g} "
            "ohm cm^2: too small beside the interface's, or made of several"
        )
    report["identifiable"] = not reasons
    if reasons:
        report["why"] = "; ".join(reasons)
    return report


def _starts(frequency: Array, spectrum: np.ndarray) -> list[Array]:
    """Parameters to start from: the whole resistance split in several ways."""
    total = float(spectrum.real.max())
    omega = 2.0 * np.pi * frequency
    geometric = float(1e6 / (omega[-1] * max(-spectrum.imag[-1], 1e-30)))
    starts = []
    for share in (0.999, 0.9, 0.5, 0.1, 0.01):
        resistance = total * share
        peak = omega[int(np.argmax(-spectrum.imag))]
        for capacitance in (1e6 / (peak * resistance), 10.0, 1000.0 * geometric):
            starts.append(np.array([total - resistance, geometric, resistance, capacitance]))
    return starts


def _ordered(fit: Any) -> tuple[Array, Array]:
    """Parameters with the slower arc last, and standard deviations of their logarithms."""
    degrees = max(1, fit.fun.size - fit.x.size)
    variance = 2.0 * fit.cost / degrees
    covariance = variance * np.linalg.pinv(fit.jac.T @ fit.jac)
    values, spread = np.exp(fit.x), np.sqrt(np.maximum(np.diag(covariance), 0.0))
    if values[0] * values[1] > values[2] * values[3]:
        order = [2, 3, 0, 1]
        return values[order], spread[order]
    return values, spread
