"""The table [study]: what is computed, by name, and which other tables that takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from scl_fem.errors import InputError
from scl_fem.mesh import MeshSettings
from scl_fem.registry import Registry
from scl_fem.settings import Settings
from scl_fem.units import Duration


class StudySettings(Settings):
    """A study; each kind has its own keys and says which tables of the case it uses.

    Attributes:
        unused_tables: which of phase, interface, boundary and materials it does not use; a case
            that has them all the same is wrong.
        own_tables: tables beside the common ones that it takes, by name.
        boundary_kinds: the kinds of [boundary] it can do, the default first.
        uses_terminals: whether it needs both terminals whatever the boundary.
        closed_blocks: whether a closed contact holds its potential, and blocks all components.
        needs_passage: whether something must be able to go from one contact to the other.
    """

    unused_tables: ClassVar[frozenset[str]] = frozenset()
    own_tables: ClassVar[Mapping[str, type[Settings]]] = {}
    boundary_kinds: ClassVar[tuple[str, ...]] = ("closed", "bulk", "metal")
    uses_terminals: ClassVar[bool] = False
    closed_blocks: ClassVar[bool] = False
    needs_passage: ClassVar[bool] = False

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


class CourseSettings(StudySettings):
    """A study in time."""

    duration: Duration
    """How long it goes on (s); for exsy the longest mixing time."""
    output_times: tuple[Duration, ...] = ()
    """Times at which fields are written, beside the end (s)."""
    checkpoint_interval: Annotated[float, Field(ge=0.0)] = 30.0
    """Seconds of computing between checkpoints."""

    @model_validator(mode="after")
    def _within_duration(self) -> Self:
        late = [time for time in self.output_times if time > self.duration]
        if late:
            raise InputError(
                f"{late[0]:g} s is after the end", key="output_times", allowed=f"up to {self.duration:g} s"
            )
        return self


STUDY_KINDS: Registry[type[StudySettings]] = Registry("study")


@STUDY_KINDS.register("equilibrium")
class EquilibriumStudy(StudySettings):
    """The space-charge layers at equilibrium."""

    kind: Literal["equilibrium"] = "equilibrium"


@STUDY_KINDS.register("conduction")
class ConductionStudy(StudySettings):
    """Equilibrium, then the resistance between the terminals with the conductivity frozen."""

    uses_terminals: ClassVar = True
    needs_passage: ClassVar = True

    kind: Literal["conduction"] = "conduction"
