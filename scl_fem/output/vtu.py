"""VTK's XML files of unstructured grids, and the .pvd that ties them into one data set.

Written here rather than by DOLFINx's VTKFile, which puts one text file a rank on the disk: these
are compressed, free of ghost cells, and the same whatever the number of ranks.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scl_fem.output.files import writing

_VTK_TYPES = {
    np.dtype(np.float64): "Float64",
    np.dtype(np.int64): "Int64",
    np.dtype(np.int32): "Int32",
    np.dtype(np.uint8): "UInt8",
}
_BLOCK = 1 << 20
"""Bytes compressed at a time; a multiple of every item's size."""

_SAMPLE = 1 << 14
"""Bytes at the start of an array that tell whether it is worth compressing."""

_WORTH_IT = 0.9
"""Ratio of the sizes after and before above which it is not."""


@dataclass(frozen=True)
class Grid:
    """Cells of one type.

    Attributes:
        points: (n, 3) coordinates, nm.
        cells: (m, nodes per cell) indices into `points`, in VTK's order of a cell's nodes.
        cell_type: VTK's number of the cell type.
    """

    points: npt.NDArray[np.float64]
    cells: npt.NDArray[np.int64]
    cell_type: int


@dataclass(frozen=True)
class Piece:
    """A line of a .pvd: one file of one part at one time.

    Attributes:
        file: path relative to the .pvd.
        part: number of the block.
        name: name of the block.
        time: value of the time step.
    """

    file: str
    part: int
    name: str
    time: float


def write_vtu(
    path: Path,
    grid: Grid,
    point_data: Mapping[str, npt.NDArray[np.float64]],
    cell_data: Mapping[str, npt.NDArray[np.int32]],
) -> None:
    """Write a grid with its fields, compressed.

    Args:
        path: the .vtu file.
        grid: points and cells.
        point_data: (n,) values at the points by name.
        cell_data: (m,) values of the cells by name.

    Raises:
        OutputError: it cannot be written.
    """
    number, nodes = grid.cells.shape
    topology = {
        "connectivity": _narrow(grid.cells.ravel(), len(grid.points)),
        "offsets": _narrow(np.arange(nodes, (number + 1) * nodes, nodes), number * nodes),
        "types": np.full(number, grid.cell_type, dtype=np.uint8),
    }
    with writing(path), path.open("w", encoding="ascii") as file:
        file.write(
            '<?xml version="1.0"?>\n'
            '<VTKFile type="UnstructuredGrid" version="1.0" byte_order="LittleEndian"'
            ' header_type="UInt64" compressor="vtkZLibDataCompressor">\n'
            f'<UnstructuredGrid>\n<Piece NumberOfPoints="{len(grid.points)}" NumberOfCells="{number}">\n'
        )
        for section, arrays in (
            ("Points", {"points": grid.points}),
            ("Cells", topology),
            ("PointData", point_data),
            ("CellData", cell_data),
        ):
            file.write(f"<{section}>\n")
            for name, array in arrays.items():
                file.write(_data_array(name, array))
            file.write(f"</{section}>\n")
        file.write("</Piece>\n</UnstructuredGrid>\n</VTKFile>\n")


def write_pvd(path: Path, pieces: Iterable[Piece]) -> None:
    """Write the file that ParaView opens: parts and time steps as one data set.

    Args:
        path: the .pvd file.
        pieces: its files.

    Raises:
        OutputError: it cannot be written.
    """
    lines = [
        f'<DataSet timestep="{piece.time!r}" part="{piece.part}" name={_quoted(piece.name)}'
        f" file={_quoted(piece.file)}/>"
        for piece in pieces
    ]
    text = "\n".join(
        [
            '<?xml version="1.0"?>',
            '<VTKFile type="Collection" version="1.0">',
            "<Collection>",
            *lines,
            "</Collection>",
            "</VTKFile>",
            "",
        ]
    )
    with writing(path):
        path.write_text(text, encoding="utf-8")


def _data_array(name: str, array: npt.NDArray) -> str:
    """The XML element of one array."""
    components = f' NumberOfComponents="{array.shape[1]}"' if array.ndim == 2 else ""
    return (
        f'<DataArray type="{_VTK_TYPES[array.dtype]}" Name={_quoted(name)}{components} format="binary">'
        f"{_encoded(array)}</DataArray>\n"
    )


def _quoted(text: str) -> str:
    """Text as the value of an attribute (`xml.sax` has it, and loads HTTP clients with it)."""
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(character, entity)
    return f'"{text}"'


def _narrow(numbers: npt.NDArray[np.int64], largest: int) -> npt.NDArray:
    """Numbers in half the bytes, where they fit."""
    return numbers.astype(np.int32 if largest <= np.iinfo(np.int32).max else np.int64)


def _encoded(array: npt.NDArray) -> str:
    """An array as VTK's zlib blocks in base64: a header of sizes, then the blocks."""
    raw = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes()
    sample = raw[:_SAMPLE]
    # The digits of most fields are noise to zlib, at its slowest.
    level = 1 if len(zlib.compress(sample, 1)) < _WORTH_IT * len(sample) else 0
    blocks = [zlib.compress(raw[start : start + _BLOCK], level) for start in range(0, len(raw), _BLOCK)]
    sizes = [len(block) for block in blocks]
    header = struct.pack(f"<{3 + len(sizes)}Q", len(sizes), _BLOCK, len(raw) % _BLOCK, *sizes)
    return base64.b64encode(header).decode() + base64.b64encode(b"".join(blocks)).decode()
