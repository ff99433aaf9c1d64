"""A cubic particle of electrolyte in a box of electrode: the geometry of 2D exchange NMR."""

from __future__ import annotations

import math
from typing import Literal, Self

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError
from scl_fem.mesh.domain import ELECTRODE, ELECTROLYTE, MeshData, two_phases
from scl_fem.mesh.grading import check_graded, graded_count, graded_offsets
from scl_fem.mesh.kinds import MESH_KINDS, FilledIn, SolidMesh
from scl_fem.mesh.size import MAX_CELLS, MeshSize
from scl_fem.mesh.structured import grid_boxes, grid_points, grid_simplices
from scl_fem.mesh.topology import assemble, exterior_facets, facets_between
from scl_fem.units import Length

_CELL_TYPES = {
    ("simplex", 2): "triangle",
    ("simplex", 3): "tetrahedron",
    ("tensor", 2): "quadrilateral",
    ("tensor", 3): "hexahedron",
}


@MESH_KINDS.register("cube")
class CubeMesh(SolidMesh):
    """A square (2D) or cube (3D) of electrolyte centred in a larger one of electrode, on a graded grid.

    The electrode's terminal is the surface of the box. The electrolyte's is the surface of a concentric
    core, which is electrolyte too.
    """

    kind: Literal["cube"] = "cube"
    dimension: Literal[2, 3] = 3
    particle_size: Length
    """Edge of the particle (nm)."""
    box_size: FilledIn[Length] = None
    """Edge of the box (nm); 16 times the particle's unless given."""
    core_size: FilledIn[Length] = None
    """Edge of the electrolyte's terminal (nm); half the particle's unless given."""
    octant: bool = True
    """Mesh the part with positive coordinates alone; its flat sides are planes of symmetry."""
    cell: Literal["simplex", "tensor"] = "simplex"
    """Triangles and tetrahedra, or quadrilaterals and hexahedra."""

    def resolved(self) -> Self:
        """The same settings with every default filled in."""
        sized = self._filled(
            interface_size=0.008 * self.particle_size,
            growth=1.2,
            box_size=16 * self.particle_size,
            core_size=self.particle_size / 2,
        )
        return super(CubeMesh, sized).resolved()

    def contact_phases(self) -> dict[str, str | None]:
        """See `MeshSettings`."""
        return {"core": "electrolyte", "outer": "electrode"}

    def size(self) -> MeshSize:
        """See `MeshSettings`."""
        s = self.resolved()
        s._check()
        face, core, end = 0.5 * s.particle_size, 0.5 * s.core_size, 0.5 * s.box_size
        for side in (face - core, end - face):
            check_graded(side, s.interface_size, s.growth)
        inward = graded_count(face - core, s.interface_size, s.growth)
        outward = graded_count(end - face, s.interface_size, s.growth)
        last = (face - core) / inward
        along = inward + outward
        # the sizes in the core follow from the last graded one, but where no mesh could be that large
        if along + core / last < MAX_CELLS:
            along = s._axis().size - 1
        elif not s.octant:
            along *= 2
        dimension = s.dimension
        return MeshSize(
            cells=along**dimension * (math.factorial(dimension) if s.cell == "simplex" else 1),
            points=(along + 1) ** dimension,
            cell_type=_CELL_TYPES[s.cell, dimension],
            dimension=dimension,
        )

    def build(self) -> MeshData:
        """A graded grid, its boxes whole or split into simplices."""
        s = self.resolved()
        s._check()
        axis = s._axis()
        counts = [axis.size - 1] * s.dimension
        cells = grid_simplices(counts) if s.cell == "simplex" else grid_boxes(counts)
        points = grid_points([axis] * s.dimension)
        cell_type = _CELL_TYPES[s.cell, s.dimension]
        distance = np.abs(points).max(axis=1)
        cell_distance = np.abs(points[cells].mean(axis=1)).max(axis=1)
        core, particle = 0.5 * s.core_size, 0.5 * s.particle_size
        layout = two_phases("outer", "core")
        return assemble(
            points,
            cells,
            cell_type,
            np.where(cell_distance < particle, layout.number(ELECTROLYTE), layout.number(ELECTRODE)),
            {
                "core": facets_between(cells, cell_type, cell_distance < core),
                "outer": exterior_facets(cells, cell_type, distance == axis[-1]),
            },
            layout,
        )

    def _axis(self) -> npt.NDArray[np.float64]:
        """Grid positions along every axis, graded to the particle's face, the core's face among them."""
        face, core, end = 0.5 * self.particle_size, 0.5 * self.core_size, 0.5 * self.box_size
        inward = face - graded_offsets(face - core, self.interface_size, self.growth)[::-1]
        inward[0] = core
        in_core = np.linspace(0.0, core, int(np.ceil(core / (inward[1] - inward[0]))) + 1)
        outward = face + graded_offsets(end - face, self.interface_size, self.growth)
        outward[-1] = end
        axis = np.concatenate([in_core[:-1], inward[:-1], outward])
        return axis if self.octant else np.concatenate([-axis[:0:-1], axis])

    def _check(self) -> None:
        if self.box_size <= self.particle_size:
            raise InputError(
                f"{self.box_size:g} nm does not hold a particle of {self.particle_size:g} nm",
                key="mesh.box_size",
                allowed=f"more than {self.particle_size:g} nm",
            )
        if self.core_size >= self.particle_size:
            raise InputError(
                f"{self.core_size:g} nm is not inside the particle",
                key="mesh.core_size",
                allowed=f"less than particle_size, {self.particle_size:g} nm",
            )
