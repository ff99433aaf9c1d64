"""Cells of any phases on any number of ranks: each rank solves the case alone too and compares.

Run serial, and by mpirun -n 2, 3, 4.
"""

import pytest

from scl_fem.case import case_from_dict
from tests.parallel.test_parallel_equilibrium import compare

COARSE = {"interface_size": 0.05, "growth": 1.4}
LATTICE = {"c_max": 20.0, "occupancy": 0.4, "permittivity": 15.0, "diffusivity": 1e-9}


def ion(name, charge, occupancy):
    return {
        "name": name,
        "component": name,
        "charge": charge,
        "sites": 10.0,
        "occupancy": occupancy,
        "diffusivity": 1e-9,
    }


TWO = {"permittivity": 10.0, "carriers": [ion("Li+", 1, 0.5), ion("e-", -1, 0.2)]}

CASES = {
    "three layers": {
        "mesh": {
            "kind": "stack",
            "lateral_elements": 2,
            "layers": [{"phase": name, "thickness": 4.0} for name in "ABC"],
        },
        "phase": {name: {"material": "M", "voltage": 3.0 + 0.1 * n} for n, name in enumerate("ABC")},
        "interface": {"law": "perfect", "A|B": {"law": "perfect", "surface_charge": 0.1}},
        "boundary": {"kind": "bulk"},
        "materials": {"M": LATTICE},
    },
    "two metals": {
        "mesh": {
            "kind": "stack",
            "lateral_elements": 2,
            "layers": [{"phase": "A", "thickness": 8.0}],
        },
        "phase": {"A": {"material": "M"}},
        "boundary": {
            "kind": "metal",
            "left": {"kind": "metal", "potential": 0.2, "stern_capacitance": 30.0},
            "right": {"kind": "metal", "potential": 0.0},
        },
        "materials": {"M": LATTICE},
    },
    "ions and electrons": {
        "mesh": {
            "kind": "stack",
            "lateral_elements": 2,
            "layers": [{"phase": name, "thickness": 4.0} for name in "AB"],
        },
        "phase": {"A": {"material": "S", "voltage": 3.0}, "B": {"material": "T", "voltage": 3.0}},
        "materials": {"S": {**TWO, "levels": {"e-": 0.0}}, "T": {**TWO, "levels": {"e-": 0.02}}},
    },
    "metals and sites": {
        "mesh": {
            "kind": "stack",
            "lateral_elements": 2,
            "layers": [{"phase": name, "thickness": 3.0} for name in "AB"],
        },
        "phase": {name: {"material": "T", "voltage": 3.0} for name in "AB"},
        "interface": {"law": "perfect", "A|B": {"law": "perfect", "sites": {"density": 1.0, "energy": 0.05}}},
        "boundary": {"kind": "metal", "left": {"kind": "metal", "potential": 0.2}},
        "materials": {"T": {"permittivity": 10.0, "carriers": [ion("Li+", 1, 0.3), ion("X-", -1, 0.3)]}},
    },
    "a charged metal and one that floats": {
        "mesh": {
            "kind": "stack",
            "lateral_elements": 2,
            "layers": [{"phase": name, "thickness": 3.0} for name in "AB"],
        },
        "phase": {"A": {"material": "S", "voltage": 3.0}, "B": {"material": "T", "voltage": 3.0}},
        "boundary": {
            "kind": "metal",
            "left": {"kind": "metal", "surface_charge": 0.2, "stern_capacitance": 30.0},
            "right": {"kind": "metal", "floating": True},
        },
        "materials": {
            "S": {"permittivity": 10.0, "carriers": [ion("Li+", 1, 0.3), ion("X-", -1, 0.3)]},
            "T": {"permittivity": 10.0, "carriers": [ion("Li+", 1, 0.3), ion("Y-", -1, 0.3)]},
        },
    },
    "coated particle": {
        "mesh": {
            "kind": "particle",
            "radius": 3.0,
            "tangential_size": 0.8,
            "coating": {"phase": "C", "thickness": 1.0},
        },
        "phase": {
            "electrode": {"material": "M", "voltage": 3.2},
            "C": {"material": "M", "voltage": 3.1},
            "electrolyte": {"material": "M", "voltage": 3.0},
        },
        "materials": {"M": LATTICE},
    },
}


@pytest.mark.parametrize("name", CASES)
def test_a_cell_of_any_phases(name):
    tables = dict(CASES[name])
    mesh = {**tables.pop("mesh"), "dimension": 2, **COARSE}
    output = {"fields": False, "figures": False}
    study = {"kind": "equilibrium"}
    compare(case_from_dict({"study": study, "mesh": mesh, "output": output, **tables}), "residual")
