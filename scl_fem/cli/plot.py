"""scl-fem plot: figures of a result."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from scl_fem.cli.completing import result_folders
from scl_fem.cli.options import Debug
from scl_fem.errors import InputError


def plot(
    directory: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="A result folder.", show_default=False, autocompletion=result_folders
        ),
    ],
    debug: Debug = False,
) -> None:
    """Draw the figures of a result folder."""
    from scl_fem.cli.ranks import rank
    from scl_fem.output.claim import claimed
    from scl_fem.output.folder import holds_result

    if rank() > 0:
        return
    if not holds_result(directory):
        raise InputError(f"{directory} holds no result", allowed="a folder that scl-fem run has written")

    from scl_fem.figures import plot_result

    with claimed(directory):
        paths = plot_result(directory, note=lambda text: print(text, file=sys.stderr))
    for path in paths:
        print(path)
