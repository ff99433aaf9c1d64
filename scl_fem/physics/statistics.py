"""How the occupancy of a carrier follows from its chemical potential: what every law offers.

Energies u are counted from the neutral bulk (eV). Each law has a coordinate eta, 0 in the bulk, in which
its occupancy, what is vacant and the excess over the bulk are exact to round-off: the logit excess of a
lattice, ln(y/y_0) of a dilute carrier, the reduced level of a band. u is inverted once, to eta.

A further law is a class with these members, in a file of its own, entered in `STATISTICS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

from scl_fem.errors import InputError
from scl_fem.physics.defects import DefectLaw
from scl_fem.physics.dilute import Dilute
from scl_fem.physics.fermi import Fermi, fermi_integral
from scl_fem.physics.thermodynamics import Sites, SiteThermodynamics
from scl_fem.physics.types import Array
from scl_fem.registry import Registry


class Statistics(Protocol):
    """Thermodynamics of a carrier that shares its sites with no other."""

    @property
    def bulk_occupancy(self) -> float:
        """y_0."""

    @property
    def thermal_energy(self) -> float:
        """kT in eV."""

    @property
    def fills_its_sites(self) -> bool:
        """Whether what is occupied is no longer vacant: not so where the vacancy is 1 whatever y."""

    def logit_excess(self, energy: Array) -> Array:
        """eta at u."""

    def sites(self, logit_excess: Array) -> Sites:
        """y, what is vacant and y - y_0 at eta."""

    def occupancy(self, logit_excess: Array) -> Array:
        """y at eta."""

    def excess(self, logit_excess: Array) -> Array:
        """y - y_0 at eta."""

    def energy(self, logit_excess: Array) -> Array:
        """u in eV at eta."""

    def energy_slope(self, logit_excess: Array) -> Array:
        """du/d(eta) in eV."""

    def occupancy_slope(self, logit_excess: Array) -> Array:
        """dy/du in 1/eV."""

    def free_energy(self, logit_excess: Array) -> Array:
        """Integral of u dy from y_0, in eV per site."""

    def energy_of_occupancy(self, occupancy: float) -> float | None:
        """u in eV at an occupancy; None where the law does not reach it."""

    def recentred(self, energy: float) -> Self:
        """The same law counted from the state at u (eV): that becomes the bulk."""

    def check_stable(self) -> None:
        """Refuse a law that is not monotone.

        Raises:
            InputError: it is not.
        """


class StatisticsKind(Protocol):
    """Makes a law of what a case gives of a carrier."""

    def occupancy(self, energy: float, thermal_energy: float) -> float:
        """y_0 of a carrier of a formation energy (eV)."""

    def law(
        self, occupancy: float, thermal_energy: float, regular_solution: float, defects: DefectLaw
    ) -> Statistics:
        """The law about a bulk.

        Raises:
            InputError: no bulk can be like that.
        """


STATISTICS: Registry[StatisticsKind] = Registry("statistics")
"""The kinds of statistics of a carrier on sites of its own."""


@dataclass(frozen=True)
class _Lattice:
    def occupancy(self, energy: float, thermal_energy: float) -> float:
        """1/(1 + exp(E/kT))."""
        return float(np.exp(-np.logaddexp(0.0, energy / thermal_energy)))

    def law(
        self, occupancy: float, thermal_energy: float, regular_solution: float, defects: DefectLaw
    ) -> Statistics:
        """ln(y/(1-y)) and the excess terms."""
        if not 0.0 < occupancy < 1.0:
            raise InputError(
                f"an occupancy of {occupancy:g} is none of a lattice",
                allowed="between 0 and 1, both excluded",
            )
        return SiteThermodynamics(occupancy, thermal_energy, regular_solution, defects)


@dataclass(frozen=True)
class _Dilute:
    def occupancy(self, energy: float, thermal_energy: float) -> float:
        """exp(-E/kT)."""
        return _finite_exponential(-energy / thermal_energy)

    def law(
        self, occupancy: float, thermal_energy: float, regular_solution: float, defects: DefectLaw
    ) -> Statistics:
        """Ln y and the excess terms."""
        return Dilute(_positive(occupancy), thermal_energy, regular_solution, defects)


@dataclass(frozen=True)
class _Fermi:
    def occupancy(self, energy: float, thermal_energy: float) -> float:
        """F_1/2(-E/kT)."""
        return float(fermi_integral(0.5, np.array(-energy / thermal_energy)))

    def law(
        self, occupancy: float, thermal_energy: float, regular_solution: float, defects: DefectLaw
    ) -> Statistics:
        """F_1/2 of a parabolic band; interactions are none of its."""
        if regular_solution != 0.0 or getattr(defects, "strength", 1.0) != 0.0:
            raise InputError(
                "electrons in a band have no regular solution and no defect energy",
                allowed="statistics = lattice or dilute for a carrier that has",
            )
        return Fermi.of_occupancy(_positive(occupancy), thermal_energy)


STATISTICS.register("lattice")(_Lattice())
STATISTICS.register("dilute")(_Dilute())
STATISTICS.register("fermi")(_Fermi())


def _positive(occupancy: float) -> float:
    if not 0.0 < occupancy < np.inf:
        raise InputError(f"a carrier cannot have the occupancy {occupancy:g}", allowed="a number above 0")
    return occupancy


def _finite_exponential(exponent: float) -> float:
    with np.errstate(over="ignore"):
        return float(np.exp(exponent))
