"""A round particle of electrode in a box of electrolyte.

The mesh is a cubed sphere (Ronchi, Iacono, Paolucci, J. Comput. Phys. 124 (1996) 93): the surface of
a grid of equal angles, projected on concentric shells, which are thin at the particle's surface and
turn into the box far from it. Nodes lie on rays from the centre, so that no cell can fold.
"""

from __future__ import annotations

import math
from typing import Literal, Self

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError
from scl_fem.mesh.domain import ELECTRODE, ELECTROLYTE, MeshData, two_phases
from scl_fem.mesh.grading import check_graded, graded_count, graded_offsets
from scl_fem.mesh.kinds import MESH_KINDS, FilledIn, SolidMesh
from scl_fem.mesh.size import MeshSize, whole
from scl_fem.mesh.structured import extrude, grid_points, grid_simplices
from scl_fem.mesh.topology import assemble, exterior_facets
from scl_fem.units import Length

_CELL_TYPES = {2: "triangle", 3: "tetrahedron"}
_TANGENTIAL_ELEMENTS_PER_RADIUS = {2: 20, 3: 8}

_INNER_BLOCK = 0.55
"""Half-width of the grid at the centre, relative to the core's radius: cells of the core are then alike."""


@MESH_KINDS.register("particle")
class ParticleMesh(SolidMesh):
    """A disc (2D) or sphere (3D) of electrode centred in a square or cube of electrolyte.

    The electrolyte's terminal is the surface of the box. The electrode's is the surface of a concentric
    core, which is electrode too.
    """

    kind: Literal["particle"] = "particle"
    dimension: Literal[2, 3] = 3
    radius: Length = 5.0
    """Radius of the particle (nm)."""
    box_size: FilledIn[Length] = None
    """Edge of the box (nm); four radii unless given."""
    core_radius: FilledIn[Length] = None
    """Radius of the electrode's terminal (nm); half the particle's unless given."""
    tangential_size: FilledIn[Length] = None
    """Largest element size along the surface (nm); a twentieth (2D) or eighth (3D) of the radius."""

    def resolved(self) -> Self:
        """The same settings with every default filled in."""
        return (
            super()
            .resolved()
            ._filled(
                box_size=4 * self.radius,
                core_radius=self.radius / 2,
                tangential_size=self.radius / _TANGENTIAL_ELEMENTS_PER_RADIUS[self.dimension],
            )
        )

    def contact_phases(self) -> dict[str, str | None]:
        """See `MeshSettings`."""
        return {"core": "electrode", "outer": "electrolyte"}

    def size(self) -> MeshSize:
        """See `MeshSettings`."""
        s = self.resolved()
        s._check()
        sides = (s.radius - s.core_radius, 0.5 * s.box_size - s.radius)
        for side in sides:
            check_graded(side, s.interface_size, s.growth)
        quarter, dimension = s._quarter(), s.dimension
        graded = sum(graded_count(side, s.interface_size, s.growth) for side in sides)
        layers = _layers_in_core(quarter) + graded
        facets = {2: 4 * quarter, 3: 12 * quarter**2}[dimension]
        on_surface = (quarter + 1) ** dimension - (quarter - 1) ** dimension
        return MeshSize(
            cells=quarter**dimension * math.factorial(dimension) + layers * dimension * facets,
            points=(quarter - 1) ** dimension + (layers + 1) * on_surface,
            cell_type=_CELL_TYPES[dimension],
            dimension=dimension,
        )

    def _quarter(self) -> int:
        """Elements along a quarter of a circle: even, so that diagonals go through the corners."""
        return 2 * whole(0.25 * math.pi * self.radius / self.tangential_size)

    def build(self) -> MeshData:
        """Shells of triangles or tetrahedra around a grid in the core."""
        s = self.resolved()
        s._check()
        quarter = s._quarter()
        angle = np.linspace(-0.25 * np.pi, 0.25 * np.pi, quarter + 1)
        counts = [quarter] * s.dimension
        block = grid_points([np.tan(angle)] * s.dimension)
        block_cells = grid_simplices(counts)
        cell_type = _CELL_TYPES[s.dimension]
        parity = (np.indices([quarter + 1] * s.dimension) % 2).sum(axis=0).reshape(-1)

        on_surface = np.isclose(np.abs(block).max(axis=1), 1.0, rtol=0, atol=1e-12)
        inner, surface = np.flatnonzero(~on_surface), np.flatnonzero(on_surface)
        shells, core_shell, interface_shell = s._shells(block[surface], quarter)
        number = np.empty(len(block), dtype=np.int64)
        number[inner] = np.arange(inner.size)
        number[surface] = inner.size + np.arange(surface.size)

        facets = number[exterior_facets(block_cells, cell_type, on_surface)]
        shell_cells = extrude(facets - inner.size, parity[surface], len(shells) - 1) + inner.size
        per_layer = s.dimension * len(facets)
        in_electrode = np.arange(len(shell_cells)) < interface_shell * per_layer
        layout = two_phases("core", "outer")
        shell_phase = np.where(in_electrode, layout.number(ELECTRODE), layout.number(ELECTROLYTE))
        return assemble(
            np.concatenate([_INNER_BLOCK * s.core_radius * _bulged(block[inner]), *shells]),
            np.concatenate([number[block_cells], shell_cells]),
            cell_type,
            np.concatenate([np.full(len(block_cells), layout.number(ELECTRODE)), shell_phase]),
            {
                "core": facets + core_shell * surface.size,
                "outer": facets + (len(shells) - 1) * surface.size,
            },
            layout,
        )

    def _shells(
        self, surface: npt.NDArray[np.float64], quarter: int
    ) -> tuple[list[npt.NDArray[np.float64]], int, int]:
        """Coordinates of every shell from the inner block to the box, and which are core and interface.

        Args:
            surface: (n, dimension) points on the surface of the cube [-1, 1]^dimension.
            quarter: elements along a quarter of a circle.
        """
        ray = np.linalg.norm(surface, axis=1, keepdims=True)
        direction = surface / ray
        start = _INNER_BLOCK * self.core_radius * _bulged(surface)
        in_core = _layers_in_core(quarter)
        shells = [
            start + fraction * (self.core_radius * direction - start)
            for fraction in np.linspace(0.0, 1.0, in_core + 1)[:-1]
        ]
        inward = graded_offsets(self.radius - self.core_radius, self.interface_size, self.growth)
        shells += [(self.radius - offset) * direction for offset in inward[::-1]]
        gap = 0.5 * self.box_size - self.radius
        outward = graded_offsets(gap, self.interface_size, self.growth)[1:]
        # the shells give way to the box quadratically in the distance: round where the layer is
        to_box = 0.5 * self.box_size * (ray - 1.0)
        shells += [(self.radius + d + to_box * (d / gap) ** 2) * direction for d in outward]
        return shells, in_core, in_core + inward.size - 1

    def _check(self) -> None:
        if self.box_size <= 2 * self.radius:
            raise InputError(
                f"{self.box_size:g} nm does not hold a particle of radius {self.radius:g} nm",
                key="mesh.box_size",
                allowed=f"more than {2 * self.radius:g} nm",
            )
        if self.core_radius >= self.radius:
            raise InputError(
                f"{self.core_radius:g} nm is not inside the particle",
                key="mesh.core_radius",
                allowed=f"less than the radius, {self.radius:g} nm",
            )


def _layers_in_core(quarter: int) -> int:
    """Layers of shells between the inner block and the core's surface."""
    return max(2, round((1 - _INNER_BLOCK) * quarter / (0.5 * math.pi)))


def _bulged(block: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A cube's points moved along rays half-way (in the exponent) to a ball, so that its corners open."""
    largest = np.abs(block).max(axis=1, keepdims=True)
    norm = np.linalg.norm(block, axis=1, keepdims=True)
    ratio = np.divide(largest, norm, out=np.ones_like(norm), where=norm > 0)
    return block * np.sqrt(ratio)
