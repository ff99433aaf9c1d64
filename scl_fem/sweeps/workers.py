"""Processes that solve points side by side.

Not a pool of concurrent.futures: that cannot stop its processes, and one that dies takes the points of all
others with it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import connection
from pathlib import Path
from typing import Any

from scl_fem.case import Case
from scl_fem.errors import Interrupted, SclFemError
from scl_fem.output.files import OutputError
from scl_fem.output.folder import holds_result
from scl_fem.sweeps.solving import Failure, read_failure, solve_point, write_failure

_MOST_STILLBORN = 4
"""Processes that may die before they are ready, one after another: no more are started then."""

_NONE_STARTS = (
    "worker processes end before they are ready: see above; a script that sweeps with workers must do so "
    'under `if __name__ == "__main__":`'
)

type Task = tuple[Case, Path]

_PATIENCE = 20.0
"""Seconds that a worker has to write its checkpoint when the sweep is interrupted."""

_LAUNCHERS = ("PMI_", "PMIX_", "OMPI_", "HYDRA_", "HYDI_")
"""How the variables begin by which mpirun speaks to its ranks: a worker is none of them."""


def solve_side_by_side(tasks: Iterable[Task], workers: int) -> Iterator[tuple[Path, Failure | None]]:
    """Solve cases in processes of their own, each on one core.

    Args:
        tasks: cases and the directories of their results.
        workers: number of processes.

    Yields:
        Each directory when its case is done, with the failure where it failed.

    Raises:
        OutputError: a result cannot be written.
        SclFemError: no process starts.
    """
    waiting = list(tasks)[::-1]
    crew: list[_Worker] = []
    stillborn = 0
    try:
        for _ in range(min(workers, len(waiting))):
            crew.append(_Worker())
        while not all(worker.is_dismissed for worker in crew):
            busy: list[Any] = [worker for worker in crew if not worker.is_dismissed]
            ready: list[Any] = connection.wait(busy)
            for worker in ready:
                task, failure = worker.task, worker.answer()
                stillborn = 0 if worker.has_started else stillborn + 1
                if waiting and worker.is_dead:
                    if stillborn <= _MOST_STILLBORN:
                        crew.append(_Worker())
                    elif all(each is worker or each.is_dismissed for each in crew):
                        raise SclFemError(_NONE_STARTS)
                elif waiting:
                    worker.give(waiting.pop())
                if worker.is_dead or worker.task is None:
                    worker.dismiss()
                if task is not None:
                    yield task[1], failure
    finally:
        _stop(crew)


class _Worker:
    """One process, as the sweep sees it.

    Attributes:
        task: what it is at work on, None while it starts and when it has nothing to do.
        has_started: whether it was ever ready.
        is_dead: whether it was found dead.
        is_dismissed: whether nothing is expected of it any more.
    """

    def __init__(self) -> None:
        """Start the process; its first answer says that it is ready."""
        context = multiprocessing.get_context("spawn")  # a fork would inherit MPI
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self.has_started = False
        self.task: Task | None = None
        self.is_dead = self.is_dismissed = False
        with _surroundings_of_a_worker():
            self._process.start()
        theirs.close()

    def fileno(self) -> int:
        """For `connection.wait`."""
        return self._connection.fileno()

    def give(self, task: Task) -> None:
        """Let it solve a case."""
        self.task = task
        with suppress(BrokenPipeError, ConnectionResetError):  # it died while idle: its answer will tell
            self._connection.send(task)

    def answer(self) -> Failure | None:
        """The failure of its task, if it failed; afterwards it has no task.

        Raises:
            OutputError: it could not write.
        """
        task, self.task = self.task, None
        try:
            message = self._connection.recv()
        except (EOFError, ConnectionResetError):
            self.is_dead = True
            return self._death(task)
        self.has_started = True
        if isinstance(message, SclFemError):
            raise message
        return message

    def dismiss(self) -> None:
        """Nothing more to do: it ends when it sees that."""
        self.is_dismissed = True
        self._connection.close()

    def terminate(self) -> None:
        """End it now, whatever it does; a study that keeps checkpoints writes one."""
        if not self.is_dismissed:
            self._process.terminate()

    def wait(self, deadline: float) -> None:
        """Wait for its end; at the deadline, on the monotonic clock, kill it."""
        try:
            self._process.join(max(deadline - time.monotonic(), 0.0))
        finally:
            self._process.kill()

    def _death(self, task: Task | None) -> Failure | None:
        """What its end means for its task."""
        self._process.join(_PATIENCE)
        if task is None or holds_result(task[1]):  # it was done, and had no time to say so
            return None
        failure = read_failure(task[1])
        if failure is not None:
            return failure
        code = self._process.exitcode
        how = signal.strsignal(-code) if code is not None and code < 0 else f"exit status {code}"
        failure = Failure("WorkerDied", f"the process that solved it died: {how}; out of memory?")
        write_failure(task[1], failure, task[0])
        return failure


def _stop(crew: list[_Worker]) -> None:
    """See that every process ends: those that are at work are interrupted."""
    for worker in crew:
        worker.terminate()
    deadline = time.monotonic() + _PATIENCE
    try:
        for worker in crew:
            worker.wait(deadline)
    finally:  # a second Ctrl-C does not wait
        for worker in crew:
            worker.wait(0.0)


@contextmanager
def _surroundings_of_a_worker() -> Iterator[None]:
    """What a process inherits: one thread, no launcher of ranks, deaf to the Ctrl-C of the terminal."""
    before = dict(os.environ)
    in_main_thread = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN) if in_main_thread else None
    try:
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        for name in before:
            if name.startswith(_LAUNCHERS):
                del os.environ[name]
        yield
    finally:
        os.environ.update(before)
        if "OMP_NUM_THREADS" not in before:
            del os.environ["OMP_NUM_THREADS"]
        if in_main_thread:
            signal.signal(signal.SIGINT, handler)


def _serve(sweep: connection.Connection) -> None:
    """The life of a worker.

    Args:
        sweep: the other end gives tasks and takes the answers.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        import scl_fem.studies.run  # noqa: F401

        # PETSc, loaded now, would take it for a crash
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        sweep.send(None)
        while True:
            sweep.send(_answer(*sweep.recv()))
    except (EOFError, BrokenPipeError, ConnectionResetError, KeyboardInterrupt, Interrupted):
        return


def _answer(case: Case, directory: Path) -> Failure | OutputError | None:
    """What became of a task."""
    try:
        return solve_point(case, directory)
    except OutputError as error:
        return error


def _end_with_parent() -> None:
    """End with a sweep that was killed: the next one starts these points again."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
