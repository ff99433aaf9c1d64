"""Which of the ranks that mpirun started this is, and how they end together."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mpi4py import MPI

# Set for each process by the launchers of MPICH and its kin, of Open MPI, and those that speak PMIx.
_RANK_VARIABLES = ("PMI_RANK", "OMPI_COMM_WORLD_RANK", "PMIX_RANK")

_PATIENCE = 10.0
"""Seconds to wait for the other ranks to fail as well."""

_farewell: MPI.Comm | None = None
"""Carries nothing but the barrier at the end of a failed run, so that no other message can meet it."""


def world() -> MPI.Comm:
    """The communicator of all ranks; starts MPI. Collective."""
    global _farewell
    from scl_fem._mpi import MPI

    if _farewell is None and MPI.COMM_WORLD.size > 1:
        _farewell = MPI.COMM_WORLD.Dup()
    return MPI.COMM_WORLD


def rank() -> int:
    """Rank of this process, without starting MPI for it."""
    if "mpi4py.MPI" in sys.modules:
        from mpi4py import MPI

        return MPI.COMM_WORLD.rank
    return next((int(os.environ[name]) for name in _RANK_VARIABLES if name in os.environ), 0)


def leave_together(status: int) -> None:
    """See that every rank ends: wait for those that fail alike, abort those that do not.

    An error that struck some ranks only would leave the others waiting for them for ever.

    Args:
        status: exit status of this rank, not 0.
    """
    if _farewell is None:
        return
    request, deadline = _farewell.Ibarrier(), time.monotonic() + _PATIENCE
    while not request.Test():
        if time.monotonic() > deadline:
            _farewell.Abort(status)
        time.sleep(0.01)
