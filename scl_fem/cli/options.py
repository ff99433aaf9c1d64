"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scl_fem.cli import outcome
from scl_fem.cli.completing import case_files, settings


def _show_tracebacks(value: bool) -> None:
    outcome.show_tracebacks |= value


CaseFile = Annotated[
    Path,
    typer.Argument(metavar="CASE.toml", help="The case file.", show_default=False, autocompletion=case_files),
]

Overrides = Annotated[
    list[str],
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Set a key of the case, for example phase.electrode.voltage=3.2 (repeatable).",
        show_default=False,
        autocompletion=settings,
    ),
]

Debug = Annotated[
    bool, typer.Option("--debug", help="Show the traceback of an error.", callback=_show_tracebacks)
]

UnsafePetscOptions = Annotated[
    bool,
    typer.Option(
        "--unsafe-petsc-options",
        help="Let any PETSc option in solver.petsc through: it can write any file and run any program.",
    ),
]
