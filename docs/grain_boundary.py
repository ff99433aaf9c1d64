"""A grain boundary of ceria by temperature, and Mott-Schottky: prints the table of docs/grain_boundary.md.

python docs/grain_boundary.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import scl_fem
from scl_fem.constants import NM2_PER_CM2, SIEMENS_PER_CM, VACUUM_PERMITTIVITY, thermal_energy

CASE = Path(__file__).parents[1] / "cases" / "ceria_grain_boundary_1d.toml"
TEMPERATURES = (400, 500, 600, 700)
"""degC."""


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


def page_table() -> str:
    """The table in Markdown."""
    head = (
        "| T (degC) | potential (V) | grains (ohm cm^2) | Mott-Schottky | core (ohm cm^2) | electrons (S) |"
    )
    lines = [head, "| --- " * 6 + "|", *("| " + " | ".join(row(each)) + " |" for each in TEMPERATURES)]
    return "\n".join(lines)


if __name__ == "__main__":
    print(page_table())
