"""The registry of mesh kinds, and what every kind has in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import Self

from scl_fem.mesh.domain import MeshData
from scl_fem.registry import Registry
from scl_fem.settings import Settings
from scl_fem.units import Length, quantity

Growth = quantity("", ge=1)
"""Ratio of neighbouring element sizes."""

INTERFACE_SIZE = {1: 0.0005, 2: 0.02, 3: 0.05}
"""Default element size at the interface along the normal, nm, by dimension."""

GROWTH = {1: 1.02, 2: 1.2, 3: 1.3}
"""Default ratio of neighbouring element sizes, by dimension."""


class MeshSettings(Settings):
    """The [mesh] table of a case: which geometry, and how finely it is meshed.

    A key left out is None until `resolved()` fills it in.
    """

    kind: str
    dimension: int
    interface_size: Length | None = None
    """Element size at the interface, along its normal (nm)."""
    growth: Growth | None = None
    """Ratio of neighbouring sizes away from the interface."""

    def resolved(self) -> Self:
        """The same settings with every default filled in."""
        return self._filled(interface_size=INTERFACE_SIZE[self.dimension], growth=GROWTH[self.dimension])

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


MESH_KINDS: Registry[type[MeshSettings]] = Registry("mesh kind")
