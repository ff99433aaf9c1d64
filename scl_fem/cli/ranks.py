"""Which of the ranks that mpirun started this is, and how they end together."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from scl_fem.errors import InputError

if TYPE_CHECKING:
    from mpi4py import MPI

    from scl_fem.parallel import Meeting

# Set for each process by the launchers of MPICH and its kin, of Open MPI, and those that speak PMIx.
_RANK_VARIABLES = ("PMI_RANK", "OMPI_COMM_WORLD_RANK", "PMIX_RANK", "MV2_COMM_WORLD_RANK", "SLURM_PROCID")

_SIZE_VARIABLES = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS")
"""How many processes the same launchers started together. Not what a batch job was given altogether
(SLURM_NTASKS): its script is one process."""

_farewell: Meeting | None = None
"""Of all ranks, at the end of a run that failed; none where there is one rank."""


def world() -> MPI.Comm:
    """The communicator of all ranks; starts MPI. Collective.

    Raises:
        InputError: several processes were started together, and this MPI knows of one.
    """
    global _farewell
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="suspicious MPI execution environment")  # is an error here
        from scl_fem._mpi import MPI

    if MPI.COMM_WORLD.size == 1:
        _check_launcher()
    if _farewell is None and MPI.COMM_WORLD.size > 1:
        from scl_fem.parallel import Meeting

        _farewell = Meeting(MPI.COMM_WORLD)
    return MPI.COMM_WORLD


def rank() -> int:
    """Rank of this process, without starting MPI for it; of another MPI's launcher, as that counts."""
    if "mpi4py.MPI" in sys.modules:
        from mpi4py import MPI

        if not MPI.Is_finalized() and MPI.COMM_WORLD.size > 1:
            return MPI.COMM_WORLD.rank
    return next((int(os.environ[name]) for name in _RANK_VARIABLES if name in os.environ), 0)


def _check_launcher() -> None:
    """See that a process that is alone was meant to be.

    Raises:
        InputError: it was not.
    """
    sizes = {name: int(os.environ[name]) for name in _SIZE_VARIABLES if os.environ.get(name, "").isdecimal()}
    if 1 in sizes.values():  # a launcher within another one, for one process
        return
    for name, size in sizes.items():
        if size > 1:
            ours = Path(sys.executable).with_name("mpirun")
            raise InputError(
                f"{size} processes were started by a launcher of another MPI ({name}): each of them is "
                "alone and would compute the same",
                allowed=f"{ours if ours.is_file() else 'the mpirun of the MPI that scl-fem info names'} -n "
                f"{size} ..., or {name} unset where each is meant to run alone",
            )


def all_leave(alone: bool) -> bool:
    """Whether every rank ends by itself: waits for those that fail alike.

    Args:
        alone: whether it is known already that this rank alone fails.
    """
    return _farewell is None or (not alone and _farewell.complete())


def end_all(status: int) -> None:
    """End the other ranks too: an error that struck some would leave them waiting for ever.

    Args:
        status: exit status, not 0.
    """
    if _farewell is not None:
        _farewell.abort(status)
