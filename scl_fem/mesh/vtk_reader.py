"""What VTK reads and meshio does not: newer encodings, Exodus.

VTK's readers crash over files that are cut short, and print what they like: they run in a process of
their own, which hands arrays over in a file.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
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


_SEPARATOR = "/"
"""Between the parts of a key in the file of arrays; a name is its last part."""


def read_with_vtk(path: Path) -> meshio.Mesh:
    """A mesh by way of VTK; blocks that have names (Exodus) become cell sets.

    Args:
        path: the file.

    Raises:
        ValueError: VTK cannot read the file.
    """
    with tempfile.TemporaryDirectory() as folder:
        arrays = Path(folder) / "mesh.npz"
        # the child finds the package where this process did
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        subprocess.run(
            [sys.executable, "-P", "-m", __name__, str(path), str(arrays)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if not arrays.is_file():
            raise ValueError("not a mesh in the format that its name says, or cut short")
        with np.load(arrays) as stored:
            return _unpacked(dict(stored))


def _packed(mesh: meshio.Mesh) -> dict[str, Any]:
    """A mesh as arrays by key."""
    arrays: dict[str, Any] = {"points": np.asarray(mesh.points)}
    for number, block in enumerate(mesh.cells):
        arrays[_SEPARATOR.join(("cells", str(number), block.type))] = block.data
        for name, values in mesh.cell_data.items():
            arrays[_SEPARATOR.join(("data", str(number), name))] = np.asarray(values[number])
        for name, members in mesh.cell_sets.items():
            arrays[_SEPARATOR.join(("set", str(number), name))] = members[number]
    return arrays


def _unpacked(arrays: dict[str, Any]) -> meshio.Mesh:
    """The mesh again."""
    import meshio

    parts: dict[str, dict[str, list[Any]]] = {"data": {}, "set": {}}
    blocks = []
    points = arrays.pop("points")
    for key, values in arrays.items():
        what, _, name = key.split(_SEPARATOR, 2)
        if what == "cells":
            blocks.append((name, values))
        else:
            parts[what].setdefault(name, []).append(values)
    return meshio.Mesh(points, blocks, cell_data=parts["data"], cell_sets=parts["set"])


def _read(path: Path) -> meshio.Mesh:
    """What VTK makes of a file."""
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


def _main(path: str, arrays: str) -> None:
    """Read a mesh and leave its arrays, complete or not at all."""
    partial = Path(arrays).with_suffix(".partial.npz")
    np.savez(partial, **_packed(_read(Path(path))))
    partial.replace(arrays)


if __name__ == "__main__":
    _main(*sys.argv[1:])
