"""Finite exchange kinetics of an interface (Butler and Volmer), and what its j_0 follows.

    i = j_0 [exp(a A/kT) - exp(-(1 - a) A/kT)],    A = [mu~]
    j_0 = j_00 x^a1 (1-x)^b1 x'^a2 (1-x')^b2 / (the same in the two neutral bulks)

x of the first phase, x' of the second, at the interface. Particles flow with A whatever their charge, so that
i of an ion of charge z has the sign of z; its resistance for small currents is kT/(|z| e j_0).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from scl_fem.physics.filling import FillingFactor
from scl_fem.physics.interface import CurrentDensity, SideState
from scl_fem.physics.types import Array

_STRAIGHT = 300.0
"""Exponent beyond which the law goes on straight: only stray iterates get there, and must not overflow."""

_FURTHEST = 300.0
"""Most that ln(j_0/j_00) may be, either way, for the same reason."""

type Orders = tuple[float, float]
"""[a, b] of x^a (1 - x)^b."""

KINETICS: Final[Mapping[str, tuple[Orders, Orders]]] = {
    "butler-volmer": ((0.5, 0.5), (0.5, 0.5)),
    "coupled-ion-electron": ((0.5, 1.0), (0.5, 0.0)),
}
"""How j_0 follows the occupancies, by name: the orders in the electrode and in the electrolyte.

Coupled ion-electron transfer (Fraggedakis et al. 2020; Bazant, Faraday Discuss. 246 (2023) 60) needs a
vacancy of the electrode: (1 - x) sqrt(x x').
"""


@dataclass(frozen=True)
class ExchangeKinetics:
    """Butler-Volmer kinetics of a constant j_0; with a = 1/2 i = 2 j_0 sinh([mu~]/(2 kT)).

    Attributes:
        exchange_current_density: j_0 in e/(nm^2 s).
        thermal_energy: kT in eV.
        dipole: jump of phi in V.
        transfer_coefficient: a, between 0 and 1.
    """

    exchange_current_density: float
    thermal_energy: float
    dipole: float = 0.0
    transfer_coefficient: float = 0.5
    name: ClassVar[str] = "exchange"
    follows_occupancies: ClassVar[bool] = False

    @property
    def conductance(self) -> float:
        """j_0/kT, whatever a: the resistance of z = 1 is RT/(F j_0) (Horvai 1991)."""
        return self.exchange_current_density / self.thermal_energy

    def current(self, jump: Array, first: SideState, second: SideState) -> CurrentDensity:
        """See `InterfaceLaw`."""
        half = np.asarray(jump) / (2.0 * self.thermal_energy)
        furthest = 0.5 * _STRAIGHT / max(self.transfer_coefficient, 1.0 - self.transfer_coefficient)
        bent = np.clip(half, -furthest, furthest)
        shape, slope = self._shape(bent)
        value = 2.0 * self.exchange_current_density * (shape + slope * (half - bent))
        return CurrentDensity(value, self.conductance * slope)

    def _shape(self, half: Array) -> tuple[Array, Array]:
        """i/(2 j_0) and its derivative by A/2kT: exact for the smallest A, and no difference in the slope."""
        if self.transfer_coefficient == 0.5:
            return np.sinh(half), np.cosh(half)
        a, rest = self.transfer_coefficient, 1.0 - self.transfer_coefficient
        slope = a * np.exp(2.0 * a * half) + rest * np.exp(-2.0 * rest * half)
        return np.exp((a - rest) * half) * np.sinh(half), slope


@dataclass(frozen=True)
class FollowingExchange:
    """The same with a j_0 that follows the occupancies on both sides.

    Attributes:
        between_bulks: the law with j_0 of the two neutral bulks.
        first: what j_0 follows on the first side.
        second: on the second.
    """

    between_bulks: ExchangeKinetics
    first: FillingFactor
    second: FillingFactor
    name: ClassVar[str] = "exchange"
    follows_occupancies: ClassVar[bool] = True

    @property
    def dipole(self) -> float:
        """Jump of phi in V."""
        return self.between_bulks.dipole

    @property
    def conductance(self) -> float:
        """Between the neutral bulks."""
        return self.between_bulks.conductance

    def current(self, jump: Array, first: SideState, second: SideState) -> CurrentDensity:
        """See `InterfaceLaw`."""
        one, other = self.first.logarithm(first), self.second.logarithm(second)
        total = one.value + other.value
        within = np.abs(total) < _FURTHEST
        factor = np.exp(np.clip(total, -_FURTHEST, _FURTHEST))
        unscaled = self.between_bulks.current(jump, first, second)
        value = factor * unscaled.value
        moved = np.where(within, value, 0.0)
        return CurrentDensity(value, factor * unscaled.by_jump, moved * one.by_w, moved * other.by_w)
