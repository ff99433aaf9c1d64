"""Geometry of linear elements on simplices: volumes and the integrals of their gradients."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)
import numpy as np
import numpy.typing as npt

from scl_fem.discretisation.space import PotentialSpace
from scl_fem.errors import InputError
from scl_fem.mesh.domain import PhaseTag
from scl_fem.physics.types import Array

_ZERO = 1e-13
"""Integral of two gradients, relative to their sizes, that is orthogonality spoilt by round-off."""


@dataclass(frozen=True)
class Simplices:
    """Owned cells of one phase.

    Attributes:
        dofs: (m, d+1) local nodes.
        volumes: (m,) nm^d.
        gradients: (m, d, d+1) of the basis functions, 1/nm.
    """

    dofs: npt.NDArray[np.int32]
    volumes: Array
    gradients: Array

    @classmethod
    def of(cls, space: PotentialSpace, tag: PhaseTag) -> Simplices:
        """Collect the cells of a phase.

        Args:
            space: of order 1.
            tag: of the phase.

        Raises:
            InputError: the cells are no simplices.
        """
        volumes, mesh = cell_volumes(space, tag), space.domain.mesh
        cells = space.cells(tag)
        corners = mesh.geometry.x[mesh.geometry.dofmaps[0][cells]][:, :, : space.domain.dimension]
        # Columns of the inverse of the edges are the gradients of all basis functions but the first.
        others = np.linalg.inv(corners[:, 1:] - corners[:, :1])
        gradients = np.concatenate([-others.sum(axis=2, keepdims=True), others], axis=2)
        return cls(space.space.dofmap.list[cells], volumes, gradients)

    @cached_property
    def stiffness(self) -> Array:
        """(m, d+1, d+1) integrals of grad l_i . grad l_j, nm^(d-2)."""
        weighted = self.volumes[:, None, None] * self.gradients
        return np.matmul(self.gradients.transpose(0, 2, 1), weighted)

    @cached_property
    def couplings(self) -> Couplings:
        """The entries of `stiffness` that are not zero."""
        stiffness = self.stiffness.copy()
        corners = np.arange(stiffness.shape[1])
        stiffness[:, corners, corners] = 0.0
        diagonal = np.abs(stiffness).sum(axis=2)
        # Where cells have right angles, opposite gradients are orthogonal but for round-off.
        scale = np.sqrt(diagonal[:, :, None] * diagonal[:, None, :])
        stiffness[np.abs(stiffness) <= _ZERO * scale] = 0.0
        # What a constant drives is nothing, to the last digit.
        stiffness[:, corners, corners] = -stiffness.sum(axis=2)
        cells, left, right = np.nonzero(stiffness)
        counts = np.bincount(cells, minlength=len(stiffness))
        return Couplings(
            counts, self.dofs[cells, left], self.dofs[cells, right], stiffness[cells, left, right]
        )

    def dissipation(self, coefficient: Array, nodal: Array) -> float:
        """Integral of a |grad u|^2 over these cells, which no cancellation spoils.

        Args:
            coefficient: a, one for each cell.
            nodal: u at the local nodes.
        """
        differences = nodal[self.dofs] - nodal[self.dofs[:, :1]]
        gradients = np.matmul(self.gradients, differences[:, :, None])[:, :, 0]
        return float(np.sum(coefficient * self.volumes * np.sum(gradients**2, axis=1)))

    def centroid_means(self, nodal: Array) -> Array:
        """(m,) values at the centroids of a linear function given at the local nodes."""
        return nodal[self.dofs].mean(axis=1)


@dataclass(frozen=True)
class Couplings:
    """Integrals of grad l_i . grad l_j over cells, entry by entry.

    Attributes:
        counts: (m,) how many entries each cell of the `Simplices` has; they come cell by cell.
        rows: (n,) local node i.
        columns: (n,) local node j.
        values: (n,) nm^(d-2); those of a cell add up to nothing.
    """

    counts: npt.NDArray[np.intp]
    rows: npt.NDArray[np.int32]
    columns: npt.NDArray[np.int32]
    values: Array

    def weighted(self, coefficient: Array | float) -> Array:
        """(n,) integrals of a grad l_i . grad l_j.

        Args:
            coefficient: a, one for each cell or one for all.
        """
        if isinstance(coefficient, np.ndarray):
            coefficient = np.repeat(coefficient, self.counts)
        return self.values * coefficient

    def applied(self, coefficient: Array | float, nodal: Array) -> Array:
        """Contributions of these cells to the integrals of a grad l_i . grad u, at the local nodes.

        Args:
            coefficient: a, one for each cell or one for all.
            nodal: u at the local nodes.
        """
        # Differences: nothing cancels where u is large and flat.
        flow = nodal[self.columns]
        flow -= nodal[self.rows]
        flow *= self.weighted(coefficient)
        return np.bincount(self.rows, flow, minlength=nodal.size)


def cell_volumes(space: PotentialSpace, tag: PhaseTag) -> Array:
    """Volumes of the cells of a phase that this rank owns, nm^d.

    Args:
        space: of the potential.
        tag: phase.

    Raises:
        InputError: the mesh has other cells than simplices.
    """
    mesh, dimension = space.domain.mesh, space.domain.dimension
    corners = mesh.geometry.dofmaps[0]
    if corners.shape[1] != dimension + 1:
        raise InputError(
            "the cells must be simplices",
            key="mesh",
            allowed="intervals, triangles, tetrahedra",
        )
    corners = corners[space.cells(tag)]
    # Coordinates and corners one by one: several times as fast as determinants of small matrices.
    axes = [mesh.geometry.x[:, axis].copy() for axis in range(dimension)]
    edges = [[x[corners[:, i]] - x[corners[:, 0]] for x in axes] for i in range(1, dimension + 1)]
    return np.abs(_determinant(edges)) / math.factorial(dimension)


def _determinant(rows: list[list[Array]]) -> Array:
    """Determinants of n matrices given entry by entry, each entry (n,): expansion by the first row."""
    if len(rows) == 1:
        return rows[0][0]
    minors = ([row[:column] + row[column + 1 :] for row in rows[1:]] for column in range(len(rows)))
    terms = (entry * _determinant(minor) for entry, minor in zip(rows[0], minors, strict=True))
    return sum((-term if column % 2 else term for column, term in enumerate(terms)), np.zeros(()))
