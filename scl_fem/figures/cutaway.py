"""What of a three-dimensional sample is shown: a particle laid open, a long sample shortened.

Surfaces and sections are cut, not the cells: cutting cells leaves faces inside the sample where
the pieces of neighbours do not match.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyvista as pv

VIEW = (1.0, -1.45, 0.85)
"""From where the camera looks: at the corner that is cut out."""

_LONGEST = 2.0
"""Largest ratio of length to width that is shown; a longer sample is cut off on both sides."""

_SMALLER = 0.95
"""A phase that is smaller than this along every axis, relative to the sample, lies inside another."""

_AROUND = 1.3
"""Size of what is shown around a particle, relative to the particle."""

_EDGE_ANGLE = 40.0
_SAME_POINT = 1e-6
"""Distance, relative to the size of the sample, below which two points are one."""


@dataclass(frozen=True)
class Skin:
    """What is seen of one phase.

    Attributes:
        surface: its outer surface and the sections through it, with the fields.
        edges: their edges.
    """

    surface: pv.PolyData
    edges: pv.PolyData


@dataclass(frozen=True)
class _HalfSpace:
    """Where sign (x_axis - value) > 0."""

    axis: int
    sign: float
    value: float

    @property
    def complement(self) -> _HalfSpace:
        return _HalfSpace(self.axis, -self.sign, self.value)

    def keep(self, surface: pv.PolyData) -> pv.PolyData:
        """The part of a surface inside."""
        if not surface.n_points:
            return surface
        ends = self.sign * (np.array(surface.bounds[2 * self.axis : 2 * self.axis + 2]) - self.value)
        if ends.min() > 0.0:  # all of it: cutting takes its time
            return surface
        return surface.clip(normal=self._normal, origin=self._origin, invert=bool(self.sign < 0.0))

    def section(self, solid: pv.UnstructuredGrid) -> pv.PolyData:
        """The section of a solid along the boundary."""
        return solid.slice(normal=self._normal, origin=self._origin)

    @property
    def _normal(self) -> list[float]:
        return [float(self.axis == axis) for axis in range(3)]

    @property
    def _origin(self) -> list[float]:
        return [self.value * part for part in self._normal]


def lay_open(solids: Sequence[pv.UnstructuredGrid]) -> list[Skin]:
    """Surfaces to draw of the phases of a cell.

    Phases that lie inside another are shown with some of what is around them, and with the octant
    nearest the camera taken away; a sample much longer along the first axis than wide by its
    middle; any other sample whole.

    Args:
        solids: the phases, in the order of the cell.
    """
    bounds = np.array([solid.bounds for solid in solids]).reshape(-1, 3, 2)
    low, high = bounds[:, :, 0].min(axis=0), bounds[:, :, 1].max(axis=0)
    inner = [box for box in bounds if np.all(np.ptp(box, axis=1) < _SMALLER * (high - low))]
    width = float((high - low)[1:].max())
    # a section through a plane of nodes might find each face twice, or not at all
    aside = 1e-5 * width
    shown: list[_HalfSpace] = []
    removed: list[_HalfSpace] = []
    if inner:
        inside = np.array(inner)
        box = np.stack([inside[:, :, 0].min(axis=0), inside[:, :, 1].max(axis=0)], axis=1)
        centre, half = box.mean(axis=1), 0.5 * _AROUND * np.ptp(box, axis=1)
        removed = [_HalfSpace(axis, np.sign(VIEW[axis]), centre[axis] + aside) for axis in range(3)]
        shown = _box(np.arange(3), centre, half, low + aside, high - aside)
    elif high[0] - low[0] > _LONGEST * width:
        # the middle is between the interfaces: where the first phase ends and the last begins
        middle = np.array([0.5 * (bounds[0, 0, 1] + bounds[-1, 0, 0])])
        shown = _box(np.arange(1), middle, 0.5 * _LONGEST * np.array([width]), low + aside, high - aside)
    return [_cut(solid, shown, removed) for solid in solids]


def _box(
    axes: npt.NDArray[np.int64],
    centre: npt.NDArray[np.float64],
    half: npt.NDArray[np.float64],
    low: npt.NDArray[np.float64],
    high: npt.NDArray[np.float64],
) -> list[_HalfSpace]:
    """Half-spaces of a box, as far as it cuts anything off."""
    sides = []
    for axis in axes:
        lower, upper = centre[axis] - half[axis], centre[axis] + half[axis]
        sides += [_HalfSpace(int(axis), 1.0, lower)] if lower > low[axis] else []
        sides += [_HalfSpace(int(axis), -1.0, upper)] if upper < high[axis] else []
    return sides


def _cut(solid: pv.UnstructuredGrid, shown: list[_HalfSpace], removed: list[_HalfSpace]) -> Skin:
    """A solid inside some half-spaces, without the intersection of others."""
    # what is not in an intersection, as pieces that do not overlap
    pieces = [[*removed[:number], each.complement] for number, each in enumerate(removed)] or [[]]
    outer = _surface(solid)
    parts = [_keep(outer, shown + piece) for piece in pieces]
    sections = []
    for side in shown:
        others = [other for other in shown if other is not side]
        section = _keep(side.section(solid), others)
        sections.append(_joined([_keep(section, piece) for piece in pieces]))
    for side in removed:
        others = [other for other in removed if other is not side]
        sections.append(_keep(side.section(solid), shown + others))
    return _skin(parts, sections)


def _surface(solid: pv.UnstructuredGrid) -> pv.PolyData:
    return solid.extract_surface(algorithm="dataset_surface", nonlinear_subdivision=1)


def _keep(surface: pv.PolyData, half_spaces: Sequence[_HalfSpace]) -> pv.PolyData:
    for half_space in half_spaces:
        surface = half_space.keep(surface)
    return surface


def _skin(parts: Sequence[pv.PolyData], sections: Sequence[pv.PolyData]) -> Skin:
    """Join what was cut, and find the edges."""
    import pyvista as pv

    outer = _joined(parts)
    options = {"non_manifold_edges": False, "manifold_edges": False}
    edges = (
        [outer.extract_feature_edges(_EDGE_ANGLE, boundary_edges=False, **options)] if outer.n_points else []
    )
    present = [_joined([section]) for section in sections if section.n_points]
    edges += [section.extract_feature_edges(feature_edges=False, **options) for section in present]
    return Skin(_joined([outer, *present]), pv.merge(edges) if edges else pv.PolyData())


def _joined(surfaces: Sequence[pv.PolyData]) -> pv.PolyData:
    """One surface, in which coincident points are one."""
    import pyvista as pv

    present = [surface for surface in surfaces if surface.n_points]
    if not present:
        return pv.PolyData()
    return pv.merge(present).clean(tolerance=_SAME_POINT)
