"""Laws for the diffusivity of the ions as a function of their occupancy.

The vacancy laws say that an ion needs an empty site to hop to. They take the vacancy 1 - x
rather than x, so that it is exact for nearly full lattices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from scl_fem.constants import BOLTZMANN
from scl_fem.physics.types import Array
from scl_fem.registry import Registry


class DiffusivityLaw(Protocol):
    """D as a function of the vacancy."""

    def __call__(self, vacancy: Array) -> Array:
        """D in nm^2/s at vacancies 1 - x."""

    def slope(self, vacancy: Array) -> Array:
        """dD/d(1 - x) in nm^2/s."""


@dataclass(frozen=True)
class _Law:
    """What every law knows.

    Attributes:
        prefactor: D* in nm^2/s at the temperature of the case.
        minimum: D_min in nm^2/s.
        bulk_vacancy: 1 - x_0.
    """

    prefactor: float
    minimum: float
    bulk_vacancy: float


DIFFUSIVITY_LAWS: Registry[Callable[[float, float, float], DiffusivityLaw]] = Registry("diffusivity law")
"""What makes each law of D* and D_min (nm^2/s) and the bulk's vacancy."""


@DIFFUSIVITY_LAWS.register("constant")
class Constant(_Law):
    """D = D*."""

    def __call__(self, vacancy: Array) -> Array:
        """D in nm^2/s."""
        return np.full_like(vacancy, self.prefactor)

    def slope(self, vacancy: Array) -> Array:
        """dD/d(1 - x) in nm^2/s."""
        return np.zeros_like(vacancy)


@DIFFUSIVITY_LAWS.register("vacancy")
class Vacancy(_Law):
    """D = max(D* (1-x), D_min)."""

    def __call__(self, vacancy: Array) -> Array:
        """D in nm^2/s."""
        return np.maximum(self.prefactor * vacancy, self.minimum)

    def slope(self, vacancy: Array) -> Array:
        """dD/d(1 - x) in nm^2/s; none where D is D_min."""
        return np.where(self.prefactor * vacancy > self.minimum, self.prefactor, 0.0)


@DIFFUSIVITY_LAWS.register("vacancy-bulk")
class VacancyBulk(_Law):
    """D = max(D* (1-x)/(1-x_0), D_min): D* is that of the bulk."""

    def __call__(self, vacancy: Array) -> Array:
        """D in nm^2/s."""
        return np.maximum(self.prefactor * (vacancy / self.bulk_vacancy), self.minimum)

    def slope(self, vacancy: Array) -> Array:
        """dD/d(1 - x) in nm^2/s; none where D is D_min."""
        of_bulk = self.prefactor / self.bulk_vacancy
        return np.where(of_bulk * vacancy > self.minimum, of_bulk, 0.0)


def arrhenius(activation_energy: float, temperature: float, reference_temperature: float) -> float:
    """exp(-(E/k)(1/T - 1/T_ref)): what a temperature makes of a value given at another.

    Args:
        activation_energy: E in eV.
        temperature: T in K.
        reference_temperature: T_ref in K.
    """
    return float(np.exp(-activation_energy / BOLTZMANN * (1.0 / temperature - 1.0 / reference_temperature)))
