"""scl-fem cite: what to cite for a result, as BibTeX."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scl_fem.cli.completing import case_files
from scl_fem.cli.options import Debug
from scl_fem.errors import InputError


def cite(
    what: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DIR|CASE.toml]",
            help="A result folder or a case; none: the program, its model and its libraries.",
            show_default=False,
            autocompletion=case_files,
        ),
    ] = None,
    debug: Debug = False,
) -> None:
    """Print what to cite, as BibTeX: program, model, sources of the materials, libraries.

    A number whose source has no entry of its own is a comment in the source's words.
    """
    from scl_fem import __version__
    from scl_fem.cli.ranks import rank

    if rank() == 0:
        print(_citations(what, __version__), end="")


def _citations(what: Path | None, version: str) -> str:
    """The entries.

    Raises:
        InputError: there is no case and no result.
    """
    from scl_fem.citations import citations_of_case, citations_of_fit, citations_of_program
    from scl_fem.cli.case import resolved_case
    from scl_fem.fits.report import FIT_FILE
    from scl_fem.output.names import CASE_FILE, SUMMARY_FILE

    if what is None:
        return citations_of_program(version)
    if not what.is_dir():
        return citations_of_case(resolved_case(what, []), version)
    if (what / FIT_FILE).is_file():
        return citations_of_fit(_table(what / FIT_FILE).get("fit", ""), version)
    if not (what / CASE_FILE).is_file():
        raise InputError(
            f"{what} holds no result", allowed="a folder that scl-fem run or scl-fem fit has written"
        )
    if (what / SUMMARY_FILE).is_file():
        version = _table(what / SUMMARY_FILE).get("version", version)
    return citations_of_case(resolved_case(what / CASE_FILE, []), version)


def _table(path: Path) -> dict[str, str]:
    """A JSON file that holds a table.

    Raises:
        InputError: it holds something else.
    """
    import json

    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {error}", file=str(path)) from error
    if not isinstance(table, dict):
        raise InputError("holds no table", file=str(path))
    return table
