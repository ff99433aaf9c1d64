"""Values of a finite-element function at the same reference points of many cells."""

from __future__ import annotations

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)
import basix
import numpy as np
import numpy.typing as npt
from dolfinx import fem

from scl_fem.discretisation.space import PotentialSpace
from scl_fem.physics.types import Array


class CellSampler:
    """Evaluates functions of a space at fixed reference points of a set of cells.

    Attributes:
        cells: local cell indices.
    """

    def __init__(self, space: PotentialSpace, cells: npt.NDArray[np.int32], points: Array) -> None:
        """Tabulate the basis once.

        Args:
            space: the functions' space.
            cells: local cell indices.
            points: (q, tdim) reference coordinates.
        """
        self.cells = cells
        # A plain scalar Lagrange element of degree 1 or 2 needs no permutation of its basis.
        table = np.asarray(space.space.element.basix_element.tabulate(0, points), dtype=np.float64)
        self._basis: Array = table[0, :, :, 0]
        self._dofs = space.space.dofmap.list[cells]

    def values(self, function: fem.Function) -> Array:
        """Values, (cells, points)."""
        return self.values_of(function.x.array)

    def values_of(self, nodal: Array) -> Array:
        """The same of values at all local nodes: (..., cells, points) of (..., n_local)."""
        return np.asarray(nodal[..., self._dofs] @ self._basis.T)


def quadrature_rule(cell: basix.CellType, degree: int) -> tuple[Array, Array]:
    """Basix's default rule on a reference cell: points (q, tdim) and weights (q,).

    Args:
        cell: the reference cell.
        degree: of the polynomials that it integrates exactly.
    """
    points, weights = basix.make_quadrature(cell, degree)
    return np.asarray(points, dtype=np.float64), np.asarray(weights, dtype=np.float64)
