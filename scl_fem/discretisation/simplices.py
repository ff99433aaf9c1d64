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
from scl_fem.physics.types import Array, Indices

type Numbers = npt.NDArray[np.int32]

_ZERO = 1e-13
"""Integral of two gradients, relative to their sizes, that is orthogonality spoilt by round-off."""


@dataclass(frozen=True)
class Simplices:
    """Owned cells of one phase, linear ones; a quadratic cell counts as its subdivision.

    Attributes:
        dofs: (m, d+1) local nodes.
        corners: (m, d+1, d) where they are, nm.
        volumes: (m,) nm^d.
    """

    dofs: npt.NDArray[np.int32]
    corners: Array
    volumes: Array

    @classmethod
    def of(cls, space: PotentialSpace, tag: str, among: Indices | None = None) -> Simplices:
        """Collect the cells of a phase.

        Args:
            space: of the nodes.
            tag: of the phase.
            among: numbers of the cells wanted, of those that `space.cells` lists; all of them by default.

        Raises:
            InputError: the cells are no simplices.
        """
        volumes, cells = cell_volumes(space, tag), space.cells(tag)
        if among is not None:
            volumes, cells = volumes[among], cells[among]
        parts = subdivision(space)
        dofs = space.space.dofmap.list[cells][:, parts].reshape(-1, parts.shape[1])
        corners = space.space.tabulate_dof_coordinates()[dofs][:, :, : space.domain.dimension]
        return cls(dofs, corners, np.repeat(volumes / len(parts), len(parts)))

    @property
    def stiffness(self) -> Array:
        """(m, d+1, d+1) integrals of grad l_i . grad l_j, nm^(d-2)."""
        gradients = _gradients(self.corners)
        return np.matmul(gradients.transpose(0, 2, 1), self.volumes[:, None, None] * gradients)

    @cached_property
    def _shares(self) -> Array:
        """(m, pairs) minus the integrals of the gradients at both ends; 0 where they are orthogonal."""
        stiffness = self.stiffness
        corners = np.arange(stiffness.shape[1])
        left, right = self.pairs
        shares = -stiffness[:, left, right]
        # Where cells have right angles, opposite gradients are orthogonal but for round-off.
        sizes = np.sqrt(stiffness[:, corners, corners])
        shares[np.abs(shares) <= _ZERO * sizes[:, left] * sizes[:, right]] = 0.0
        return shares

    @property
    def _has_obtuse(self) -> npt.NDArray[np.bool_]:
        """(m,) whether some share is negative."""
        return (self._shares < 0.0).any(axis=1)

    @cached_property
    def edges(self) -> Edges:
        """The pairs of nodes that `stiffness` couples, and all of those in cells with obtuse angles."""
        shares = self._shares
        left, right = self.pairs
        cells, pairs = np.nonzero((shares != 0.0) | self._has_obtuse[:, None])
        ends = np.sort(np.stack([self.dofs[cells, left[pairs]], self.dofs[cells, right[pairs]]]), axis=0)
        numbers = ends[0] * (self.dofs.max(initial=0) + np.int64(1)) + ends[1]
        _, one_of_each, edge = np.unique(numbers, return_index=True, return_inverse=True)
        first, second = ends[:, one_of_each]
        return Edges(first, second, edge, cells, pairs, shares[cells, pairs])

    @property
    def pairs(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Corners of each pair of a cell."""
        return np.triu_indices(self.dofs.shape[1], 1)

    def uphill(self, means: Array) -> Array:
        """What the conductances lack, contribution by contribution, where a cell lets flow go uphill.

        A coefficient a for each edge amounts, in a cell, to the tensor A with grad u . A grad u V =
        sum of share a (u_i - u_j)^2. Beside an obtuse angle shares are negative, and where a varies by
        much A may have negative eigenvalues: their part is taken out of it. Where the energy of every
        cell is positive, so is that of all together.

        Args:
            means: (n,) a of the edges.

        Returns:
            (m,) to be added to share a; 0 in cells whose A is positive.
        """
        edges, (left, right) = self.edges, self.pairs
        lacking = np.zeros(edges.share.size)
        obtuse = np.flatnonzero(self._has_obtuse)
        number = np.full(self.volumes.size, -1)
        number[obtuse] = np.arange(obtuse.size)
        chosen = np.flatnonzero(number[edges.cell] >= 0)
        cell, pair = edges.cell[chosen], edges.pair[chosen]
        vector = self.corners[cell, right[pair]] - self.corners[cell, left[pair]]
        weight = edges.share[chosen] * means[edges.edge[chosen]] / self.volumes[cell]
        axes = range(vector.shape[1])
        tensor = np.empty((obtuse.size, len(axes), len(axes)))
        for i in axes:
            for j in axes:
                product = weight * vector[:, i] * vector[:, j]
                tensor[:, i, j] = np.bincount(number[cell], product, minlength=obtuse.size)
        bad = np.flatnonzero(~_positive(tensor))
        values, directions = np.linalg.eigh(tensor[bad])
        missing = np.einsum("mik,mk,mjk->mij", directions, np.maximum(-values, 0.0), directions)
        number[:] = -1
        number[obtuse[bad]] = np.arange(bad.size)
        chosen = np.flatnonzero(number[edges.cell] >= 0)
        cell, pair = edges.cell[chosen], edges.pair[chosen]
        gradients = _gradients(self.corners[obtuse[bad]])
        matrix = np.einsum("mdi,mde,mej->mij", gradients, missing, gradients)
        lacking[chosen] = -self.volumes[cell] * matrix[number[cell], left[pair], right[pair]]
        return lacking

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
        pair: (m,) from which of its pairs of corners,
        share: (m,) and what it is with a = 1, nm^(d-2).
    """

    first: npt.NDArray[np.int32]
    second: npt.NDArray[np.int32]
    edge: npt.NDArray[np.intp]
    cell: npt.NDArray[np.intp]
    pair: npt.NDArray[np.intp]
    share: Array

    def conductances(self, coefficient: Array) -> Array:
        """(n,) conductances.

        Args:
            coefficient: a of each cell.
        """
        return self.summed(self.share * coefficient[self.cell])

    @cached_property
    def geometric(self) -> Array:
        """(n,) conductances with a = 1, nm^(d-2)."""
        return self.summed(self.share)

    def summed(self, contributions: Array) -> Array:
        """(n,) what the contributions (m,) of the cells add up to, edge by edge."""
        return np.bincount(self.edge, contributions, minlength=self.first.size)

    def dissipation(self, conductances: Array, nodal: Array) -> float:
        """Sum of g_ij (u_i - u_j)^2: u.K u, which no cancellation of a large flat u spoils.

        Args:
            conductances: (n,) of the edges.
            nodal: u at the local nodes.
        """
        return float(np.sum(conductances * self.differences(nodal) ** 2))

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


# Subdivision of a quadratic simplex by its vertices and edge midpoints, as pairs of vertices
# (i, i) or (i, j).
_REFINED = {
    1: [[(0, 0), (0, 1)], [(0, 1), (1, 1)]],
    2: [
        [(0, 0), (0, 1), (0, 2)],
        [(0, 1), (1, 1), (1, 2)],
        [(0, 2), (1, 2), (2, 2)],
        [(0, 1), (1, 2), (0, 2)],
    ],
    3: [
        [(0, 0), (0, 1), (0, 2), (0, 3)],
        [(0, 1), (1, 1), (1, 2), (1, 3)],
        [(0, 2), (1, 2), (2, 2), (2, 3)],
        [(0, 3), (1, 3), (2, 3), (3, 3)],
        [(0, 1), (2, 3), (0, 2), (1, 2)],
        [(0, 1), (2, 3), (1, 2), (1, 3)],
        [(0, 1), (2, 3), (1, 3), (0, 3)],
        [(0, 1), (2, 3), (0, 3), (0, 2)],
    ],
}


def _gradients(corners: Array) -> Array:
    """(m, d, d+1) gradients of the basis functions, 1/nm, of cells with (m, d+1, d) corners."""
    # Columns of the inverse of the edges are the gradients of all basis functions but the first.
    others = np.linalg.inv(corners[:, 1:] - corners[:, :1])
    return np.concatenate([-others.sum(axis=2, keepdims=True), others], axis=2)


def _positive(matrices: Array) -> npt.NDArray[np.bool_]:
    """Which of (m, d, d) symmetric matrices are positive definite: their leading minors are (Sylvester)."""
    size = range(matrices.shape[1])
    minors = ([[matrices[:, i, j] for j in range(n + 1)] for i in range(n + 1)] for n in size)
    return np.logical_and.reduce([_determinant(minor) > 0.0 for minor in minors])


def subdivision(space: PotentialSpace) -> npt.NDArray[np.int64]:
    """Linear simplices that a cell is made of, (parts, d+1) local numbers of the element's nodes.

    Args:
        space: of order 1 (the cell itself) or 2 (cut at the midpoints of its edges).
    """
    dimension = space.domain.dimension
    if space.order == 1:
        return np.arange(dimension + 1)[None, :]
    nodes = np.asarray(space.space.element.basix_element.points, dtype=np.float64)
    corners = np.vstack([np.zeros(dimension), np.eye(dimension)])

    def number(pair: tuple[int, int]) -> int:
        midpoint = 0.5 * (corners[pair[0]] + corners[pair[1]])
        return int(np.argmin(np.abs(nodes - midpoint).sum(axis=1)))

    return np.array([[number(pair) for pair in simplex] for simplex in _REFINED[dimension]])


def cell_volumes(space: PotentialSpace, tag: str) -> Array:
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
