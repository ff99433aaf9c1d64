"""The tensor grid that the nodes of quadrilaterals or hexahedra may make up, whatever their numbering."""

from __future__ import annotations

from dataclasses import dataclass

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)
import numpy as np
from dolfinx.mesh import CellType

from scl_fem.discretisation.space import PotentialSpace
from scl_fem.physics.types import Array, Indices

_PRODUCTS = (CellType.quadrilateral, CellType.hexahedron)

_SAME = 1e-9
"""Coordinates that differ by less, relative to the largest, are one."""


@dataclass(frozen=True)
class TensorGrid:
    """Every combination of a position on each axis is one node.

    Attributes:
        axes: positions along each axis, ascending, nm.
        nodes: the node at each point of the grid, last axis fastest.
    """

    axes: tuple[Array, ...]
    nodes: Indices

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of points along each axis."""
        return tuple(axis.size for axis in self.axes)


def tensor_grid(space: PotentialSpace) -> TensorGrid | None:
    """The grid on which a space is a product of linear elements along each axis.

    Args:
        space: of the unknowns.

    Returns:
        None if the elements are of higher order or simplices, if the nodes make up no grid, or if
        they lie on several ranks.
    """
    linear = space.order == 1 and space.domain.mesh.topology.cell_type in _PRODUCTS
    if not linear or space.comm.size > 1:
        return None
    points = space.space.tabulate_dof_coordinates()[:, : space.domain.dimension]
    tolerance = _SAME * np.abs(points).max()
    axes, places = zip(*(_axis(column, tolerance) for column in points.T), strict=True)
    shape = tuple(axis.size for axis in axes)
    if np.prod(shape, dtype=np.int64) != points.shape[0]:
        return None
    place = np.ravel_multi_index(places, shape)
    nodes = np.full(place.size, -1, dtype=np.int64)
    nodes[place] = np.arange(place.size)
    return None if nodes.min() < 0 else TensorGrid(axes, nodes)


def _axis(coordinates: Array, tolerance: float) -> tuple[Array, Indices]:
    """Positions that occur, and which of them each coordinate is."""
    order = np.argsort(coordinates, kind="stable")
    first = np.diff(coordinates[order], prepend=-np.inf) > tolerance
    which = np.empty(order.size, dtype=np.int64)
    which[order] = np.cumsum(first) - 1
    return coordinates[order][first], which
