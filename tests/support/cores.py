"""Grains with a core between them, whose carriers have other energies there."""

import numpy as np

import scl_fem
from scl_fem.case import case_from_dict

KT = 8.617333262e-5 * 773.0
SITES, FULL, PERMITTIVITY = 50.4, 2e-3, 30.0
VACANCY = {
    "name": "V_O",
    "component": "O2-",
    "amount": -1,
    "sites": SITES,
    "occupancy": FULL,
    "diffusivity": 1e-8,
}
DOPANT = {"name": "Gd", "component": "Gd", "charge": -1, "sites": 25.2, "occupancy": 8e-3, "frozen": True}
ELECTRON = {
    "name": "e",
    "component": "e-",
    "statistics": "dilute",
    "concentration": 0.02,
    "diffusivity": 1e-6,
}
CERIA = {"permittivity": PERMITTIVITY, "carriers": [VACANCY, DOPANT]}
MIXED = {"permittivity": PERMITTIVITY, "carriers": [VACANCY, DOPANT, ELECTRON]}


def case_of(core, folder=".", *, layers=None, material=CERIA, mesh=None, **tables):
    """A case of grain | core | grain, or of other layers; the core may be several tables by name."""
    layers = layers or [("grain", 12.0), ("core", 0.8), ("grain", 12.0)]
    cores = core if "core" in core else {"core": core}
    phase = {"grain": {"material": "C"}}
    phase |= {name: {"material": "C", "reference": "grain", **keys} for name, keys in cores.items()}
    stack = [{"phase": name, "thickness": thickness} for name, thickness in layers]
    given = {
        "temperature": 773.0,
        "study": {"kind": "equilibrium"},
        "mesh": {"kind": "stack", "layers": stack, **(mesh or {})},
        "phase": phase,
        "materials": {"C": material},
        "output": {"fields": False, "figures": False},
        **tables,
    }
    return case_from_dict(given, folder)


def run(core, folder=".", **keys):
    return scl_fem.run(case_of(core, folder, **keys))


def table(folder, rows, name="energies.csv", carriers="V_O"):
    """Write a profile."""
    lines = [f"z_nm,{carriers}", *(",".join(str(each) for each in row) for row in rows)]
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return name


def pressure(phi, shift=0.0):
    """-integral of rho over phi of the vacancies on their lattice, eV/nm^3, but for a constant."""
    u = -(2.0 * phi + shift) / KT
    return SITES * KT * np.log1p(FULL * np.expm1(u)) + 2.0 * SITES * FULL * phi


def numbers(summary):
    """Every number of a summary that says what was found, by its path."""
    process = {"wall_time_s", "timings_s", "residual", "newton_iterations", "linear_iterations", "cells"}
    process |= {"dofs", "charge_error", "continuation_stages", "remarks", "version", "title"}

    def walk(table, path):
        for key, value in table.items():
            if key in process:
                continue
            if isinstance(value, dict):
                yield from walk(value, f"{path}{key}.")
            elif isinstance(value, int | float):
                yield f"{path}{key}", value

    return dict(walk(summary, ""))
