"""Laws of the current that passes the interface between the phases.

Every law but perfect contact lets mu_e jump, and gives the current density as a function of the
jump [mu_e] = mu_e of the electrode - mu_e of the electrolyte (eV), positive towards the
electrolyte. A dipole makes phi jump by a constant, phi of the electrode - phi of the electrolyte.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from scl_fem.physics.types import Array

_STRAIGHT = 300.0
"""[mu_e]/2kT beyond which the law goes on straight: only stray iterates get there, and must not overflow."""


class InterfaceLaw(Protocol):
    """What happens at the interface."""

    @property
    def dipole(self) -> float:
        """Jump of phi in V."""

    @property
    def conductance(self) -> float | None:
        """Small-signal conductance per area, e/(V s nm^2); None where mu_e does not jump."""

    def current(self, jump: Array) -> Array:
        """Current density in e/(nm^2 s) at jumps of mu_e in eV."""

    def current_slope(self, jump: Array) -> Array:
        """d(current)/d(jump) in e/(nm^2 s eV)."""


@dataclass(frozen=True)
class PerfectContact:
    """phi and mu_e are continuous."""

    dipole: float = 0.0

    @property
    def conductance(self) -> float | None:
        """None: there is no jump."""
        return None

    def current(self, jump: Array) -> Array:
        """Not a function of a jump that is not there."""
        raise ValueError("mu_e does not jump at a perfect contact")

    current_slope = current


@dataclass(frozen=True)
class ExchangeKinetics:
    """Symmetric Butler-Volmer kinetics: i = 2 j_0 sinh([mu_e]/(2 kT)).

    Attributes:
        exchange_current_density: j_0 in e/(nm^2 s).
        thermal_energy: kT in eV.
        dipole: jump of phi in V.
    """

    exchange_current_density: float
    thermal_energy: float
    dipole: float = 0.0

    @property
    def conductance(self) -> float:
        """e j_0/kT: its inverse is RT/(F j_0) (Horvai 1991)."""
        return self.exchange_current_density / self.thermal_energy

    def current(self, jump: Array) -> Array:
        """See `InterfaceLaw`."""
        half = np.asarray(jump) / (2.0 * self.thermal_energy)
        bent = np.clip(half, -_STRAIGHT, _STRAIGHT)
        return 2.0 * self.exchange_current_density * (np.sinh(bent) + np.cosh(bent) * (half - bent))

    def current_slope(self, jump: Array) -> Array:
        """See `InterfaceLaw`."""
        half = np.asarray(jump) / (2.0 * self.thermal_energy)
        return self.conductance * np.cosh(np.clip(half, -_STRAIGHT, _STRAIGHT))


@dataclass(frozen=True)
class ThinLayer:
    """An ohmic interphase or grain boundary, thin against everything else: i = G [mu_e]/e.

    Attributes:
        conductance: sigma/thickness in e/(V s nm^2), barrier included.
        dipole: jump of phi in V.
    """

    conductance: float
    dipole: float = 0.0

    def current(self, jump: Array) -> Array:
        """See `InterfaceLaw`."""
        return self.conductance * jump

    def current_slope(self, jump: Array) -> Array:
        """See `InterfaceLaw`."""
        return np.full_like(jump, self.conductance)


def barrier_factor(barrier: float, thermal_energy: float) -> float:
    """exp(-E_b/kT): what a barrier leaves of an exchange current or a conductivity.

    Args:
        barrier: E_b in eV.
        thermal_energy: kT in eV.
    """
    return float(np.exp(-barrier / thermal_energy))
