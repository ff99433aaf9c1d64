"""At the edge of the physics the ranks agree too: each solves the case alone as well and compares.

Run serial, and by mpirun -n 2, 3.
"""

import scl_fem._stack
import pytest

# isort: split
from mpi4py import MPI

import scl_fem
from scl_fem.errors import ConvergenceError
from scl_fem.solvers.equilibrium import Equilibrium
from tests.support.edge import depleted, few_carriers
from tests.transport.support import transient

COMM = MPI.COMM_WORLD
KEYS = ("capacitance_uF_per_cm2", "interface_potential_V", "layer_thickness_nm")


def both(case):
    """The summary by all ranks together, and by this one alone; the same remarks on every rank."""
    together, alone = (scl_fem.run(case, comm=comm) for comm in (COMM, MPI.COMM_SELF))
    assert len(set(COMM.allgather(tuple(together.remarks)))) == 1
    return together, alone


@pytest.mark.parametrize("linear", ["direct", "iterative"])
@pytest.mark.parametrize("dimension", [1, 2])
@pytest.mark.parametrize("case_of", [depleted, lambda d, **k: few_carriers(mesh={"dimension": d}, **k)])
def test_hardly_any_ions(case_of, dimension, linear):
    coarse = {"interface_size": 0.3, "growth": 1.6} if dimension == 2 else {}
    case = case_of(dimension, solver={"linear": linear}).with_overrides(
        {f"mesh.{key}": value for key, value in coarse.items()}
    )
    together, alone = both(case)
    for key in KEYS:
        assert together.summary[key] == pytest.approx(alone.summary[key], rel=1e-7)
    # each rank's own part of the mesh may round otherwise
    assert len(together.remarks) == len(alone.remarks)
    charges = [each.summary["electrode"]["layer_charge_e_per_nm2"] for each in (together, alone)]
    assert charges[0] == pytest.approx(charges[1], rel=1e-9)


def test_a_sphere_depleted_through_and_through():
    found = scl_fem.run(depleted(3, solver={"linear": "iterative"}), comm=COMM).summary
    assert found["electrode"]["layer_charge_e_per_nm2"] == pytest.approx(-0.0332388, rel=1e-5)
    assert found["capacitance_uF_per_cm2"] == pytest.approx(1.304e-6, rel=1e-3)


def test_what_fails_on_one_rank_is_missing_on_all(monkeypatch):
    def fail(self, charge=None):
        if COMM.rank == COMM.size - 1:
            raise ConvergenceError("here alone")
        return 1.0

    monkeypatch.setattr(Equilibrium, "capacitance", fail)
    result = scl_fem.run(few_carriers(mesh={"interface_size": 0.05, "growth": 1.3}), comm=COMM)
    assert COMM.allgather(result.summary["capacitance_uF_per_cm2"]) == [None] * COMM.size
    assert all("here alone" in " ".join(each) for each in COMM.allgather(result.remarks))


def test_a_jump_of_voltage():
    case = transient(
        duration=1e-11,
        boundary={"kind": "voltage", "voltage": 10.0},
        mesh={"dimension": 2, "interface_size": 0.1, "growth": 1.6, "lateral_elements": 3},
    )
    together, alone = both(case)
    assert together.summary["electrode"]["layer_charge_e_per_nm2"] == pytest.approx(
        alone.summary["electrode"]["layer_charge_e_per_nm2"], rel=1e-6
    )
