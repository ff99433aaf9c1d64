"""A phase: carriers on their sites, a fixed counter-charge, a dielectric.

A phase is a convex function of the chemical potentials w of its components, counted from its neutral bulk
in the cell (eV):

    w_i = mu~_i - z_i (phi - phi_bulk) - (mu~_i of the bulk),    u_k = amount_k w_i

u of the carrier. At equilibrium with that bulk, the potential form, w_i = -z_i (phi - phi_bulk).

A shift raises the energy of a carrier at a place (eV): u_k = amount_k w_i - shift_k.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from scl_fem.constants import VACUUM_PERMITTIVITY
from scl_fem.physics.carrier import Carrier, OwnSites, SiteGroup
from scl_fem.physics.components import Component
from scl_fem.physics.crossing import first_crossing
from scl_fem.physics.shared import SharedSites
from scl_fem.physics.types import Array

_FAR = 100.0
"""V beyond which no site changes any more."""


@dataclass(frozen=True)
class PhaseState:
    """What a phase is like at n points: from one inversion of its chemical potentials.

    Attributes:
        excess: (n_components, n) c_i - c_i of the bulk, 1/nm^3.
        slope: (n_components, n_components, n) dc_i/dw_j in 1/(nm^3 eV): symmetric, positive.
        charge: (n,) rho in e/nm^3.
        charge_slope: (n,) -d(rho)/d(phi) in e/(nm^3 V): not negative.
        etas: (n_carriers, n) coordinates of the carriers' laws: what else is asked of the state needs no
            further inversion.
    """

    excess: Array
    slope: Array
    charge: Array
    charge_slope: Array
    etas: Array


@dataclass(frozen=True)
class Phase:
    """One phase of the cell.

    Attributes:
        name: of the case, "electrode".
        material: name of its material.
        relative_permittivity: eps_r.
        bulk_potential: phi in V where the phase is neutral, in the gauge of the cell.
        carriers: its mobile carriers; the first is the main one.
        dipole: what a dipole at the interface adds to the potential of this phase, V. The solvers'
            phi is continuous, without it; so is bulk_potential.
        charge_at_bulk: rho in e/nm^3 at w = 0; 0 but for a phase that has no neutral bulk of its own.
        open_circuit_slope: dU/dx of the open-circuit curve of its material at x_0, V; None where it has no
            curve, or one that does not reach x_0. It may differ from that of the law that is used.
    """

    name: str
    material: str
    relative_permittivity: float
    bulk_potential: float
    carriers: tuple[Carrier, ...]
    dipole: float = 0.0
    charge_at_bulk: float = 0.0
    open_circuit_slope: float | None = None

    @property
    def permittivity(self) -> float:
        """eps_0 eps_r in e/(V nm)."""
        return VACUUM_PERMITTIVITY * self.relative_permittivity

    @property
    def main(self) -> Carrier:
        """The first carrier: what a column without a name is of."""
        return self.carriers[0]

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """What the carriers hold, in order of first appearance."""
        return tuple(dict.fromkeys(carrier.component for carrier in self.carriers))

    @cached_property
    def charge_numbers(self) -> Array:
        """(n_components,) z of the components."""
        return np.array([component.charge_number for component in self.components], dtype=np.float64)

    @cached_property
    def _component_numbers(self) -> tuple[int, ...]:
        """For each carrier the number of its component."""
        return tuple(self.components.index(carrier.component) for carrier in self.carriers)

    @cached_property
    def _sites(self) -> tuple[tuple[list[int], SiteGroup], ...]:
        """The groups of sites, each with the numbers of its carriers."""
        numbers: dict[str, list[int]] = {}
        for number, carrier in enumerate(self.carriers):
            numbers.setdefault(f"shared {carrier.group}" if carrier.group else f"own {number}", []).append(
                number
            )
        return tuple(
            (found, _group([self.carriers[number] for number in found])) for found in numbers.values()
        )

    def check_stable(self) -> None:
        """Refuse a phase that separates: there the chemical potentials alone do not fix its composition.

        Raises:
            InputError: it does.
        """
        for _, sites in self._sites:
            sites.check_stable()

    def recentred(self, w: Array, shift: Array) -> tuple[Carrier, ...]:
        """The carriers counted from another state, which becomes their bulk.

        Args:
            w: (n_components,) eV.
            shift: (n_carriers,) eV.
        """
        found = list(self.carriers)
        for numbers, sites in self._sites:
            energies = self._energies(numbers, w, shift)
            if np.any(energies != 0.0):
                for number, law in zip(numbers, sites.recentred(energies.tolist()), strict=True):
                    found[number] = replace(found[number], thermodynamics=law)
        return tuple(found)

    # In terms of the components' chemical potentials ----------------------------------------

    def evaluate(self, w: Array, shift: Array | None = None) -> PhaseState:
        """The state at chemical potentials.

        Args:
            w: (n_components, n) eV, counted from the bulk.
            shift: (n_carriers, n) or (n_carriers, 1), eV; None for none.
        """
        w = np.asarray(w, dtype=np.float64)
        if len(self.carriers) == 1:
            return self._evaluate_one(w, shift)
        size, points = len(self.components), w.shape[1:]
        etas = np.empty((len(self.carriers), *points))
        excess, slope = np.zeros((size, *points)), np.zeros((size, size, *points))
        for numbers, sites in self._sites:
            at_sites = sites.logit_excesses(self._energies(numbers, w, shift))
            etas[numbers] = at_sites
            amounts, slopes = sites.response(at_sites)
            self._add_amounts(excess, amounts, numbers)
            self._add_products(slope, slopes, numbers)
        charge, charge_slope = np.full(points, self.charge_at_bulk), np.zeros(points)
        for i, one in enumerate(self.components):
            charge += one.charge_number * excess[i]
            for j, other in enumerate(self.components):
                charge_slope += one.charge_number * other.charge_number * slope[i, j]
        return PhaseState(excess, slope, charge, charge_slope, etas)

    def _evaluate_one(self, w: Array, shift: Array | None) -> PhaseState:
        """The same with a single carrier: no sums over one term."""
        numbers, sites = self._sites[0]
        etas = sites.logit_excesses(self._energies(numbers, w, shift))
        excesses, slope = sites.response(etas)
        excess, z = self.main.amount * excesses, self.main.component.charge_number
        return PhaseState(excess, slope, self.charge_at_bulk + z * excess[0], z**2 * slope[0, 0], etas)

    def _energies(self, numbers: list[int], w: Array, shift: Array | None) -> Array:
        """(m, n) energies u of some carriers, eV."""
        rows = []
        for number in numbers:
            energy = self.carriers[number].amount * w[self._component_numbers[number]]
            rows.append(energy if shift is None else energy - shift[number])
        return np.stack(rows)

    def _add_amounts(self, totals: Array, values: Array, numbers: list[int]) -> None:
        """Add what carriers hold to what there is of the components."""
        for row, k in enumerate(numbers):
            totals[self._component_numbers[k]] += self.carriers[k].amount * values[row]

    def _add_products(self, totals: Array, values: Array, numbers: list[int]) -> None:
        """The same of what has two indices."""
        for row, k in enumerate(numbers):
            for column, j in enumerate(numbers):
                amounts = self.carriers[k].amount * self.carriers[j].amount
                place = self._component_numbers[k], self._component_numbers[j]
                totals[place] += amounts * values[row, column]

    def mobilities(self, state: PhaseState) -> Array:
        """(n_components, n) M_i = sum of D_k N_k y_k/kT over its carriers, in 1/(nm eV s)."""
        if len(self.carriers) == 1:
            return self._sites[0][1].mobilities(state.etas)
        found = np.zeros_like(state.excess)
        for numbers, sites in self._sites:
            for row, k in enumerate(sites.mobilities(state.etas[numbers])):
                found[self._component_numbers[numbers[row]]] += k
        return found

    def mobility_slopes(self, state: PhaseState) -> Array:
        """(n_components, n_components, n) dM_i/dw_j in 1/(nm eV^2 s)."""
        if len(self.carriers) == 1:
            return self.main.amount * self._sites[0][1].mobility_slopes(state.etas)
        found = np.zeros_like(state.slope)
        for numbers, sites in self._sites:
            slopes = sites.mobility_slopes(state.etas[numbers])
            for row, k in enumerate(numbers):
                for column, j in enumerate(numbers):
                    place = self._component_numbers[k], self._component_numbers[j]
                    found[place] += self.carriers[j].amount * slopes[row, column]
        return found

    def mobilities_at(self, w: Array, shift: Array | None = None) -> Array:
        """M_i at chemical potentials: `mobilities` of a state that nothing else is asked of."""
        w = np.asarray(w, dtype=np.float64)
        if len(self.carriers) == 1:
            numbers, sites = self._sites[0]
            return sites.mobilities(sites.logit_excesses(self._energies(numbers, w, shift)))
        found = np.zeros_like(w)
        for numbers, sites in self._sites:
            etas = sites.logit_excesses(self._energies(numbers, w, shift))
            for row, values in enumerate(sites.mobilities(etas)):
                found[self._component_numbers[numbers[row]]] += values
        return found

    def carrier_occupancies(self, state: PhaseState) -> dict[str, Array]:
        """(n,) occupancy of each carrier, by name."""
        return self._by_name(lambda numbers, sites: sites.occupancies(state.etas[numbers]))

    def _by_name(self, values_of: Callable[[list[int], SiteGroup], Array]) -> dict[str, Array]:
        """What each group of sites gives (m, n) for its carriers, by name, in their order."""
        found: dict[int, Array] = {}
        for numbers, sites in self._sites:
            found |= dict(zip(numbers, values_of(numbers, sites), strict=True))
        return {carrier.name: found[number] for number, carrier in enumerate(self.carriers)}

    def free_energy_density(self, state: PhaseState, shift: Array | None = None) -> Array:
        """(n,) cost of the occupancies against the bulk's, in eV/nm^3: integral of sum of u_k N_k dy_k.

        Args:
            state: where.
            shift: that the state was evaluated with: what lies on a shifted place costs so much more.
        """
        costs = [sites.free_energy(state.etas[numbers]) for numbers, sites in self._sites]
        total = costs[0] if len(costs) == 1 else np.sum(costs, axis=0)
        for numbers, sites in self._sites:
            if shift is not None:
                for row, values in enumerate(sites.excesses(state.etas[numbers])):
                    total += shift[numbers[row]] * values
        return total

    def pressure_excess(self, phi: Array, shift: Array | None = None) -> Array:
        """Osmotic pressure over the bulk's at equilibrium, eV/nm^3: eps/2 E^2 in one dimension.

        It is the integral of -rho over phi from the bulk: sum of u_k N_k (y_k - y_k0) less their cost.
        """
        excess = np.atleast_1d(self.excess_potential(phi))
        total = -self.charge_at_bulk * excess
        for numbers, sites in self._sites:
            energies = self._energies_at(numbers, excess, shift)
            etas = sites.logit_excesses(energies)
            total = total + (energies * sites.excesses(etas)).sum(axis=0) - sites.free_energy(etas)
        return total.reshape(np.shape(phi))

    # In terms of the potential, at equilibrium with the bulk --------------------------------

    def excess_potential(self, phi: Array) -> Array:
        """phi - phi_bulk in V."""
        return np.asarray(phi) - self.bulk_potential

    def _energies_at(self, numbers: list[int], excess: Array, shift: Array | None) -> Array:
        """(m, ...) energies u of some carriers at phi - phi_bulk, eV."""
        rows = []
        for number in numbers:
            energy = -self.carriers[number].charge_number * excess
            rows.append(energy if shift is None else energy - shift[number])
        return np.stack(rows)

    def at_potentials(self, phi: Array, offset: Array | None = None) -> PhaseState:
        """The state of all components at potentials.

        Args:
            phi: (n,) V.
            offset: (n_components,) by how much mu~ lies above that of the bulk, eV; None: not at all.
        """
        w = -self.charge_numbers[:, None] * self.excess_potential(phi)
        return self.evaluate(w if offset is None else w + offset[:, None])

    def charge_density(self, phi: Array, shift: Array | None = None) -> Array:
        """rho in e/nm^3 at equilibrium with the phase's own bulk."""
        return self.charge_density_and_slope(phi, shift)[0]

    def charge_density_and_slope(self, phi: Array, shift: Array | None = None) -> tuple[Array, Array]:
        """rho in e/nm^3 and -d(rho)/d(phi) in e/(nm^3 V), from one inversion of mu."""
        excess = self.excess_potential(phi)
        density, slope = np.full_like(excess, self.charge_at_bulk), np.zeros_like(excess)
        for numbers, sites in self._sites:
            charges = [self.carriers[number].charge_number for number in numbers]
            etas = sites.logit_excesses(self._energies_at(numbers, excess, shift))
            excesses, slopes = sites.response(etas)
            for charge, values in zip(charges, excesses, strict=True):
                density += charge * values
            for row, charge in enumerate(charges):
                for column, other in enumerate(charges):
                    slope += charge * other * slopes[row, column]
        return density, slope

    def conductivity(
        self, phi: Array, component: Component | None = None, shift: Array | None = None
    ) -> Array:
        """sigma in e/(V s nm): z^2 M of a component, summed over all where none is named."""
        excess = self.excess_potential(phi)
        total = np.zeros_like(excess)
        for numbers, sites in self._sites:
            if component is not None and all(self.carriers[k].component != component for k in numbers):
                continue
            mobilities = sites.mobilities(sites.logit_excesses(self._energies_at(numbers, excess, shift)))
            for number, mobility in zip(numbers, mobilities, strict=True):
                of = self.carriers[number].component
                if component is None or of == component:
                    total += of.charge_number**2 * mobility
        return total

    @property
    def charge_range(self) -> tuple[float, float]:
        """Least and largest rho in e/nm^3: each site full or empty; infinite where nothing bounds it."""
        far = self.bulk_potential + np.array([_FAR, -_FAR])
        with np.errstate(over="ignore", invalid="ignore"):
            least, most = self.charge_density(far)
        return -np.inf if np.isnan(least) else float(least), np.inf if np.isnan(most) else float(most)

    @property
    def bulk_conductivity(self) -> float:
        """sigma in e/(V s nm) of the neutral bulk."""
        return float(self.conductivity(np.array(self.bulk_potential)))

    def occupancies(self, phi: Array, shift: Array | None = None) -> dict[str, Array]:
        """Occupancy of each carrier, by name."""
        excess = self.excess_potential(phi)

        def at(numbers: list[int], sites: SiteGroup) -> Array:
            return sites.occupancies(sites.logit_excesses(self._energies_at(numbers, excess, shift)))

        return self._by_name(at)

    def occupancy(self, phi: Array, shift: Array | None = None) -> Array:
        """Occupancy of the main carrier."""
        numbers, sites = self._sites[0]
        energies = self._energies_at(numbers, self.excess_potential(phi), shift)
        return sites.occupancies(sites.logit_excesses(energies))[0]

    def concentration(self, phi: Array, shift: Array | None = None) -> Array:
        """Concentration of the main carrier in 1/nm^3."""
        return self.main.site_density * self.occupancy(phi, shift)

    def potentials_of_level(self, level: float) -> tuple[float, ...]:
        """Potentials (V) beyond which |c - c_0| > level c_0 of the main carrier, counted from the bulk's.

        One for depletion and one for enrichment, relative to the bulk potential and without the
        one that the sites cannot reach (y = (1 + level) y_0 would exceed 1).
        """
        bulk = self.main.thermodynamics.bulk_occupancy
        found = []
        for factor in (1.0 - level, 1.0 + level):
            if self.main.group:
                found += first_crossing(lambda v: self.occupancy(self.bulk_potential + v), factor * bulk)
            elif self.main.charge_number:
                energy = self.main.thermodynamics.energy_of_occupancy(factor * bulk)
                found += [] if energy is None else [float(-energy / self.main.charge_number)]
        return tuple(found)


def _group(carriers: list[Carrier]) -> SiteGroup:
    """The sites of carriers that share them, or of one that does not."""
    return SharedSites(carriers) if carriers[0].group else OwnSites(carriers[0])
