"""A carrier: one way in which a phase holds a component.

An interstitial, an electron, Li on its lattice hold one of it (amount 1), a vacancy or a hole holds one
less than the perfect crystal (amount -1). In a phase all carriers of a component are in equilibrium with
it: u_k = amount_k w_i, u of the carrier, w of the component, both counted from the neutral bulk (eV).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from scl_fem.errors import InputError
from scl_fem.physics.components import Component
from scl_fem.physics.diffusivity import DiffusivityLaw
from scl_fem.physics.statistics import Statistics
from scl_fem.physics.types import Array


@dataclass(frozen=True)
class Carrier:
    """One carrier of one phase.

    The methods take the coordinate eta of the carrier's law, and are those of a carrier on sites of its
    own; of carriers that share sites `SharedSites` knows.

    Attributes:
        name: for example "Li+", "V_O".
        component: what it holds.
        site_density: N in 1/nm^3.
        thermodynamics: occupancy as a function of the chemical potential.
        diffusivity: D as a function of the vacancy.
        amount: how many of the component each holds, 1 or -1.
        group: name of the sites that it shares with others; "" for sites of its own.
    """

    name: str
    component: Component
    site_density: float
    thermodynamics: Statistics
    diffusivity: DiffusivityLaw
    amount: int = 1
    group: str = ""

    def __post_init__(self) -> None:
        """Refuse an amount that no carrier holds."""
        if self.amount not in (1, -1):
            raise InputError(
                f"the carrier {self.name} holds {self.amount} of {self.component.name}", allowed="1 or -1"
            )

    @property
    def charge_number(self) -> int:
        """z_k, of the carrier."""
        return self.amount * self.component.charge_number

    @property
    def bulk_concentration(self) -> float:
        """N y_0 in 1/nm^3."""
        return self.site_density * self.thermodynamics.bulk_occupancy

    def logit_excess(self, potential_excess: Array) -> Array:
        """eta where the potential is phi - phi_bulk (V) and mu~ is the bulk's."""
        return self.thermodynamics.logit_excess(-self.charge_number * np.asarray(potential_excess))

    def concentration(self, logit_excess: Array) -> Array:
        """N y in 1/nm^3."""
        return self.site_density * self.thermodynamics.occupancy(logit_excess)

    def charge_density(self, logit_excess: Array) -> Array:
        """z N (y - y_0) in e/nm^3: with the counter-charge of the neutral bulk."""
        return self.charge_number * self.site_density * self.thermodynamics.excess(logit_excess)

    def charge_density_slope(self, logit_excess: Array) -> Array:
        """-d(rho)/d(phi) = z^2 N dy/du, in e/(nm^3 V); not negative."""
        return self.charge_number**2 * self.site_density * self.thermodynamics.occupancy_slope(logit_excess)

    def conductivity(self, logit_excess: Array) -> Array:
        """sigma = z^2 e^2 D N y/kT in e/(V s nm) (Nernst-Einstein)."""
        return self.charge_number**2 * self.mobility(logit_excess)

    def mobility(self, logit_excess: Array) -> Array:
        """D N y/kT in 1/(nm eV s): the flux of carriers at a unit gradient of their mu~."""
        sites = self.thermodynamics.sites(logit_excess)
        scale = self.site_density / self.thermodynamics.thermal_energy
        return scale * self.diffusivity(sites.vacancy) * sites.occupancy

    def mobility_slope(self, logit_excess: Array) -> Array:
        """d(D N y/kT)/du in 1/(nm eV^2 s).

        On a lattice by dy/d(eta) = y (1-y): d(D y)/d(eta) = y (1-y) (D - y D').
        """
        sites = self.thermodynamics.sites(logit_excess)
        scale = self.site_density / self.thermodynamics.thermal_energy
        diffusivity = self.diffusivity(sites.vacancy)
        if not self.thermodynamics.fills_its_sites:
            return scale * diffusivity * self.thermodynamics.occupancy_slope(logit_excess)
        slope = self.diffusivity.slope(sites.vacancy)
        per_logit = sites.occupancy * sites.vacancy * (diffusivity - sites.occupancy * slope)
        return scale * per_logit / self.thermodynamics.energy_slope(logit_excess)


class Fillings(NamedTuple):
    """How full the sites of a group of m carriers are at n points, and what that changes by.

    Attributes:
        occupancies: (m, n) y.
        vacancy: (n,) what is vacant.
        slopes: (m, m, n) dy_k/du_j in 1/eV.
        vacancy_slopes: (m, n) of what is vacant, by u_j.
    """

    occupancies: Array
    vacancy: Array
    slopes: Array
    vacancy_slopes: Array


class SiteGroup(Protocol):
    """Carriers on sites of one kind: m of them, functions of m coordinates at n points."""

    carriers: Sequence[Carrier]

    def logit_excesses(self, energies: Array) -> Array:
        """(m, n) coordinates eta at energies u (m, n)."""

    def occupancies(self, etas: Array) -> Array:
        """(m, n) occupancies y."""

    def fillings(self, etas: Array) -> Fillings:
        """Occupancies and what is vacant, each relative to round-off however small, with their slopes."""

    def excesses(self, etas: Array) -> Array:
        """(m, n) N (y - y_0) in 1/nm^3."""

    def response(self, etas: Array) -> tuple[Array, Array]:
        """The excesses, and their slopes (m, m, n) N dy_k/du_j in 1/(nm^3 eV): symmetric, positive."""

    def mobilities(self, etas: Array) -> Array:
        """(m, n) D N y/kT in 1/(nm eV s)."""

    def mobility_slopes(self, etas: Array) -> Array:
        """(m, m, n) d(D_k N y_k/kT)/du_j in 1/(nm eV^2 s)."""

    def free_energy(self, etas: Array) -> Array:
        """(n,) cost of the occupancies, in eV/nm^3."""

    def recentred(self, energies: Sequence[float]) -> Sequence[Statistics]:
        """The laws of the carriers counted from the state at energies u (eV)."""

    def check_stable(self) -> None:
        """Refuse sites whose occupancies their chemical potentials do not fix.

        Raises:
            InputError: the phase separates.
        """


class OwnSites:
    """The sites of one carrier alone."""

    def __init__(self, carrier: Carrier) -> None:
        """Of a carrier.

        Args:
            carrier: the one.
        """
        self.carrier = carrier
        self.carriers: Sequence[Carrier] = (carrier,)

    def logit_excesses(self, energies: Array) -> Array:
        """See `SiteGroup`."""
        return self.carrier.thermodynamics.logit_excess(energies[0])[None]

    def occupancies(self, etas: Array) -> Array:
        """See `SiteGroup`."""
        return self.carrier.thermodynamics.occupancy(etas[0])[None]

    def fillings(self, etas: Array) -> Fillings:
        """See `SiteGroup`."""
        law = self.carrier.thermodynamics
        sites, slope = law.sites(etas[0]), law.occupancy_slope(etas[0])[None]
        of_vacancy = -slope if law.fills_its_sites else np.zeros_like(slope)
        return Fillings(sites.occupancy[None], sites.vacancy, slope[None], of_vacancy)

    def excesses(self, etas: Array) -> Array:
        """See `SiteGroup`."""
        return (self.carrier.site_density * self.carrier.thermodynamics.excess(etas[0]))[None]

    def response(self, etas: Array) -> tuple[Array, Array]:
        """See `SiteGroup`."""
        excess, slope = self.carrier.thermodynamics.excess_and_slope(etas[0])
        density = self.carrier.site_density
        return (density * excess)[None], (density * slope)[None, None]

    def mobilities(self, etas: Array) -> Array:
        """See `SiteGroup`."""
        return self.carrier.mobility(etas[0])[None]

    def mobility_slopes(self, etas: Array) -> Array:
        """See `SiteGroup`."""
        return self.carrier.mobility_slope(etas[0])[None, None]

    def free_energy(self, etas: Array) -> Array:
        """See `SiteGroup`."""
        return self.carrier.site_density * self.carrier.thermodynamics.free_energy(etas[0])

    def recentred(self, energies: Sequence[float]) -> Sequence[Statistics]:
        """See `SiteGroup`."""
        return (self.carrier.thermodynamics.recentred(energies[0]),)

    def check_stable(self) -> None:
        """See `SiteGroup`."""
        self.carrier.thermodynamics.check_stable()
