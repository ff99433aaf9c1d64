"""Simplices without a mesh generator: split grids, and surfaces extruded in layers.

Boxes are split as in Todd's triangulation J1 (M. J. Todd, The Computation of Fixed Points and
Applications, Springer 1976): every simplex is a path along the edges of its box, so no angle exceeds
90 degrees however thin the layers are (the stiffness matrix stays an M-matrix), the split is
conforming by construction and, being made of mirror images, prefers no direction.
"""

from __future__ import annotations

from itertools import permutations

import numpy as np
import numpy.typing as npt

type Points = npt.NDArray[np.float64]
type Indices = npt.NDArray[np.int64]


def grid_points(axes: list[npt.NDArray[np.float64]]) -> Points:
    """Points of a tensor grid, the first axis slowest.

    Args:
        axes: positions along each axis.

    Returns:
        (n, number of axes).
    """
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))


def grid_simplices(counts: list[int]) -> Indices:
    """Simplices of a tensor grid, all those of a box in consecutive rows, boxes in grid order.

    Args:
        counts: number of boxes along each axis.

    Returns:
        (boxes * d!, d + 1) rows of `grid_points`.
    """
    box, strides = _boxes(counts)
    # a path starts at the corner whose indices are all even: neighbouring boxes are mirror images
    start: Indices = (box + box % 2) @ strides
    step = np.where(box % 2 == 0, 1, -1) * strides
    paths = []
    for order in permutations(range(len(counts))):
        path = [start]
        for axis in order:
            path.append(path[-1] + step[:, axis])
        paths.append(np.stack(path, axis=1))
    return np.stack(paths, axis=1).reshape(-1, len(counts) + 1)


def grid_boxes(counts: list[int]) -> Indices:
    """Quadrilaterals or hexahedra of a tensor grid, vertices in tensor-product order.

    Args:
        counts: number of boxes along each axis.

    Returns:
        (boxes, 2^d) rows of `grid_points`.
    """
    box, strides = _boxes(counts)
    corners = [[vertex >> axis & 1 for axis in range(len(counts))] for vertex in range(2 ** len(counts))]
    return (box @ strides)[:, None] + np.array(corners, dtype=np.int64) @ strides


def extrude(surface: Indices, order: npt.NDArray[np.int64], layers: int) -> Indices:
    """Simplices between copies of a surface, those of a layer in consecutive rows.

    Args:
        surface: (m, d) simplices of the surface, by node.
        order: (nodes,) rank by which each prism is cut: vertices of one simplex differ in it, and it
            is the parity sum of a grid's indices if the split is to continue that of the grid.
        layers: number of layers; copy k of node i has the index k * nodes + i.

    Returns:
        (layers * d * m, d + 1) node indices.
    """
    by_rank = np.take_along_axis(surface, np.argsort(order[surface], axis=1), axis=1)
    dimension = surface.shape[1]
    cells = []
    for layer in range(layers):
        # odd layers are mirrored, as in the grid
        lower, upper = layer + layer % 2, layer + 1 - layer % 2
        low, high = by_rank + lower * order.size, by_rank + upper * order.size
        cells += [np.hstack([low[:, : j + 1], high[:, j:]]) for j in range(dimension)]
    return np.concatenate(cells)


def _boxes(counts: list[int]) -> tuple[Indices, Indices]:
    """Grid indices of every box, and the stride of a node's number along each axis."""
    box = np.indices(counts).reshape(len(counts), -1).T
    nodes = np.array(counts) + 1
    strides = np.append(np.cumprod(nodes[:0:-1])[::-1], 1)
    return box, strides
