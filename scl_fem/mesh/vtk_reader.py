"""What VTK reads and meshio does not: pieces of a parallel writer, newer encodings, Exodus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import meshio

_PART = "block"
"""Name of the cell array in which blocks of a file are numbered."""


def read_with_vtk(path: Path) -> meshio.Mesh:
    """A mesh by way of VTK; blocks that have names (Exodus) become cell sets.

    Args:
        path: the file.

    Raises:
        Exception: VTK cannot read the file (pyvista raises nothing finer).
    """
    import pyvista

    pyvista.vtk_verbosity("off")
    data = pyvista.read(str(path))
    blocks = list(_leaves(data)) if isinstance(data, pyvista.MultiBlock) else [("", data)]
    if not blocks:
        raise ValueError("it holds no cells")
    for number, (_, block) in enumerate(blocks):
        block.cell_data[_PART] = np.full(block.n_cells, number)
    # tolerance 0: blocks share the points that are the same to the last bit, as Exodus stores them once
    parts = [block for _, block in blocks]
    grid = parts[0] if len(parts) == 1 else pyvista.merge(parts, merge_points=True, tolerance=0.0)
    mesh = pyvista.to_meshio(grid.cast_to_unstructured_grid())
    numbers = mesh.cell_data.pop(_PART)
    for number, (name, _) in enumerate(blocks):
        if name:
            mesh.cell_sets[name] = [np.flatnonzero(values == number) for values in numbers]
    return mesh


def _leaves(data: Any, name: str = "") -> list[tuple[str, Any]]:
    """Every block that has cells with its name, nested ones too."""
    if data is None or not data.n_blocks if hasattr(data, "n_blocks") else data is None:
        return []
    if hasattr(data, "n_blocks"):
        return [leaf for key in data.keys() for leaf in _leaves(data[key], key or name)]  # noqa: SIM118
    return [(name, data)] if data.n_cells else []
