"""The registry of mesh kinds, and what every kind has in common."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional, Self

from pydantic import field_validator

from scl_fem.errors import InputError
from scl_fem.mesh.domain import MeshData
from scl_fem.registry import Registry
from scl_fem.settings import Settings
from scl_fem.units import Length, PositiveNumber

if TYPE_CHECKING:
    # None only until `resolved()`: what computes with it works on resolved settings
    type FilledIn[T] = Any
else:
    FilledIn = Optional

INTERFACE_SIZE = {1: 0.0005, 2: 0.02, 3: 0.05}
"""Default element size at the interface along the normal, nm, by dimension."""

GROWTH = {1: 1.02, 2: 1.2, 3: 1.3}
"""Default ratio of neighbouring element sizes, by dimension."""


class MeshSettings(Settings):
    """The [mesh] table of a case: which geometry, and how finely it is meshed.

    A key left out is None until `resolved()` fills it in.
    """

    kind: str
    dimension: int | None
    """1, 2 or 3; None where only the built mesh will tell."""

    def resolved(self) -> Self:
        """The same settings with every default filled in."""
        return self

    def relative_to(self, folder: Path) -> Self:
        """The same settings with paths that were relative to a folder made absolute.

        Args:
            folder: of the case file.
        """
        return self

    @abstractmethod
    def build(self) -> MeshData:
        """The whole mesh as arrays (on one rank).

        Raises:
            InputError: the geometry is impossible; names the key.
        """

    def _filled(self, **defaults: object) -> Self:
        """A copy in which the keys that are None take these defaults."""
        missing = {key: value for key, value in defaults.items() if getattr(self, key) is None}
        return self.model_copy(update=missing)


class GradedMesh(MeshSettings):
    """A mesh that the program makes itself, in layers graded towards the interface."""

    dimension: int
    interface_size: FilledIn[Length] = None
    """Element size at the interface, along its normal (nm)."""
    growth: FilledIn[PositiveNumber] = None
    """Ratio of neighbouring sizes away from the interface, at least 1."""

    def resolved(self) -> Self:
        """The same settings with every default filled in."""
        return self._filled(interface_size=INTERFACE_SIZE[self.dimension], growth=GROWTH[self.dimension])


class SolidMesh(GradedMesh):
    """A graded mesh whose geometry has no one-dimensional form."""

    @field_validator("dimension", mode="before")
    @classmethod
    def _has_a_surface(cls, value: Any) -> Any:
        if value == 1:
            kind = cls.model_fields["kind"].default
            raise InputError(
                f"kind = '{kind}' has no one-dimensional form", key="mesh.dimension", allowed="2, 3"
            )
        return value


MESH_KINDS: Registry[type[MeshSettings]] = Registry("mesh kind")
