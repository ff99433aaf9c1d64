"""Laws of the interface and boundaries at the terminals: the tables [interface] and [boundary]."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from scl_fem.case import boundary, interface, interface_function
from scl_fem.constructors.making import Quantity, constructor, made

type Course = Quantity | Sequence[tuple[Quantity, Quantity]]
"""A constant, or pairs of time (s) and value, linear between them: [(0, 0), ("1 us", "1 mA/cm^2")]."""


@constructor
def Perfect(
    *, surface_charge: Quantity | None = None, sites: interface.InterfaceSites | None = None
) -> interface.PerfectContact:
    """Interface: phi and mu_e are continuous.

    Args:
        surface_charge: fixed charge of the interface, e/nm^2; 0.
        sites: `Sites(...)` of its own.

    Raises:
        InputError: a value is wrong.
    """
    return made(interface.PerfectContact, surface_charge=surface_charge, sites=sites)


@constructor
def Sites(density: Quantity, energy: Quantity, *, component: str | None = None) -> interface.InterfaceSites:
    """Sites of an interface itself, in equilibrium with both sides.

    Args:
        density: 1/nm^2.
        energy: formation energy on them, eV.
        component: what sits on them; "Li+".

    Raises:
        InputError: a value is wrong.
    """
    return made(interface.InterfaceSites, density=density, energy=energy, component=component)


@constructor
def Exchange(
    exchange_current_density: Quantity,
    *,
    activation_energy: Quantity | None = None,
    reference_temperature: Quantity | None = None,
    transfer_coefficient: Quantity | None = None,
    kinetics: Literal["constant", "butler-volmer", "coupled-ion-electron"] | None = None,
    orders: Mapping[str, tuple[float, float]] | None = None,
    carriers: Mapping[str, str] | None = None,
    component: str | None = None,
    surface_charge: Quantity | None = None,
    sites: interface.InterfaceSites | None = None,
) -> interface.ExchangeInterface:
    """Interface: finite exchange kinetics, i = j_0 [exp(a A/kT) - exp(-(1 - a) A/kT)], A = [mu_e].

    Args:
        exchange_current_density: j_0 at the reference temperature, mA/cm^2.
        activation_energy: of j_0, eV; 0.
        reference_temperature: at which j_0 holds, K; 298.15.
        transfer_coefficient: a; one half.
        kinetics: how j_0 depends on the occupancies of both sides; "constant"; or
        orders: exponents (a, b) of x^a (1 - x)^b by phase.
        carriers: by phase the carrier whose occupancy counts; the component's first.
        component: that it is the law of; "Li+".
        surface_charge: fixed charge of the interface, e/nm^2; 0.
        sites: `Sites(...)` of its own.

    Raises:
        InputError: a value is wrong.
    """
    return made(
        interface.ExchangeInterface,
        exchange_current_density=exchange_current_density,
        activation_energy=activation_energy,
        reference_temperature=reference_temperature,
        transfer_coefficient=transfer_coefficient,
        kinetics=kinetics,
        orders=orders,
        carriers=carriers,
        component=component,
        surface_charge=surface_charge,
        sites=sites,
    )


@constructor
def Layer(
    thickness: Quantity,
    conductivity: Quantity,
    *,
    dipole: Quantity | None = None,
    barrier: Quantity | None = None,
    component: str | None = None,
    surface_charge: Quantity | None = None,
    sites: interface.InterfaceSites | None = None,
) -> interface.LayerInterface:
    """Interface: a thin interphase or grain boundary, ohmic, with a barrier and a dipole.

    Args:
        thickness: nm; thin against the layers of space charge, which are not resolved inside it.
        conductivity: S/cm, before the barrier.
        dipole: step of phi across it, electrode - electrolyte, V; 0.
        barrier: E_b, eV: multiplies the conductivity by exp(-E_b/kT); 0.
        component: that it is the law of; "Li+".
        surface_charge: fixed charge of the interface, e/nm^2; 0.
        sites: `Sites(...)` of its own.

    Raises:
        InputError: a value is wrong.
    """
    return made(
        interface.LayerInterface,
        thickness=thickness,
        conductivity=conductivity,
        dipole=dipole,
        barrier=barrier,
        component=component,
        surface_charge=surface_charge,
        sites=sites,
    )


def Law(law: str | Callable[..., Any], **keys: Any) -> interface.InterfaceSettings:
    """Interface: a law by its name, or a function that was entered with `scl_fem.interface_law`.

    Args:
        law: which.
        keys: of its table: its parameters, `component`, `carriers`, `surface_charge`, `sites`.

    Raises:
        InputError: there is no such law, or a value is wrong.
    """
    name = law if isinstance(law, str) else interface_function.name_of(law)
    return made(interface.INTERFACE_LAWS[name], **keys)


@constructor
def Closed() -> boundary.ClosedBoundary:
    """Boundary: no flux and no field at the ends; Li is conserved."""
    return made(boundary.ClosedBoundary)


@constructor
def Bulk(*, exchanges: Sequence[str] | None = None) -> boundary.BulkBoundary:
    """Boundary: held at bulk composition by a reservoir.

    Args:
        exchanges: components; every mobile one of the phase.

    Raises:
        InputError: a value is wrong.
    """
    return made(boundary.BulkBoundary, exchanges=exchanges)


@constructor
def Metal(
    *,
    potential: Quantity | None = None,
    surface_charge: Quantity | None = None,
    floating: bool | None = None,
    stern_capacitance: Quantity | None = None,
) -> boundary.MetalContact:
    """Boundary: a metal, which blocks ions and exchanges electrons where the phase has any.

    Args:
        potential: of the metal against the neutral bulk of its phase, V; 0; or
        surface_charge: its charge per area, e/nm^2; or
        floating: true: no charge.
        stern_capacitance: of a layer in series, uF/cm^2; none.

    Raises:
        InputError: a value is wrong.
    """
    return made(
        boundary.MetalContact,
        potential=potential,
        surface_charge=surface_charge,
        floating=floating,
        stern_capacitance=stern_capacitance,
    )


@constructor
def Current(current_density: Course) -> boundary.CurrentBoundary:
    """Boundary: a current of Li+ enters at one terminal and leaves at the other.

    Args:
        current_density: per area of the interface, electrode to electrolyte, mA/cm^2; constant, or pairs of
            time (s) and value.

    Raises:
        InputError: a value is wrong.
    """
    return made(boundary.CurrentBoundary, current_density=current_density)


@constructor
def Voltage(voltage: Course) -> boundary.VoltageBoundary:
    """Boundary: both ends are reservoirs, and a voltage lies between them on top of the potential step.

    Args:
        voltage: electrode against electrolyte, V; constant, or pairs of time (s) and value.

    Raises:
        InputError: a value is wrong.
    """
    return made(boundary.VoltageBoundary, voltage=voltage)
