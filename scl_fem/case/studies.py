"""The table [study]: what is computed, by name, and which other tables that takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from scl_fem.mesh import MeshSettings
from scl_fem.registry import Registry
from scl_fem.settings import Settings


class StudySettings(Settings):
    """A study; each kind has its own keys and says which tables of the case it uses.

    Attributes:
        unused_tables: which of phase, interface, boundary and materials it does not use; a case
            that has them all the same is wrong.
        own_tables: tables beside the common ones that it takes, by name.
        boundary_kinds: the kinds of [boundary] it can do, the default first.
    """

    unused_tables: ClassVar[frozenset[str]] = frozenset()
    own_tables: ClassVar[Mapping[str, type[Settings]]] = {}
    boundary_kinds: ClassVar[tuple[str, ...]] = ("closed", "bulk")

    kind: str

    def fitted_mesh(self, mesh: MeshSettings, own_tables: Mapping[str, Any]) -> MeshSettings:
        """The mesh with what the study knows better than the mesh's own defaults.

        Args:
            mesh: as the case has it; what it says stands.
            own_tables: the study's own tables by name.

        Raises:
            InputError: the study cannot use such a mesh; names the key.
        """
        return mesh


STUDY_KINDS: Registry[type[StudySettings]] = Registry("study")


@STUDY_KINDS.register("equilibrium")
class EquilibriumStudy(StudySettings):
    """The space-charge layers at equilibrium."""

    kind: Literal["equilibrium"] = "equilibrium"


@STUDY_KINDS.register("conduction")
class ConductionStudy(StudySettings):
    """Equilibrium, then the resistance between the terminals with the conductivity frozen."""

    kind: Literal["conduction"] = "conduction"
