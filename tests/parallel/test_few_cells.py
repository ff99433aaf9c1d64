"""Fewer cells than ranks: some have none, and the numbers are the same."""

import pytest
from mpi4py import MPI

from scl_fem.case.reading import case_from_dict
from scl_fem.studies.run import run_case

COMM = MPI.COMM_WORLD
MATERIALS = {
    "A": {"c_max": 20.0, "permittivity": 12, "diffusivity": 1e-10},
    "B": {"c_max": 25.0, "permittivity": 20, "diffusivity": 1e-9},
}
PAIR = {
    "phase": {
        "electrode": {"material": "A", "occupancy": 0.5, "voltage": 3.5},
        "electrolyte": {"material": "B", "occupancy": 0.4, "voltage": 3.4},
    },
    "materials": MATERIALS,
}
EXSY = {"exsy": {"diffusivity": 1e-12, "surroundings": "finite", "permeability": 1e-6}}
STUDIES = {
    "equilibrium": ({}, PAIR, "layer_resistance_ohm_cm2", 1e-9),
    "conduction": ({}, PAIR, "interface_resistance_ohm_cm2", 1e-9),
    "impedance": ({"frequency_start": 1, "frequency_stop": 10}, PAIR, "total_resistance_ohm_cm2", 1e-9),
    "transient": ({"duration": "0.1 ns", "tolerance": 1e-2}, PAIR, "layer_resistance_ohm_cm2", 1e-9),
    "exsy": ({"duration": "0.01 s"}, EXSY, "remaining_final", 1e-6),
}


@pytest.mark.parametrize("dimension", [1, 2])
@pytest.mark.parametrize("kind", STUDIES)
def test_same_numbers(kind, dimension):
    keys, tables, number, accuracy = STUDIES[kind]
    mesh = {"kind": "planar", "dimension": dimension, "interface_size": 10.0}
    if kind == "exsy":
        mesh["electrode_thickness"] = 10.0
    if dimension > 1:
        mesh |= {"lateral_elements": 1, "lateral_size": 10.0}
    output = {"fields": False, "figures": False}
    case = case_from_dict({"study": {"kind": kind, **keys}, "mesh": mesh, "output": output, **tables})
    together = run_case(case, comm=COMM).summary
    alone = run_case(case, comm=MPI.COMM_SELF).summary
    assert together["cells"] == {1: 2, 2: 4}[dimension]
    assert together[number] == pytest.approx(alone[number], rel=accuracy)
