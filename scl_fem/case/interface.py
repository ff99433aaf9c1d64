"""The table [interface]: laws of contact between the phases, by name.

A law is a table with its keys, entered in `INTERFACE_LAWS`, that makes the physics for what crosses where.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Literal, Self

from pydantic import model_validator

from scl_fem.constants import MILLIAMPERE_PER_CM2, ROOM_TEMPERATURE, SIEMENS_PER_CM
from scl_fem.errors import InputError
from scl_fem.mesh.domain import ELECTRODE, ELECTROLYTE
from scl_fem.physics import interface as physics
from scl_fem.physics.diffusivity import arrhenius
from scl_fem.physics.exchange_kinetics import KINETICS, ExchangeKinetics, FollowingExchange, Orders
from scl_fem.physics.filling import FillingFactor
from scl_fem.physics.interface import Between, InterfaceLaw, barrier_factor
from scl_fem.physics.thin_layer import ThinLayer
from scl_fem.registry import Registry
from scl_fem.settings import Name, Settings
from scl_fem.units import (
    Conductivity,
    Energy,
    Length,
    NonNegativeEnergy,
    Number,
    Share,
    SurfaceCharge,
    SurfaceDensity,
    Temperature,
    Voltage,
    quantity,
)

ExchangeCurrentDensity = Annotated[float, *quantity("mA/cm^2", gt=0)]

BETWEEN = "|"
"""Stands between the names of two phases in that of their interface."""


class InterfaceSites(Settings):
    """Sites of the interface itself, in equilibrium with both sides."""

    component: str = "Li+"
    """What sits on them."""
    density: SurfaceDensity
    """Sites per area (1/nm^2)."""
    energy: Energy
    """Formation energy on them (eV)."""


class InterfaceSettings(Settings):
    """A law of the interface; each has its own keys."""

    law: str
    surface_charge: SurfaceCharge | None = None
    """Fixed charge of the interface (e/nm^2); 0 unless given."""
    sites: InterfaceSites | None = None
    """Sites of its own."""

    @property
    def named_components(self) -> dict[str, str]:
        """Components that it names, by the key."""
        return {"sites.component": self.sites.component} if self.sites else {}

    @property
    def potential_step(self) -> float:
        """By how much phi of the first phase is above that of the second there, V."""
        return 0.0

    @abstractmethod
    def made_for(self, between: Between) -> InterfaceLaw:
        """The physics of it for a component that it is the law of.

        Args:
            between: what crosses where.
        """


class OneComponentLaw(InterfaceSettings):
    """A law for one component; what else both sides hold crosses freely."""

    component: str | None = None
    """Component that it is the law of; "Li+" unless given."""

    @property
    def component_name(self) -> str:
        """The component that it is the law of."""
        return self.component or "Li+"

    @property
    def named_components(self) -> dict[str, str]:
        """Components that it names, by the key."""
        return {"component": self.component_name, **super().named_components}


class FollowingLaw(OneComponentLaw):
    """A law that may follow the occupancies of both sides."""

    carriers: dict[str, Name] | None = None
    """By phase the carrier whose occupancy counts; the component's first unless given."""

    @property
    def follows_occupancies(self) -> bool:
        """Whether the current depends on the occupancies of both sides."""
        return True

    @model_validator(mode="after")
    def _carriers_count(self) -> Self:
        if self.carriers is not None and not self.follows_occupancies:
            raise InputError("the law follows no occupancy", key="carriers", allowed="leave it out")
        return self


INTERFACE_LAWS: Registry[type[InterfaceSettings]] = Registry("interface law")


@INTERFACE_LAWS.register("perfect")
class PerfectContact(InterfaceSettings):
    """phi and mu_e are continuous."""

    law: Literal["perfect"] = "perfect"

    def made_for(self, between: Between) -> InterfaceLaw:
        """Of every component."""
        return physics.PerfectContact()


@INTERFACE_LAWS.register("exchange")
class ExchangeInterface(FollowingLaw):
    """Finite exchange kinetics: mu_e jumps, i = j_0 [exp(a A/kT) - exp(-(1 - a) A/kT)], A = [mu_e]."""

    law: Literal["exchange"] = "exchange"
    exchange_current_density: ExchangeCurrentDensity
    """j_0 (mA/cm^2) at the reference temperature."""
    activation_energy: NonNegativeEnergy = 0.0
    """Of j_0 (eV)."""
    reference_temperature: Temperature = ROOM_TEMPERATURE
    """At which j_0 holds (K)."""
    transfer_coefficient: Share | None = None
    """a; one half unless given: i = 2 j_0 sinh(A/2kT)."""
    kinetics: Literal["constant", "butler-volmer", "coupled-ion-electron"] | None = None
    """How j_0 depends on the occupancies of both sides; "constant" unless given."""
    orders: dict[str, tuple[Number, Number]] | None = None
    """Or the exponents [a, b] of x^a (1 - x)^b for each of the two phases."""

    @model_validator(mode="after")
    def _one_kinetics(self) -> Self:
        if self.orders is not None and self.kinetics is not None:
            raise InputError("kinetics says them already", key="orders", allowed="one of the two")
        return self

    @property
    def follows_occupancies(self) -> bool:
        """Whether j_0 depends on the occupancies of both sides."""
        return self.orders is not None or self.kinetics not in (None, "constant")

    def orders_of(self, pair: tuple[str, str]) -> tuple[Orders, Orders]:
        """The exponents of both sides of an interface.

        Args:
            pair: names of its phases, in their order. Named kinetics take for the electrode the phase called
                that, else the one beside the phase called electrolyte, else the one that is named first.
        """
        if self.orders is not None:
            return self.orders[pair[0]], self.orders[pair[1]]
        electrode, electrolyte = KINETICS[self.kinetics or "constant"]
        if pair[1] == ELECTRODE or (pair[0] == ELECTROLYTE and pair[1] != ELECTRODE):
            return electrolyte, electrode
        return electrode, electrolyte

    def made_for(self, between: Between) -> InterfaceLaw:
        """Butler-Volmer kinetics, j_0 at the temperature of the case."""
        factor = arrhenius(self.activation_energy, between.temperature, self.reference_temperature)
        constant = ExchangeKinetics(
            self.exchange_current_density * factor / MILLIAMPERE_PER_CM2,
            between.thermal_energy,
            transfer_coefficient=0.5 if self.transfer_coefficient is None else self.transfer_coefficient,
        )
        if not self.follows_occupancies:
            return constant
        pairs = zip(between.carriers(self.carriers), self.orders_of(between.pair), strict=True)
        first, second = (FillingFactor(carrier, *orders) for carrier, orders in pairs)
        return FollowingExchange(constant, first, second)


@INTERFACE_LAWS.register("layer")
class LayerInterface(OneComponentLaw):
    """A thin interphase or grain boundary: ohmic, with a barrier and a dipole."""

    law: Literal["layer"] = "layer"
    thickness: Length
    """nm; thin against the layers of space charge, which are not resolved inside it."""
    conductivity: Conductivity
    """S/cm, before the barrier."""
    dipole: Voltage = 0.0
    """Step of phi across it, electrode - electrolyte (V)."""
    barrier: NonNegativeEnergy = 0.0
    """E_b (eV): multiplies the conductivity by exp(-E_b/kT)."""

    @property
    def potential_step(self) -> float:
        """By how much phi of the first phase is above that of the second there, V."""
        return self.dipole

    def made_for(self, between: Between) -> InterfaceLaw:
        """Ohm's law."""
        factor = barrier_factor(self.barrier, between.thermal_energy)
        conductance = self.conductivity / SIEMENS_PER_CM / self.thickness * factor
        return ThinLayer(conductance, self.dipole, between.component.charge_number)
