"""The potential along a line through the interface, along its normal.

In 1D the line is the mesh itself. In 2D and 3D it passes through one facet of the interface: the
one nearest the middle of a planar interface, the one that the first axis meets on a closed one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np
from dolfinx import fem, geometry
from dolfinx.mesh import entities_to_geometry
from mpi4py import MPI

from scl_fem.discretisation.space import PotentialSpace
from scl_fem.mesh.domain import ELECTRODE, INTERFACE
from scl_fem.physics.types import Array

_POINTS_PER_SIDE = 240
_ROUNDS = 4
"""Of the search for the end of the line, each of so many points: to less than 1e-7 of its length."""

_NEAREST = 1e-3
"""First distance from the interface in 2D and 3D, as a fraction of the facet's size."""

_NEAR = 1e-6
"""Distance from a cell at which the line still counts as meeting it, as a fraction of the facet's size."""

_PLANAR = 0.5
"""Modulus of the mean normal above which an interface counts as open, not closed around a particle."""


@dataclass(frozen=True)
class LineSample:
    """Values on one side, by distance from the interface.

    Attributes:
        z: signed distance, negative in the electrode, nm; ascending.
        values: of the function that was sampled.
    """

    z: Array
    values: Array


def sample_line(space: PotentialSpace, functions: Mapping[str, fem.Function]) -> dict[str, LineSample]:
    """A function of each phase along the normal, interface included. Collective; on every rank.

    Args:
        space: of the functions.
        functions: one for each phase.
    """
    if space.domain.dimension == 1:
        return {tag: _nodes_of_interval(space, tag, functions[tag]) for tag in functions}
    line = _Line(space)
    return {tag: line.sample(tag, functions[tag]) for tag in functions}


def _nodes_of_interval(space: PotentialSpace, tag: str, function: fem.Function) -> LineSample:
    dofs = space.dofs(tag)
    dofs = dofs[dofs < space.owned]
    origin = space.domain.mesh.geometry.x[:, 0]
    z = space.space.tabulate_dof_coordinates()[dofs, 0] if dofs.size else origin[:0]
    z = np.concatenate(space.comm.allgather(z))
    values = np.concatenate(space.comm.allgather(function.x.array[dofs]))
    order = np.argsort(z)
    return LineSample(z[order], values[order])


class _Line:
    """A straight line in 2D or 3D."""

    def __init__(self, space: PotentialSpace) -> None:
        self.space, self.domain = space, space.domain
        self._trees: dict[str, geometry.BoundingBoxTree | None] = {}
        centres, normals = self._facets()
        areas = np.linalg.norm(normals, axis=1)
        mean = normals.sum(axis=0) / areas.sum()
        middle = areas @ centres / areas.sum()
        self.closed = bool(np.linalg.norm(mean) < _PLANAR)
        axis = np.eye(3)[0] if self.closed else mean / np.linalg.norm(mean)
        offset = centres - middle
        aside = np.linalg.norm(offset - np.outer(offset @ axis, axis), axis=1)
        if self.closed:
            aside = np.where(offset @ axis > 0.0, aside, np.inf)
        nearest = int(np.argmin(aside))
        self.origin = centres[nearest]
        self.normal = normals[nearest] / areas[nearest]
        self.size = float(areas[nearest]) ** (1.0 / (self.domain.dimension - 1))

    def _facets(self) -> tuple[Array, Array]:
        """Centres of all interface facets and normals from the electrode, as long as their areas."""
        mesh, dimension = self.domain.mesh, self.domain.dimension
        topology = mesh.topology
        topology.create_connectivity(dimension - 1, dimension)
        owned = topology.index_map(dimension - 1).size_local
        facets = self.domain.facets(INTERFACE)
        facets = facets[facets < owned]
        entities = self.domain.interface_entities(INTERFACE)
        corners = mesh.geometry.x[entities_to_geometry(mesh, dimension - 1, facets)]
        cells = mesh.geometry.x[mesh.geometry.dofmaps[0][entities[:, 0]]]
        centres = corners.mean(axis=1)
        edges = corners[:, 1:3] - corners[:, :1]
        if dimension == 2:
            normals = np.cross(edges[:, 0], np.eye(3)[2])
        else:
            normals = np.cross(edges[:, 0], edges[:, 1])
            normals /= 2.0 if corners.shape[1] == 3 else 1.0
        outward = np.einsum("ij,ij->i", normals, centres - cells.mean(axis=1))
        normals[outward < 0.0] *= -1.0
        comm = mesh.comm
        centres, normals = (np.concatenate(comm.allgather(each)) for each in (centres, normals))
        # The order must not depend on how the mesh is distributed.
        order = np.lexsort(np.round(centres, 9).T)
        return centres[order], normals[order]

    def sample(self, tag: str, function: fem.Function) -> LineSample:
        """Values from the interface to where the line leaves the phase."""
        sign = -1.0 if tag == ELECTRODE else 1.0
        end = self._way_out(tag, function, sign)
        if self.closed and tag == ELECTRODE:
            # Across a particle the second half of the chord repeats the first.
            end *= 0.5
        distance = np.concatenate([[0.0], np.geomspace(_NEAREST * self.size, end, _POINTS_PER_SIDE)])
        values = self._along(distance, tag, function, sign)
        inside = ~np.isnan(values)
        z, values = sign * distance[inside], values[inside]
        order = np.argsort(z)
        return LineSample(z[order], values[order])

    def _way_out(self, tag: str, function: fem.Function, sign: float) -> float:
        """Distance at which the line leaves a phase, from the inside."""
        tried = np.geomspace(_NEAREST * self.size, self._reach, _POINTS_PER_SIDE)
        for _ in range(_ROUNDS):
            outside = np.flatnonzero(np.isnan(self._along(tried, tag, function, sign)))
            if not outside.size:
                return float(tried[-1])
            first = max(int(outside[0]), 1)
            tried = np.linspace(tried[first - 1], tried[first], _POINTS_PER_SIDE)
        return float(tried[0])

    def _along(self, distance: Array, tag: str, function: fem.Function, sign: float) -> Array:
        """A function at distances from the interface; NaN outside the phase."""
        return self._evaluate(self.origin + sign * distance[:, None] * self.normal, tag, function)

    @cached_property
    def _reach(self) -> float:
        x, comm = self.domain.mesh.geometry.x, self.domain.mesh.comm
        # by buffers: of pickled arrays mpi4py cannot tell the smaller one
        low, high = x.min(axis=0, initial=np.inf), x.max(axis=0, initial=-np.inf)
        comm.Allreduce(MPI.IN_PLACE, low, op=MPI.MIN)
        comm.Allreduce(MPI.IN_PLACE, high, op=MPI.MAX)
        return float(np.linalg.norm(high - low))

    def _tree(self, tag: str) -> geometry.BoundingBoxTree | None:
        """Search tree of the cells of a phase whose shadow along the line may hold it, if any."""
        if tag not in self._trees:
            mesh, cells = self.domain.mesh, self.space.cells(tag)
            across = np.linalg.svd(self.normal[None])[2][1:]
            corners = mesh.geometry.dofmaps[0][cells]
            met = np.ones(cells.size, dtype=bool)
            for offset in across @ (mesh.geometry.x - self.origin).T:
                at_corners = [offset[corner] for corner in corners.T]
                met &= np.minimum.reduce(at_corners) <= _NEAR * self.size
                met &= np.maximum.reduce(at_corners) >= -_NEAR * self.size
            self._trees[tag] = (
                geometry.bb_tree(mesh, self.domain.dimension, entities=cells[met], padding=1e-9)
                if met.any()
                else None
            )
        return self._trees[tag]

    def _evaluate(self, points: Array, tag: str, function: fem.Function) -> Array:
        """A function at points, from the cells of one phase alone; NaN where the phase has none there."""
        mesh = self.domain.mesh
        values = np.full(len(points), np.inf)
        tree = self._tree(tag)
        if tree is not None:
            candidates = geometry.compute_collisions_points(tree, points)
            colliding = geometry.compute_colliding_cells(mesh, candidates, points)
            offsets = colliding.offsets
            found = np.flatnonzero(np.diff(offsets) > 0)
            cells = colliding.array[offsets[found]]
            if found.size:
                values[found] = function.eval(points[found], cells).ravel()
        # Ranks that share a border point agree to round-off: the smallest is as good as any.
        mesh.comm.Allreduce(MPI.IN_PLACE, values, op=MPI.MIN)
        return np.where(np.isinf(values), np.nan, values)
