"""Facets of cells, found by sorting: where phases meet, where the mesh ends."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from scl_fem.mesh.domain import Layout, MeshData, Pair, Role

type Points = npt.NDArray[np.float64]
type Indices = npt.NDArray[np.int64]
type Mask = npt.NDArray[np.bool_]

LOCAL_FACETS: Final[dict[str, list[list[int]]]] = {
    "interval": [[0], [1]],
    "triangle": [[1, 2], [0, 2], [0, 1]],
    "quadrilateral": [[0, 1], [0, 2], [1, 3], [2, 3]],
    "tetrahedron": [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]],
    "hexahedron": [[0, 1, 2, 3], [0, 1, 4, 5], [0, 2, 4, 6], [1, 3, 5, 7], [2, 3, 6, 7], [4, 5, 6, 7]],
}
"""Vertices of each facet of a cell, numbered as in DOLFINx (tensor-product order)."""

_MIRRORED: Final = {
    "interval": [1, 0],
    "triangle": [0, 2, 1],
    "tetrahedron": [0, 1, 3, 2],
    "quadrilateral": [0, 2, 1, 3],
    "hexahedron": [0, 2, 1, 3, 4, 6, 5, 7],
}
"""Vertex order of the same cell seen in a mirror."""

_CORNER_NEIGHBOURS: Final[dict[str, list[tuple[int, ...]]]] = {
    "quadrilateral": [(0, 1, 2), (1, 3, 0), (2, 0, 3), (3, 2, 1)],
    "hexahedron": [
        (0, 1, 2, 4),
        (1, 3, 0, 5),
        (2, 0, 3, 6),
        (3, 2, 1, 7),
        (4, 6, 5, 0),
        (5, 4, 7, 1),
        (6, 7, 4, 2),
        (7, 5, 6, 3),
    ],
}
"""Each corner with its neighbours along the edges, ordered to be right-handed."""


def assemble(
    points: Points,
    cells: Indices,
    cell_type: str,
    cell_phase: npt.NDArray[np.integer],
    contacts: dict[str, Indices],
    layout: Layout,
    interfaces: dict[Pair, Indices] | None = None,
    remarks: tuple[str, ...] = (),
) -> MeshData:
    """A mesh of phases with its interfaces found and its cells positively oriented.

    Args:
        points: (n, gdim) nm.
        cells: (m, vertices per cell).
        cell_type: DOLFINx name.
        cell_phase: (m,) number of the phase of each cell.
        contacts: the facets of each contact, (f, vertices per facet).
        layout: what the numbers stand for.
        interfaces: their facets, where they are known already.
        remarks: what the user should know of the mesh.
    """
    if interfaces is None:
        interfaces = facets_between_phases(cells, cell_type, cell_phase, layout)
    found: dict[Role, Indices] = dict(interfaces.items())
    found.update(contacts.items())
    numbers = [layout.number(role) for role in found]
    return MeshData(
        points=points,
        cells=oriented(points, cells, cell_type),
        cell_type=cell_type,
        cell_phase=cell_phase.astype(np.int32),
        facets=np.concatenate([np.empty((0, _facet_width(cell_type)), np.int64), *found.values()]),
        facet_tag=np.repeat(numbers, [len(f) for f in found.values()]).astype(np.int32),
        remarks=remarks,
        layout=layout,
    )


def facets_between_phases(
    cells: Indices, cell_type: str, cell_phase: npt.NDArray[np.integer], layout: Layout
) -> dict[Pair, Indices]:
    """Facets shared by cells of two phases.

    Args:
        cells: (m, vertices per cell).
        cell_type: DOLFINx name.
        cell_phase: (m,) number of the phase of each cell.
        layout: what the numbers stand for.

    Returns:
        (f, vertices per facet) by interface, each facet once.
    """
    facets, index, lowest, highest = _between(cells, cell_type, cell_phase)
    numbers = {pair: [layout.number(name) for name in pair] for pair in layout.interfaces}
    return {
        pair: facets[index[(lowest == first) & (highest == second)]]
        for pair, (first, second) in numbers.items()
    }


def facets_between(cells: Indices, cell_type: str, first: Mask) -> Indices:
    """Facets shared by a cell of one set and a cell of its complement.

    Args:
        cells: (m, vertices per cell).
        cell_type: DOLFINx name.
        first: (m,) which cells are in the set.

    Returns:
        (f, vertices per facet), each facet once.
    """
    facets, index, lowest, highest = _between(cells, cell_type, first)
    return facets[index[lowest < highest]]


def exterior_facets(cells: Indices, cell_type: str, on: Mask) -> Indices:
    """Facets that belong to one cell only, among those whose vertices are all chosen.

    Args:
        cells: (m, vertices per cell).
        cell_type: DOLFINx name.
        on: (n,) which points are chosen.

    Returns:
        (f, vertices per facet).
    """
    facets, _ = _facets_with_owners(cells, cell_type, on)
    index, group = _group(facets)
    return facets[index[np.bincount(group, minlength=index.size) == 1]]


def facets_on(cells: Indices, cell_type: str, on: Mask) -> Indices:
    """Facets of the cells whose vertices are all chosen, each once.

    Args:
        cells: (m, vertices per cell).
        cell_type: DOLFINx name.
        on: (n,) which points are chosen.

    Returns:
        (f, vertices per facet).
    """
    facets, _ = _facets_with_owners(cells, cell_type, on)
    return facets[_group(facets)[0]]


def contained(facets: Indices, others: Indices) -> Mask:
    """Which facets are also among others, whatever the order of their vertices.

    Args:
        facets: (f, vertices per facet).
        others: (g, vertices per facet).

    Returns:
        (f,) true where the facet is there.
    """
    index, group = _group(np.concatenate([facets, others]))
    there = np.zeros(index.size, dtype=bool)
    there[group[len(facets) :]] = True
    return there[group[: len(facets)]]


def oriented(points: Points, cells: Indices, cell_type: str) -> Indices:
    """The cells, those of negative volume with their vertices in mirrored order."""
    cells = cells.copy()
    negative = jacobians(points, cells, cell_type) < 0
    cells[negative] = cells[negative][:, _MIRRORED[cell_type]]
    return cells


def jacobians(points: Points, cells: Indices, cell_type: str) -> npt.NDArray[np.float64]:
    """Determinant of the edge vectors: dimension! times the signed volume of a simplex.

    Of quadrilaterals and hexahedra the smallest over the corners: positive where a convex cell is valid.

    Returns:
        (m,) in nm^dimension.
    """
    corners = _CORNER_NEIGHBOURS.get(cell_type, [tuple(range(cells.shape[1]))])
    smallest = np.full(len(cells), np.inf)
    for corner, *neighbours in corners:
        np.minimum(smallest, determinants(edges(points, cells, corner, neighbours)), out=smallest)
    return smallest


def edges(points: Points, cells: Indices, corner: int, neighbours: list[int]) -> Points:
    """Edge vectors of cells from a corner, (neighbours, gdim, m): so each component is contiguous."""
    vectors = np.empty((len(neighbours), points.shape[1], len(cells)))
    for axis, along in enumerate(np.ascontiguousarray(points.T)):
        start = along.take(cells[:, corner])
        for vector, neighbour in zip(vectors, neighbours, strict=True):
            np.subtract(along.take(cells[:, neighbour]), start, out=vector[axis])
    return vectors


def determinants(rows: Points) -> npt.NDArray[np.float64]:
    """(m,) determinants of (d, d, m) matrices, d up to 3: ten times as fast as a factorisation of each."""
    if len(rows) == 1:
        return rows[0, 0].copy()
    if len(rows) == 2:
        return rows[0, 0] * rows[1, 1] - rows[0, 1] * rows[1, 0]
    (a, b, c), (d, e, f), (g, h, i) = rows
    return a * (e * i - f * h) + b * (f * g - d * i) + c * (d * h - e * g)


def _facet_width(cell_type: str) -> int:
    """Vertices of a facet."""
    return len(LOCAL_FACETS[cell_type][0])


def _between(
    cells: Indices, cell_type: str, cell_set: npt.NDArray[Any]
) -> tuple[Indices, Indices, npt.NDArray[Any], npt.NDArray[Any]]:
    """Facets whose nodes all belong to cells of two sets or more, those between two sets among them.

    Args:
        cells: (m, vertices per cell).
        cell_type: DOLFINx name.
        cell_set: (m,) number of the set of each cell, or whether it is in one.

    Returns:
        Rows of facets, which of them are distinct, and the lowest and highest set of the cells of each.
    """
    sets = np.unique(cell_set)
    touched = np.zeros((len(sets), int(cells.max()) + 1), dtype=bool)
    for row, number in zip(touched, sets, strict=True):
        row[cells[cell_set == number]] = True
    # only facets at the seams are worth sorting: a thin slice of a large mesh
    facets, owners = _facets_with_owners(cells, cell_type, touched.sum(axis=0) > 1)
    index, group = _group(facets)
    order = np.lexsort((cell_set[owners], group))
    start = np.searchsorted(group[order], np.arange(index.size))
    end = np.append(start[1:], len(order))[: index.size] - 1
    of_owner = cell_set[owners][order]
    return facets, index, of_owner[start], of_owner[end]


def _facets_with_owners(cells: Indices, cell_type: str, on: Mask) -> tuple[Indices, Indices]:
    """All (facet, owning cell) pairs whose vertices are all chosen; interior ones come twice."""
    local = np.array(LOCAL_FACETS[cell_type])
    chosen = on[cells]
    near = np.flatnonzero(chosen.sum(axis=1) >= local.shape[1])
    cell, facet = np.nonzero(chosen[near][:, local].all(axis=2))
    return cells[near[cell][:, None], local[facet]], near[cell]


def _group(facets: Indices) -> tuple[Indices, Indices]:
    """One row of each distinct facet, and the number of the group that every row belongs to."""
    keys = np.sort(facets, axis=1)
    _, index, group = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return index, group.reshape(-1)
