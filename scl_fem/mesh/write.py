"""Meshes as .msh files, with physical groups named after phases, interface and terminals."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from scl_fem.errors import InputError
from scl_fem.mesh.domain import MeshData

CELL_TYPES = {
    "interval": "line",
    "triangle": "triangle",
    "quadrilateral": "quad",
    "tetrahedron": "tetra",
    "hexahedron": "hexahedron",
}
"""Meshio's name of DOLFINx's cells."""

FACET_TYPES = {
    "interval": "vertex",
    "triangle": "line",
    "quadrilateral": "line",
    "tetrahedron": "triangle",
    "hexahedron": "quad",
}
"""Meshio's name of the facets of a cell."""

TENSOR_ORDER = {"quadrilateral": [0, 1, 3, 2], "hexahedron": [0, 1, 3, 2, 4, 5, 7, 6]}
"""Tensor-product vertex order by the circular one of files; its own inverse."""


def write_msh(data: MeshData, path: Path) -> None:
    """Write a gmsh file (MSH 2.2, binary; coordinates in nm).

    gmsh and meshio read it, and `kind = "file"` with the groups electrode and electrolyte.

    Args:
        data: the whole mesh (on one rank).
        path: a name that ends in .msh; replaced only once the file is complete.

    Raises:
        InputError: another ending, or no such folder.
    """
    import meshio

    if path.suffix != ".msh":
        raise InputError(f"cannot write a mesh to '{path}'", allowed="a name that ends in .msh")
    if not path.parent.is_dir():
        raise InputError(f"cannot write '{path}': no folder {path.parent}")
    cell_type = CELL_TYPES[data.cell_type]
    facet_type = FACET_TYPES[data.cell_type]
    # DOLFINx takes facets in any order, files take quadrilaterals around
    facet_order = TENSOR_ORDER["quadrilateral"] if facet_type == "quad" else slice(None)
    blocks, numbers = [], []
    layout, names = data.layout, {}
    for roles, values, kind, vertices, dimension in (
        (
            layout.phases,
            data.cell_phase,
            cell_type,
            data.cells[:, TENSOR_ORDER.get(data.cell_type, slice(None))],
            data.dimension,
        ),
        (layout.roles, data.facet_tag, facet_type, data.facets[:, facet_order], data.dimension - 1),
    ):
        for role in roles:
            number = layout.number(role)
            if (chosen := values == number).any():
                blocks.append((kind, vertices[chosen]))
                numbers.append(np.full(chosen.sum(), number))
                names[layout.group(role)] = np.array([number, dimension])
    padded = np.zeros((len(data.points), 3))
    padded[:, : data.dimension] = data.points
    groups = {"gmsh:physical": numbers, "gmsh:geometrical": numbers}
    mesh = meshio.Mesh(padded, blocks, cell_data=groups, field_data=names)
    # a name of its own: one that is as long as may be has no room for more
    partial = path.with_name(f".scl-fem-{os.getpid()}.msh")
    try:
        meshio.write(partial, mesh, file_format="gmsh22", binary=True)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
