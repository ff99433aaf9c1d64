"""scl-fem mesh: build the mesh of a case alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from scl_fem.cli.options import CaseFile, Debug, Overrides
from scl_fem.errors import InputError

_LONGEST_NAME = 255
"""Bytes that a file system takes."""


def mesh(
    case_file: CaseFile,
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="FILE.msh", help="The file to write.", show_default=False),
    ],
    overrides: Overrides = [],  # noqa: B006  (typer wants the default itself)
    debug: Debug = False,
) -> None:
    """Build the mesh of a case alone (gmsh .msh)."""
    from scl_fem.cli.case import built_mesh, resolved_case
    from scl_fem.cli.ranks import rank

    if rank() > 0:
        return
    case = resolved_case(case_file, overrides)

    import numpy as np

    from scl_fem.mesh.write import write_msh
    from scl_fem.output.files import writing

    _check_name(output, getattr(case.mesh, "path", None))
    data = built_mesh(case, case_file)
    with writing(output):
        write_msh(data, output)
    print(f"{output}: {len(data.points)} points, {len(data.cells)} cells ({data.cell_type})")
    layout = data.layout
    for phase in layout.phases:
        print(f"  {phase}: {np.count_nonzero(data.cell_phase == layout.number(phase))} cells")
    for role in layout.roles:
        print(f"  {layout.group(role)}: {np.count_nonzero(data.facet_tag == layout.number(role))} facets")
    for remark in data.remarks:
        print(f"note: {remark}")


def _check_name(output: Path, source: str | None) -> None:
    """See that a file can have that name, and is not the one that the mesh is read from.

    Raises:
        InputError: it cannot, or is.
    """
    try:
        is_source = source is not None and output.exists() and output.samefile(source)
    except OSError as error:
        raise InputError(f"cannot write '{output}': {error.strerror}") from error
    if len(os.fsencode(output.name)) > _LONGEST_NAME:
        raise InputError(f"cannot write '{output}': the name is too long for the file system")
    if is_source:
        raise InputError(f"{output} is the mesh of the case itself", allowed="another file")
