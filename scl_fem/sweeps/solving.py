"""One point of a sweep: solving it, and the state it has on the disk."""

from __future__ import annotations

import json
import shutil
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scl_fem.case import Case, dump_case
from scl_fem.errors import Interrupted, SclFemError, printable
from scl_fem.output.claim import FolderBusyError
from scl_fem.output.files import OutputError, writing
from scl_fem.output.folder import holds_result
from scl_fem.output.names import CASE_FILE, CHECKPOINT_FILE
from scl_fem.sweeps.storing import write_json

FAILURE_FILE = "failure.json"
"""Stands in the directory of a point that failed."""

_PATIENCE = 30.0
"""Seconds for a worker of a sweep that was killed to see that, and end."""


@dataclass(frozen=True)
class Failure:
    """Why a point has no result.

    Attributes:
        kind: class of the error.
        message: for the user, one line.
    """

    kind: str
    message: str


def solve_point(case: Case, directory: Path) -> Failure | None:
    """Run a case alone in this process and leave its result, or its failure, in a directory.

    Args:
        case: of the point.
        directory: its own; a checkpoint that is there (the point was interrupted) is gone on from.

    Returns:
        None for a result; what went wrong otherwise.

    Raises:
        OutputError: it cannot be written, which no other point could be either.
        KeyboardInterrupt: interrupted; whatever checkpoint the study wrote is kept.
    """
    try:
        _run(case, directory)
    except (OutputError, Interrupted):
        raise
    except Exception as error:
        cause = _root(error)
        if isinstance(cause, KeyboardInterrupt):  # it struck inside PETSc, which puts its own error on top
            raise KeyboardInterrupt from error
        if isinstance(error.__cause__, OutputError):  # a result folder that could not be made
            raise error.__cause__ from None
        failure = _failure(error)
        own_fault = not isinstance(error, SclFemError)
        write_failure(directory, failure, case, traceback.format_exception(error) if own_fault else ())
        return failure
    return None


def write_failure(
    directory: Path, failure: Failure, case: Case | None = None, trace: Sequence[str] = ()
) -> None:
    """Leave a failure, and the case that runs into it, in the directory of a point.

    Args:
        directory: of the point.
        failure: what went wrong.
        case: of the point; None where there is none.
        trace: lines of the traceback, of errors that are the program's own fault.

    Raises:
        OutputError: it cannot be written.
    """
    known = {"kind": failure.kind, "message": failure.message}
    if trace:
        known["traceback"] = "".join(trace)
    with writing(directory):
        directory.mkdir(parents=True, exist_ok=True)
        if case is not None:
            (directory / CASE_FILE).write_text(dump_case(case), "utf-8")
    write_json(directory / FAILURE_FILE, known)


def read_failure(directory: Path) -> Failure | None:
    """The failure of a point, None where there is none."""
    try:
        known = json.loads((directory / FAILURE_FILE).read_text("utf-8"))
        return Failure(str(known["kind"]), printable(str(known["message"])))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, RecursionError):
        return Failure("Unreadable", f"{FAILURE_FILE} is damaged; --retry-failed solves the point again")


def is_finished(directory: Path) -> bool:
    """Whether a point was run to its end, good or bad."""
    return holds_result(directory) or (directory / FAILURE_FILE).is_file()


def forget_failure(directory: Path) -> None:
    """Make a point that failed one that was never run.

    Raises:
        OutputError: it cannot be removed.
    """
    if read_failure(directory) is not None:
        with writing(directory):
            shutil.rmtree(directory)


def _run(case: Case, directory: Path) -> None:
    """Run the case; wait for the worker of a sweep that was killed, which is about to end."""
    from scl_fem._stack import MPI

    from scl_fem.studies.run import run_case

    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            restart = (directory / CHECKPOINT_FILE).is_file()
            # What the sweep's PETSc options may be was seen to when its points were made.
            run_case(case, directory, comm=MPI.COMM_SELF, restart=restart, unsafe_petsc_options=True)
            return
        except FolderBusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _failure(error: Exception) -> Failure:
    """An error in one line."""
    text = "; ".join(str(error).splitlines())
    if not isinstance(error, SclFemError):
        cause = _root(error)
        text = f"internal error: {type(cause).__name__}: {'; '.join(str(cause).splitlines())}"
    return Failure(type(error).__name__, text)


def _root(error: BaseException) -> BaseException:
    """What an error goes back to."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error
