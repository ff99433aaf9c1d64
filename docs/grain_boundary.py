"""A grain boundary of ceria by temperature, and its spectrum: prints the tables of docs/grain_boundary.md.

python docs/grain_boundary.py
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import scl_fem
from scl_fem.constants import NM2_PER_CM2, SIEMENS_PER_CM, VACUUM_PERMITTIVITY, thermal_energy

CASE = Path(__file__).parents[1] / "cases" / "ceria_grain_boundary_1d.toml"
TEMPERATURES = (400, 500, 600, 700)
"""degC."""
GRAINS = (15, 200)
"""Thickness, nm."""


def row(temperature: float) -> list[str]:
    """A line of the table.

    Args:
        temperature: degC.
    """
    case = scl_fem.load_case(CASE, [f"temperature={temperature} degC", "output.fields=false"])
    summary = scl_fem.run(case).summary
    boundary = summary["interfaces"]["grain_1|core"]
    sides = [boundary[name]["components"] for name in ("grain_1", "core")]
    # the core has two faces, alike, and numbers are for one
    resistances = [2.0 * each["O2-"]["excess_resistance_ohm_cm2"] for each in sides]
    conductance = 2.0 * sum(each["e-"]["excess_conductance_S"] for each in sides)
    estimate = mott_schottky(boundary["potential_V"], case, boundary["grain_1"])
    return [
        str(temperature),
        f"{boundary['potential_V']:.3f}",
        f"{resistances[0]:.3g}",
        f"{estimate:.3g}",
        f"{resistances[1]:.3g}",
        f"{conductance:.3g}",
    ]


def mott_schottky(potential: float, case: scl_fem.Case, grain: dict) -> float:
    """Excess resistance of the vacancies in both grains, ohm cm^2, with layers that count as empty.

    In a layer of width l = sqrt(2 eps potential/rho) the potential is a parabola, and the integral of
    exp(z e phi/kT) over it is taken as l exp(u)/(2 u), u = z e potential/kT.

    Args:
        potential: of the core's face, V.
        case: as solved.
        grain: its side in the summary.
    """
    material = case.materials["GDC"]
    kT = thermal_energy(case.temperature)
    vacancies = grain["concentration_bulk_per_nm3"]
    width = np.sqrt(2.0 * VACUUM_PERMITTIVITY * material.permittivity * potential / (2.0 * vacancies))
    u = 2.0 * potential / kT
    diffusivity = material.carriers[0].diffusivity * NM2_PER_CM2
    conductivity = 4.0 * diffusivity * vacancies / kT * SIEMENS_PER_CM
    return float(2.0 * width * 1e-7 * (np.exp(u) / (2.0 * u) - 1.0) / conductivity)


def excess(summary: Mapping[str, Any], component: str) -> float:
    """Excess resistance of a component across all interfaces, ohm cm^2."""
    return sum(
        interface[side]["components"][component]["excess_resistance_ohm_cm2"]
        for name, interface in summary["interfaces"].items()
        for side in name.split("|")
    )


def conduction_table() -> str:
    """What the contacts measure of each component, and its excess integral."""
    summary = scl_fem.run(scl_fem.load_case(CASE, ["study.kind=conduction", "output.fields=false"])).summary
    lines = ["| component | bulk (ohm cm^2) | interface | excess, both faces |", "| --- " * 4 + "|"]
    for name, numbers in summary["components"].items():
        cells = [numbers[f"{part}_resistance_ohm_cm2"] for part in ("bulk", "interface")]
        cells.append(excess(summary, name))
        lines.append(f"| {name} | {' | '.join(f'{each:.4g}' for each in cells)} |")
    return "\n".join(lines)


def arcs_table() -> str:
    """The two arcs of the spectrum by what contacts exchange and by the thickness of the grains."""
    lines = [
        "| contacts exchange | grains (nm) | fast arc (ohm cm^2) | uF/cm^2 | slow arc (ohm cm^2) | uF/cm^2 |"
        " bulk (ohm cm^2) | interface |",
        "| --- " * 8 + "|",
    ]
    for exchanged in ("everything", "O2-"):
        for thickness in GRAINS:
            keys = ["study.kind=impedance", "study.frequency_start=10 Hz", "study.frequency_stop=100 MHz"]
            keys += [f"mesh.layers.{grain}.thickness={thickness} nm" for grain in ("grain_1", "grain_2")]
            keys += ["boundary.exchanges=['O2-']"] if exchanged == "O2-" else []
            summary = scl_fem.run(scl_fem.load_case(CASE, [*keys, "output.fields=false"])).summary
            fitted = [
                summary["fit"][f"{arc}_{key}"]["value"]
                for arc in ("bulk", "interface")
                for key in ("resistance_ohm_cm2", "capacitance_uF_per_cm2")
            ]
            exact = [summary[f"{part}_resistance_ohm_cm2"] for part in ("bulk", "interface")]
            numbers = " | ".join(f"{each:.3g}" for each in (*fitted, *exact))
            lines.append(f"| {exchanged} | {thickness} | {numbers} |")
    return "\n".join(lines)


def page_table() -> str:
    """The table in Markdown."""
    head = (
        "| T (degC) | potential (V) | grains (ohm cm^2) | Mott-Schottky | core (ohm cm^2) | electrons (S) |"
    )
    lines = [head, "| --- " * 6 + "|", *("| " + " | ".join(row(each)) + " |" for each in TEMPERATURES)]
    return "\n".join(lines)


if __name__ == "__main__":
    print(page_table(), conduction_table(), arcs_table(), sep="\n\n")
