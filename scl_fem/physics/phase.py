"""A phase: mobile species on their lattices, a fixed counter-charge, a dielectric.

The equations are written for a list of mobile species, of which Li+ is the first. In a phase
each of them sees the potential by way of its chemical potential alone: at equilibrium
mu + z e phi is constant, so with the bulk at phi_bulk

    mu_i - mu_i(x_0) = -z_i (phi - phi_bulk)        [eV, V]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scl_fem.constants import VACUUM_PERMITTIVITY
from scl_fem.physics.diffusivity import DiffusivityLaw
from scl_fem.physics.thermodynamics import SiteThermodynamics
from scl_fem.physics.types import Array


@dataclass(frozen=True)
class MobileSpecies:
    """One species of mobile ions in one phase.

    Attributes:
        name: for example "Li+".
        charge_number: z.
        site_density: c_max in 1/nm^3.
        thermodynamics: mu as a function of occupancy.
        diffusivity: D as a function of the vacancy.
    """

    name: str
    charge_number: int
    site_density: float
    thermodynamics: SiteThermodynamics
    diffusivity: DiffusivityLaw

    @property
    def bulk_concentration(self) -> float:
        """c_0 in 1/nm^3."""
        return self.site_density * self.thermodynamics.bulk_occupancy

    def logit_excess(self, potential_excess: Array) -> Array:
        """eta where the potential is phi - phi_bulk (V) and mu_e is the bulk's."""
        return self.thermodynamics.logit_excess(-self.charge_number * np.asarray(potential_excess))

    def concentration(self, logit_excess: Array) -> Array:
        """c in 1/nm^3."""
        return self.site_density * self.thermodynamics.occupancy(logit_excess)

    def charge_density(self, logit_excess: Array) -> Array:
        """z (c - c_0) in e/nm^3: with the counter-charge of the neutral bulk."""
        return self.charge_number * self.site_density * self.thermodynamics.excess(logit_excess)

    def charge_density_slope(self, logit_excess: Array) -> Array:
        """-d(rho)/d(phi) = z^2 c_max dx/d(mu), in e/(nm^3 V); not negative."""
        return self.charge_number**2 * self.site_density * self.thermodynamics.occupancy_slope(logit_excess)

    def conductivity(self, logit_excess: Array) -> Array:
        """sigma = z^2 e^2 D(x) c/kT in e/(V s nm) (Nernst-Einstein)."""
        sites = self.thermodynamics.sites(logit_excess)
        scale = self.charge_number**2 * self.site_density / self.thermodynamics.thermal_energy
        return scale * self.diffusivity(sites.vacancy) * sites.occupancy

    def mobility(self, logit_excess: Array) -> Array:
        """D c/kT in 1/(nm eV s): the flux of ions at a unit gradient of mu_e."""
        return self.conductivity(logit_excess) / self.charge_number**2

    def mobility_at(self, energy: Array) -> Array:
        """D c/kT in 1/(nm eV s) where mu is so much above the bulk's (eV)."""
        return self.mobility(self.thermodynamics.logit_excess(energy))

    def mobility_slope(self, logit_excess: Array) -> Array:
        """d(D c/kT)/d(mu) in 1/(nm eV^2 s).

        By dx/d(eta) = x (1-x): d(D x)/d(eta) = x (1-x) (D - x D').
        """
        sites = self.thermodynamics.sites(logit_excess)
        diffusivity, slope = self.diffusivity(sites.vacancy), self.diffusivity.slope(sites.vacancy)
        scale = self.site_density / self.thermodynamics.thermal_energy
        per_logit = sites.occupancy * sites.vacancy * (diffusivity - sites.occupancy * slope)
        return scale * per_logit / self.thermodynamics.energy_slope(logit_excess)


@dataclass(frozen=True)
class Phase:
    """One phase of the cell.

    Attributes:
        name: "electrode" or "electrolyte".
        material: name of its material.
        relative_permittivity: eps_r.
        bulk_potential: phi in V where the phase is neutral, in the gauge of the cell.
        species: mobile species, Li+ first.
        dipole: what a dipole at the interface adds to the potential of this phase, V. The solvers'
            phi is continuous, without it; so is bulk_potential.
    """

    name: str
    material: str
    relative_permittivity: float
    bulk_potential: float
    species: tuple[MobileSpecies, ...]
    dipole: float = 0.0

    @property
    def permittivity(self) -> float:
        """eps_0 eps_r in e/(V nm)."""
        return VACUUM_PERMITTIVITY * self.relative_permittivity

    @property
    def lithium(self) -> MobileSpecies:
        """The first species."""
        return self.species[0]

    def excess_potential(self, phi: Array) -> Array:
        """phi - phi_bulk in V."""
        return np.asarray(phi) - self.bulk_potential

    def charge_density(self, phi: Array) -> Array:
        """rho in e/nm^3 at equilibrium with the phase's own bulk."""
        excess = self.excess_potential(phi)
        return sum(
            (each.charge_density(each.logit_excess(excess)) for each in self.species), np.zeros_like(excess)
        )

    def charge_density_and_slope(self, phi: Array) -> tuple[Array, Array]:
        """rho in e/nm^3 and -d(rho)/d(phi) in e/(nm^3 V), from one inversion of mu(x)."""
        excess = self.excess_potential(phi)
        density, slope = np.zeros_like(excess), np.zeros_like(excess)
        for each in self.species:
            eta = each.logit_excess(excess)
            density += each.charge_density(eta)
            slope += each.charge_density_slope(eta)
        return density, slope

    def conductivity(self, phi: Array) -> Array:
        """sigma in e/(V s nm), summed over the species."""
        excess = self.excess_potential(phi)
        return sum(
            (each.conductivity(each.logit_excess(excess)) for each in self.species), np.zeros_like(excess)
        )

    @property
    def bulk_conductivity(self) -> float:
        """sigma in e/(V s nm) of the neutral bulk."""
        return float(self.conductivity(np.array(self.bulk_potential)))

    def concentration(self, phi: Array) -> Array:
        """Concentration of the first species in 1/nm^3."""
        return self.lithium.concentration(self.lithium.logit_excess(self.excess_potential(phi)))

    def occupancy(self, phi: Array) -> Array:
        """Occupancy of the first species."""
        thermodynamics = self.lithium.thermodynamics
        return thermodynamics.occupancy(self.lithium.logit_excess(self.excess_potential(phi)))

    def potentials_of_level(self, level: float) -> tuple[float, ...]:
        """Potentials (V) beyond which |c - c_0| > level c_0, for the occupancies that exist.

        One for depletion and one for enrichment, relative to the bulk potential and without the
        one that the lattice cannot reach (x = (1 + level) x_0 would exceed 1).
        """
        thermodynamics = self.lithium.thermodynamics
        found = []
        for factor in (1.0 - level, 1.0 + level):
            occupancy = factor * thermodynamics.bulk_occupancy
            if 0.0 < occupancy < 1.0:
                logit = np.log(occupancy) - np.log1p(-occupancy)
                energy = thermodynamics.energy(np.asarray(logit - thermodynamics.bulk_logit))
                found.append(float(-energy / self.lithium.charge_number))
        return tuple(found)
