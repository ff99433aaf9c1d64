"""Ions on a lattice of sites: what every law mu(x) has in common.

Everything is written in the logit excess

    eta = logit(x) - logit(x_0),    logit(x) = ln(x/(1-x)),

which keeps 0 < x < 1 by construction, keeps x and 1-x exact however small they are, and keeps
the excess x - x_0 exact however close to the bulk:

    x - x_0 = sinh(eta/2) / (2 cosh(y/2) cosh(y_0/2)),    y = y_0 + eta.

Energies are counted from the bulk, u = mu - mu(x_0), so that mu_0 drops out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, NamedTuple, Self

import numpy as np

from scl_fem.physics.types import Array


class Sites(NamedTuple):
    """How full a lattice is: x, 1 - x and x - x_0."""

    occupancy: Array
    vacancy: Array
    excess: Array


def logit(occupancy: float) -> float:
    """ln(x/(1-x))."""
    return float(np.log(occupancy) - np.log1p(-occupancy))


def relative_entropy(bulk_occupancy: float, logit_excess: Array, occupancy: Array) -> Array:
    """x ln(x/x_0) + (1-x) ln((1-x)/(1-x_0)), not negative: what mixing costs, in kT per site.

    Args:
        bulk_occupancy: x_0.
        logit_excess: eta.
        occupancy: x there.
    """
    # ln((1-x)/(1-x_0)) = -ln(1 + x_0 (e^eta - 1)) = -eta - ln(1 + (1-x_0) (e^-eta - 1))
    modulus = np.abs(logit_excess)
    rising = -logit_excess - _log_mean(1.0 - bulk_occupancy, bulk_occupancy, modulus)
    falling = -_log_mean(bulk_occupancy, 1.0 - bulk_occupancy, modulus)
    log_vacancy_ratio = np.where(logit_excess > 0.0, rising, falling)
    mixed: Array = occupancy * logit_excess + log_vacancy_ratio
    return mixed


def _log_mean(weight: float, rest: float, modulus: Array) -> Array:
    """ln(rest + weight e^-m), rest = 1 - weight: exact for small m, and for a small rest."""
    change = weight * np.expm1(-modulus)
    # what is left of 1 where an all but empty lattice fills would be a difference, and lose digits
    left = change < -0.5
    if not np.any(left):
        return np.log1p(change)
    return np.where(left, np.log(rest + weight * np.exp(-modulus)), np.log1p(np.where(left, 0.0, change)))


@dataclass(frozen=True)
class Lattice(ABC):
    """One carrier on its lattice in one phase, whatever its mu(x): see `statistics.Statistics`.

    Attributes:
        bulk_occupancy: x_0, occupancy of the neutral bulk, 0 < x_0 < 1.
        thermal_energy: kT in eV.
    """

    bulk_occupancy: float
    thermal_energy: float

    fills_its_sites: ClassVar[bool] = True
    """Whether what is occupied is no longer vacant."""

    @cached_property
    def bulk_logit(self) -> float:
        """logit(x_0)."""
        return logit(self.bulk_occupancy)

    def sites(self, logit_excess: Array) -> Sites:
        """x, 1 - x and x - x_0 at eta, each with a relative error at round-off.

        From x - x_0 = (1 - x_0) x (1 - e^-eta) = x_0 (1 - x) (e^eta - 1), whichever of the two
        exponentials cannot overflow.
        """
        eta = np.asarray(logit_excess, dtype=np.float64)
        place = self.bulk_logit + eta
        small = np.exp(-np.abs(place))
        major, minor = 1.0 / (1.0 + small), small / (1.0 + small)
        fuller = place >= 0.0
        occupancy, vacancy = np.where(fuller, major, minor), np.where(fuller, minor, major)
        change = np.expm1(-np.abs(eta))
        rising = (self.bulk_occupancy - 1.0) * occupancy * change
        falling = self.bulk_occupancy * vacancy * change
        return Sites(occupancy, vacancy, np.where(eta > 0.0, rising, falling))

    def occupancy(self, logit_excess: Array) -> Array:
        """x at eta, relative error at round-off down to the smallest x."""
        return self.sites(logit_excess).occupancy

    def vacancy(self, logit_excess: Array) -> Array:
        """1 - x at eta, relative error at round-off however near x is to 1."""
        return self.sites(logit_excess).vacancy

    def excess(self, logit_excess: Array) -> Array:
        """x - x_0 at eta, relative error at round-off however near the bulk."""
        return self.sites(logit_excess).excess

    def energy_of_occupancy(self, occupancy: float) -> float | None:
        """u in eV at an occupancy; None where the sites do not reach it."""
        if not 0.0 < occupancy < 1.0:
            return None
        return float(self.energy(np.asarray(logit(occupancy) - self.bulk_logit)))

    def recentred(self, energy: float) -> Self:
        """The same law counted from the state at u (eV): that becomes the bulk.

        Every occupancy keeps its chemical potential, to a constant: what counts from a bulk in the law
        itself goes on to count from the old one.
        """
        sites = self.sites(self.logit_excess(np.asarray(energy)))
        return self.about(float(sites.occupancy), float(sites.excess))

    @abstractmethod
    def energy(self, logit_excess: Array) -> Array:
        """u = mu(x) - mu(x_0) in eV at eta."""

    @abstractmethod
    def logit_excess(self, energy: Array) -> Array:
        """The inverse of `energy`."""

    @abstractmethod
    def about(self, occupancy: float, excess: float) -> Self:
        """The same law about another bulk.

        Args:
            occupancy: of that.
            excess: by how much it is above this law's bulk, exact where the difference of both is not.
        """
