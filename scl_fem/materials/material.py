"""A material: the numbers of one phase, each optional until something needs it."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from scl_fem.complaints import complaint
from scl_fem.constants import ROOM_TEMPERATURE
from scl_fem.errors import InputError
from scl_fem.materials.curves import CompositionTable, OpenCircuitCurve
from scl_fem.registry import Registry
from scl_fem.settings import Settings
from scl_fem.units import (
    Concentration,
    Diffusivity,
    Energy,
    NonNegativeDiffusivity,
    NonNegativeEnergy,
    Occupancy,
    PositiveNumber,
    Temperature,
    Voltage,
)

# Keys that say the same thing in two ways, or of which one takes precedence: who gives one of them anew
# does not want the other of the library.
_DISPLACED_BY = {
    "occupancy": "bulk_concentration",
    "bulk_concentration": "occupancy",
    "open_circuit": "voltage",
}


Thermodynamics = Literal["regular-solution", "open-circuit"]


class Material(Settings):
    """Physical data of one phase. What a source does not give is absent (None)."""

    name: str = ""
    formula: str | None = None
    description: str | None = None
    notes: str | None = None
    c_max: Concentration | None = None
    """Sites of the mobile ion (1/nm^3)."""
    occupancy: Occupancy | None = None
    """Default occupancy x_0 of the neutral bulk."""
    bulk_concentration: Concentration | None = None
    """Default c_0 of the neutral bulk (1/nm^3), instead of occupancy: x_0 = c_0/c_max."""
    voltage: Voltage | None = None
    """V against Li/Li+ of the neutral bulk; goes before the open-circuit curve."""
    permittivity: PositiveNumber | None = None
    """eps_r, relative to vacuum."""
    regular_solution: Energy | None = None
    """Omega (eV)."""
    defect_energy: NonNegativeEnergy | None = None
    """E_M (eV per ion)."""
    defect_law: str | None = None
    """Name of the law g(d) of interacting defects."""
    defect_floor: PositiveNumber | None = None
    """s of the cube-root law."""
    diffusivity: Diffusivity | None = None
    """D* (cm^2/s) at the reference temperature."""
    diffusivity_min: NonNegativeDiffusivity | None = None
    """D_min (cm^2/s)."""
    diffusivity_law: str | None = None
    """Name of the law D(x)."""
    diffusivity_activation_energy: NonNegativeEnergy | None = None
    """E_D (eV): D*(T) = D* exp(-(E_D/k)(1/T - 1/T_ref))."""
    reference_temperature: Temperature | None = None
    """T_ref (K), at which the diffusivities hold."""
    thermodynamics: Thermodynamics | None = None
    """Which law mu(x) is: "regular-solution" unless given, or "open-circuit": the table open_circuit."""
    composition: CompositionTable | None = None
    open_circuit: OpenCircuitCurve | None = None
    sources: dict[str, str] = Field(default_factory=dict)
    """Where each number was read, by key."""

    @field_validator("defect_law", "diffusivity_law", mode="before")
    @classmethod
    def _name_of_function(cls, law: Any, info: ValidationInfo) -> Any:
        """A function that was entered as a law stands for its name."""
        if not callable(law):
            return law
        from scl_fem.physics.functions import law_name

        try:
            return law_name(_laws(info.field_name), law)
        except InputError as error:
            raise complaint(error.problem, error.allowed) from None

    @field_validator("open_circuit", mode="before")
    @classmethod
    def _curve_of_function(cls, curve: Any) -> Any:
        """A function of the occupancy stands for its curve."""
        if not callable(curve):
            return curve
        try:
            return OpenCircuitCurve.of_function(curve)
        except InputError as error:
            raise complaint(error.problem, error.allowed) from None

    @field_validator("defect_law", "diffusivity_law")
    @classmethod
    def _law_exists(cls, name: str | None, info: ValidationInfo) -> str | None:
        if name is not None:
            try:
                _laws(info.field_name)[name]
            except InputError as error:
                raise complaint(error.problem, error.allowed) from None
        return name

    @model_validator(mode="after")
    def _says_each_thing_once(self) -> Self:
        if self.occupancy is not None and self.bulk_concentration is not None:
            raise InputError(
                "occupancy and bulk_concentration both say how full the sites are", allowed="one of the two"
            )
        if self.c_max is not None and (self.bulk_concentration or 0.0) >= self.c_max:
            problem = f"must be less than c_max = {self.c_max:g}, not {self.bulk_concentration:g}"
            raise InputError(problem, key="bulk_concentration")
        return self

    def require(self, key: str) -> Any:
        """The value of a key that a computation cannot do without.

        Raises:
            InputError: the material does not have it.
        """
        value = getattr(self, key)
        if value is None:
            raise InputError(
                f"material {self.name} has no {key}, which this computation needs",
                key=f"materials.{self.name}.{key}",
                allowed=f"give it as {key} in [materials.{self.name}]",
            )
        return value

    def bulk_occupancy(self) -> float | None:
        """The default x_0 of the neutral bulk, None where the material has none."""
        if self.bulk_concentration is None:
            return self.occupancy
        return self.bulk_concentration / float(self.require("c_max"))

    def overridden_by(self, other: Material) -> Material:
        """This material with the keys that `other` gives taken from there, sources included.

        Raises:
            pydantic.ValidationError: the two do not fit together.
        """
        given = other.model_dump(exclude_unset=True, exclude_none=True)
        mine = self.model_dump(exclude_none=True)
        for key, displaced in _DISPLACED_BY.items():
            if key in given and displaced not in given:
                mine.pop(displaced, None)
        sources = {key: text for key, text in self.sources.items() if key not in given and key in mine}
        return Material.model_validate({**mine, **given, "sources": sources | other.sources})

    def resolved(self) -> Material:
        """The same material with every default of the model written out (docs/model.md).

        Raises:
            InputError: it names a law without the number that the law needs.
        """
        law = "none" if self.defect_energy is None else "excess-cube-root"
        if self.defect_law not in (None, "none") and self.defect_energy is None:
            self.require("defect_energy")
        defaults = {
            "regular_solution": 0.0,
            "defect_law": law,
            "defect_energy": 0.0,
            "defect_floor": 1e-6,
            "diffusivity_law": "constant" if self.diffusivity_min is None else "vacancy-bulk",
            "diffusivity_min": 0.0,
            "diffusivity_activation_energy": 0.0,
            "reference_temperature": ROOM_TEMPERATURE,
        }
        missing = {key: value for key, value in defaults.items() if getattr(self, key) is None}
        return self.model_copy(update=missing)


def _laws(key: str | None) -> Registry[Any]:
    """The laws that a key may name; a case that names none loads none."""
    if key == "defect_law":
        from scl_fem.physics.defects import DEFECT_LAWS

        return DEFECT_LAWS
    from scl_fem.physics.diffusivity import DIFFUSIVITY_LAWS

    return DIFFUSIVITY_LAWS
