"""scl-fem mesh: build the mesh of a case alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scl_fem.cli.options import CaseFile, Debug, Overrides


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

    from scl_fem.mesh import FacetTag, PhaseTag
    from scl_fem.mesh.write import write_msh

    data = built_mesh(case, case_file)
    write_msh(data, output)
    print(f"{output}: {len(data.points)} points, {len(data.cells)} cells ({data.cell_type})")
    for tag in PhaseTag:
        print(f"  {tag.label}: {np.count_nonzero(data.cell_phase == tag)} cells")
    for facet_tag in FacetTag:
        print(f"  {facet_tag.label}: {np.count_nonzero(data.facet_tag == facet_tag)} facets")
