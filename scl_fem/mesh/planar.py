"""A planar interface: electrode at z < 0, electrolyte at z > 0, z along the first axis."""

from __future__ import annotations

import math
from typing import Any, Literal, Self

import numpy as np
from pydantic import PositiveInt, model_validator

from scl_fem.errors import InputError
from scl_fem.mesh.domain import FacetTag, MeshData, PhaseTag
from scl_fem.mesh.grading import check_graded, graded_count, two_sided
from scl_fem.mesh.kinds import MESH_KINDS, FilledIn, GradedMesh
from scl_fem.mesh.size import MeshSize
from scl_fem.mesh.structured import grid_points, grid_simplices
from scl_fem.mesh.topology import assemble, exterior_facets
from scl_fem.units import Length

_CELL_TYPES = {1: "interval", 2: "triangle", 3: "tetrahedron"}


class SlabMesh(GradedMesh):
    """Two slabs in contact, in layers graded towards z = 0."""

    electrode_thickness: Length = 10.0
    """Thickness of the electrode (nm)."""
    electrolyte_thickness: Length = 10.0
    """Thickness of the electrolyte (nm)."""
    lateral_size: FilledIn[Length] = None
    """Width of the sample along the interface, in each direction (nm)."""
    lateral_elements: FilledIn[PositiveInt] = None
    """Elements across that width, in each direction."""

    def thicknesses(self, phase: str) -> tuple[float, ...]:
        """See `MeshSettings`."""
        return (self.electrode_thickness if phase == "electrode" else self.electrolyte_thickness,)

    def size(self) -> MeshSize:
        """See `MeshSettings`."""
        s = self.resolved()
        check_graded(s.electrode_thickness, s.interface_size, s.growth)
        check_graded(s.electrolyte_thickness, s.interface_size, s.growth)
        layers = graded_count(s.electrode_thickness, s.interface_size, s.growth)
        layers += graded_count(s.electrolyte_thickness, s.interface_size, s.growth)
        lateral = self.dimension - 1
        across = s.lateral_elements if lateral else 1
        return MeshSize(
            cells=layers * across**lateral * math.factorial(self.dimension),
            points=(layers + 1) * (across + 1) ** lateral,
            cell_type=_CELL_TYPES[self.dimension],
            dimension=self.dimension,
        )

    def slabs(self) -> MeshData:
        """The flat slabs that the resolved settings describe."""
        s = self.resolved()
        z = two_sided(s.electrode_thickness, s.electrolyte_thickness, s.interface_size, s.growth)
        lateral = self.dimension - 1
        widths = [np.linspace(0.0, s.lateral_size, s.lateral_elements + 1)] * lateral if lateral else []
        points = grid_points([z, *widths])
        cells = grid_simplices([axis.size - 1 for axis in (z, *widths)])
        in_electrode = np.arange(z.size - 1) < np.searchsorted(z, 0.0)
        cell_phase = np.where(in_electrode, PhaseTag.ELECTRODE, PhaseTag.ELECTROLYTE)
        cell_type = _CELL_TYPES[self.dimension]
        terminals = {
            FacetTag.ELECTRODE_TERMINAL: exterior_facets(cells, cell_type, points[:, 0] == z[0]),
            FacetTag.ELECTROLYTE_TERMINAL: exterior_facets(cells, cell_type, points[:, 0] == z[-1]),
        }
        return assemble(
            points, cells, cell_type, np.repeat(cell_phase, len(cells) // cell_phase.size), terminals
        )


@MESH_KINDS.register("planar")
class PlanarMesh(SlabMesh):
    """Two flat slabs in contact."""

    kind: Literal["planar"] = "planar"
    dimension: Literal[1, 2, 3] = 1

    @model_validator(mode="after")
    def _lateral_keys_mean_something(self) -> Self:
        given = [key for key in ("lateral_size", "lateral_elements") if getattr(self, key) is not None]
        if self.dimension == 1 and given:
            raise InputError("a one-dimensional mesh has no lateral direction", key=f"mesh.{given[0]}")
        return self

    def resolved(self) -> Self:
        """The same settings with every default filled in."""
        if self.dimension == 1:
            return super().resolved()
        # nothing varies along a flat interface: a few elements of moderate aspect ratio will do
        lateral: dict[str, Any] = {"lateral_size": 2.0, "lateral_elements": {2: 10, 3: 8}[self.dimension]}
        return super().resolved()._filled(**lateral)

    def build(self) -> MeshData:
        """Graded intervals, or layers of triangles or tetrahedra."""
        return self.slabs()
