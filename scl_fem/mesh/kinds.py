"""The registry of mesh kinds, and what every kind has in common."""

from __future__ import annotations

import contextlib
from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Optional, Self

import numpy as np
import numpy.typing as npt
from pydantic import PositiveInt, PrivateAttr, field_validator

from scl_fem.errors import InputError
from scl_fem.mesh.domain import MeshData
from scl_fem.mesh.layers import Layers
from scl_fem.mesh.size import MAX_CELLS, MeshSize
from scl_fem.registry import Registry
from scl_fem.settings import Settings
from scl_fem.units import Length, PositiveNumber

if TYPE_CHECKING:
    # None only until `resolved()`: what computes with it works on resolved settings
    type FilledIn[T] = Any
else:
    FilledIn = Optional

type Points = npt.NDArray[np.float64]

INTERFACE_SIZE = {1: 0.0005, 2: 0.02, 3: 0.05}
"""Default element size at the interface along the normal, nm, by dimension."""

GROWTH = {1: 1.02, 2: 1.2, 3: 1.3}
"""Default ratio of neighbouring element sizes, by dimension."""


class MeshSettings(Settings):
    """The [mesh] table of a case: which geometry, and how finely it is meshed.

    A key left out is None until `resolved()` fills it in.
    """

    building_share: ClassVar[float | None] = 0.1
    """Of the time that a mesh takes: the rest distributes it (measured: 4 to 13 %); None: nobody knows."""

    kind: str
    dimension: int | None
    """1, 2 or 3; None where only the built mesh will tell."""
    max_cells: PositiveInt = MAX_CELLS
    """Cells that the mesh may have: more are refused before they are built."""

    def resolved(self) -> Self:
        """The same settings with every default filled in."""
        return self

    def relative_to(self, folder: Path) -> Self:
        """The same settings with paths that were relative to a folder made absolute.

        Args:
            folder: of the case file.
        """
        return self

    def graded_towards(
        self, contacts: Collection[str] = (), steps: Mapping[str, Sequence[float]] | None = None
    ) -> Self:
        """The same settings, with small cells where the physics asks for them beside the interfaces.

        A kind whose cells are not in layers stays as it is.

        Args:
            contacts: names of those at which a space-charge layer may form.
            steps: places by phase at which a property jumps: distances (nm) from the first face of each of
                its layers.
        """
        return self

    def phase_names(self) -> tuple[str, ...]:
        """Names of the phases that the mesh is made of, in order."""
        return ("electrode", "electrolyte")

    def touching(self) -> tuple[tuple[str, str], ...] | None:
        """Pairs of phases that touch, in their order; None where only the built mesh will tell."""
        return (("electrode", "electrolyte"),)

    def contact_phases(self) -> dict[str, str | None]:
        """The phase that each contact touches, by its name; None where only the built mesh will tell."""
        return {"left": "electrode", "right": "electrolyte"}

    def thicknesses(self, phase: str) -> tuple[float, ...]:
        """Thickness of each layer of a phase (nm); none where it does not come in layers.

        Args:
            phase: name of one.
        """
        return ()

    def depths(self, phase: str, points: Points) -> tuple[Points, Points]:
        """How deep points lie in a phase that comes in layers, and how thick the layer of each is, nm.

        Args:
            phase: its name.
            points: (n, 3) of the phase, nm.

        Raises:
            InputError: phases do not come in layers.
        """
        raise InputError(f'mesh.kind = "{self.kind}" has no layers to be deep in', key="mesh.kind")

    def size(self) -> MeshSize | None:
        """Cells and points of the mesh that `build` would make; None where only the built mesh will tell.

        Raises:
            InputError: the geometry is impossible; names the key.
        """
        return None

    def check_size(self) -> MeshSize | None:
        """See that the mesh is not too large, before any of it is built.

        Raises:
            InputError: it is; names the key that makes it so. Or as `size`.
        """
        size = self.size()
        if size is not None:
            self._check_cells_of(size.cells, self._cause_of_size)
        return size

    def built(self) -> MeshData:
        """What `build` makes, if it is not too large.

        Raises:
            InputError: it is, or as `build`.
        """
        if self.check_size() is not None:
            return self.build()
        data = self.build()
        self._check_cells_of(len(data.cells), lambda: "max_cells")
        return data

    def _check_cells_of(self, cells: int, cause: Callable[[], str]) -> None:
        if cells > self.max_cells:
            raise InputError(
                f"the mesh would have {cells:.3g} cells, more than mesh.max_cells = {self.max_cells}",
                key=f"mesh.{cause()}",
                allowed="a coarser mesh, or a larger mesh.max_cells where there is the memory",
            )

    def _cause_of_size(self) -> str:
        """The key that makes the mesh so large: without it there would be fewest cells."""
        cells = {}
        for key, field in type(self).model_fields.items():
            if key in ("kind", "dimension", "max_cells") or field.is_required():
                continue
            with contextlib.suppress(InputError, ArithmeticError):
                other = self.model_copy(update={key: field.default}).resolved().size()
                cells[key] = other.cells if other is not None else self.max_cells + 1
        return min(cells, key=lambda key: cells[key], default="max_cells")

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


class LayeredMesh(GradedMesh):
    """A graded mesh of layers from one contact to another."""

    contact_names: ClassVar[tuple[str, str]] = ("left", "right")
    """Of the first layer and of the last."""

    _graded_contacts: frozenset[str] = PrivateAttr(default=frozenset())
    _steps: Mapping[str, Sequence[float]] = PrivateAttr(default_factory=dict)

    def graded_towards(
        self, contacts: Collection[str] = (), steps: Mapping[str, Sequence[float]] | None = None
    ) -> Self:
        """See `MeshSettings`."""
        graded = self.model_copy()
        graded._graded_contacts = frozenset(contacts)
        graded._steps = dict(steps or {})
        return graded

    def _layers(self, phases: Sequence[str], thicknesses: Sequence[float]) -> Layers:
        """Layers of these phases, graded as the settings were told."""
        first, last = (name in self._graded_contacts for name in self.contact_names)
        return Layers(tuple(phases), tuple(thicknesses), (first, last), self._steps)


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
