"""A material: the numbers of one phase, each optional until something needs it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from scl_fem.complaints import complaint
from scl_fem.errors import InputError
from scl_fem.materials.carrier import CarrierSettings
from scl_fem.materials.curves import CompositionTable, OpenCircuitCurve
from scl_fem.materials.laws import DefectLawName, DiffusivityLawName, law_defaults
from scl_fem.physics.components import LITHIUM
from scl_fem.settings import NamedBy, Settings
from scl_fem.units import (
    ChargeDensity,
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

ONE_CARRIER = (
    "c_max",
    "occupancy",
    "bulk_concentration",
    "regular_solution",
    "defect_energy",
    "defect_law",
    "defect_floor",
    "diffusivity",
    "diffusivity_min",
    "diffusivity_law",
    "diffusivity_activation_energy",
    "reference_temperature",
)
"""Keys of the short form: of the one carrier of Li+ of a material that has no list of carriers."""


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
    defect_law: DefectLawName | None = None
    """Name of the law g(d) of interacting defects."""
    defect_floor: PositiveNumber | None = None
    """s of the cube-root law."""
    diffusivity: Diffusivity | None = None
    """D* (cm^2/s) at the reference temperature."""
    diffusivity_min: NonNegativeDiffusivity | None = None
    """D_min (cm^2/s)."""
    diffusivity_law: DiffusivityLawName | None = None
    """Name of the law D(x)."""
    diffusivity_activation_energy: NonNegativeEnergy | None = None
    """E_D (eV): D*(T) = D* exp(-(E_D/k)(1/T - 1/T_ref))."""
    reference_temperature: Temperature | None = None
    """T_ref (K), at which the diffusivities hold."""
    thermodynamics: Thermodynamics | None = None
    """Which law mu(x) of the first carrier is: "regular-solution" unless given, or the table open_circuit."""
    carriers: Annotated[tuple[CarrierSettings, ...], NamedBy("name"), Field(min_length=1)] | None = None
    """What moves, or is frozen, and carries charge; in place of the keys of one carrier of Li+."""
    levels: dict[str, Energy] | None = None
    """Level of each component but Li+ (eV): its electrochemical potential in the neutral bulk."""
    fixed_charge: ChargeDensity | None = None
    """Charge of dopants and the immobile sublattice (e/nm^3); what makes the bulk neutral unless given."""
    composition: CompositionTable | None = None
    open_circuit: OpenCircuitCurve | None = None
    sources: dict[str, str] = Field(default_factory=dict)
    """Where each number was read, by key."""

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

    @model_validator(mode="after")
    def _says_each_thing_once(self) -> Self:
        if self.occupancy is not None and self.bulk_concentration is not None:
            raise InputError(
                "occupancy and bulk_concentration both say how full the sites are", allowed="one of the two"
            )
        given = [key for key in ONE_CARRIER if getattr(self, key) is not None]
        if self.carriers is not None and given:
            problem = "is of a material with one carrier of Li+, and this one has a list of carriers"
            raise InputError(problem, key=given[0], allowed="keys of each carrier in the list, or no list")
        if self.levels and LITHIUM.name in self.levels:
            key = f"levels.{LITHIUM.name}"
            raise InputError("is told by the voltage", key=key, allowed="voltage, against Li/Li+")
        self._check_shared_sites()
        if self.c_max is not None and (self.bulk_concentration or 0.0) >= self.c_max:
            problem = f"must be less than c_max = {self.c_max:g}, not {self.bulk_concentration:g}"
            raise InputError(problem, key="bulk_concentration")
        return self

    def _check_shared_sites(self) -> None:
        groups: dict[str, list[CarrierSettings]] = {}
        for carrier in self.carriers or ():
            if carrier.shared is not None:
                groups.setdefault(carrier.shared, []).append(carrier)
        for group, carriers in groups.items():
            first = carriers[0]
            for other in carriers[1:]:
                if other.sites != first.sites:
                    problem = f"{other.sites:g} 1/nm^3 are not the sites of {first.name}, which it shares"
                    allowed = f"{first.sites:g}, the same for all of the group '{group}'"
                    raise InputError(problem, key=f"carriers.{other.name}.sites", allowed=allowed)
            full = sum(carrier.bulk_occupancy or 0.0 for carrier in carriers)
            if full >= 1.0:
                raise InputError(
                    f"the occupancies of the group '{group}' add up to {full:g}",
                    key=f"carriers.{carriers[-1].name}.{carriers[-1].measure or 'occupancy'}",
                    allowed="less than 1 in all",
                )

    @property
    def components(self) -> tuple[str, ...]:
        """Names of the components that it holds, mobile or not, each once."""
        names = [carrier.component_name for carrier in self.carriers or ()]
        return tuple(dict.fromkeys(names)) if self.carriers else (LITHIUM.name,)

    @property
    def mobile_components(self) -> tuple[str, ...]:
        """Those of them that move."""
        if self.carriers is None:
            return (LITHIUM.name,)
        return tuple(dict.fromkeys(each.component_name for each in self.carriers if each.is_mobile))

    @property
    def mobile_carriers(self) -> tuple[str, ...]:
        """Names of the carriers that move."""
        if self.carriers is None:
            return (LITHIUM.name,)
        return tuple(each.name for each in self.carriers if each.is_mobile)

    @property
    def carrier_names(self) -> tuple[str, ...]:
        """Names of its carriers, in order; that of the short form is called as its component."""
        return tuple(each.name for each in self.carriers) if self.carriers else (LITHIUM.name,)

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
        if "carriers" in given:
            mine = {key: value for key, value in mine.items() if key not in ONE_CARRIER}
        elif given.keys() & set(ONE_CARRIER):
            mine.pop("carriers", None)
        for key, displaced in _DISPLACED_BY.items():
            if key in given and displaced not in given:
                mine.pop(displaced, None)
        sources = {key: text for key, text in self.sources.items() if key not in given and key in mine}
        return Material.model_validate({**mine, **given, "sources": sources | other.sources})

    def resolved(self) -> Material:
        """The same material with every default of its one carrier written out (docs/model.md).

        One with a list of carriers comes back as it is: `CarrierSettings.resolved` does each of them.

        Raises:
            InputError: it names a law without the number that the law needs.
        """
        if self.carriers is not None:
            return self
        if self.defect_law not in (None, "none") and self.defect_energy is None:
            self.require("defect_energy")
        defaults = law_defaults(self.defect_energy, self.diffusivity_min)
        missing = {key: value for key, value in defaults.items() if getattr(self, key) is None}
        return self.model_copy(update=missing)
