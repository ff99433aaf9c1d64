"""A planar interface: electrode at z < 0, electrolyte at z > 0, z along the first axis."""

from __future__ import annotations

from typing import Literal, Self

from scl_fem.mesh.domain import BOTH, Layout, MeshData, two_phases
from scl_fem.mesh.flat import FlatMesh
from scl_fem.mesh.grading import check_graded
from scl_fem.mesh.kinds import MESH_KINDS, GradedMesh
from scl_fem.mesh.layers import Layers
from scl_fem.mesh.size import MeshSize
from scl_fem.units import Length


class _TwoThicknesses(GradedMesh):
    """The keys that come before those of the width: a resolved case keeps the order of the classes."""

    electrode_thickness: Length = 10.0
    """Thickness of the electrode (nm)."""
    electrolyte_thickness: Length = 10.0
    """Thickness of the electrolyte (nm)."""


class SlabMesh(FlatMesh, _TwoThicknesses):
    """Two slabs in contact, in layers graded towards z = 0."""

    @property
    def layout(self) -> Layout:
        """See `FlatMesh`."""
        return two_phases(*self.contact_names)

    def graded_layers(self) -> Layers:
        """See `FlatMesh`."""
        return self._layers(BOTH, (self.electrode_thickness, self.electrolyte_thickness))

    def thicknesses(self, phase: str) -> tuple[float, ...]:
        """See `MeshSettings`."""
        return (self.electrode_thickness if phase == "electrode" else self.electrolyte_thickness,)

    def size(self) -> MeshSize:
        """See `MeshSettings`."""
        self.resolved().check_layers()
        return super().size()

    def check_layers(self) -> None:
        """See that the slabs can be graded.

        Raises:
            InputError: one cannot.
        """
        layers = self.graded_layers()
        for layer, thickness in enumerate(layers.thicknesses):
            check_graded(thickness / sum(layers.sides(layer)), self.interface_size, self.growth)


@MESH_KINDS.register("planar")
class PlanarMesh(SlabMesh):
    """Two flat slabs in contact."""

    kind: Literal["planar"] = "planar"
    dimension: Literal[1, 2, 3] = 1

    def resolved(self) -> Self:
        """The same settings with every default filled in."""
        return super().resolved()._flat_defaults()

    def build(self) -> MeshData:
        """Graded intervals, or layers of triangles or tetrahedra."""
        self.resolved().check_layers()
        return self.flat()
