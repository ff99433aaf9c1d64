"""Laws for the energy of interacting defects: a term J g(d) of the chemical potential.

d = x - x_0 is the excess occupancy. Each law is odd in d and vanishes with it, so that the
neutral bulk keeps its chemical potential.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from scl_fem.physics.types import Array
from scl_fem.registry import Registry


class DefectLaw(Protocol):
    """Energy of the defects as a function of the excess occupancy."""

    def energy(self, excess: Array) -> Array:
        """J g(d) in eV."""

    def slope(self, excess: Array) -> Array:
        """d(J g)/dd in eV."""

    def integral(self, excess: Array) -> Array:
        """Integral of J g from 0 to d, in eV."""


DEFECT_LAWS: Registry[Callable[[float, float], DefectLaw]] = Registry("defect law")
"""What makes each law of its strength J (eV) and its floor s."""


@DEFECT_LAWS.register("none")
@dataclass(frozen=True)
class NoDefects:
    """Defects that do not interact."""

    strength: float = 0.0
    floor: float = 0.0

    def energy(self, excess: Array) -> Array:
        """0 eV."""
        return np.zeros_like(excess)

    def slope(self, excess: Array) -> Array:
        """0 eV."""
        return np.zeros_like(excess)

    def integral(self, excess: Array) -> Array:
        """0 eV."""
        return np.zeros_like(excess)


@DEFECT_LAWS.register("excess-cube-root")
@dataclass(frozen=True)
class ExcessCubeRoot:
    """The cube-root law of Hainovsky and Maier (1995): J d/(d^2 + s^2)^(1/3).

    The Coulomb energy of a defect goes with the inverse distance of its neighbours, and that
    with the cube root of their concentration. The floor s makes the law smooth at d = 0.

    Attributes:
        strength: J = E_M/eps_r in eV, the Coulomb energy screened by the dielectric.
        floor: s, the excess below which the law is linear.
    """

    strength: float
    floor: float

    def energy(self, excess: Array) -> Array:
        """J g(d) in eV."""
        return self.strength * excess / np.cbrt(excess**2 + self.floor**2)

    def slope(self, excess: Array) -> Array:
        """d(J g)/dd = J (d^2/3 + s^2)/(d^2 + s^2)^(4/3), in eV."""
        square = excess**2 + self.floor**2
        return self.strength * (excess**2 / 3.0 + self.floor**2) / (square * np.cbrt(square))

    def integral(self, excess: Array) -> Array:
        """Integral of J g: 3/4 J ((d^2 + s^2)^(2/3) - s^(4/3)), in eV."""
        ratio = (excess / self.floor) ** 2
        # (1 + r)^(2/3) - 1 without cancellation for small r.
        return 0.75 * self.strength * self.floor ** (4.0 / 3.0) * np.expm1(2.0 / 3.0 * np.log1p(ratio))


@dataclass(frozen=True)
class ShiftedDefects:
    """A law counted from another bulk: J g(d + offset) - J g(offset), not odd any more.

    Attributes:
        law: about the occupancy x_0 that it was given for.
        offset: of the bulk from x_0.
    """

    law: DefectLaw
    offset: float

    def energy(self, excess: Array) -> Array:
        """J g(d + offset) - J g(offset) in eV, exact for small d too."""
        excess = np.asarray(excess, dtype=np.float64)
        difference = self.law.energy(excess + self.offset) - self.law.energy(np.asarray(self.offset))
        near = np.abs(excess) < _NEAR * abs(self.offset)
        return np.where(near, self._near(np.where(near, excess, 0.0)), difference)

    def _near(self, excess: Array) -> Array:
        """The difference as the integral of the slope, over a stretch on which that is nearly straight."""
        nodes, weights = np.polynomial.legendre.leggauss(_GAUSS_POINTS)
        mean = np.zeros_like(excess)
        for node, weight in zip(nodes, weights, strict=True):
            mean += 0.5 * weight * self.law.slope(self.offset + 0.5 * (1.0 + node) * excess)
        return mean * excess

    def slope(self, excess: Array) -> Array:
        """Its derivative in eV."""
        return self.law.slope(excess + self.offset)

    def integral(self, excess: Array) -> Array:
        """Integral from 0 to d, in eV."""
        start = np.asarray(self.offset)
        linear = self.law.integral(start) + self.law.energy(start) * excess
        return self.law.integral(excess + self.offset) - linear


_NEAR = 0.05
"""Of the offset: an excess below it is integrated; above it, the difference loses a digit or two."""

_GAUSS_POINTS = 6


def shifted(law: DefectLaw, offset: float) -> DefectLaw:
    """The same interactions counted from a bulk that is `offset` above the law's own x_0."""
    if offset == 0.0 or isinstance(law, NoDefects):
        return law
    if isinstance(law, ShiftedDefects):
        return ShiftedDefects(law.law, law.offset + offset)
    return ShiftedDefects(law, offset)
