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

type Numbers = npt.NDArray[np.int32]

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

    @property
    def stiffness(self) -> Array:
        """(m, d+1, d+1) integrals of grad l_i . grad l_j, nm^(d-2)."""
        weighted = self.volumes[:, None, None] * self.gradients
        return np.matmul(self.gradients.transpose(0, 2, 1), weighted)

    @cached_property
    def edges(self) -> Edges:
        """The pairs of nodes that `stiffness` couples."""
        stiffness = self.stiffness
        corners = np.arange(stiffness.shape[1])
        left, right = np.triu_indices(corners.size, 1)
        between = -stiffness[:, left, right]
        # Where cells have right angles, opposite gradients are orthogonal but for round-off.
        sizes = np.sqrt(stiffness[:, corners, corners])
        cells, pairs = np.nonzero(np.abs(between) > _ZERO * sizes[:, left] * sizes[:, right])
        ends = np.sort(np.stack([self.dofs[cells, left[pairs]], self.dofs[cells, right[pairs]]]), axis=0)
        numbers = ends[0] * (self.dofs.max(initial=0) + np.int64(1)) + ends[1]
        _, one_of_each, edge = np.unique(numbers, return_index=True, return_inverse=True)
        first, second = ends[:, one_of_each]
        return Edges(first, second, edge, cells, between[cells, pairs])

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
        # Corner by corner: several times as fast as means along a short axis.
        corners = self.dofs.shape[1]
        return sum(nodal[self.dofs[:, corner]] for corner in range(corners)) / corners


@dataclass(frozen=True)
class Edges:
    """Pairs of nodes, and what flows between them where a |grad u|^2/2 is an energy.

    With linear elements the flow from node i to node j is g_ij (u_i - u_j), where the conductance g_ij
    is minus the integral of a grad l_i . grad l_j. Of a large flat u nothing has to cancel.

    Attributes:
        first: (n,) local node i.
        second: (n,) local node j.
        edge: (m,) of each contribution to a conductance, which edge it belongs to,
        cell: (m,) which cell it comes from,
        share: (m,) and what it is with a = 1, nm^(d-2).
    """

    first: npt.NDArray[np.int32]
    second: npt.NDArray[np.int32]
    edge: npt.NDArray[np.intp]
    cell: npt.NDArray[np.intp]
    share: Array

    def conductances(self, coefficient: Array) -> Array:
        """(n,) conductances.

        Args:
            coefficient: a of each cell.
        """
        return np.bincount(self.edge, self.share * coefficient[self.cell], minlength=self.first.size)

    @cached_property
    def geometric(self) -> Array:
        """(n,) conductances with a = 1, nm^(d-2)."""
        return np.bincount(self.edge, self.share, minlength=self.first.size)

    def differences(self, nodal: Array) -> Array:
        """(n,) u_i - u_j.

        Args:
            nodal: u at the local nodes.
        """
        return nodal[self.first] - nodal[self.second]

    def divergence(self, conductances: Array, nodal: Array) -> Array:
        """What flows out of each local node.

        Args:
            conductances: (n,) of the edges.
            nodal: u at the local nodes.
        """
        flows = conductances * self.differences(nodal)
        return np.bincount(self.first, flows, nodal.size) - np.bincount(self.second, flows, nodal.size)

    def pattern(self, rows: Numbers, columns: Numbers) -> tuple[Numbers, Numbers]:
        """Rows and columns of `entries`.

        Args:
            rows: number of the row of each local node.
            columns: of its column.
        """
        i, j = self.first, self.second
        return (
            np.concatenate([rows[i], rows[i], rows[j], rows[j]]),
            np.concatenate([columns[i], columns[j], columns[i], columns[j]]),
        )

    @staticmethod
    def entries(of_first: Array, of_second: Array) -> Array:
        """(4 n,) matrix entries of the divergence of flows.

        Args:
            of_first: derivative of each edge's flow by the first node's unknown.
            of_second: by the second node's.
        """
        return np.concatenate([of_first, of_second, -of_first, -of_second])


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
