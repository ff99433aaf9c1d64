"""Sites of an interface: what they hold counts with the nodes of the phase that the interface names first."""

from __future__ import annotations

from dataclasses import dataclass

from scl_fem.physics.interface_charge import InterfaceSites
from scl_fem.physics.types import Array, Indices


@dataclass(frozen=True)
class SurfaceSites:
    """Sites at the nodes of one interface.

    Attributes:
        sites: their statistics.
        component: number of what they hold, in the phase.
        nodes: (m,) by numbers of the region, owned ones.
        areas: (m,) of the nodes, nm^(d-1).
    """

    sites: InterfaceSites
    component: int
    nodes: Indices
    areas: Array

    def add_amounts(self, amounts: Array, w: Array) -> None:
        """Add what they hold.

        Args:
            amounts: (n_components, owned) of the region.
            w: (n_components, n) chemical potentials counted from the bulk, eV.
        """
        held = self.sites.density * self.sites.occupancy(w[self.component, self.nodes])
        amounts[self.component, self.nodes] += self.areas * held

    def add_capacitances(self, capacitances: Array, w: Array) -> None:
        """Add what that changes by with w.

        Args:
            capacitances: (n_components, n_components, owned) of the region.
            w: see `add_amounts`.
        """
        slope = self.sites.density * self.sites.slope(w[self.component, self.nodes])
        capacitances[self.component, self.component, self.nodes] += self.areas * slope

    def free_energies(self, w: Array) -> Array:
        """(m,) cost of what they hold against empty sites, integral of w dn, eV.

        Args:
            w: see `add_amounts`.
        """
        return self.areas * self.sites.density * self.sites.free_energy(w[self.component, self.nodes])
