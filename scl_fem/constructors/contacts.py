"""Laws of the interface and boundaries at the terminals: the tables [interface] and [boundary]."""

from __future__ import annotations

from collections.abc import Sequence

from scl_fem.case import boundary, interface
from scl_fem.constructors.making import Quantity, constructor, made

type Course = Quantity | Sequence[tuple[Quantity, Quantity]]
"""A constant, or pairs of time (s) and value, linear between them: [(0, 0), ("1 us", "1 mA/cm^2")]."""


@constructor
def Perfect() -> interface.PerfectContact:
    """Interface: phi and mu_e are continuous."""
    return made(interface.PerfectContact)


@constructor
def Exchange(
    exchange_current_density: Quantity,
    *,
    activation_energy: Quantity | None = None,
    reference_temperature: Quantity | None = None,
) -> interface.ExchangeInterface:
    """Interface: finite exchange kinetics, i = 2 j_0 sinh([mu_e]/(2kT)).

    Args:
        exchange_current_density: j_0 at the reference temperature, mA/cm^2.
        activation_energy: of j_0, eV; 0.
        reference_temperature: at which j_0 holds, K; 298.15.

    Raises:
        InputError: a value is wrong.
    """
    return made(
        interface.ExchangeInterface,
        exchange_current_density=exchange_current_density,
        activation_energy=activation_energy,
        reference_temperature=reference_temperature,
    )


@constructor
def Layer(
    thickness: Quantity,
    conductivity: Quantity,
    *,
    dipole: Quantity | None = None,
    barrier: Quantity | None = None,
) -> interface.LayerInterface:
    """Interface: a thin interphase or grain boundary, ohmic, with a barrier and a dipole.

    Args:
        thickness: nm; thin against the layers of space charge, which are not resolved inside it.
        conductivity: S/cm, before the barrier.
        dipole: step of phi across it, electrode - electrolyte, V; 0.
        barrier: E_b, eV: multiplies the conductivity by exp(-E_b/kT); 0.

    Raises:
        InputError: a value is wrong.
    """
    return made(
        interface.LayerInterface,
        thickness=thickness,
        conductivity=conductivity,
        dipole=dipole,
        barrier=barrier,
    )


@constructor
def Closed() -> boundary.ClosedBoundary:
    """Boundary: no flux and no field at the ends; Li is conserved."""
    return made(boundary.ClosedBoundary)


@constructor
def Bulk() -> boundary.BulkBoundary:
    """Boundary: both ends are held at bulk composition by reservoirs."""
    return made(boundary.BulkBoundary)


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
