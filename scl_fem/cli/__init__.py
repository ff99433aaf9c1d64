"""The command line, `scl-fem`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from scl_fem.cli import termination
from scl_fem.cli.loading import nothing_to_collect
from scl_fem.cli.streams import check_text, prepare_streams
from scl_fem.errors import Interrupted


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with its status.

    Args:
        arguments: words after the program's name; those of this process unless given.
    """
    termination.is_program = arguments is None
    termination.leave_at_once_if_told()
    status = _status(arguments)
    termination.leave_at_once_if_told()  # while the interpreter ends
    if termination.is_program and status == Interrupted.exit_status:
        termination.leave_as_interrupted()
    sys.exit(status)


def _status(arguments: Sequence[str] | None) -> int:
    """The exit status of the command line; see `main`."""
    prepare_streams()
    # read when NumPy is loaded: threads of a linear algebra library fight with MPI ranks for the cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # read when pydantic is: its search for plug-ins opens the metadata of every package installed
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    with nothing_to_collect():
        from scl_fem.cli.app import app
        from scl_fem.cli.completion import answer_shells
        from scl_fem.cli.outcome import exit_status
        from scl_fem.cli.ranks import rank

    if rank() > 0:  # only rank 0 speaks
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  (until the process ends)
    answer_shells()
    words = list(sys.argv[1:] if arguments is None else arguments)
    # DOLFINx and PETSc read the words of a process as well, and fail where one is no text.
    if arguments is None:
        sys.argv[1:] = []

    def command() -> object:
        check_text(words)
        return app(words, prog_name="scl-fem", standalone_mode=False)

    return exit_status(command)
