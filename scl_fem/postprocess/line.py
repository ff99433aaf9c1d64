"""Functions along a line through the first interface, along its normal, and through all phases that it meets.

In 1D the line is the mesh itself. In 2D and 3D it passes through one facet of the interface: the
one nearest the middle of a planar interface, the one that the first axis meets on a closed one. Where there
is no interface it begins at the first contact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np
from dolfinx import fem, geometry
from dolfinx.mesh import entities_to_geometry
from mpi4py import MPI

from scl_fem.discretisation.space import PotentialSpace
from scl_fem.physics.types import Array

_POINTS_PER_SIDE = 240
_ROUNDS = 4
"""Of the search for the end of the line, each of so many points: to less than 1e-7 of its length."""

_NEAREST = 1e-3
"""First distance from the interface in 2D and 3D, as a fraction of the facet's size."""

_NEAR = 1e-6
"""Distance from a cell at which the line still counts as meeting it, as a fraction of the facet's size."""

_TRACE = 1e-6
"""Of the length of a part: how far inside its first point is evaluated."""

_PLANAR = 0.5
"""Modulus of the mean normal above which an interface counts as open, not closed around a particle."""


_BEYOND = np.geomspace(1e-6, 1e-2, 9)
"""How far behind the end of a phase the next one is looked for, as fractions of the facet's size."""


_FLAT = 0.95
"""Mean square of the normals along one axis above which they all point along it, to either side."""


@dataclass(frozen=True)
class LineSample:
    """Values on the part of the line that lies in one phase.

    Attributes:
        phase: its name.
        z: (n,) signed distance from the interface, negative on the side of its first phase, nm; ascending.
        points: (n, 3) where that is.
        values: (m, n) of the functions that were sampled.
    """

    phase: str
    z: Array
    points: Array
    values: Array


def sample_line(
    space: PotentialSpace,
    functions: Mapping[str, Sequence[fem.Function]],
    layered: Collection[str] = (),
) -> list[LineSample]:
    """Functions of each phase along the normal, interfaces included. Collective; on every rank.

    Args:
        space: of the functions.
        functions: m of each phase.
        layered: phases at whose outer end there may be a layer too.

    Returns:
        The parts of the line by z; a phase that it meets twice has two.
    """
    if space.domain.dimension == 1:
        return _nodes_of_intervals(space, functions)
    line = _Line(space)
    return [line.sample(part, functions[part.phase]) for part in line.parts(layered)]


def _nodes_of_intervals(
    space: PotentialSpace, functions: Mapping[str, Sequence[fem.Function]]
) -> list[LineSample]:
    comm, parts = space.comm, []
    coordinates = space.space.tabulate_dof_coordinates()
    for tag, of_phase in functions.items():
        dofs = space.dofs(tag)
        dofs = dofs[dofs < space.owned]
        points = np.concatenate(comm.allgather(coordinates[dofs]))
        values = np.array([np.concatenate(comm.allgather(each.x.array[dofs])) for each in of_phase])
        order = np.argsort(points[:, 0])
        points, values = points[order], values[:, order]
        ends = coordinates[space.space.dofmap.list[space.cells(tag)], 0]
        starts = np.sort(np.concatenate(comm.allgather(ends.min(axis=1))))
        stops = np.sort(np.concatenate(comm.allgather(ends.max(axis=1))))
        # where an interval does not begin at the end of the one before, other phases lie between
        first = np.flatnonzero(starts[1:] > stops[:-1]) + 1
        rows = np.searchsorted(points[:, 0], starts[first])
        for at, held in zip(np.split(points, rows), np.split(values, rows, axis=1), strict=True):
            parts.append(LineSample(tag, at[:, 0], at, held))
    return sorted(parts, key=lambda part: float(part.z.mean()))


def _one_of_two(centres: Array, normals: Array) -> tuple[Array, Array]:
    """Facets of one face where they make up two that look away from each other, as of a layer; else all.

    Args:
        centres: (n, 3) of the facets.
        normals: (n, 3) as long as their areas.
    """
    areas = np.linalg.norm(normals, axis=1)
    if np.linalg.norm(normals.sum(axis=0)) >= _PLANAR * areas.sum():
        return centres, normals
    spread, axes = np.linalg.eigh(normals.T @ (normals / areas[:, None]) / areas.sum())
    if spread[-1] < _FLAT:
        return centres, normals
    axis = axes[:, -1] * np.sign(axes[np.argmax(np.abs(axes[:, -1])), -1])
    face = normals @ axis > 0.0
    return centres[face], normals[face]


@dataclass(frozen=True)
class _Part:
    """A part of the line within a phase.

    Attributes:
        phase: its name.
        sign: of z there.
        start: distance from the interface at which the line enters the phase, nm.
        end: at which it leaves it.
        graded: whether there is something to resolve at the end as well.
    """

    phase: str
    sign: float
    start: float
    end: float
    graded: bool


class _Line:
    """A straight line in 2D or 3D."""

    def __init__(self, space: PotentialSpace) -> None:
        self.space, self.domain = space, space.domain
        self._trees: dict[str, geometry.BoundingBoxTree | None] = {}
        centres, normals = _one_of_two(*self._facets())
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
        """Centres of all facets to start from, and normals from the first phase, as long as their areas."""
        mesh, dimension, role = self.domain.mesh, self.domain.dimension, self.space.reference
        topology = mesh.topology
        topology.create_connectivity(dimension - 1, dimension)
        owned = topology.index_map(dimension - 1).size_local
        facets = self.domain.facets(role)
        facets = facets[facets < owned]
        if isinstance(role, str):
            to_cells = topology.connectivity(dimension - 1, dimension)
            first = to_cells.array[to_cells.offsets[facets]]
        else:
            first = self.domain.interface_entities(role)[:, 0]
        corners = mesh.geometry.x[entities_to_geometry(mesh, dimension - 1, facets)]
        cells = mesh.geometry.x[mesh.geometry.dofmaps[0][first]]
        centres = corners.mean(axis=1)
        edges = corners[:, 1:3] - corners[:, :1]
        if dimension == 2:
            normals = np.cross(edges[:, 0], np.eye(3)[2])
        else:
            normals = np.cross(edges[:, 0], edges[:, 1])
            normals /= 2.0 if corners.shape[1] == 3 else 1.0
        outward = np.einsum("ij,ij->i", normals, centres - cells.mean(axis=1))
        normals[outward < 0.0] *= -1.0
        if isinstance(role, str):  # into the phase that the contact touches
            normals *= -1.0
        comm = mesh.comm
        centres, normals = (np.concatenate(comm.allgather(each)) for each in (centres, normals))
        # The order must not depend on how the mesh is distributed.
        order = np.lexsort(np.round(centres, 9).T)
        return centres[order], normals[order]

    def parts(self, layered: Collection[str]) -> list[_Part]:
        """What the line meets, by z.

        Args:
            layered: phases at whose outer end there may be a layer too.
        """
        role = self.space.reference
        if isinstance(role, str):
            return list(self._walk(self._beyond(0.0, 1.0, ""), "", 1.0, layered))
        before = list(self._walk(role[0], role[1], -1.0, layered))
        return before[::-1] + list(self._walk(role[1], role[0], 1.0, layered))

    def _walk(self, tag: str, previous: str, sign: float, layered: Collection[str]) -> Iterator[_Part]:
        """The parts from the interface on in one direction."""
        start = 0.0
        while tag:
            end = self._way_out(tag, sign, start)
            after = self._beyond(end, sign, tag)
            if self.closed and after == previous:
                # Across a particle the second half of the chord repeats the first.
                yield _Part(tag, sign, start, 0.5 * (start + end), graded=False)
                return
            yield _Part(tag, sign, start, end, graded=bool(after) or tag in layered)
            if not end > start:
                return
            tag, previous, start = after, tag, end

    def _beyond(self, distance: float, sign: float, tag: str) -> str:
        """The phase that begins where another ends, "" where none does."""
        tried = distance + _BEYOND * self.size
        inside = {
            other: ~np.isnan(self._along(tried, other, self._anything, sign))
            for other in self.domain.phases
            if other != tag
        }
        found = {other: int(np.argmax(each)) for other, each in inside.items() if each.any()}
        return min(found, key=lambda other: found[other], default="")

    def sample(self, part: _Part, functions: Sequence[fem.Function]) -> LineSample:
        """Values in one part of the line."""
        length = part.end - part.start
        near = np.geomspace(_NEAREST * self.size, length, _POINTS_PER_SIDE)
        if part.graded:
            near = np.geomspace(min(_NEAREST * self.size, 0.1 * length), 0.5 * length, _POINTS_PER_SIDE)
            near = np.concatenate([near, length - near[-2::-1], [length]])
        distance = part.start + np.concatenate([[0.0], near])
        # round-off may have put the entrance a trace outside
        within = np.maximum(distance, part.start + _TRACE * length if part.start else 0.0)
        values = np.array([self._along(within, part.phase, each, part.sign) for each in functions])
        inside = ~np.isnan(values[0])
        z = part.sign * distance[inside]
        order = np.argsort(z)
        return LineSample(
            part.phase,
            z[order],
            self._points(distance, part.sign)[inside][order],
            values[:, inside][:, order],
        )

    def _way_out(self, tag: str, sign: float, start: float) -> float:
        """Distance at which the line leaves a phase, from the inside."""
        tried = start + np.geomspace(_NEAREST * self.size, self._reach, _POINTS_PER_SIDE)
        for _ in range(_ROUNDS):
            outside = np.flatnonzero(np.isnan(self._along(tried, tag, self._anything, sign)))
            if not outside.size:
                return float(tried[-1])
            first = int(outside[0])
            low = tried[first - 1] if first else start
            tried = np.linspace(low, tried[first], _POINTS_PER_SIDE)
        return float(tried[0])

    @cached_property
    def _anything(self) -> fem.Function:
        """Whose values tell whether a point is inside."""
        return fem.Function(self.space.space)

    def _points(self, distance: Array, sign: float) -> Array:
        return self.origin + sign * distance[:, None] * self.normal

    def _along(self, distance: Array, tag: str, function: fem.Function, sign: float) -> Array:
        """A function at distances from the interface; NaN outside the phase."""
        return self._evaluate(self._points(distance, sign), tag, function)

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
