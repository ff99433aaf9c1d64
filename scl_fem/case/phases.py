"""The table [phase]: what the parts of the cell are made of, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    ConfigDict,
    Field,
    PlainSerializer,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from scl_fem.complaints import complaints, shown
from scl_fem.errors import InputError
from scl_fem.materials import Material
from scl_fem.materials.material import Thermodynamics
from scl_fem.settings import Settings, check_name
from scl_fem.units import Energy, Length, Number, Occupancy, PositiveNumber, Voltage

FROM_VOLTAGE: Literal["from-voltage"] = "from-voltage"
"""Occupancy rule: the open-circuit curve inverted at the phase's voltage."""

ELECTRODE, ELECTROLYTE = "electrode", "electrolyte"
"""The phases of a cell of two."""


def _rule_or_number(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    return value if value == FROM_VOLTAGE else read(value)


def _resolved(value: float | None, key: str) -> float:
    """What only a resolved case is sure to have."""
    if not isinstance(value, float):
        raise InputError("is not known before the case is resolved", key=key)
    return value


class PhaseSettings(Settings):
    """One phase: its material, the state of its neutral bulk, what shifts the energies of its carriers."""

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
    """x_0 of the (first) carrier, or the rule that finds it."""
    voltage: Voltage | None = None
    """V against Li/Li+ of the neutral bulk."""
    thermodynamics: Thermodynamics | None = None
    """Which law mu(x) is; goes before the material's."""
    reference: str | None = None
    """Phase whose levels and fixed charge this one has: a core has no neutral bulk of its own."""
    energy_shift: dict[str, Energy] | None = None
    """Energy added to each carrier that is named (eV), everywhere in the phase."""
    energy_decay: Annotated[
        dict[str, tuple[Energy, Length]] | None,
        Field(
            json_schema_extra={
                "allowed": "each a pair: a number in eV and one in nm, or strings with their units"
            }
        ),
    ] = None
    """Energy E (eV) and length (nm) by carrier: E exp(-d/length) at the distance d from its interfaces."""
    energy_profile: str | None = None
    """Table (CSV) of energies: z_nm from the first face of the phase, then a column of eV by carrier."""
    diffusivity_factor: PositiveNumber | None = None
    """Multiplies the diffusivities of the carriers; 1 unless given."""
    sites_factor: PositiveNumber | None = None
    """Multiplies the sites of the carriers; 1 unless given."""

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

    @property
    def shifted_carriers(self) -> dict[str, str]:
        """Carriers whose energy the phase changes, with the key that does."""
        tables = {"energy_shift": self.energy_shift, "energy_decay": self.energy_decay}
        return {name: f"{key}.{name}" for key, table in tables.items() for name in table or ()}

    def relative_to(self, folder: Path) -> Self:
        """The same settings with the path of the profile made absolute.

        Args:
            folder: of the case file.
        """
        if self.energy_profile is None:
            return self
        try:
            path = (folder / Path(self.energy_profile).expanduser()).resolve()
        except (ValueError, OSError, RuntimeError) as error:  # a NUL, a loop of links, a home of nobody
            problem = f"cannot be {shown(self.energy_profile)}: {error}"
            raise InputError(problem, key="energy_profile") from None
        return self.model_copy(update={"energy_profile": str(path)})

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if self.composition is not None and self.occupancy is not None:
            raise InputError(
                "composition and occupancy both say how full the sites are", allowed="one of the two"
            )
        if self.reference is not None and self.voltage is not None:
            raise InputError(
                f"is that of the reference, {self.reference}", key="voltage", allowed="one of the two"
            )
        return self


class Phases(Settings):
    """The phases of the cell by name, in the order of the cell. Attributes as well: `phases.electrode`."""

    model_config = ConfigDict(extra="allow")

    __pydantic_extra__: dict[str, PhaseSettings]

    if TYPE_CHECKING:  # pydantic finds extra tables as attributes

        def __getattr__(self, name: str) -> PhaseSettings: ...

    @classmethod
    def of(cls, tables: Mapping[str, PhaseSettings]) -> Self:
        """The phases of these tables, by name.

        Raises:
            pydantic.ValidationError: a name is none, or a reference leads nowhere.
        """
        return cls.model_validate(dict(tables))

    def __getitem__(self, name: str) -> PhaseSettings:
        """The table of a phase.

        Raises:
            KeyError: there is none of this name.
        """
        return self.__pydantic_extra__[name]

    def __contains__(self, name: object) -> bool:
        """Whether there is a phase of this name."""
        return name in self.__pydantic_extra__

    @property
    def names(self) -> tuple[str, ...]:
        """In order."""
        return tuple(self.__pydantic_extra__)

    @property
    def tables(self) -> dict[str, PhaseSettings]:
        """By name, in order."""
        return dict(self.__pydantic_extra__)

    def relative_to(self, folder: Path) -> Self:
        """The same phases with their paths made absolute.

        Args:
            folder: of the case file.
        """
        changed = {name: table.relative_to(folder) for name, table in self.tables.items()}
        return type(self).of(changed) if changed != self.tables else self

    def in_order(self, names: Iterable[str]) -> Self:
        """The same phases, those of the names first and as they come there."""
        order = [*(name for name in names if name in self), *self.names]
        return type(self).of({name: self[name] for name in dict.fromkeys(order)})

    @model_validator(mode="after")
    def _have_names(self) -> Self:
        for name in self.names:
            check_name(name)
        references = {name: table.reference for name, table in self.tables.items() if table.reference}
        mistakes = []
        for name, reference in references.items():
            others = [other for other in self.names if other not in (name, *references)]
            if reference not in others:
                problem = "is no phase that has levels of its own"
                wrong = InputError(f"{reference} {problem}", key="reference", allowed=", ".join(others))
                mistakes.append(((name,), wrong))
        if mistakes:
            raise complaints("phase", mistakes)
        return self
