"""A carrier of a material: a way in which it holds a component (an interstitial, a vacancy, an electron)."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import StrictBool, StrictInt, model_validator

from scl_fem.errors import InputError
from scl_fem.materials.laws import DefectLawName, DiffusivityLawName, law_defaults
from scl_fem.settings import Name, Settings
from scl_fem.units import (
    Concentration,
    Energy,
    NonNegativeDiffusivity,
    NonNegativeEnergy,
    PositiveNumber,
    Temperature,
)

MEASURES = ("occupancy", "energy", "concentration")
"""Keys that say how many of a carrier the neutral bulk has: one of them."""


class CarrierSettings(Settings):
    """One carrier: its charge, its sites, how full they are in the neutral bulk, how it moves."""

    name: Name
    """Of the carrier, for paths and results."""
    component: Name | None = None
    """What it holds: Li+, Na+, Ag+, H+, O2-, e- or one of the case's own; a carrier that gives its charge
    and no component is a component of its own."""
    amount: Literal[1, -1] = 1
    """Of the component: 1 (interstitial, ion on its lattice, electron) or -1 (vacancy, hole)."""
    charge: StrictInt | None = None
    """Charge number of the carrier, amount times that of its component; defines an unknown component."""
    statistics: Literal["lattice", "dilute", "fermi"] = "lattice"
    """ln(y/(1 - y)) on sites; ln y; or electrons in a parabolic band, sites their density of states."""
    shared: Name | None = None
    """Name of a group of carriers that compete for the same sites."""
    sites: Concentration | None = None
    """N (1/nm^3); a dilute carrier with a concentration needs none."""
    occupancy: PositiveNumber | None = None
    """y_0 of the neutral bulk, held at every temperature; or"""
    energy: Energy | None = None
    """formation energy E there (eV): y_0 = 1/(1 + exp(E/kT)); or"""
    concentration: Concentration | None = None
    """y_0 N (1/nm^3)."""
    regular_solution: Energy | None = None
    """Omega (eV)."""
    defect_energy: NonNegativeEnergy | None = None
    """E_M (eV)."""
    defect_law: DefectLawName | None = None
    """Name of the law g(d) of interacting defects."""
    defect_floor: PositiveNumber | None = None
    """s of the cube-root law."""
    diffusivity: NonNegativeDiffusivity | None = None
    """D* (cm^2/s) at the reference temperature; a frozen carrier needs none."""
    diffusivity_min: NonNegativeDiffusivity | None = None
    """D_min (cm^2/s)."""
    diffusivity_law: DiffusivityLawName | None = None
    """Name of the law D(y)."""
    diffusivity_activation_energy: NonNegativeEnergy | None = None
    """E_D (eV): D*(T) = D* exp(-(E_D/k)(1/T - 1/T_ref))."""
    reference_temperature: Temperature | None = None
    """T_ref (K), at which the diffusivities hold."""
    frozen: StrictBool | None = None
    """Whether it cannot move and is spread evenly; or"""
    frozen_at: Temperature | None = None
    """K: it cannot move and keeps the distribution that it had in equilibrium there."""

    @property
    def is_mobile(self) -> bool:
        """Whether it moves."""
        return not self.frozen and self.frozen_at is None

    @property
    def measure(self) -> str | None:
        """Which key says how many of it the neutral bulk has, None where none does."""
        return next((key for key in MEASURES if getattr(self, key) is not None), None)

    @property
    def component_name(self) -> str:
        """The component that it holds."""
        return self.component or self.name

    @property
    def bulk_occupancy(self) -> float | None:
        """y_0 of the neutral bulk, None where its energy says it, or nothing here."""
        if self.concentration is None:
            return self.occupancy
        return self.concentration / (self.sites or self.concentration)

    @model_validator(mode="after")
    def _says_each_thing_once(self) -> Self:
        given = [key for key in MEASURES if getattr(self, key) is not None]
        if len(given) > 1:
            problem = f"{' and '.join(given)} both say how many there are"
            raise InputError(problem, key=given[-1], allowed=f"one of {', '.join(MEASURES)}")
        if self.component is None and self.charge is None:
            raise InputError("is missing", key="component", allowed="a component, or charge = a number")
        if self.charge == 0:
            raise InputError("cannot be 0", key="charge", allowed="a whole number, positive or negative")
        if self.frozen is False and self.frozen_at is not None:
            raise InputError("contradicts frozen_at", key="frozen", allowed="one of the two")
        return self

    @model_validator(mode="after")
    def _has_its_sites(self) -> Self:
        if self.sites is None and not (self.statistics == "dilute" and self.concentration is not None):
            allowed = 'a number in 1/nm^3; only statistics = "dilute" with a concentration does without'
            raise InputError("is missing", key="sites", allowed=allowed)
        if self.shared is not None and self.statistics != "lattice":
            raise InputError(
                f'goes with statistics = "lattice", not "{self.statistics}"', key="shared", allowed="lattice"
            )
        full = self.bulk_occupancy
        if self.statistics == "lattice" and full is not None and full >= 1.0:
            key = "occupancy" if self.concentration is None else "concentration"
            limit = 1.0 if self.concentration is None else self.sites
            raise InputError(f"must be less than {limit:g}, not {getattr(self, key):g}", key=key)
        return self

    def resolved(self, charge_number: int) -> CarrierSettings:
        """The same carrier with every default written out.

        Args:
            charge_number: of its component.

        Raises:
            InputError: something that it needs is missing, or its charge is another.
        """
        if self.charge is not None and self.charge != self.amount * charge_number:
            raise InputError(
                f"is {self.charge}, but component {self.component_name} has charge {charge_number} "
                f"and amount is {self.amount}",
                key="charge",
                allowed=f"{self.amount * charge_number}, or leave it out",
            )
        if self.defect_law not in (None, "none") and self.defect_energy is None:
            raise InputError(f'is missing, and defect_law "{self.defect_law}" needs it', key="defect_energy")
        if self.is_mobile and self.diffusivity is None:
            raise InputError("is missing", key="diffusivity", allowed="a number in cm^2/s, or frozen = true")
        defaults = law_defaults(self.defect_energy, self.diffusivity_min)
        missing = {key: value for key, value in defaults.items() if getattr(self, key) is None}
        own = {"component": self.component_name, "charge": self.amount * charge_number, "amount": self.amount}
        return self.model_validate({**self.model_dump(exclude_none=True), **missing, **own})
