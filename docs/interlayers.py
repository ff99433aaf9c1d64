"""LLZO at lithium with an interlayer of Li2CO3: prints the table of docs/interlayers.md, draws its figure.

python docs/interlayers.py [FIGURE.png]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import scl_fem
from scl_fem.constants import MICROFARAD_PER_CM2, VACUUM_PERMITTIVITY, thermal_energy
from scl_fem.figures.style import PALETTE, house_style, new_figure, row_of_panels, save

CASE = Path(__file__).parent.parent / "cases" / "li_li2co3_llzo_1d.toml"
THICKNESSES = (0.5, 1.0, 2.0, 5.0, 20.0)
LAYERS = ("Li2CO3", "LLZO")


def exact(case: scl_fem.Case, phase: str) -> tuple[float, float, float]:
    """One phase alone at lithium: charge of the metal (e/nm^2), differential and integral C (uF/cm^2).

    f'^2/2 = L(f) = ln[(e^f + B)/(1 + B)] + ln[(e^-f + B)/(1 + B)], f = V/kT, B = e^(E/kT), lengths in
    lambda = sqrt(eps kT/N).

    Args:
        case: gives the numbers.
        phase: its name.
    """
    kT, voltage = thermal_energy(case.temperature), case.phase[phase].voltage
    material = case.materials[case.phase[phase].material]
    carrier = material.carriers[0]
    eps, N, B = VACUUM_PERMITTIVITY * material.permittivity, carrier.sites, np.exp(carrier.energy / kT)
    f = voltage / kT
    charge = -np.sqrt(2.0 * eps * kT * N * sum(np.log((np.exp(s * f) + B) / (1.0 + B)) for s in (1, -1)))
    slope = np.exp(f) / (np.exp(f) + B) - np.exp(-f) / (np.exp(-f) + B)
    differential = -eps * N * slope / charge
    return charge, differential * MICROFARAD_PER_CM2, -charge / voltage * MICROFARAD_PER_CM2


def alone(case: scl_fem.Case, phase: str) -> scl_fem.Case:
    """The case with both layers of the same phase.

    Args:
        case: of two layers.
        phase: name of the one.
    """
    table = case.phase[phase]
    both = {f"phase.{name}.{key}": getattr(table, key) for name in LAYERS for key in ("material", "voltage")}
    return case.with_overrides({**both, "boundary.left.potential": -table.voltage})


def main() -> None:
    """Solve with interlayers of several thicknesses, and each phase alone."""
    case = scl_fem.load_case(CASE)
    runs = {"none": alone(case, "LLZO")}
    for thickness in THICKNESSES:
        runs[f"{thickness:g} nm"] = case.with_overrides({"mesh.layers.Li2CO3.thickness": thickness})
    runs["Li2CO3 alone"] = alone(case, "Li2CO3").with_overrides({"mesh.layers.LLZO.thickness": 500.0})
    results = {name: scl_fem.run(each) for name, each in runs.items()}
    print(
        "| interlayer | charge of the metal (e/nm^2) | C (uF/cm^2) | charge of LLZO (e/nm^2) "
        "| potential of its surface (V) |"
    )
    print("| --- | --- | --- | --- | --- |")
    for name, result in results.items():
        metal, interface = result.summary["contacts"]["left"], result.summary["interfaces"]["Li2CO3|LLZO"]
        numbers = [f"{metal['charge_e_per_nm2']:.4f}", f"{metal['capacitance_uF_per_cm2']:.3f}"]
        between = [f"{interface['LLZO']['layer_charge_e_per_nm2']:.3g}", f"{interface['potential_V']:.3g}"]
        print(f"| {name} | {' | '.join(numbers + (between if name.endswith(' nm') else ['', '']))} |")
    for phase in reversed(LAYERS):
        charge, differential, integral = exact(case, phase)
        print(f"{phase} alone, exact: {charge:.5f} e/nm^2, C {differential:.4f}, Q/V {integral:.4f} uF/cm^2")
    if len(sys.argv) > 1:
        draw(Path(sys.argv[1]), {name: result for name, result in results.items() if "alone" not in name})


def draw(path: Path, results: dict[str, scl_fem.Result]) -> None:
    """Potential against the metal, and how full the interstitials are, by distance from the metal."""
    with house_style():
        figure = new_figure(7.0, 2.7, abreast=2)
        left, right = row_of_panels(figure, 2)
        for colour, (name, result) in zip(PALETTE, results.items(), strict=False):
            profile = result.study.tables()["profile.csv"]
            distance = profile["z_nm"] - profile["z_nm"].min()
            potential = profile["phi_V"] - result.summary["contacts"]["left"]["potential_V"]
            label = "no interlayer" if name == "none" else f"{name} of Li₂CO₃"
            left.plot(distance, potential, color=colour, label=label)
            for phase in LAYERS:  # each by itself: sites differ
                here = np.asarray(profile["phase"]) == phase
                right.plot(distance[here], profile["occupancy"][here], color=colour)
        left.set(xlim=(0.0, 6.0), ylabel="Potential against the metal (V)")
        right.set(xlim=(0.0, 6.0), yscale="log", ylabel="Occupancy of the interstitials")
        for axes in (left, right):
            axes.set_xlabel("Distance from the metal (nm)")
        left.legend()
        save(figure, path)


if __name__ == "__main__":
    main()
