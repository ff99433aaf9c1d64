"""What VTK reads and meshio does not: pieces of a parallel writer, newer encodings, Exodus."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import meshio

_BLOCK = "block_of_the_file"
"""Name of the cell array in which blocks are numbered."""

_NODE = "ImplicitNodeId"
"""VTK's name of the number of an Exodus node: blocks have copies of the nodes that they share."""


def read_with_vtk(path: Path) -> meshio.Mesh:
    """A mesh by way of VTK; blocks that have names (Exodus) become cell sets.

    Args:
        path: the file.

    Raises:
        Exception: VTK cannot read the file (pyvista raises nothing finer).
    """
    import pyvista

    pyvista.vtk_verbosity("off")
    reader = pyvista.get_reader(str(path))
    if hasattr(reader.reader, "GenerateImplicitNodeIdArrayOn"):
        reader.reader.GenerateImplicitNodeIdArrayOn()
    data = reader.read()
    blocks = list(_leaves(data, "")) if isinstance(data, pyvista.MultiBlock) else [("", data)]
    for number, (_, block) in enumerate(blocks):
        block.cell_data[_BLOCK] = np.full(block.n_cells, number)
    parts = pyvista.MultiBlock([block for _, block in blocks])
    mesh = pyvista.to_meshio(parts.combine(merge_points=False))
    numbers = mesh.cell_data.pop(_BLOCK)
    for number, (name, _) in enumerate(blocks):
        if name:
            mesh.cell_sets[name] = [np.flatnonzero(np.asarray(values) == number) for values in numbers]
    if _NODE in mesh.point_data:
        _, first, row = np.unique(mesh.point_data[_NODE], return_index=True, return_inverse=True)
        mesh.points, mesh.point_data = mesh.points[first], {}
        for cells in mesh.cells:
            cells.data = row.reshape(-1)[cells.data]
    return mesh


def _leaves(data: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every block that has cells with its name, nested ones too."""
    for number in range(data.n_blocks):
        block = data[number]
        label = data.get_block_name(number) or name
        if hasattr(block, "n_blocks"):
            yield from _leaves(block, label)
        elif block is not None and block.n_cells:
            yield label, block
