"""scl-fem new: start from a case that comes with the program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scl_fem.cli.completing import shipped_names
from scl_fem.cli.options import Debug


def new(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            help="Which case; none: list them.",
            show_default=False,
            autocompletion=shipped_names,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="PATH",
            help="A folder, or a file that ends in .toml [default: NAME.toml here]",
            show_default=False,
        ),
    ] = None,
    debug: Debug = False,
) -> None:
    """List the cases that come with the program, or copy one to start from."""
    from scl_fem.cli.ranks import rank
    from scl_fem.errors import InputError
    from scl_fem.shipped import copy_case, shipped_case, shipped_cases

    if rank() > 0:
        return
    if name is None:
        if output is not None:
            raise InputError(
                "says where to write, and no case is named", key="-o", allowed="scl-fem new NAME -o"
            )
        print("\n".join(listing([case.line() for case in shipped_cases().values()])))
        return
    case = shipped_case(name)
    target = _target(case.path.name, output)
    written = copy_case(case, target)
    print(
        f"written: {', '.join(map(str, written))}" if written else f"{target} is there already, as it ships"
    )
    print(f"scl-fem run {target}")


def listing(lines: list[tuple[str, str, str]]) -> list[str]:
    """The cases for the terminal.

    Args:
        lines: of each case name, kind and title.
    """
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    rows = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    return [
        *(row.rstrip() for row in rows),
        "",
        "scl-fem new NAME copies one into this folder, with the mesh it needs.",
    ]


def _target(file_name: str, output: Path | None) -> Path:
    """Where the case is written."""
    if output is None:
        return Path(file_name)
    return output if output.suffix == ".toml" and not output.is_dir() else output / file_name
