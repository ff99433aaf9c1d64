"""Points that coincide: found, and made one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

type Points = npt.NDArray[np.float64]
type Indices = npt.NDArray[np.int64]

NEAR = 1e-3
"""Distance of points that coincide, as a share of the shortest edge of the cells there."""


def coincident(points: Points, edge: npt.NDArray[np.float64]) -> Indices:
    """The point that each one coincides with.

    Args:
        points: (n, gdim).
        edge: (n,) shortest edge at each.

    Returns:
        (n,) rows, -1 where no other point is as near.
    """
    from scipy.spatial import cKDTree

    if len(points) < 2:
        return np.full(len(points), -1)
    distance, nearest = cKDTree(points).query(points, k=2)
    # the nearest of a point is itself, or one at the same place
    itself = nearest[:, 1] == np.arange(len(points))
    other = np.where(itself, nearest[:, 0], nearest[:, 1])
    near = distance[:, 1] <= NEAR * np.minimum(edge, edge[other])
    return np.where(near, other, -1)


def welded(points: Points, blocks: list[Indices]) -> tuple[list[Indices], int]:
    """Cells with one point wherever some coincide.

    Args:
        points: (n, gdim); those that no cell uses stay as they are.
        blocks: cells (m, points per cell) of any shape, from their corners on.

    Returns:
        The cells, and the number of points that gave way to others.
    """
    final = np.arange(len(points))
    edge = np.full(len(points), np.inf)
    used = np.zeros(len(points), dtype=bool)
    for cells in blocks:
        used[cells] = True
        for start in range(cells.shape[1] if cells.shape[1] > 1 else 0):
            ends = cells[:, [start - 1, start]]
            length = np.linalg.norm(points[ends[:, 0]] - points[ends[:, 1]], axis=1)
            length[length == 0.0] = np.inf
            for column in ends.T:
                np.minimum.at(edge, column, length)
    alive = np.flatnonzero(used)
    while True:
        other = coincident(points[alive], edge[alive])
        pairs = np.flatnonzero(other >= 0)
        if not len(pairs):
            break
        low, high = np.minimum(pairs, other[pairs]), np.maximum(pairs, other[pairs])
        gone, index = np.unique(high, return_index=True)
        step = np.arange(len(alive))
        step[gone] = low[index]
        moved = np.arange(len(points))
        moved[alive] = alive[step]
        while np.any(moved[moved] != moved):
            moved = moved[moved]
        final = moved[final]
        alive = np.setdiff1d(alive, alive[gone], assume_unique=True)
    return [final[cells] for cells in blocks], int(used.sum() - len(alive))
