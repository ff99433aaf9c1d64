"""scl-fem reproduce: the numbers and figures of a paper, the paper's beside ours."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scl_fem.cli.options import Debug


def reproduce(
    paper: Annotated[
        str, typer.Argument(metavar="PAPER", help="Which paper: cheng2020.", show_default=False)
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR",
            help="Where to write [default: results/PAPER]",
            show_default=False,
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a report that is in DIR already.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
    debug: Debug = False,
) -> None:
    """Compute what a paper reports and write a report: paper, this program, ratio.

    cheng2020: Cheng et al., Joule 2020, space-charge layers of LixV2O5 | LAGP.
    """
    from scl_fem.cli.outcome import heed_termination
    from scl_fem.cli.progress import terminal_reporter
    from scl_fem.cli.ranks import world
    from scl_fem.reproduce import reproduce as write_report

    comm = world()
    directory = output or Path("results") / paper
    heed_termination()
    with terminal_reporter(silent=quiet or comm.rank > 0) as progress:
        write_report(paper, directory, comm=comm, overwrite=overwrite, progress=progress)
    if comm.rank == 0 and not quiet:
        print(f"written to {directory}: report.html, report.md, numbers.json and figures")
