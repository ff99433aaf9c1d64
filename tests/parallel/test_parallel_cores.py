"""Energies that depend on the place, on any number of ranks; distances are the same on each.

Run serial, and by mpirun -n 2, 3, 4.
"""

import scl_fem._stack  # noqa: F401
import numpy as np
import pytest

# isort: split
from mpi4py import MPI

from scl_fem.case import case_from_dict, resolve
from scl_fem.discretisation.energies import distances, nodal_shifts
from scl_fem.discretisation.space import PotentialSpace
from scl_fem.mesh.distribute import build_domain
from scl_fem.studies.phases import local_energies, phases_of
from tests.parallel.test_parallel_equilibrium import compare

COMM = MPI.COMM_WORLD
LATTICE = {"c_max": 20.0, "occupancy": 0.1, "permittivity": 15.0, "diffusivity": 1e-9}
COARSE = {"interface_size": 0.05, "growth": 1.4}

LAYERS = [{"phase": name, "thickness": size} for name, size in (("A", 3.0), ("shell", 0.8), ("B", 3.0))]
STACK = {"kind": "stack", "lateral_elements": 3, "layers": LAYERS}
PARTICLE = {
    "kind": "particle",
    "radius": 2.0,
    "tangential_size": 0.8,
    "coating": {"phase": "shell", "thickness": 1.0},
}
DECAY = {"energy_decay": {"Li+": [-0.3, 0.4]}}


def case_of(mesh, shell, folder=".", dimension=2):
    own = ("electrode", "electrolyte") if mesh["kind"] == "particle" else ("A", "B")
    phase = {name: {"material": "M", "voltage": 3.0} for name in own}
    phase |= {"shell": {"material": "M", "reference": own[1], **shell}}
    tables = {
        "study": {"kind": "equilibrium"},
        "mesh": {**mesh, "dimension": dimension, **COARSE},
        "phase": phase,
        "materials": {"M": LATTICE},
        "output": {"fields": False, "figures": False},
    }
    return case_from_dict(tables, folder)


@pytest.mark.parametrize("mesh", [STACK, PARTICLE], ids=["stack", "particle"])
def test_energies_that_decay(mesh):
    compare(case_of(mesh, DECAY), "cell_voltage_V")


@pytest.mark.parametrize("order", [1, 2])
def test_a_profile_with_a_step(tmp_path, order):
    folder = COMM.bcast(tmp_path)
    if COMM.rank == 0:
        (folder / "p.csv").write_text("z_nm,Li+\n0,-0.3\n0.5,-0.2\n0.5,0.1\n0.8,0\n", encoding="utf-8")
    COMM.barrier()
    case = case_of(STACK, {"energy_profile": "p.csv"}, folder)
    compare(case.with_overrides({"solver.order": order}), "cell_voltage_V")


@pytest.mark.parametrize("dimension", [2, 3])
def test_distances_do_not_depend_on_the_ranks(dimension):
    case = resolve(case_of(PARTICLE, DECAY, dimension=dimension))
    spaces = [PotentialSpace(build_domain(case.graded_mesh, comm)) for comm in (COMM, MPI.COMM_SELF)]
    points = np.random.default_rng(1).uniform(0.0, 4.0, (200, 3))
    points[:, dimension:] = 0.0
    together, alone = (distances(each.domain, each.domain.interfaces, points) for each in spaces)
    np.testing.assert_allclose(together, alone, rtol=1e-13, atol=1e-14)
    # at the nodes of the shell, whoever has them: at both faces 0, between no more than half its thickness
    space = spaces[0]
    shift = nodal_shifts(space, phases_of(case), local_energies(case), case.mesh.depths)["shell"]
    nodes = space.dofs("shell")
    assert set(np.flatnonzero(shift[0])) == set(nodes)
    at_faces = np.concatenate([space.facet_dofs(pair) for pair in space.domain.interfaces])
    np.testing.assert_allclose(shift[0, at_faces], -0.3, rtol=1e-13)
    assert (np.abs(shift[0, nodes]) > 0.3 * np.exp(-0.52 / 0.4)).all()
    radii = np.linalg.norm(space.space.tabulate_dof_coordinates()[nodes], axis=1)
    expected = -0.3 * np.exp(-np.minimum(radii - 2.0, 3.0 - radii) / 0.4)
    assert np.abs(shift[0, nodes] - expected).max(initial=0.0) < 0.05  # polygons, not circles
