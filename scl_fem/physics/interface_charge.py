"""Charge that sits at an interface itself: fixed, and on sites of its own.

    sigma = sigma_0 + z N_s y,    y = 1/(1 + exp((E - w)/kT))

w is the chemical potential of the sites' component counted from the neutral bulk of the phase that the
interface names first, E the energy of a site against that bulk, N_s the sites per area.
"""

from __future__ import annotations

from dataclasses import dataclass

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
        """Cost of the occupancy against that at w = 0, integral of w dy, eV per site."""
        kT = self.thermal_energy
        pressure = np.logaddexp(0.0, (w - self.energy) / kT) - np.logaddexp(0.0, -self.energy / kT)
        return w * self.occupancy(w) - kT * pressure


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

    def density_and_slope(self, excess: Array, offset: float = 0.0) -> tuple[Array, Array]:
        """sigma in e/nm^2 and -d(sigma)/d(phi) in e/(nm^2 V), at equilibrium with the first phase.

        Args:
            excess: phi - phi_bulk of the first phase, V.
            offset: by how much mu~ of the sites' component lies above that of the bulk, eV.
        """
        density, slope = np.full_like(excess, self.fixed), np.zeros_like(excess)
        if self.sites is not None:
            z = self.sites.component.charge_number
            w = offset - z * excess
            density += z * self.sites.density * self.sites.occupancy(w)
            slope += z**2 * self.sites.density * self.sites.slope(w)
        return density, slope
