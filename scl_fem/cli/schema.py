"""scl-fem schema: what an editor completes and checks case files by."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scl_fem.cli.options import Debug


def schema(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where to write it; else it is printed."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Write the JSON schema of case files: editors complete and check by it."""
    from scl_fem.case.schema import schema_text
    from scl_fem.output.files import write_text

    if output is None:
        print(schema_text(), end="")
        return
    write_text(output, schema_text())
    print(f"written to {output}; the first line of a case in that folder: #:schema ./{output.name}")
