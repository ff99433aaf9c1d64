"""Capacitance of a blocking contact and its closed form: the table and the figure of docs/blocking.md.

python docs/blocking.py [FIGURE.png]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

import scl_fem
from scl_fem.constants import MICROFARAD_PER_CM2, VACUUM_PERMITTIVITY, thermal_energy
from scl_fem.figures.style import GUIDE_COLOUR, PALETTE, house_style, new_figure, row_of_panels, save
from scl_fem.materials import load_material
from scl_fem.sweeps import sweep

type Array = npt.NDArray[np.float64]

CASE = Path(__file__).parent.parent / "cases" / "metal_lagp_blocking_1d.toml"
KEY = "boundary.left.potential"
POTENTIALS = np.linspace(-1.0, 1.0, 41)
STERN = 20.0
"""Of the layer in series, uF/cm^2: an assumption, to show what one does."""


def closed_form(potential: Array, sites: float, occupancy: float, permittivity: float, kT: float) -> Array:
    """Capacitance (uF/cm^2) of a metal at potentials (V) on one lattice carrier of charge 1: first integral.

    eps/2 E^2 = N kT [ln(1 - x_0 + x_0 e^u) - x_0 u], u = -V/kT; C = |rho|/E, and eps/lambda at V = 0.

    Args:
        potential: of the metal against the bulk.
        sites: N, 1/nm^3.
        occupancy: x_0.
        permittivity: relative.
        kT: eV.
    """
    eps, u = VACUUM_PERMITTIVITY * permittivity, -potential / kT
    charge = sites * occupancy * (1.0 - occupancy) * np.expm1(u) / (1.0 + occupancy * np.expm1(u))
    energy = sites * kT * (np.log1p(occupancy * np.expm1(u)) - occupancy * u)
    flat = np.sqrt(eps * sites * occupancy * (1.0 - occupancy) / kT)
    field = np.sqrt(2.0 * energy / eps)
    values = np.divide(np.abs(charge), field, out=np.full_like(field, flat), where=np.abs(u) > 1e-3)
    return values * MICROFARAD_PER_CM2


def line(potential: Array, density: float, permittivity: float, kT: float) -> Array:
    """Mott and Schottky's 1/C^2 (cm^4/uF^2) of a layer emptied of a density: 2 (|V| - kT)/(eps density)."""
    eps = VACUUM_PERMITTIVITY * permittivity
    return 2.0 * (np.abs(potential) - kT) / (eps * density) / MICROFARAD_PER_CM2**2


def density_of_slope(potential: Array, capacitance: Array, permittivity: float) -> float:
    """Density (1/nm^3) that the slope of 1/C^2 between two potentials is read as."""
    slope = np.diff((capacitance / MICROFARAD_PER_CM2) ** -2.0)[0] / np.diff(np.abs(potential))[0]
    return float(2.0 / (VACUUM_PERMITTIVITY * permittivity * slope))


def main() -> None:
    """Sweep the case, without and with a layer in series."""
    case = scl_fem.load_case(CASE)
    material = load_material("LAGP")
    sites, permittivity = material.require("c_max"), material.require("permittivity")
    occupancy = material.require("bulk_concentration") / sites
    kT = thermal_energy(case.temperature)
    name = "contacts.left.capacitance_uF_per_cm2"
    computed = sweep(case, {KEY: POTENTIALS.tolist()}).columns[name]
    in_series = sweep(
        case.with_overrides({"boundary.left.stern_capacitance": STERN}), {KEY: POTENTIALS.tolist()}
    ).columns[name]
    exact = closed_form(POTENTIALS, sites, occupancy, permittivity, kT)
    print("| V | C (uF/cm^2) | closed form | with 20 uF/cm^2 in series |")
    print("| --- | --- | --- | --- |")
    for number in range(0, POTENTIALS.size, 5):
        values = (computed[number], exact[number], in_series[number])
        print(f"| {POTENTIALS[number]:+.2f} | {' | '.join(f'{value:.4g}' for value in values)} |")
    print(f"\nlargest relative difference from the closed form: {np.max(np.abs(computed / exact - 1.0)):.1e}")
    for low, high in ((0.05, 0.1), (0.1, 0.2), (0.5, 1.0)):
        for sign, what in ((1.0, "ions"), (-1.0, "vacancies")):
            ends = sign * np.array([low, high])
            read = density_of_slope(ends, closed_form(ends, sites, occupancy, permittivity, kT), permittivity)
            true = sites * (occupancy if sign > 0.0 else 1.0 - occupancy)
            print(
                f"slope between {ends[0]:+g} and {ends[1]:+g} V: {read:.3f} {what}/nm^3, in truth {true:.3f}"
            )
    ends = [int(np.argmin(np.abs(POTENTIALS - value))) for value in (0.5, 1.0)]
    read = density_of_slope(POTENTIALS[ends], in_series[ends], permittivity)
    print(f"the same from +0.5 to +1 V with {STERN:g} uF/cm^2 in series: {read:.3f} ions/nm^3")
    width = np.sqrt(2.0 * VACUUM_PERMITTIVITY * permittivity / (sites * occupancy))
    print(f"emptied layer at 1 V: {width:.3f} nm; a lattice constant: {sites ** (-1.0 / 3.0):.3f} nm")
    if len(sys.argv) > 1:
        draw(Path(sys.argv[1]), computed, in_series, exact, sites, occupancy, permittivity, kT)


def draw(
    path: Path,
    computed: Array,
    in_series: Array,
    exact: Array,
    sites: float,
    occupancy: float,
    permittivity: float,
    kT: float,
) -> None:
    """C and 1/C^2 against the potential, points on lines."""
    with house_style():
        figure = new_figure(7.0, 2.7, abreast=2)
        left, right = row_of_panels(figure, 2)
        for axes, power, label in ((left, 1, "C (µF/cm²)"), (right, -2, "1/C² (cm⁴/µF²)")):
            axes.plot(POTENTIALS, exact**power, color=PALETTE[0], label="closed form")
            axes.plot(POTENTIALS, computed**power, "o", color=PALETTE[1], markersize=3.0, label="computed")
            if power == 1:
                axes.plot(
                    POTENTIALS, in_series, color=PALETTE[2], linestyle="--", label=f"with {STERN:g} µF/cm²"
                )
            axes.set(xlabel="Potential of the metal (V)", ylabel=label)
        for sign, density in ((1.0, occupancy), (-1.0, 1.0 - occupancy)):
            side = sign * np.linspace(kT, 1.0, 2)
            straight = line(side, sites * density, permittivity, kT)
            label = "Mott-Schottky" if sign > 0.0 else None
            right.plot(side, straight, color=GUIDE_COLOUR, linestyle=":", label=label)
        left.legend()
        right.legend()
        save(figure, path)


if __name__ == "__main__":
    main()
