"""The cells of a phase as simplices on which the potential is linear, and integrals over them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import basix
import numpy as np
import numpy.typing as npt

from scl_fem.discretisation.sampling import quadrature_rule
from scl_fem.discretisation.simplices import cell_volumes, subdivision
from scl_fem.discretisation.space import PotentialSpace
from scl_fem.physics.types import Array, Indices
from scl_fem.postprocess.clipping import Part, positive_parts

_QUADRATURE_DEGREE = 4


@dataclass(frozen=True)
class LinearSimplices:
    """Simplices of one phase that this rank owns.

    A quadratic cell counts as its subdivision into linear ones.

    Attributes:
        dofs: (m, d+1) local degrees of freedom at the vertices.
        volumes: (m,) in nm^d.
    """

    dofs: npt.NDArray[np.int32]
    volumes: Array

    @classmethod
    def of_phase(
        cls, space: PotentialSpace, tag: str, among: Indices | slice = slice(None)
    ) -> LinearSimplices:
        """The simplices of a phase.

        Args:
            space: of the potential.
            tag: phase.
            among: numbers of the cells wanted, of those that `space.cells` lists.

        Raises:
            InputError: the mesh has other cells than simplices.
        """
        parts, volumes = subdivision(space), cell_volumes(space, tag)[among]
        dofs = space.space.dofmap.list[space.cells(tag)[among]][:, parts].reshape(-1, parts.shape[1])
        return cls(dofs, np.repeat(volumes / len(parts), len(parts)))

    def measure(self, values: Array) -> float:
        """Volume where a linear function is positive, on this rank.

        Args:
            values: local nodal values of the function.
        """
        touched = self._touched(values)
        volumes = self.volumes[touched]
        return sum(
            float(np.sum(volumes[part.simplices] * part.fraction))
            for part in positive_parts(values[self.dofs[touched]])
        )

    def _touched(self, values: Array) -> npt.NDArray[np.intp]:
        """Simplices with a positive corner: a layer is thin, and most have none."""
        positive = values > 0.0
        return np.flatnonzero(np.logical_or.reduce([positive[corner] for corner in self.dofs.T]))

    def integrate_where_positive(
        self, values: Array, potential: Array, integrand: Callable[..., Array], shift: Array | None = None
    ) -> float:
        """Integral of integrand(potential) over the part where a linear function is positive.

        Args:
            values: local nodal values of the function that cuts.
            potential: local nodal values of the potential (V).
            integrand: of the potential, vectorised; with a shift, of both.
            shift: (k, n) local nodal values of what it takes as well.
        """
        dimension = self.dofs.shape[1] - 1
        points, weights = quadrature_rule(_SIMPLEX[dimension], _QUADRATURE_DEGREE)
        barycentric = np.column_stack([1.0 - points.sum(axis=1), points])
        weights = weights * math.factorial(dimension)
        touched = self._touched(values)
        dofs, volumes, total = self.dofs[touched], self.volumes[touched], 0.0
        corners = potential[dofs]
        others = None if shift is None else shift[:, dofs]
        for part in positive_parts(values[dofs]):
            more = () if others is None else (_at_points(others[:, part.simplices], part, barycentric),)
            density = integrand(_at_points(corners[part.simplices], part, barycentric), *more) @ weights
            total += float(np.sum(volumes[part.simplices] * part.fraction * density))
        return total


def _at_points(at_corners: Array, part: Part, barycentric: Array) -> Array:
    """(..., m, points) values at points of parts, linear between those at the corners, (..., m, d+1)."""
    if part.corners is not None:
        at_corners = np.einsum("mvc,...mc->...mv", part.corners, at_corners)
    return np.asarray(at_corners @ barycentric.T)


_SIMPLEX = {1: basix.CellType.interval, 2: basix.CellType.triangle, 3: basix.CellType.tetrahedron}
