"""Charge that sits at an interface itself: fixed, and on sites of its own.

    sigma = sigma_0 + z N_s y,    y = 1/(1 + exp((E - w)/kT))

w is the chemical potential of the sites' component counted from the neutral bulk of the phase that the
interface names first, of the other where that one does not hold it, E the
energy of a site against that bulk, N_s the sites per area.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from scl_fem.physics.components import Component
from scl_fem.physics.types import Array


@dataclass(frozen=True)
class InterfaceSites:
    """Sites of an interface, full or empty.

    Attributes:
        component: what they hold.
        density: N_s in 1/nm^2.
        energy: E in eV.
        thermal_energy: kT in eV.
    """

    component: Component
    density: float
    energy: float
    thermal_energy: float

    def occupancy(self, w: Array) -> Array:
        """y at chemical potentials (eV) counted from the neutral bulk of the first phase."""
        return 0.5 * (1.0 + np.tanh(0.5 * (w - self.energy) / self.thermal_energy))

    def slope(self, w: Array) -> Array:
        """dy/dw in 1/eV."""
        return self.occupancy(w) * self.occupancy(-w + 2.0 * self.energy) / self.thermal_energy

    def free_energy(self, w: Array) -> Array:
        """Cost of the occupancy against an empty site, integral of w dy, eV per site."""
        kT = self.thermal_energy
        return w * self.occupancy(w) - kT * np.logaddexp(0.0, (w - self.energy) / kT)


@dataclass(frozen=True)
class InterfaceCharge:
    """The charge of one interface.

    Attributes:
        first: name of the phase whose bulk the sites' energy is counted from.
        fixed: sigma_0 in e/nm^2.
        sites: of its own, None for none.
    """

    first: str
    fixed: float = 0.0
    sites: InterfaceSites | None = None

    def counted_from(self, w: float) -> Self:
        """The same charge with the sites' energy counted from another state, as the new bulk is.

        Args:
            w: chemical potential of the sites' component there, counted from the bulk so far, eV.
        """
        return (
            self
            if self.sites is None
            else replace(self, sites=replace(self.sites, energy=self.sites.energy - w))
        )

    def amount_and_slope(self, excess: Array, offset: float = 0.0) -> tuple[Array, Array]:
        """What the sites hold, 1/nm^2, and its derivative by mu~, 1/(nm^2 eV); 0 where there are none.

        Args:
            excess: phi - phi_bulk of the first phase, V.
            offset: by how much mu~ of the sites' component lies above that of the bulk, eV.
        """
        if self.sites is None:
            return np.zeros_like(excess), np.zeros_like(excess)
        w = offset - self.sites.component.charge_number * excess
        return self.sites.density * self.sites.occupancy(w), self.sites.density * self.sites.slope(w)

    def density_and_slope(self, excess: Array, offset: float = 0.0) -> tuple[Array, Array]:
        """sigma in e/nm^2 and -d(sigma)/d(phi) in e/(nm^2 V), at equilibrium with the first phase.

        Args:
            excess: phi - phi_bulk of the first phase, V.
            offset: by how much mu~ of the sites' component lies above that of the bulk, eV.
        """
        amount, slope = self.amount_and_slope(excess, offset)
        z = 0 if self.sites is None else self.sites.component.charge_number
        return self.fixed + z * amount, z**2 * slope
