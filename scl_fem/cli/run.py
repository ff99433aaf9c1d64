"""scl-fem run: solve a case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scl_fem.cli.loading import nothing_to_collect
from scl_fem.cli.options import CaseFile, Debug, Overrides, UnsafePetscOptions
from scl_fem.cli.termination import leave_at_once_if_told
from scl_fem.errors import InputError

if TYPE_CHECKING:
    from scl_fem.case import Case


def run(
    case_file: CaseFile,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="DIR", help="Where to write [default: results/CASE]", show_default=False
        ),
    ] = None,
    overrides: Overrides = [],  # noqa: B006  (typer wants the default itself)
    restart: Annotated[bool, typer.Option("--restart", help="Go on from the checkpoint in DIR.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a result that is in DIR already.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
    unsafe_petsc_options: UnsafePetscOptions = False,
    debug: Debug = False,
) -> None:
    """Solve a case and write a result folder.

    Under mpirun the same in parallel, with the same results.
    """
    from scl_fem.cli.outcome import heed_termination
    from scl_fem.cli.progress import terminal_reporter
    from scl_fem.cli.ranks import world
    from scl_fem.parallel import on_root

    directory = output or Path("results") / case_file.stem
    leave_at_once_if_told()
    with nothing_to_collect():
        from scl_fem.cli.case import blaming

        comm = world()
        may_replace, unsafe = overwrite or restart, unsafe_petsc_options
        case = comm.bcast(on_root(comm, _prepared, case_file, overrides, directory, may_replace, unsafe))
        from scl_fem.studies.run import run_case

    heed_termination()
    with terminal_reporter(silent=quiet or comm.rank > 0) as progress, blaming(case_file):
        result = run_case(
            case,
            directory,
            comm=comm,
            progress=progress,
            overwrite=overwrite,
            restart=restart,
            unsafe_petsc_options=unsafe,
        )
    if comm.rank == 0 and not quiet:
        from scl_fem.cli.summary import print_summary

        print_summary(result.summary, directory)


def _prepared(
    case_file: Path, overrides: list[str], directory: Path, may_replace: bool, unsafe: bool
) -> Case:
    """The case, once it is sure that nothing stands in the way of solving it (rank 0)."""
    from scl_fem.cli.case import resolved_case
    from scl_fem.output.folder import holds_result

    case = resolved_case(case_file, overrides, unsafe_petsc_options=unsafe)
    if holds_result(directory) and not may_replace:
        raise InputError(
            f"{directory} holds a result already",
            allowed="--overwrite to replace it, --restart to go on from it, or -o another directory",
        )
    return case
