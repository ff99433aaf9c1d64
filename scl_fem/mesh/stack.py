"""A stack of planar layers, each of a phase that the case names."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from scl_fem.errors import InputError
from scl_fem.mesh.domain import MeshData
from scl_fem.mesh.kinds import MESH_KINDS, FilledIn, GradedMesh
from scl_fem.settings import NamedBy, Settings
from scl_fem.units import Length

_COORDINATES = {
    1: ("cartesian", "cylindrical", "spherical"),
    2: ("cartesian", "axisymmetric"),
    3: ("cartesian",),
}


class Layer(Settings):
    """One layer of a stack."""

    phase: str
    """Name of the phase that it is made of."""
    thickness: Length
    """nm."""


@MESH_KINDS.register("stack")
class StackMesh(GradedMesh):
    """Planar layers, one to any number of them, from left to right."""

    kind: Literal["stack"] = "stack"
    dimension: Literal[1, 2, 3] = 1
    coordinates: Literal["cartesian", "cylindrical", "spherical", "axisymmetric"] = "cartesian"
    """Cartesian; in one dimension also cylindrical and spherical, in two axisymmetric."""
    layers: Annotated[tuple[Layer, ...], NamedBy("phase", once=False), Field(min_length=1)]
    """From left to right, the phase and the thickness of each."""
    lateral_size: FilledIn[Length] = None
    """Width of the sample along the interfaces, in each direction (nm)."""
    lateral_elements: FilledIn[PositiveInt] = None
    """Elements across that width, in each direction."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        allowed = _COORDINATES[self.dimension]
        if self.coordinates not in allowed:
            raise InputError(
                f'cannot be "{self.coordinates}" in {self.dimension} dimensions',
                key="coordinates",
                allowed=", ".join(allowed),
            )
        given = [key for key in ("lateral_size", "lateral_elements") if getattr(self, key) is not None]
        if self.dimension == 1 and given:
            raise InputError("a one-dimensional mesh has no lateral direction", key=given[0])
        for left, right in pairwise(self.layers):
            if left.phase == right.phase:
                problem = f"two layers of {left.phase} lie side by side"
                raise InputError(problem, key="layers", allowed="one layer of their thickness together")
        return self

    def resolved(self) -> Self:
        """The same settings with every default filled in."""
        if self.dimension == 1:
            return super().resolved()
        return super().resolved()._filled(lateral_size=2.0, lateral_elements={2: 10, 3: 8}[self.dimension])

    def phase_names(self) -> tuple[str, ...]:
        """See `MeshSettings`."""
        return tuple(dict.fromkeys(layer.phase for layer in self.layers))

    def touching(self) -> tuple[tuple[str, str], ...]:
        """See `MeshSettings`."""
        order = self.phase_names()
        pairs = [(left.phase, right.phase) for left, right in pairwise(self.layers)]
        return tuple(dict.fromkeys((a, b) if order.index(a) < order.index(b) else (b, a) for a, b in pairs))

    def contact_phases(self) -> dict[str, str | None]:
        """See `MeshSettings`."""
        return {"left": self.layers[0].phase, "right": self.layers[-1].phase}

    def thicknesses(self, phase: str) -> tuple[float, ...]:
        """See `MeshSettings`."""
        return tuple(layer.thickness for layer in self.layers if layer.phase == phase)

    def build(self) -> MeshData:
        """Not yet.

        Raises:
            InputError: always.
        """
        raise InputError(
            "a stack of layers is not meshed yet", key="mesh.kind", allowed=", ".join(MESH_KINDS)
        )
