"""Cells of every shape as simplices: quadratic ones by their corners, quadrilaterals and hexahedra split.

A cell is a cone from its first vertex over the faces that it is not on, a face likewise a fan from its own
first: both cells at a face split it alike, whatever their shapes (J. Dompierre et al., How to subdivide
pyramids, prisms and hexahedra into tetrahedra, 8th International Meshing Roundtable, 1999). What comes first
is told by place rather than by number: all boxes of a grid are then split the same way, along a diagonal
of the box, whatever their numbering. Plane meshes are conforming whatever the diagonal: where the two of
a quadrilateral differ they take the better one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError

type Indices = npt.NDArray[np.int64]
type Points = npt.NDArray[np.float64]

DIMENSIONS = {
    "vertex": 0,
    "line": 1,
    "triangle": 2,
    "quad": 2,
    "tetra": 3,
    "pyramid": 3,
    "wedge": 3,
    "hexahedron": 3,
}
"""Dimension of the cells that are understood, by meshio's name."""

_SIMPLICES = {"vertex", "line", "triangle", "tetra"}

_FACES: dict[str, tuple[tuple[int, ...], ...]] = {
    "pyramid": ((0, 3, 2, 1), (0, 1, 4), (1, 2, 4), (2, 3, 4), (3, 0, 4)),
    "wedge": ((0, 2, 1), (3, 4, 5), (0, 1, 4, 3), (1, 2, 5, 4), (2, 0, 3, 5)),
    "hexahedron": ((0, 3, 2, 1), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7)),
}
"""Faces with their vertices in one sense seen from outside."""

_CORNERS = {"line": 2, "triangle": 3, "quad": 4, "tetra": 4, "pyramid": 5, "wedge": 6, "hexahedron": 8}

_TENSOR = {"pixel": ("quad", [0, 1, 3, 2]), "voxel": ("hexahedron", [0, 1, 3, 2, 4, 5, 7, 6])}

_LAGRANGE = {
    "CURVE": "line",
    "TRIANGLE": "triangle",
    "QUADRILATERAL": "quad",
    "TETRAHEDRON": "tetra",
    "HEXAHEDRON": "hexahedron",
    "WEDGE": "wedge",
    "PYRAMID": "pyramid",
}


@dataclass(frozen=True)
class Simplices:
    """A block of cells as simplices.

    Attributes:
        shape: of the cells of the file, one of `DIMENSIONS`.
        dimension: of the cells.
        vertices: (k, dimension + 1) rows of points.
        parent: (k,) the cell of the block that each came from; None where they are the cells themselves.
        quadratic: whether the cells had more points than corners.
    """

    shape: str
    dimension: int
    vertices: Indices
    parent: Indices | None
    quadratic: bool

    def of(self, chosen: npt.NDArray[np.bool_]) -> Indices:
        """The simplices of the cells that a mask chooses."""
        return self.vertices[chosen if self.parent is None else chosen[self.parent]]


def ranks(points: Points) -> Indices:
    """(n,) a total order of points by their place along a direction that is square to no grid.

    Args:
        points: (n, 3).
    """
    order = np.argsort(points @ np.array([1.0, 0.618034, 0.381966]), kind="stable")
    rank = np.empty(len(points), dtype=np.int64)
    rank[order] = np.arange(len(points))
    return rank


def simplices(points: Points, rank: Indices, kind: str, cells: Indices, plane: bool) -> Simplices:
    """A block of cells as simplices.

    Args:
        points: (n, 3) of the file.
        rank: (n,) their `ranks`.
        kind: meshio's name of the type of cell.
        cells: (m, points per cell).
        plane: whether the mesh has no cells of three dimensions.

    Raises:
        InputError: cells of another kind, or turned inside out in part.
    """
    shape, corners = _corners(kind, np.asarray(cells))
    quadratic = cells.shape[1] > corners.shape[1]
    dimension = DIMENSIONS[shape]
    if shape in _SIMPLICES:
        return Simplices(shape, dimension, corners, None, quadratic)
    if shape == "quad":
        vertices, parent = _split_plane(points, rank, corners) if plane else _fans(rank, corners)
    else:
        vertices, parent = _cones(rank, corners, _FACES[shape])
        _expect_same_sense(points, vertices, parent, shape)
    # cells with corners that fall together (a prism written as a hexahedron) have pieces without extent
    extended = _distinct(vertices)
    return Simplices(shape, dimension, vertices[extended], parent[extended], quadratic)


def said(blocks: Iterable[Simplices], dimension: int) -> list[str]:
    """Remarks on what became of the cells of the highest dimension."""
    remarks = []
    chosen = [block for block in blocks if block.dimension == dimension and len(block.vertices)]
    split = [block for block in chosen if block.parent is not None]
    if split:
        cells = sum(len(np.unique(block.parent)) for block in split if block.parent is not None)
        pieces = sum(len(block.vertices) for block in split)
        shapes = " and ".join(sorted({_PLURALS[block.shape] for block in split}))
        remarks.append(
            f"{cells} {shapes} of the mesh file were split into {pieces} "
            f"{'triangles' if dimension == 2 else 'tetrahedra'}"
        )
    if any(block.quadratic for block in chosen):
        remarks.append(
            "the mesh file has cells with points on their edges: only the corners are used, curved sides "
            "become straight"
        )
    return remarks


_PLURALS = {
    "quad": "quadrilaterals",
    "pyramid": "pyramids",
    "wedge": "prisms",
    "hexahedron": "hexahedra",
}


def _corners(kind: str, cells: Indices) -> tuple[str, Indices]:
    """Shape of the cells, and their corners: these come first in every format."""
    if kind in _TENSOR:
        shape, order = _TENSOR[kind]
        return shape, cells[:, order].astype(np.int64)
    shape = re.sub(r"\d+$", "", kind)
    if kind.startswith("VTK_LAGRANGE_"):
        shape = _LAGRANGE.get(kind.removeprefix("VTK_LAGRANGE_"), kind)
    if shape not in DIMENSIONS or cells.ndim != 2:
        raise InputError(
            f"{len(cells)} cells of type {kind} are not understood",
            key="mesh.path",
            allowed=", ".join(name for name, dimension in DIMENSIONS.items() if dimension),
        )
    return shape, cells[:, : _CORNERS.get(shape, 1)].astype(np.int64)


def _fans(rank: Indices, quads: Indices) -> tuple[Indices, Indices]:
    """Quadrilaterals split from their first vertex."""
    turn = (rank[quads].argmin(axis=1)[:, None] + np.arange(4)) % 4
    turned = np.take_along_axis(quads, turn, axis=1)
    return turned[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3), np.repeat(np.arange(len(quads)), 2)


def _split_plane(points: Points, rank: Indices, quads: Indices) -> tuple[Indices, Indices]:
    """Quadrilaterals split so that the smaller triangle is as large as can be.

    Raises:
        InputError: some cannot be split: their sides cross.
    """
    fan, parent = _fans(rank, quads)
    pairs = fan.reshape(-1, 2, 3)
    other = np.stack([pairs[:, 0, [0, 1]], pairs[:, 0, [1, 2]]], axis=1)
    other = np.concatenate(
        [other, np.broadcast_to(pairs[:, 1, 2][:, None, None], (len(quads), 2, 1))], axis=2
    )
    first, second = _smaller_part(points, pairs), _smaller_part(points, other)
    # a triangle written as a quadrilateral, one corner twice, has a part without extent
    crossed = (np.maximum(first, second) <= 0) & _distinct(quads)
    if crossed.any():
        raise _inside_out(int(crossed.sum()), "quad", points[quads[crossed][0, 0]])
    # both diagonals of a rectangle are as good: place decides, not round-off
    better = second > first + 1e-9
    return np.where(better[:, None, None], other, pairs).reshape(-1, 3), parent


def _distinct(cells: Indices) -> npt.NDArray[np.bool_]:
    """Which cells have no vertex twice."""
    return np.asarray(np.all(np.diff(np.sort(cells, axis=1), axis=1) > 0, axis=1))


def _smaller_part(points: Points, pairs: Indices) -> npt.NDArray[np.float64]:
    """Area of the smaller of two triangles, as a share of both; negative where they turn opposite ways."""
    corners = points[pairs]
    normal = np.cross(corners[:, :, 1] - corners[:, :, 0], corners[:, :, 2] - corners[:, :, 0])
    both = normal.sum(axis=1)
    square = np.maximum(np.einsum("ij,ij->i", both, both), np.finfo(float).tiny)
    return np.einsum("ikj,ij->ik", normal, both).min(axis=1) / square


def _cones(rank: Indices, cells: Indices, faces: tuple[tuple[int, ...], ...]) -> tuple[Indices, Indices]:
    """Cells split from their first vertex."""
    smallest = rank[cells].argmin(axis=1)
    vertices, parents = [], []
    for apex in range(cells.shape[1]):
        rows = np.flatnonzero(smallest == apex)
        for face in faces if len(rows) else ():
            if apex in face:
                continue
            base = cells[rows][:, face]
            triangles, owner = (base, np.arange(len(rows))) if len(face) == 3 else _fans(rank, base)
            vertices.append(np.column_stack([cells[rows[owner], apex], triangles]))
            parents.append(rows[owner])
    if not vertices:
        return np.empty((0, 4), np.int64), np.empty(0, np.int64)
    return np.concatenate(vertices), np.concatenate(parents)


def _expect_same_sense(points: Points, vertices: Indices, parent: Indices, shape: str) -> None:
    """See that no cell has parts of both signs.

    Raises:
        InputError: some have.
    """
    edges = points[vertices[:, 1:]] - points[vertices[:, :1]]
    volume = np.einsum("ij,ij->i", edges[:, 0], np.cross(edges[:, 1], edges[:, 2]))
    size = np.abs(edges).max(axis=(1, 2)) ** 3
    count = int(parent.max(initial=-1)) + 1
    sense = [
        np.bincount(parent[part], minlength=count) for part in (volume > 1e-9 * size, volume < -1e-9 * size)
    ]
    mixed = np.flatnonzero((sense[0] > 0) & (sense[1] > 0))
    if len(mixed):
        raise _inside_out(len(mixed), shape, points[vertices[parent == mixed[0]][0, 0]])


def _inside_out(number: int, shape: str, where: Points) -> InputError:
    place = ", ".join(f"{value:g}" for value in where)
    return InputError(
        f"{number} {_PLURALS[shape]} are turned inside out in part: their faces cross (first near ({place}))",
        key="mesh.path",
        allowed="convex cells, their vertices in the order of the format",
    )
