"""The report of a paper: all ranks work at it, rank 0 writes it, and its numbers are those of one rank."""

import json

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)
import dolfinx  # noqa: F401  (loading PETSc is collective: rank 0 alone must not be the first to)
import pytest

# isort: split
from mpi4py import MPI

from scl_fem.reproduce import reproduce

COMM = MPI.COMM_WORLD


@pytest.mark.slow
@pytest.mark.mpi
def test_report_does_not_depend_on_the_ranks(tmp_path):
    folder = COMM.bcast(tmp_path)
    together = reproduce("cheng2020", folder / "together", comm=COMM).as_table()["numbers"]
    alone = None
    if COMM.rank == 0:
        alone = reproduce("cheng2020", folder / "alone", comm=MPI.COMM_SELF).as_table()["numbers"]
    alone = COMM.bcast(alone)
    assert together.keys() == alone.keys()
    for name, number in together.items():
        expected = alone[name]["ours"]
        close = expected if expected is None else pytest.approx(expected, rel=1e-4, abs=1e-9)
        assert number["ours"] == close, name
    written = json.loads((folder / "together" / "numbers.json").read_text(encoding="utf-8"))
    assert written["numbers"].keys() == together.keys()
    assert (folder / "together" / "report.html").is_file()
