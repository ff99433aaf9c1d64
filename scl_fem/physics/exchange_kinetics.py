"""Finite exchange kinetics of an interface (Butler and Volmer)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from scl_fem.physics.interface import CurrentDensity, SideState
from scl_fem.physics.types import Array

_STRAIGHT = 300.0
"""[mu~]/2kT beyond which the law goes on straight: only stray iterates get there, and must not overflow."""


@dataclass(frozen=True)
class ExchangeKinetics:
    """Symmetric Butler-Volmer kinetics: i = 2 j_0 sinh([mu~]/(2 kT)).

    Attributes:
        exchange_current_density: j_0 in e/(nm^2 s).
        thermal_energy: kT in eV.
        dipole: jump of phi in V.
    """

    exchange_current_density: float
    thermal_energy: float
    dipole: float = 0.0
    follows_occupancies: ClassVar[bool] = False

    @property
    def conductance(self) -> float:
        """j_0/kT: the resistance of z = 1 is RT/(F j_0) (Horvai 1991)."""
        return self.exchange_current_density / self.thermal_energy

    def current(self, jump: Array, first: SideState, second: SideState) -> CurrentDensity:
        """See `InterfaceLaw`."""
        half = np.asarray(jump) / (2.0 * self.thermal_energy)
        bent = np.clip(half, -_STRAIGHT, _STRAIGHT)
        value = 2.0 * self.exchange_current_density * (np.sinh(bent) + np.cosh(bent) * (half - bent))
        return CurrentDensity(value, self.conductance * np.cosh(bent))
