"""A round particle of electrode in a box of electrolyte.

The mesh is a cubed sphere (Ronchi, Iacono, Paolucci, J. Comput. Phys. 124 (1996) 93): the surface of
a grid of equal angles, projected on concentric shells, which are thin at the particle's surface and
turn into the box far from it. Nodes lie on rays from the centre, so that no cell can fold.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import (
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from scl_fem.errors import InputError
from scl_fem.mesh.domain import BOTH, ELECTRODE, ELECTROLYTE, Layout, MeshData, Pair
from scl_fem.mesh.grading import check_graded
from scl_fem.mesh.kinds import INTERFACE_SIZE, MESH_KINDS, FilledIn, LayeredMesh, SolidMesh
from scl_fem.mesh.layers import Layer, Layers, expect_neighbours, expect_no_contact, layout_of_layers
from scl_fem.mesh.size import MeshSize, whole
from scl_fem.mesh.structured import extrude, grid_points, grid_simplices
from scl_fem.mesh.topology import assemble, exterior_facets
from scl_fem.settings import NamedBy
from scl_fem.units import Length

_CELL_TYPES = {2: "triangle", 3: "tetrahedron"}
_TANGENTIAL_ELEMENTS_PER_RADIUS = {2: 20, 3: 8}

_ONE_OR_MORE: Final[dict[str, Any]] = {
    "allowed": "a table with phase and thickness, or a list of such tables",
    "also": "object",
}
"""What `coating` says of itself."""

_INNER_BLOCK = 0.55
"""Half-width of the grid at the centre, relative to the core's radius: cells of the core are then alike."""


def _as_list(value: object) -> object:
    """A table that stands for a list of one."""
    return [value] if isinstance(value, Mapping | Layer) else value


@MESH_KINDS.register("particle")
class ParticleMesh(LayeredMesh, SolidMesh):
    """A disc (2D) or sphere (3D) of electrode centred in a square or cube of electrolyte.

    The electrolyte's terminal is the surface of the box. The electrode's is the surface of a concentric
    core, which is electrode too. Coatings lie between the two.
    """

    contact_names: ClassVar = ("core", "outer")

    kind: Literal["particle"] = "particle"
    dimension: Literal[2, 3] = 3
    radius: Length = 5.0
    """Radius of the particle (nm)."""
    box_size: FilledIn[Length] = None
    """Edge of the box (nm); four radii, and the coatings on both sides, unless given."""
    core_radius: FilledIn[Length] = None
    """Radius of the electrode's terminal (nm); half the particle's unless given."""
    tangential_size: FilledIn[Length] = None
    """Largest element size along the surface (nm); a twentieth (2D) or eighth (3D) of the radius."""
    coating: Annotated[
        tuple[Layer, ...],
        NamedBy("phase", once=False),
        BeforeValidator(_as_list),
        Field(json_schema_extra=_ONE_OR_MORE),
    ] = ()
    """What covers the particle: `{ phase = "A", thickness = "2 nm" }`, or a list of them, inside out."""

    @model_serializer(mode="wrap")
    def _written(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        table: dict[str, Any] = write(self)
        if not self.coating:
            table.pop("coating", None)
        return table

    @model_validator(mode="after")
    def _are_coatings(self) -> Self:
        expect_neighbours(self._phases, "coating")
        expect_no_contact(self._phases, self.contact_names, "coating")
        return self

    def resolved(self) -> Self:
        """The same settings with every default filled in."""
        thinnest = min((layer.thickness for layer in self.coating), default=math.inf)
        s = self._filled(interface_size=min(INTERFACE_SIZE[self.dimension], 0.5 * thinnest))
        return (
            super(ParticleMesh, s)
            .resolved()
            ._filled(
                box_size=4 * self.radius + 2 * self._coated,
                core_radius=self.radius / 2,
                tangential_size=self.radius / _TANGENTIAL_ELEMENTS_PER_RADIUS[self.dimension],
            )
        )

    @property
    def _coated(self) -> float:
        """Thickness of all coatings together, nm."""
        return sum(layer.thickness for layer in self.coating)

    @property
    def _phases(self) -> tuple[str, ...]:
        """Of the layers, inside out."""
        return (ELECTRODE, *(layer.phase for layer in self.coating), ELECTROLYTE)

    @property
    def layout(self) -> Layout:
        """The parts of the mesh."""
        return layout_of_layers(self._phases, self.contact_names)

    def phase_names(self) -> tuple[str, ...]:
        """See `MeshSettings`."""
        return self.layout.phases

    def touching(self) -> tuple[Pair, ...]:
        """See `MeshSettings`."""
        return self.layout.interfaces

    def contact_phases(self) -> dict[str, str | None]:
        """See `MeshSettings`."""
        return dict(zip(self.contact_names, BOTH, strict=True))

    def graded_layers(self) -> Layers:
        """The shells around the core, by their distance from the particle's surface, as resolved."""
        coatings = [layer.thickness for layer in self.coating]
        gap = 0.5 * self.box_size - (self.radius + self._coated)
        return self._layers(self._phases, (self.radius - self.core_radius, *coatings, gap))

    def size(self) -> MeshSize:
        """See `MeshSettings`."""
        s = self.resolved()
        s._check()
        quarter, dimension = s._quarter(), s.dimension
        layers = _layers_in_core(quarter) + s.graded_layers().count(s.interface_size, s.growth)
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
        core_shell = _layers_in_core(quarter)
        shells = s._shells(block[surface], core_shell)
        number = np.empty(len(block), dtype=np.int64)
        number[inner] = np.arange(inner.size)
        number[surface] = inner.size + np.arange(surface.size)

        facets = number[exterior_facets(block_cells, cell_type, on_surface)]
        shell_cells = extrude(facets - inner.size, parity[surface], len(shells) - 1) + inner.size
        per_layer = s.dimension * len(facets)
        layout, layers = s.layout, s.graded_layers()
        number_of = np.array([layout.number(phase) for phase in layers.phases])
        core_phase = np.full(core_shell, layout.number(ELECTRODE))
        around = number_of[layers.layer_of_cells(s.interface_size, s.growth)]
        shell_phase = np.repeat(np.concatenate([core_phase, around]), per_layer)
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

    def _shells(self, surface: npt.NDArray[np.float64], in_core: int) -> list[npt.NDArray[np.float64]]:
        """Coordinates of every shell from the inner block to the box.

        Args:
            surface: (n, dimension) points on the surface of the cube [-1, 1]^dimension.
            in_core: layers of shells up to the core's surface.
        """
        ray = np.linalg.norm(surface, axis=1, keepdims=True)
        direction = surface / ray
        start = _INNER_BLOCK * self.core_radius * _bulged(surface)
        shells = [
            start + fraction * (self.core_radius * direction - start)
            for fraction in np.linspace(0.0, 1.0, in_core + 1)[:-1]
        ]
        layers, coated = self.graded_layers(), self._coated
        nodes = layers.nodes(self.interface_size, self.growth)
        shells += [(self.radius + z) * direction for z in nodes[nodes <= layers.faces[-2]]]
        # the shells give way to the box quadratically in the distance: round where the layer is
        to_box, gap = 0.5 * self.box_size * (ray - 1.0), layers.thicknesses[-1]
        shells += [
            (self.radius + z + to_box * ((z - coated) / gap) ** 2) * direction
            for z in nodes[nodes > layers.faces[-2]]
        ]
        return shells

    def _check(self) -> None:
        outer = self.radius + self._coated
        if self.box_size <= 2 * outer:
            coated = "coated " if self.coating else ""
            raise InputError(
                f"{self.box_size:g} nm does not hold a {coated}particle of radius {outer:g} nm",
                key="mesh.box_size",
                allowed=f"more than {2 * outer:g} nm",
            )
        if self.core_radius >= self.radius:
            raise InputError(
                f"{self.core_radius:g} nm is not inside the particle",
                key="mesh.core_radius",
                allowed=f"less than the radius, {self.radius:g} nm",
            )
        layers = self.graded_layers()
        for place in (0, -1):
            sides = sum(layers.sides(range(len(layers.phases))[place]))
            check_graded(layers.thicknesses[place] / sides, self.interface_size, self.growth)
        layers.expect_room(self.interface_size, "mesh.coating")


def _layers_in_core(quarter: int) -> int:
    """Layers of shells between the inner block and the core's surface."""
    return max(2, round((1 - _INNER_BLOCK) * quarter / (0.5 * math.pi)))


def _bulged(block: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A cube's points moved along rays half-way (in the exponent) to a ball, so that its corners open."""
    largest = np.abs(block).max(axis=1, keepdims=True)
    norm = np.linalg.norm(block, axis=1, keepdims=True)
    ratio = np.divide(largest, norm, out=np.ones_like(norm), where=norm > 0)
    return block * np.sqrt(ratio)
