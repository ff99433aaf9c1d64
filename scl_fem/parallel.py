"""Several ranks act as one: what rank 0 alone does or knows, every rank learns, errors included."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from scl_fem.errors import Interrupted, SclFemError

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


def agree(comm: MPI.Comm, error: SclFemError | None) -> None:
    """Raise on every rank what is wrong on some, as the first of them has it. Collective.

    Args:
        comm: communicator.
        error: what is wrong on this rank.

    Raises:
        SclFemError: something is, somewhere.
    """
    if comm.allreduce(int(error is not None)):
        raise next(each for each in comm.allgather(error) if each is not None)


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


_PATIENCE = 3.0
"""Seconds to wait for other ranks to fail as well: those that do are about as far."""


class Meeting:
    """Where ranks that fail find out whether all of them do.

    An error that strikes some ranks only leaves the others in the middle of a computation: nothing that
    takes every rank can be done any more, not even keeping a state, and they would wait for ever.

        with Meeting(comm) as meeting:
            try:
                solve()
            except ConvergenceError as error:
                if meeting.complete():
                    keep_what_there_is()
    """

    def __init__(self, comm: MPI.Comm) -> None:
        """Collective.

        Args:
            comm: communicator.
        """
        # Of its own, so that no message of the computation can meet those of the meeting.
        self._comm = comm.Dup() if comm.size > 1 else None

    def complete(self) -> bool:
        """Wait a while for every rank to come here.

        Returns:
            Whether they did.
        """
        if self._comm is None:
            return True
        request, deadline = self._comm.Ibarrier(), time.monotonic() + _PATIENCE
        while not request.Test():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def abort(self, status: int) -> None:
        """End every rank, with a status other than 0."""
        if self._comm is not None:
            self._comm.Abort(status)

    def __enter__(self) -> Meeting:
        """Nothing happens yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Free the communicator, where every rank is known to do so."""
        if self._comm is not None and kind is None:
            self._comm.Free()


_SAME_KEY = 1.0
"""Seconds within which a second signal is an echo of the first: terminal and mpirun both pass Ctrl-C on."""


class Interruption:
    """Ctrl-C and SIGTERM, put off to a place where every rank can stop with its state whole.

    They strike ranks at different moments, within messages or PETSc. Inside the block they are noted
    only; who asks for them, at the same place on every rank, can keep the state and raise. A second
    signal, a while after the first, acts at once.

        with Interruption(comm) as interruption:
            for step in steps:
                if interruption.asked():
                    ...
    """

    def __init__(self, comm: MPI.Comm) -> None:
        """Nothing happens before the block is entered.

        Args:
            comm: communicator.
        """
        self._comm = comm
        self._first: float | None = None
        self._former: dict[int, Any] = {}

    def __enter__(self) -> Interruption:
        """Take the signals over (where Python lets us: in the main thread)."""
        if threading.current_thread() is threading.main_thread():
            self._former = {
                number: signal.signal(number, self._note)
                for number in (signal.SIGINT, signal.SIGTERM)
                if signal.getsignal(number) is not signal.SIG_IGN  # worker, or in the background
            }
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give them back."""
        for number, handler in self._former.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self._first is None:
            self._first = time.monotonic()
        elif time.monotonic() - self._first > _SAME_KEY:
            raise KeyboardInterrupt

    def asked(self) -> bool:
        """Whether any rank was told to stop. Collective; the same on every rank."""
        return bool(self._comm.allreduce(int(self._first is not None)))

    def heed(self, message: str) -> None:
        """Stop, if any rank was told to. Collective.

        Raises:
            Interrupted: with the message.
        """
        if self.asked():
            raise Interrupted(message)
