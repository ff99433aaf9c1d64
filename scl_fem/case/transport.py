"""The studies "transient" and "impedance" of a case file: their keys and the table [initial]."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from scl_fem.case.studies import STUDY_KINDS, CourseSettings, StudySettings
from scl_fem.errors import InputError
from scl_fem.settings import Settings
from scl_fem.units import Duration, Frequency, quantity

StepTolerance = Annotated[float, *quantity("", gt=0, lt=0.1)]


class InitialSettings(Settings):
    """What a transient starts from."""

    state: Literal["neutral", "equilibrium", "checkpoint"] = "neutral"
    """Each phase at its bulk, just put in contact; or relaxed; or that of `checkpoint`."""
    checkpoint: str | None = None
    """Path of a checkpoint.npz on the same mesh, for state = "checkpoint"."""

    @model_validator(mode="after")
    def _checkpoint_where_used(self) -> Self:
        if (self.state == "checkpoint") != (self.checkpoint is not None):
            raise InputError('goes with state = "checkpoint"', key="checkpoint", allowed="both or neither")
        return self


@STUDY_KINDS.register("transient")
class TransientStudy(CourseSettings):
    """The coupled equations in time."""

    own_tables: ClassVar = {"initial": InitialSettings}
    boundary_kinds: ClassVar = ("closed", "bulk", "metal", "current", "voltage")

    kind: Literal["transient"] = "transient"
    tolerance: StepTolerance = 1e-3
    """What the layer's charge may be off by, as a fraction of it: each step its share in the time since
    the start or the last kink of a current or voltage."""
    first_step: Duration = 1e-12
    """s."""
    method: Literal["bdf2", "euler"] = "bdf2"
    """Second-order backward differences, or implicit Euler."""


@STUDY_KINDS.register("impedance")
class ImpedanceStudy(StudySettings):
    """The linear response to an alternating voltage about equilibrium."""

    boundary_kinds: ClassVar = ("bulk", "closed", "metal")
    uses_terminals: ClassVar = True
    closed_blocks: ClassVar = True

    kind: Literal["impedance"] = "impedance"
    frequency_start: Frequency = 1e-3
    """Hz."""
    frequency_stop: Frequency = 1e12
    """Hz."""
    points_per_decade: Annotated[int, Field(ge=1, le=100)] = 5

    @model_validator(mode="after")
    def _upwards(self) -> Self:
        if self.frequency_stop <= self.frequency_start:
            raise InputError(
                f"must be above frequency_start = {self.frequency_start:g} Hz", key="frequency_stop"
            )
        return self
