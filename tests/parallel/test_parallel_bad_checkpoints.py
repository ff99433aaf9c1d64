"""A checkpoint that makes no sense, and PETSc options that are refused: every rank says the same and ends."""

import shutil
import tempfile
from pathlib import Path

from scl_fem._stack import MPI
import pytest

import scl_fem
from scl_fem.errors import InputError
from tests.support.checkpoints import EXSY, NAN, QUIET, SMALL, altered
from tests.support.half_space import LAGP, LVO
from tests.transport.support import case_of, transient

COMM = MPI.COMM_WORLD
CASES = {
    "transient": transient(LVO, LAGP, duration=1e-9, mesh=SMALL, output=QUIET),
    "exsy": scl_fem.Case(**EXSY),
    "equilibrium": case_of(study={"kind": "equilibrium"}, mesh=SMALL, output=QUIET),
}


@pytest.fixture
def folder():
    path = COMM.bcast(tempfile.mkdtemp() if COMM.rank == 0 else None)
    yield Path(path)
    COMM.barrier()
    if COMM.rank == 0:
        shutil.rmtree(path)


@pytest.mark.parametrize(
    ("study", "changes", "words"),
    [
        ("transient", {"metadata": {"next_step": NAN}}, "next_step"),
        ("transient", {"metadata": {"steps": "x"}}, "steps"),
        ("transient", {"metadata": {"history": [[0.0]]}}, "history"),
        ("transient", {"metadata": {"output_times": KeyError}}, "output_times"),
        ("transient", {"arrays": {"values/level_0_phi": lambda array: array * NAN}}, "not finite"),
        ("exsy", {"metadata": {"step": NAN}}, "step"),
        ("exsy", {"metadata": {"history.total": []}}, "total"),
        ("exsy", {"arrays": {"values/rate_electrode": lambda array: array[1:]}}, "has shape"),
        ("equilibrium", {"arrays": {"values/phi": lambda array: array.astype("f4")}}, "float32"),
        ("equilibrium", {"header": {"points": 3}}, "not a readable checkpoint"),
    ],
)
def test_every_rank_refuses_it(folder, study, changes, words):
    scl_fem.run(CASES[study], folder / "r", comm=COMM)
    if COMM.rank == 0:
        path = folder / "r" / "checkpoint.npz"
        altered(path, folder / "c.npz", **changes)
        (folder / "c.npz").replace(path)
    COMM.barrier()
    with pytest.raises(InputError, match=words) as raised:
        scl_fem.run(CASES[study], folder / "r", comm=COMM, restart=True)
    assert len(set(COMM.allgather(str(raised.value)))) == 1


def test_a_start_that_is_no_file(folder):
    start = {"initial": {"state": "checkpoint", "checkpoint": str(folder)}}
    with pytest.raises(InputError, match="is a directory") as raised:
        scl_fem.run(CASES["transient"].with_overrides(start), comm=COMM)
    assert len(set(COMM.allgather(str(raised.value)))) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"ksp_type": "cg", "ksp_pc_side": "right", "pc_type": "jacobi"}, "RIGHT"),
        ({"pc_type": "ilu", "pc_factor_mat_solver_type": "superlu_dist"}, "superlu_dist"),
    ],
)
def test_what_petsc_refuses(options, words):
    case = CASES["equilibrium"].with_overrides({"solver.petsc": options})
    with pytest.raises(InputError, match=rf"PETSc refuses .*{words}") as raised:
        scl_fem.run(case, comm=COMM)
    assert len(set(COMM.allgather(str(raised.value)))) == 1
