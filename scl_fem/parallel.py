"""Several ranks act as one: what rank 0 alone does or knows, every rank learns, errors included."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from scl_fem.errors import SclFemError

if TYPE_CHECKING:
    from mpi4py import MPI


def on_root[T](comm: MPI.Comm, action: Callable[..., T], *arguments: Any, **options: Any) -> T | None:
    """Do something on rank 0 alone; what it raises there, every rank raises. Collective.

    Args:
        comm: communicator.
        action: called with the remaining arguments on rank 0.
        arguments: positional arguments of `action`.
        options: keyword arguments of `action`.

    Returns:
        What `action` returns on rank 0, None elsewhere (it may be large; broadcast it where all need it).

    Raises:
        SclFemError: `action` raised one; every rank raises it.
        RuntimeError: on the other ranks, where `action` raised anything else, which rank 0 raises.
    """
    result: T | None = None
    error: Exception | None = None
    if comm.rank == 0:
        try:
            result = action(*arguments, **options)
        except Exception as raised:
            error = raised
    # An error from outside the family may not survive pickling: only its text travels.
    foreign = error is not None and not isinstance(error, SclFemError)
    shared = comm.bcast(RuntimeError(f"on rank 0: {error!r}") if foreign else error, root=0)
    if shared is not None:
        raise error or shared
    return result


def gather_rows(comm: MPI.Comm, rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Stack the rows of every rank's array on rank 0, in order of rank. Collective.

    Args:
        comm: communicator.
        rows: (n, ...) array; n may differ between ranks, the rest may not.

    Returns:
        (sum of n, ...) array on rank 0, one without rows elsewhere.
    """
    rows = np.ascontiguousarray(rows)
    width = int(np.prod(rows.shape[1:], dtype=np.int64))
    counts = comm.allgather(rows.shape[0])
    stacked = np.empty((sum(counts) if comm.rank == 0 else 0, *rows.shape[1:]), dtype=rows.dtype)
    comm.Gatherv(rows, (stacked, [count * width for count in counts]), root=0)
    return stacked
