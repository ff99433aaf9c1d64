"""Carriers so few that they never find a site taken: mu = kT ln(y), and the excess terms of a lattice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from scl_fem.physics.defects import NoDefects
from scl_fem.physics.lattice import Sites
from scl_fem.physics.thermodynamics import SiteThermodynamics
from scl_fem.physics.types import Array

_LARGEST_EXPONENT = 700.0


@dataclass(frozen=True)
class Dilute(SiteThermodynamics):
    """The lattice with ln(y) for ln(y/(1-y)): y is measured in sites and may be more than 1.

    eta is ln(y/y_0); what is vacant is 1 whatever y.
    """

    fills_its_sites: ClassVar[bool] = False
    largest_logit_excess: ClassVar[float] = 200.0
    stable_where: ClassVar[str] = "regular_solution <= 0 for a dilute carrier"

    @cached_property
    def bulk_logit(self) -> float:
        """ln(y_0)."""
        return float(np.log(self.bulk_occupancy))

    @cached_property
    def _ideal(self) -> bool:
        return self.regular_solution == 0.0 and isinstance(self.defects, NoDefects)

    def sites(self, logit_excess: Array) -> Sites:
        """y, 1 and y - y_0 at eta, each with a relative error at round-off."""
        eta = np.minimum(np.asarray(logit_excess, dtype=np.float64), _LARGEST_EXPONENT)
        occupancy = self.bulk_occupancy * np.exp(eta)
        near = self.bulk_occupancy * np.expm1(np.minimum(eta, 1.0))
        excess = np.where(eta > 1.0, occupancy - self.bulk_occupancy, near)
        return Sites(occupancy, np.ones_like(occupancy), excess)

    def logit_excess(self, energy: Array) -> Array:
        """The inverse of `energy`: eta at u, u/kT where there are no excess terms."""
        if self._ideal:
            return np.asarray(energy, dtype=np.float64) / self.thermal_energy
        return super().logit_excess(energy)

    def free_energy(self, logit_excess: Array) -> Array:
        """Integral of u dy from y_0, in eV per site: kT [y ln(y/y_0) - (y - y_0)] and the excess terms."""
        eta = np.asarray(logit_excess, dtype=np.float64)
        sites = self.sites(eta)
        return self._with_interactions(sites.occupancy * eta - sites.excess, sites.excess)

    def energy_of_occupancy(self, occupancy: float) -> float | None:
        """u in eV at an occupancy; None where there is none."""
        if occupancy <= 0.0:
            return None
        return float(self.energy(np.asarray(np.log(occupancy) - self.bulk_logit)))
