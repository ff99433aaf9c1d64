"""What studies keep in their checkpoints beside the fields, and what of it can be made sense of.

A checkpoint may be damaged, or come from somebody else: nothing in it is believed before it is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError, model_validator

from scl_fem.complaints import dotted, shown
from scl_fem.errors import InputError

Finite = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Time = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0.0)]
"""s."""
Step = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0.0)]
"""s."""
Count = Annotated[int, Field(strict=True, ge=0, lt=2**62)]

HISTORY = (
    "time_s",
    "step_s",
    "free_energy_eV_per_nm2",
    "total_lithium_per_nm2",
    "current_mA_per_cm2",
    "terminal_voltage_V",
    "layer_charge_e_per_nm2",
    "error_estimate",
)
"""What a transient records at each step; a total for each further component comes after."""


class Metadata(BaseModel):
    """What a study keeps beside its fields."""

    # Deferred: most runs read no checkpoint.
    model_config = ConfigDict(frozen=True, defer_build=True)

    @classmethod
    def read(cls, kept: Mapping[str, Any], path: Path) -> Self:
        """What a checkpoint holds, once it is sure that it makes sense.

        Args:
            kept: as JSON.
            path: of the checkpoint, for the message.

        Raises:
            InputError: something is missing or makes no sense.
        """
        try:
            return cls.model_validate(kept)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            what = dotted(first["loc"])
            reason = first["msg"].removeprefix("Value error, ")
            if first["type"] not in ("missing", "value_error"):
                reason += f", not {shown(first['input'])}"
            where = f"{what}: " if what else ""
            raise InputError(
                f"the checkpoint makes no sense: {where}{reason}",
                file=str(path),
                allowed="a checkpoint as scl_fem wrote it; run without it to start anew",
            ) from None


class TransientMetadata(Metadata):
    """Of a study of kind "transient".

    Attributes:
        times: of the last levels, newest last.
        contact: of each level whether the phases touched just then.
        field_fluxes: of each level, e.
        solved: tables of the case that may not change.
        next_step: proposal.
        steps: accepted.
        rejected: taken again.
        newton_iterations: in all.
        history: one row a step, columns as in `HISTORY`.
        output_times: of the snapshots.
    """

    times: Annotated[list[Time], Field(min_length=1, max_length=3)]
    contact: list[StrictBool]
    field_fluxes: list[Finite]
    solved: dict[str, Any]
    next_step: Step
    steps: Count
    rejected: Count
    newton_iterations: Count
    history: Annotated[
        list[Annotated[list[Finite], Field(min_length=len(HISTORY))]],
        Field(min_length=1),
    ]
    output_times: list[Time]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        _check_lengths("times", times=self.times, contact=self.contact, field_fluxes=self.field_fluxes)
        recorded = [row[0] for row in self.history]
        _check_rising("times", self.times)
        _check_rising("history", recorded)
        _check_rising("output_times", self.output_times)
        if recorded[-1] != self.times[-1]:
            raise ValueError(f"the history ends at {recorded[-1]:g} s, the state is of {self.times[-1]:g} s")
        _check_past("output_times", self.output_times, self.times[-1])
        return self


class ExchangeHistory(BaseModel):
    """See `solvers.fick.History`."""

    time: Annotated[list[Time], Field(min_length=1)]
    remaining: list[Finite]
    total: list[Finite]


class ExchangeMetadata(Metadata):
    """Of a study of kind "exsy".

    Attributes:
        exsy: the table [exsy] of the case.
        history: of the exchange.
        step: size of the next step.
        steps: taken.
        rejected: found too large.
        output_times: of the snapshots.
    """

    exsy: dict[str, Any]
    history: ExchangeHistory
    step: Step
    steps: Count
    rejected: Count
    output_times: list[Time]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        history = self.history
        _check_lengths("history.time", time=history.time, remaining=history.remaining, total=history.total)
        _check_rising("history.time", history.time)
        _check_rising("output_times", self.output_times)
        _check_past("output_times", self.output_times, history.time[-1])
        return self


def _check_lengths(scale: str, **columns: list[Any]) -> None:
    """See that columns are of one length.

    Raises:
        ValueError: they are not.
    """
    length = len(next(iter(columns.values())))
    for name, column in columns.items():
        if len(column) != length:
            raise ValueError(f"{name} has {len(column)} values for the {length} of {scale}")


def _check_rising(name: str, times: list[float]) -> None:
    """See that each time is later than the one before.

    Raises:
        ValueError: one is not.
    """
    for before, after in pairwise(times):
        if not after > before:
            raise ValueError(f"{name} goes from {before:g} s to {after:g} s")


def _check_past(name: str, times: list[float], now: float) -> None:
    """See that rising times are not in the future.

    Raises:
        ValueError: the last is.
    """
    if times and times[-1] > now:
        raise ValueError(f"{name} goes on to {times[-1]:g} s, the state is of {now:g} s")
