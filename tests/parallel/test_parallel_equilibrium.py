"""The same numbers on any number of ranks: each rank solves the case alone too and compares.

Run serial, and by mpirun -n 2, 3, 4.
"""

import scl_fem._stack
import numpy as np
import pytest

# isort: split
from mpi4py import MPI

import scl_fem
from scl_fem.errors import ConvergenceError, InputError
from scl_fem.mesh import BOTH
from scl_fem.solvers.settings import SolverSettings
from tests.support.cases import case_of
from tests.support.half_space import LAGP, LVO, LVO_2, Side
from tests.support.manufactured import Manufactured, l2_error

COMM = MPI.COMM_WORLD
RELATIVE = 1e-8

MESHES = {
    "1D": {"dimension": 1, "interface_size": 0.005, "growth": 1.1},
    "2D": {"dimension": 2, "interface_size": 0.02, "growth": 1.3, "lateral_elements": 5},
    "3D": {"dimension": 3, "interface_size": 0.05, "growth": 1.6, "lateral_elements": 3},
    "2D rough": {
        "kind": "rough",
        "dimension": 2,
        "electrode_thickness": 3.0,
        "electrolyte_thickness": 3.0,
        "interface_size": 0.05,
        "growth": 1.5,
    },
}

# Numbers that say how the solve went, not what it found, and those that round-off makes.
PROCESS = {
    "converged",
    "newton_iterations",
    "linear_iterations",
    "residual",
    "ranks",
    "version",
    "wall_time_s",
    "timings_s",
    "lithium_error",
    "charge_error",
    "continuation_stages",
}


def alike(found, expected, path=""):
    """Every number of a summary to 1e-8."""
    assert set(found) == set(expected), path
    for key, value in expected.items():
        if key in PROCESS:
            continue
        where = f"{path}.{key}"
        if isinstance(value, dict):
            alike(found[key], value, where)
        elif isinstance(value, str) or key == "remarks":
            assert found[key] == value, where
        else:
            assert found[key] == pytest.approx(value, rel=RELATIVE, abs=1e-13), where


def compare(case, key="layer_resistance_ohm_cm2"):
    """Run a case on all ranks together and on each alone; every rank has the same number of a key."""
    together, alone = (scl_fem.run(case, comm=comm) for comm in (COMM, MPI.COMM_SELF))
    alike(together.summary, alone.summary)
    assert together.summary["ranks"] == COMM.size
    for name, columns in alone.tables.items():
        for column, values in columns.items():
            found = np.asarray(together.tables[name][column])
            if found.dtype.kind in "US":
                assert list(found) == list(values)
            else:
                scale = np.nanmax(np.abs(values))
                np.testing.assert_allclose(found, values, rtol=1e-7, atol=1e-9 * scale, err_msg=column)
    # every rank has the same summary
    totals = COMM.allgather(together.summary[key])
    assert len(set(totals)) == 1
    return together, alone


# all meshes, orders, boundaries and linear solvers, but few at once: ranks that share a core are slow
@pytest.mark.parametrize(
    ("mesh", "order", "boundary", "linear"),
    [
        ("1D", 1, "closed", "direct"),
        ("1D", 2, "bulk", "iterative"),
        ("2D", 1, "closed", "iterative"),
        ("2D", 1, "bulk", "direct"),
        ("2D", 2, "closed", "direct"),
        ("2D", 2, "bulk", "iterative"),
        ("3D", 1, "closed", "direct"),
        ("3D", 2, "bulk", "iterative"),
    ],
)
def test_conduction_of_a_planar_cell(mesh, boundary, order, linear):
    case = case_of(
        LVO_2,
        LAGP,
        study="conduction",
        mesh=MESHES[mesh],
        boundary={"kind": boundary},
        solver={"order": order, "linear": linear},
    )
    together, alone = compare(case)
    for key in ("lithium_error", "charge_error"):
        if boundary == "closed":
            assert together.summary[key] <= 1e-10
        else:
            assert together.summary[key] == pytest.approx(alone.summary[key], rel=1e-7)


def test_rough_interface():
    compare(case_of(LVO, LAGP, study="conduction", mesh=MESHES["2D rough"]))


def test_continuation_goes_the_same_way():
    case = case_of(LVO_2, LAGP, mesh=MESHES["1D"], solver={"max_iterations": 11})
    together, alone = compare(case)
    stages = together.summary["continuation_stages"]
    assert stages == alone.summary["continuation_stages"]
    assert len(stages) > 1


@pytest.mark.parametrize("mesh", ["1D", "2D"])
def test_fields_by_place(mesh):
    """Every nodal field of every phase, matched by the coordinates of the nodes."""
    case = case_of(LVO, LAGP, mesh=MESHES[mesh])
    together, alone = (scl_fem.run(case, comm=comm).study for comm in (COMM, MPI.COMM_SELF))
    (_, found), (_, expected) = (next(each.field_steps()) for each in (together, alone))
    places = {key_of(x): i for i, x in enumerate(alone.space.space.tabulate_dof_coordinates())}
    owned = together.space.owned
    rows = [places[key_of(x)] for x in together.space.space.tabulate_dof_coordinates()[:owned]]
    assert COMM.allreduce(len(rows)) == len(places)
    for tag in BOTH:
        assert set(found[tag]) == set(expected[tag])
        for name, values in expected[tag].items():
            scale = np.nanmax(np.abs(values)) or 1.0
            mine, reference = found[tag][name][:owned], values[rows]
            # a rank knows a phase where its own cells have it
            known = np.isfinite(mine)
            assert np.isfinite(reference[known]).all()
            np.testing.assert_allclose(mine[known], reference[known], rtol=1e-7, atol=1e-9 * scale)


def key_of(point):
    return tuple(np.round(point, 9) + 0.0)


@pytest.mark.parametrize(("dimension", "order", "elements"), [(1, 1, 64), (2, 2, 6), (3, 1, 4)])
def test_manufactured_solution(dimension, order, elements):
    from scl_fem.studies.phases import phases_of

    case = case_of(Side(2.0, 0.4, 3.1, 40.0, 0.01), Side(1.5, 0.5, 3.0, 20.0))
    exact = Manufactured(dict(phases_of(scl_fem.resolve(case))), 1.0, 1.0, 0.01, dimension - 1)
    together, alone = (l2_error(exact, elements, order, comm) for comm in (COMM, MPI.COMM_SELF))
    assert together == pytest.approx(alone, rel=1e-6)


def test_more_ranks_than_some_sides_have_cells():
    mesh = {"electrode_thickness": 0.2, "electrolyte_thickness": 4.0, "interface_size": 0.2, "growth": 1.3}
    compare(case_of(LVO, LAGP, study="conduction", mesh=mesh))


def test_failure_reaches_every_rank():
    case = case_of(LVO_2, LAGP, mesh=MESHES["1D"], solver={"max_iterations": 1})
    with pytest.raises(ConvergenceError, match="Newton's method stopped") as raised:
        scl_fem.run(case, comm=COMM)
    assert raised.value.state is not None
    messages = COMM.allgather(str(raised.value))
    assert len(set(messages)) == 1


def test_wrong_input_reaches_every_rank():
    separating = Side(20.0, 0.5, 3.2, 15.0, 0.06)
    with pytest.raises(InputError, match="the phase separates"):
        scl_fem.run(case_of(separating, LAGP), comm=COMM)
    unused = SolverSettings(petsc={"mg_levels_ksp_max_it": 1})
    with pytest.raises(InputError, match="made no use"):
        scl_fem.run(case_of(LVO, LAGP, mesh=MESHES["1D"], solver=unused.model_dump()), comm=COMM)
