"""The table [interface]: laws of contact between the phases, by name."""

from __future__ import annotations

from typing import Annotated, Literal

from scl_fem.constants import ROOM_TEMPERATURE
from scl_fem.registry import Registry
from scl_fem.settings import Settings
from scl_fem.units import Conductivity, Length, NonNegativeEnergy, Temperature, Voltage, quantity

ExchangeCurrentDensity = Annotated[float, *quantity("mA/cm^2", gt=0)]


class InterfaceSettings(Settings):
    """A law of the interface; each has its own keys."""

    law: str


INTERFACE_LAWS: Registry[type[InterfaceSettings]] = Registry("interface law")


@INTERFACE_LAWS.register("perfect")
class PerfectContact(InterfaceSettings):
    """phi and mu_e are continuous."""

    law: Literal["perfect"] = "perfect"


@INTERFACE_LAWS.register("exchange")
class ExchangeInterface(InterfaceSettings):
    """Finite exchange kinetics: mu_e jumps, i = 2 j_0 sinh([mu_e]/(2kT))."""

    law: Literal["exchange"] = "exchange"
    exchange_current_density: ExchangeCurrentDensity
    """j_0 (mA/cm^2) at the reference temperature."""
    activation_energy: NonNegativeEnergy = 0.0
    """Of j_0 (eV)."""
    reference_temperature: Temperature = ROOM_TEMPERATURE
    """At which j_0 holds (K)."""


@INTERFACE_LAWS.register("layer")
class LayerInterface(InterfaceSettings):
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
