"""A stack: any number of flat layers, of any number of phases."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field

from scl_fem.mesh.domain import Layout, MeshData
from scl_fem.mesh.flat import FlatMesh
from scl_fem.mesh.grading import check_growth
from scl_fem.mesh.kinds import INTERFACE_SIZE, MESH_KINDS
from scl_fem.mesh.layers import Layer, Layers, layout_of_layers
from scl_fem.mesh.size import MeshSize


@MESH_KINDS.register("stack")
class StackMesh(FlatMesh):
    """Flat layers one upon the other, from the contact left to the contact right.

    The phases are the names of the layers, in the order in which they first appear. The first interface is
    at z = 0; of a single layer the left end is. Cells are small at every interface and at every contact where
    a space-charge layer may form; a single layer without any has cells of `interface_size` throughout.
    """

    kind: Literal["stack"] = "stack"
    dimension: Literal[1, 2, 3] = 1
    layers: Annotated[tuple[Layer, ...], Field(min_length=1)]
    """The layers from left to right, each `{ phase = "NAME", thickness = "5 nm" }`."""

    @property
    def layout(self) -> Layout:
        """See `FlatMesh`."""
        return layout_of_layers([layer.phase for layer in self.layers], self.contact_names, "mesh.layers")

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

    def build(self) -> MeshData:
        """Graded intervals, or layers of triangles or tetrahedra."""
        self.resolved()._check()
        return self.flat()

    def _check(self) -> None:
        layout_of_layers([layer.phase for layer in self.layers], self.contact_names, "mesh.layers")
        check_growth(self.growth)
        self.graded_layers().expect_room(self.interface_size, "mesh.layers")
