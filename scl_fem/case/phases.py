"""The table [phase]: what stands on either side of the interface."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, PlainSerializer, ValidatorFunctionWrapHandler, WrapValidator, model_validator

from scl_fem.errors import InputError
from scl_fem.materials import Material
from scl_fem.materials.material import Thermodynamics
from scl_fem.settings import Settings
from scl_fem.units import Number, Occupancy, Voltage

FROM_VOLTAGE: Literal["from-voltage"] = "from-voltage"
"""Occupancy rule: the open-circuit curve inverted at the phase's voltage."""


def _rule_or_number(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    return value if value == FROM_VOLTAGE else read(value)


def _resolved(value: float | None, key: str) -> float:
    """What only a resolved case is sure to have."""
    if not isinstance(value, float):
        raise InputError("is not known before the case is resolved", key=key)
    return value


class PhaseSettings(Settings):
    """One phase: its material, and the state of its neutral bulk."""

    material: str
    """Name of a material of the library or of the table [materials]."""
    composition: Number | None = None
    """x of the formula, mapped to x_0 by the material's table."""
    occupancy: Annotated[
        Occupancy | None,
        WrapValidator(_rule_or_number),
        PlainSerializer(lambda value: value),
        Field(json_schema_extra={"allowed": f'a number greater than 0 and less than 1, or "{FROM_VOLTAGE}"'}),
    ] = None
    """x_0, or the rule that finds it."""
    voltage: Voltage | None = None
    """V against Li/Li+ of the neutral bulk."""
    thermodynamics: Thermodynamics | None = None
    """Which law mu(x) is; goes before the material's."""

    @property
    def bulk_occupancy(self) -> float:
        """x_0 of a resolved case.

        Raises:
            InputError: the case is not resolved.
        """
        return _resolved(self.occupancy, "occupancy")

    @property
    def bulk_voltage(self) -> float:
        """V against Li/Li+ of the neutral bulk in a resolved case.

        Raises:
            InputError: the case is not resolved.
        """
        return _resolved(self.voltage, "voltage")

    def follows_its_curve(self, material: Material) -> bool:
        """Whether mu(x) is that of the open-circuit curve.

        Args:
            material: of the phase.
        """
        return (self.thermodynamics or material.thermodynamics) == "open-circuit"

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if self.composition is not None and self.occupancy is not None:
            raise InputError(
                "composition and occupancy both say how full the sites are", allowed="one of the two"
            )
        return self


class Phases(Settings):
    """The two phases in contact."""

    electrode: PhaseSettings
    electrolyte: PhaseSettings
