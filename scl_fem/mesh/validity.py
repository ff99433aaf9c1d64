"""Whether a mesh from a file is one: facets, volumes, points that coincide, pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError
from scl_fem.mesh.skin import FacetsOf, Skin, skin
from scl_fem.mesh.topology import determinants, edges
from scl_fem.mesh.welding import coincident

type Points = npt.NDArray[np.float64]
type Indices = npt.NDArray[np.int64]

_FACETS = {1: "points", 2: "sides", 3: "faces"}
"""What facets are called, by dimension of the cells."""

_FLAT = 1e-12
"""Volume of a cell over that of its box, below which it has none."""


@dataclass(frozen=True)
class FileCells:
    """The cells that phases take, as they are in the file.

    Attributes:
        points: (n, gdim) in the file's unit, every one used.
        cells: (m, gdim + 1) simplices.
        phase: (m,) number of the phase of each.
        place: of a row of `points` in the file, to say where something is wrong.
    """

    points: Points
    cells: Indices
    phase: npt.NDArray[np.integer]
    place: Points

    def wrong(self, problem: str, rows: Indices, allowed: str | None = None) -> NoReturn:
        """Raise an `InputError` that says where.

        Args:
            problem: what is wrong.
            rows: points there.
            allowed: the way out.
        """
        where = ", ".join(f"{value:.6g}" for value in self.place[np.atleast_1d(rows)[0]])
        raise InputError(f"{problem} (first near ({where}) of the file)", key="path", allowed=allowed)


def checked(mesh: FileCells, weld: bool | None) -> tuple[Skin, list[str]]:
    """See that cells fill their space once and hang together.

    Args:
        mesh: what to check.
        weld: False if points that coincide are meant to.

    Returns:
        Where the mesh ends and where the phases meet; remarks.

    Raises:
        InputError: points that are not finite, cells without volume or listed twice, facets of more than
            two cells, cells that overlap, points that coincide at the surface, pieces that touch nothing;
            says how many and where.
    """
    unbounded = np.flatnonzero(~np.isfinite(mesh.points).all(axis=1))
    if len(unbounded):
        mesh.wrong(f"{len(unbounded)} points are not finite", unbounded)
    vectors = edges(mesh.points, mesh.cells, 0, list(range(1, mesh.cells.shape[1])))
    volume = determinants(vectors)
    flat = _without_volume(vectors, volume)
    if len(flat):
        mesh.wrong(f"{len(flat)} cells have no volume", mesh.cells[flat[0]])
    surface = skin(mesh.cells, mesh.phase, volume < 0)
    _expect_single_cells(mesh, surface)
    remarks = _expect_closed(mesh, surface, weld)
    _expect_side_by_side(mesh, surface, volume)
    _expect_one_piece(mesh, surface.exterior)
    return surface, remarks


def _without_volume(vectors: Points, volume: npt.NDArray[np.float64]) -> Indices:
    """Cells whose volume is nothing beside that of the box around them."""
    largest = np.maximum(vectors.max(axis=(0, 2)), -vectors.min(axis=(0, 2))).prod()
    small = np.flatnonzero(np.abs(volume) <= _FLAT * largest)
    size = np.abs(vectors[:, :, small]).max(axis=0).prod(axis=0)
    return small[np.abs(volume[small]) <= _FLAT * size]


def _expect_single_cells(mesh: FileCells, surface: Skin) -> None:
    if len(surface.repeated):
        mesh.wrong(
            f"{len(surface.repeated)} cells are listed a second time",
            mesh.cells[surface.repeated[0]],
            "every cell once, in one phase",
        )
    if len(surface.crowded.cell):
        facets = np.unique(np.sort(surface.crowded.vertices(mesh.cells), axis=1), axis=0)
        mesh.wrong(
            f"{len(facets)} {_FACETS[mesh.cells.shape[1] - 1]} belong to more than two cells: cells overlap",
            facets[0],
            "cells that fill their space once",
        )


def _expect_closed(mesh: FileCells, surface: Skin, weld: bool | None) -> list[str]:
    """See that no points coincide where the mesh ends."""
    facets = surface.exterior.vertices(mesh.cells)
    own = np.unique(facets)
    # a cell's shortest edge at each of its points says what is near
    ends = mesh.cells[np.unique(surface.exterior.cell)]
    other = coincident(mesh.points[own], _shortest_edge(mesh.points, ends, len(mesh.points))[own])
    same = own[other >= 0]
    if not len(same):
        return []
    # facets that would be one if their points were
    joined = np.arange(len(mesh.points))
    joined[same] = np.minimum(same, own[other[other >= 0]])
    _, counts = np.unique(np.sort(joined[facets], axis=1), axis=0, return_counts=True)
    number = int(counts[counts > 1].sum())
    found = (
        f"{len(same)} points coincide with others and {number} {_FACETS[mesh.cells.shape[1] - 1]} of the "
        "mesh end there, inside it: the cells on both sides are not joined"
    )
    if weld is None:
        mesh.wrong(found, same, "mesh.weld = true to join them, mesh.weld = false for an open gap")
    return [f"{found}; mesh.weld = false keeps them apart, and nothing passes there"]


def _expect_side_by_side(mesh: FileCells, surface: Skin, volume: npt.NDArray[np.float64]) -> None:
    """See that cells do not overlap: the volume inside the boundary is the sum of theirs."""
    enclosed = _enclosed(mesh, surface.exterior)
    total = float(np.abs(volume).sum())
    if not len(surface.folded.cell) and abs(enclosed - total) <= 1e-9 * total:
        return
    rows = surface.folded.vertices(mesh.cells)[0] if len(surface.folded.cell) else mesh.cells[0]
    share = total / enclosed - 1.0 if enclosed > 0.0 else np.inf
    mesh.wrong(
        f"cells overlap at {len(surface.folded.cell) // 2} {_FACETS[mesh.cells.shape[1] - 1]}: together they "
        f"have {share:.2g} more volume than the boundary of the mesh encloses",
        rows,
        "cells that lie side by side",
    )


def _enclosed(mesh: FileCells, exterior: FacetsOf) -> float:
    """Volume inside the boundary, dimension! times, by the divergence theorem."""
    facets = np.moveaxis(mesh.points[exterior.vertices(mesh.cells)], 0, 2)
    inside = mesh.points[mesh.cells[exterior.cell, exterior.opposite]].T
    centre = 0.5 * (mesh.points.min(axis=0) + mesh.points.max(axis=0))
    outward = np.sign(determinants(facets - inside))
    return float((outward * determinants(facets - centre[:, None])).sum())


def _expect_one_piece(mesh: FileCells, exterior: FacetsOf) -> None:
    """See that everything hangs together.

    Every piece has a boundary of its own: one connected boundary, and there is one piece.
    """
    facets = exterior.vertices(mesh.cells)
    if facets.shape[1] > 1 and _pieces(facets)[0] == 1:
        return
    number, piece = _pieces(mesh.cells)
    if number == 1:
        return
    counts = np.bincount(piece[mesh.cells[:, 0]], minlength=number)
    largest = int(counts.argmax())
    apart = np.flatnonzero((piece != largest)[mesh.cells[:, 0]])
    mesh.wrong(
        f"the cells are in {number} pieces that share no point: {len(apart)} of {len(mesh.cells)} cells "
        "touch nothing of the largest",
        mesh.cells[apart[0]],
        "phases that hang together, with common points where they meet",
    )


def _pieces(simplices: Indices) -> tuple[int, Indices]:
    """Number of connected pieces, and the piece of each point that is used (-1 of others)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    used, compact = np.unique(simplices, return_inverse=True)
    compact = compact.reshape(simplices.shape)
    ends = [compact[:, [0, column]] for column in range(1, simplices.shape[1])]
    edges = np.concatenate(ends)
    graph = coo_array((np.ones(len(edges), bool), (edges[:, 0], edges[:, 1])), shape=(len(used), len(used)))
    number, labels = connected_components(graph, directed=False)
    piece = np.full(int(used[-1]) + 1, -1)
    piece[used] = labels
    return int(number), piece


def _shortest_edge(points: Points, cells: Indices, number: int) -> npt.NDArray[np.float64]:
    """(number,) shortest edge of the cells at each point, infinite where there is none."""
    corners = points[cells]
    shortest = np.full(len(cells), np.inf)
    for low in range(cells.shape[1]):
        for high in range(low + 1, cells.shape[1]):
            np.minimum(shortest, np.linalg.norm(corners[:, low] - corners[:, high], axis=1), out=shortest)
    at_point = np.full(number, np.inf)
    for column in cells.T:
        np.minimum.at(at_point, column, shortest)
    return at_point
