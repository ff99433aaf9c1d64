"""Exchange is the same on any number of ranks: each case on all of them and on one."""

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)
import numpy as np
import pytest

# isort: split
from mpi4py import MPI

from scl_fem.case import Case
from scl_fem.studies.run import run_case

COMM = MPI.COMM_WORLD

MESHES = {
    "slab": {"kind": "planar", "dimension": 1, "electrolyte_thickness": 30.0, "interface_size": 0.5},
    "square": {"kind": "cube", "dimension": 2, "particle_size": 60.0, "interface_size": 2.0},
    "triangles": {
        "kind": "cube",
        "dimension": 2,
        "particle_size": 60.0,
        "interface_size": 2.0,
        "cell": "simplex",
    },
    "cube": {"kind": "cube", "dimension": 3, "particle_size": 60.0, "interface_size": 5.0},
}


def exchange(mesh, comm, order=1, linear="auto", **exsy):
    """The result of a short run."""
    case = Case(
        study={"kind": "exsy", "duration": 0.2, "tolerance": 1e-3},
        mesh=MESHES[mesh],
        exsy={"diffusivity": 1e-12, **exsy},
        solver={"order": order, "linear": linear},
    )
    return run_case(case, comm=comm)


@pytest.mark.mpi
@pytest.mark.parametrize("permeability", ["inf", 1e-6])
@pytest.mark.parametrize("mesh", MESHES)
def test_history_does_not_depend_on_the_ranks(mesh, permeability):
    # direct: an incomplete factorisation by blocks would stop elsewhere within its tolerance
    options = {"permeability": permeability, "linear": "direct"}
    together, alone = exchange(mesh, COMM, **options), exchange(mesh, MPI.COMM_SELF, **options)
    decay, expected = together.tables["decay.csv"], alone.tables["decay.csv"]
    assert decay.keys() == expected.keys()
    for name, column in decay.items():
        np.testing.assert_allclose(column, expected[name], rtol=1e-8, atol=1e-11, err_msg=name)
    assert together.summary["unknowns"] == alone.summary["unknowns"]
    assert together.summary["tagged_error"] < 1e-12


@pytest.mark.mpi
@pytest.mark.parametrize("permeability", ["inf", 1e-6])
def test_conjugate_gradients_by_blocks_agree_within_the_step_tolerance(permeability):
    together = exchange("cube", COMM, linear="iterative", permeability=permeability)
    alone = exchange("cube", MPI.COMM_SELF, linear="direct", permeability=permeability)
    assert together.summary["remaining_final"] == pytest.approx(alone.summary["remaining_final"], abs=2e-6)
    assert together.summary["tagged_error"] < 1e-12


@pytest.mark.mpi
def test_quadratic_elements_with_a_jump():
    together = exchange("triangles", COMM, order=2, permeability=1e-6, linear="direct")
    alone = exchange("triangles", MPI.COMM_SELF, order=2, permeability=1e-6, linear="direct")
    assert together.summary["remaining_final"] == pytest.approx(alone.summary["remaining_final"], rel=1e-8)


@pytest.mark.mpi
def test_a_run_goes_on_from_another_number_of_ranks(tmp_path):
    tables = {
        "study": {"kind": "exsy", "duration": 0.1},
        "mesh": {**MESHES["square"], "box_size": 300.0},
        "exsy": {"diffusivity": 1e-12, "permeability": 1e-6},
        "output": {"fields": False, "figures": False},
    }
    folder = COMM.bcast(str(tmp_path / "result"))
    if COMM.rank == 0:
        run_case(Case(**tables), folder, comm=MPI.COMM_SELF)
    COMM.barrier()
    tables["study"] = {"kind": "exsy", "duration": 0.5}
    continued = run_case(Case(**tables), folder, comm=COMM, restart=True)
    whole = run_case(Case(**tables), comm=MPI.COMM_SELF)
    assert continued.summary["time_final_s"] == 0.5
    assert continued.summary["remaining_final"] == pytest.approx(whole.summary["remaining_final"], abs=1e-4)
