"""Transport on any number of ranks: histories, spectra and restarts as on one.

Run serial, and by mpirun -n 2, 3.
"""

import numpy as np
import pytest
from mpi4py import MPI

import scl_fem
from scl_fem.errors import ConvergenceError, Interrupted
from scl_fem.solvers.transient import TransientSolver
from tests.transport.support import case_of, transient

COMM = MPI.COMM_WORLD

LAWS = {
    "perfect": {"law": "perfect"},
    "exchange": {"law": "exchange", "exchange_current_density": 0.5},
    "layer": {"law": "layer", "thickness": 1.0, "conductivity": 1e-9, "dipole": 0.1},
}
MESHES = {
    "1D": {"interface_size": 0.02},
    "2D": {"dimension": 2, "interface_size": 0.05, "growth": 1.6, "lateral_elements": 4},
    "3D": {"dimension": 3, "interface_size": 0.1, "growth": 2.0, "lateral_elements": 2},
}
BOUNDARIES = {
    "closed": {"kind": "closed"},
    "current": {"kind": "current", "current_density": [[0.0, 0.0], [1e-7, 5.0]]},
    "voltage": {"kind": "voltage", "voltage": 0.05},
}
STUDY = {"tolerance": 0.02}


def compare(found, expected):
    """Columns of a history; small numbers against the largest of their column."""
    assert set(found) == set(expected)
    for name, values in expected.items():
        # what is left of a residual or an estimate near zero is round-off
        scale = np.abs(values).max()
        tolerance = 1e-4 if name == "error_estimate" else 1e-8
        np.testing.assert_allclose(found[name], values, rtol=tolerance, atol=tolerance * scale, err_msg=name)


@pytest.mark.parametrize(
    ("mesh", "law", "boundary"),
    [
        ("1D", "perfect", "voltage"),
        ("1D", "exchange", "current"),
        ("2D", "perfect", "closed"),
        ("2D", "exchange", "current"),
        ("2D", "layer", "voltage"),
        ("3D", "exchange", "closed"),
    ],
)
def test_history(mesh, law, boundary):
    case = transient(
        duration=1e-6,
        mesh=MESHES[mesh],
        interface=LAWS[law],
        boundary=BOUNDARIES[boundary],
        study=STUDY,
        solver={"linear": "direct"},
    )
    together, alone = (scl_fem.run(case, comm=comm) for comm in (COMM, MPI.COMM_SELF))
    compare(together.tables["history.csv"], alone.tables["history.csv"])
    for key in ("layer_resistance_ohm_cm2", "interface_potential_V"):
        assert together.summary[key] == pytest.approx(alone.summary[key], rel=1e-8)


@pytest.mark.parametrize("blocking", [False, True])
@pytest.mark.parametrize("mesh", MESHES)
def test_spectrum(mesh, blocking):
    study = {
        "kind": "impedance",
        # far below its corner a blocked cell is next to singular
        "frequency_start": 1e4 if blocking else 1.0,
        "frequency_stop": 1e12,
        "points_per_decade": 1,
    }
    case = case_of(
        study=study,
        mesh=MESHES[mesh],
        interface=LAWS["exchange"],
        boundary={"kind": "closed" if blocking else "bulk"},
    )
    together, alone = (scl_fem.run(case, comm=comm) for comm in (COMM, MPI.COMM_SELF))
    one, other = (
        np.asarray(run.tables["impedance.csv"]["Z_re_ohm_cm2"])
        + 1j * np.asarray(run.tables["impedance.csv"]["Z_im_ohm_cm2"])
        for run in (together, alone)
    )
    assert np.abs(one / other - 1.0).max() < 1e-8
    for key in ("total", "bulk", "interface"):
        key = f"{key}_resistance_ohm_cm2"
        assert together.summary[key] == pytest.approx(alone.summary[key], rel=1e-8)


@pytest.mark.parametrize("mesh", ["1D", "2D"])
@pytest.mark.parametrize("writer", ["all", "one"])
def test_restart_on_another_number_of_ranks(tmp_path_factory, monkeypatch, mesh, writer):
    """All ranks write and one reads, and the other way round."""
    case = transient(
        duration=1e-7, mesh=MESHES[mesh], interface=LAWS["exchange"], study=STUDY, output={"figures": False}
    )
    path = COMM.bcast(tmp_path_factory.mktemp("restart") if COMM.rank == 0 else None) / "r"
    unbroken = scl_fem.run(case, comm=MPI.COMM_SELF).tables["history.csv"]
    first, second = (COMM, MPI.COMM_SELF) if writer == "all" else (MPI.COMM_SELF, COMM)
    if first is COMM or COMM.rank == 0:
        with monkeypatch.context() as patch:
            break_off(patch, 15)
            with pytest.raises(Interrupted):
                scl_fem.run(case, path, comm=first)
    COMM.barrier()
    if second is COMM or COMM.rank == 0:
        found = scl_fem.run(case, path, comm=second, restart=True)
        compare(found.tables["history.csv"], unbroken)
    COMM.barrier()


def break_off(patch, steps):
    """Let the transient be interrupted after so many steps."""
    advance = TransientSolver.advance

    def some(self, progress, end, stops=None, monitor=lambda iteration, residual: None):
        for number, accepted in enumerate(advance(self, progress, end, stops, monitor)):
            yield accepted
            if number == steps:
                raise Interrupted("interrupted")

    patch.setattr(TransientSolver, "advance", some)


def test_failure_reaches_every_rank():
    case = transient(duration=1e-6, mesh=MESHES["2D"], solver={"max_iterations": 1, "tolerance": 1e-15})
    with pytest.raises(ConvergenceError, match="too short to go on") as raised:
        scl_fem.run(case, comm=COMM)
    assert len(set(COMM.allgather(str(raised.value)))) == 1
