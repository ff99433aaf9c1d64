"""A stack of planar layers, each of a phase that the case names."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from scl_fem.errors import InputError
from scl_fem.mesh.domain import Layout, MeshData
from scl_fem.mesh.flat import FlatMesh
from scl_fem.mesh.grading import check_growth
from scl_fem.mesh.kinds import INTERFACE_SIZE, MESH_KINDS
from scl_fem.mesh.layers import Layer, Layers, expect_neighbours, expect_no_contact, layout_of_layers
from scl_fem.mesh.size import MeshSize
from scl_fem.settings import NamedBy

_COORDINATES = {
    1: ("cartesian", "cylindrical", "spherical"),
    2: ("cartesian", "axisymmetric"),
    3: ("cartesian",),
}


@MESH_KINDS.register("stack")
class StackMesh(FlatMesh):
    """Planar layers, one to any number of them, from left to right.

    Layers of one name are one phase; the phases come in the order in which they first appear. The first
    interface is at z = 0; of a single layer the left end is. Cells are small at every interface and at every
    contact at which a space-charge layer forms; where there is none, all are of `interface_size`.
    """

    kind: Literal["stack"] = "stack"
    dimension: Literal[1, 2, 3] = 1
    coordinates: Literal["cartesian", "cylindrical", "spherical", "axisymmetric"] = "cartesian"
    """Cartesian; in one dimension also cylindrical and spherical, in two axisymmetric."""
    layers: Annotated[tuple[Layer, ...], NamedBy("phase", once=False), Field(min_length=1)]
    """From left to right: `[{ phase = "A", thickness = "20 nm" }, { phase = "B", thickness = "5 nm" }]`."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        allowed = _COORDINATES[self.dimension]
        if self.coordinates not in allowed:
            raise InputError(
                f'cannot be "{self.coordinates}" in {self.dimension} dimensions',
                key="coordinates",
                allowed=", ".join(allowed),
            )
        names = [layer.phase for layer in self.layers]
        expect_neighbours(names, "layers")
        expect_no_contact(names, self.contact_names, "layers")
        return self

    @property
    def layout(self) -> Layout:
        """See `FlatMesh`."""
        return layout_of_layers([layer.phase for layer in self.layers], self.contact_names)

    def resolved(self) -> Self:
        """The same settings with every default filled in."""
        thinnest = min(layer.thickness for layer in self.layers)
        s = self._filled(interface_size=min(INTERFACE_SIZE[self.dimension], 0.5 * thinnest))
        return super(StackMesh, s).resolved()._flat_defaults()

    def graded_layers(self) -> Layers:
        """See `FlatMesh`."""
        return self._layers(
            [layer.phase for layer in self.layers], [layer.thickness for layer in self.layers]
        )

    def size(self) -> MeshSize:
        """See `MeshSettings`."""
        self.resolved()._check()
        return super().size()

    def phase_names(self) -> tuple[str, ...]:
        """See `MeshSettings`."""
        return self.layout.phases

    def touching(self) -> tuple[tuple[str, str], ...]:
        """See `MeshSettings`."""
        return self.layout.interfaces

    def contact_phases(self) -> dict[str, str | None]:
        """See `MeshSettings`."""
        return {"left": self.layers[0].phase, "right": self.layers[-1].phase}

    def thicknesses(self, phase: str) -> tuple[float, ...]:
        """See `MeshSettings`."""
        return tuple(layer.thickness for layer in self.layers if layer.phase == phase)

    def build(self) -> MeshData:
        """Graded intervals, or layers of triangles or tetrahedra."""
        self.resolved()._check()
        return self.flat()

    def _check(self) -> None:
        if self.coordinates != "cartesian":
            problem = f'"{self.coordinates}" is not solved yet'
            raise InputError(problem, key="mesh.coordinates", allowed="cartesian")
        check_growth(self.growth)
        self.graded_layers().expect_room(self.interface_size, "mesh.layers")
