"""The equations of a cell: Poisson's, and the conservation of each component, as one algebraic system.

    -div(eps grad phi) = rho                                   rows of phi, charges (e)
    dc_i/dt + div N_i = 0,    N_i = -M_i grad mu~_i            rows of mu~_i, amounts

A cell is regions (a phase each), the components that they hold, and the interfaces between them. Every
use of the equations is made of four parts: what nodes store (`Region.evaluate`), what edges carry
(`Region.conductances`), what crosses where mu~ jumps (`Crossing.flow`), and the field (`displacement`).
The difference of amounts over a step is that of the concentrations themselves, so what there is of each
component is conserved whatever the step. `weak_form` says the same in UFL.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np

from scl_fem.discretisation.space import Phases, PotentialSpace
from scl_fem.equations.crossing import Crossing
from scl_fem.equations.region import NodalPhysics, Region
from scl_fem.equations.state import Amounts, ImplicitStep, State
from scl_fem.equations.surface import SurfaceSites
from scl_fem.equations.unknowns import Unknowns
from scl_fem.errors import InputError
from scl_fem.mesh.domain import Pair
from scl_fem.physics.components import Component
from scl_fem.physics.interface import InterfaceLaw
from scl_fem.physics.interface_charge import InterfaceCharge
from scl_fem.physics.types import Array

type Laws = Mapping[Pair, Mapping[str, InterfaceLaw]]
"""For each interface the laws of components, by their names; contact is perfect for the others."""

type Charges = Mapping[Pair, InterfaceCharge]
"""Charges of the interfaces that have any."""

type Physics = Mapping[str, NodalPhysics]
"""What each region is like at its nodes."""


@dataclass(frozen=True)
class Group:
    """Regions that exchange a component with one another: there it has one total.

    Attributes:
        component: the one.
        regions: their names.
    """

    component: Component
    regions: tuple[str, ...]


class System:
    """Regions, components and interfaces of a cell.

    Attributes:
        space: P1 space of the potential.
        regions: by name of their phase.
        components: all of them, in order of first appearance.
        crossings: interfaces where a component's mu~ jumps.
        unknowns: numbers of phi and the mu~.
        surface_charges: (owned,) fixed charges of interfaces, e.
    """

    def __init__(
        self,
        space: PotentialSpace,
        phases: Phases,
        laws: Laws | None = None,
        charges: Charges | None = None,
        shifts: Mapping[str, Array | None] | None = None,
    ) -> None:
        """Collect the geometry and number the unknowns. Collective.

        Args:
            space: of order 1, on simplices.
            phases: physics of each phase.
            laws: of the interfaces.
            charges: of the interfaces.
            shifts: (n_carriers, n_local) by how much the energies of a phase's carriers are raised at the
                local nodes, eV.

        Raises:
            InputError: another order, or cells other than simplices.
        """
        if space.order != 1:
            raise InputError("transport is discretised with order 1", key="solver.order", allowed="1")
        self.space = space
        sites, self.surface_charges = _of_interfaces(space, phases, charges or {})
        self.regions = {
            name: Region(space, name, phase, (shifts or {}).get(name), sites.get(name, ()))
            for name, phase in phases.items()
        }
        self._connect(laws or {})

    def _connect(self, laws: Laws) -> None:
        """Number the unknowns, and find where they jump. Collective."""
        every = (each for region in self.regions.values() for each in region.phase.components)
        self.components = tuple(dict.fromkeys(every))
        self.crossings: list[Crossing] = []
        joined: dict[Component, list[Pair]] = {component: [] for component in self.components}
        for component in self.components:
            for pair in self._pairs(component):
                law = laws.get(pair, {}).get(component.name)
                if law is None or law.conductance is None:
                    joined[component].append(pair)
                else:
                    self.crossings.append(Crossing(self.space, pair, component, law, self.regions))
        self.unknowns = Unknowns(self.space, self.regions, joined)

    def in_perfect_contact(self) -> System:
        """The same cell without any jump of mu~. Collective."""
        other = object.__new__(System)
        other.space, other.regions, other.surface_charges = self.space, self.regions, self.surface_charges
        other._connect({})
        return other

    def _pairs(self, component: Component) -> Iterator[Pair]:
        """The interfaces both sides of which hold a component. Collective."""
        for first, second in self.space.domain.interfaces:
            sides = (self.regions[first].phase, self.regions[second].phase)
            if all(component in side.components for side in sides) and self.space.domain.has((first, second)):
                yield first, second

    @property
    def phases(self) -> Phases:
        """Physics of each phase."""
        return {name: region.phase for name, region in self.regions.items()}

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Each component with the regions through which it can move. Collective."""
        found = []
        for component in self.components:
            holders = [name for name, each in self.regions.items() if component in each.phase.components]
            pairs = list(self._pairs(component))
            while holders:
                together = {holders[0]}
                while more := {b for pair in pairs for b in pair if together & set(pair)} - together:
                    together |= more
                found.append(Group(component, tuple(name for name in holders if name in together)))
                holders = [name for name in holders if name not in together]
        return tuple(found)

    # What follows from a state ---------------------------------------------------------------

    def state(self, phi: Array, offsets: Mapping[str, Array] | None = None) -> State:
        """A state where the mu~ of each phase are constants.

        Args:
            phi: at the local nodes, V.
            offsets: (n_components,) the constants of phases where they are not 0, eV.
        """
        given = offsets or {}
        mu = {
            name: np.repeat(given.get(name, np.zeros(region.size))[:, None], phi.size, axis=1)
            for name, region in self.regions.items()
        }
        return State(phi.copy(), mu)

    def still(self) -> State:
        """No deviation at all."""
        return self.state(np.zeros(self.unknowns.phi.size))

    def evaluate(self, state: State) -> dict[str, NodalPhysics]:
        """What each region is like at its nodes."""
        return {name: region.evaluate(state) for name, region in self.regions.items()}

    def mobilities(self, physics: Physics) -> dict[str, Array]:
        """M of the cells of each region: the rule for what forms in time."""
        return {name: region.mobilities(physics[name]) for name, region in self.regions.items()}

    @property
    def bulk_mobilities(self) -> dict[str, Array]:
        """M of the cells of each region where it is neutral."""
        return {name: region.bulk_mobilities for name, region in self.regions.items()}

    @property
    def neutral_mobilities(self) -> dict[str, Array]:
        """M of the cells of each region in the bulk that its excesses are counted from."""
        return {name: region.neutral_mobilities for name, region in self.regions.items()}

    def conductances(self, mobilities: Amounts) -> dict[str, Array]:
        """g of the edges of each region, 1/(eV s).

        Args:
            mobilities: M of the cells of each region.
        """
        return {name: region.conductances(mobilities[name]) for name, region in self.regions.items()}

    def steady_conductances(self, state: State) -> dict[str, Array]:
        """The same for what flows steadily."""
        return {name: region.steady_conductances(state) for name, region in self.regions.items()}

    # Sums ------------------------------------------------------------------------------------

    def moduli(self, amounts: Amounts) -> float:
        """Sum of the charges of all components whatever their sign, e. Collective."""
        return sum(self.space.sum(each.moduli(amounts[name])) for name, each in self.regions.items())

    def charge_sums(self, amounts: Amounts) -> dict[str, float]:
        """Charge of each region, e. Collective."""
        return {name: self.space.sum(each.charges_of(amounts[name])) for name, each in self.regions.items()}

    def number(self, name: str, component: Component) -> int:
        """Number of a component in a region."""
        return self.regions[name].phase.components.index(component)

    def total(self, amounts: Amounts, group: Group) -> float:
        """What a group of regions holds of its component beyond their bulks. Collective."""
        parts = (amounts[name][self.number(name, group.component)] for name in group.regions)
        return sum(self.space.sum(each) for each in parts)

    def neutral_total(self, group: Group) -> float:
        """What the neutral bulks of a group hold of its component; a vacancy counts as one too."""
        return sum(
            carrier.bulk_concentration * self.space.sum(self.regions[name].weights)
            for name in group.regions
            for carrier in self.regions[name].phase.carriers
            if carrier.component == group.component
        )

    # Rows ------------------------------------------------------------------------------------

    def residual(self, state: State, physics: Physics, conductances: Amounts, step: ImplicitStep) -> Array:
        """The residual of an implicit step by owned numbers, held unknowns excepted. Collective.

        Args:
            state: where.
            physics: there.
            conductances: of the edges, at the new time or as the step gives them.
            step: what is implicit.
        """
        rows = self._field(state.phi)
        rows[self.unknowns.phi[: self.space.owned]] -= self.surface_charges
        for name, region in self.regions.items():
            owned, here = region.owned, physics[name]
            rows[self.unknowns.phi[region.nodes[:owned]]] -= here.charges
            stored = here.amounts - step.history[name] - step.length * step.sources[name]
            for number, amounts in zip(self.unknowns.mu[name], stored, strict=True):
                rows[number[:owned]] += amounts
        self._add_flow(rows, state, conductances, step.length)
        return self.unknowns.summed(rows)

    def _field(self, phi: Array) -> Array:
        """K phi, e, by local numbers, contributions of this rank."""
        rows = self.unknowns.zeros()
        for region in self.regions.values():
            nodal = region.edges.divergence(region.permittances, phi[region.nodes])
            rows[self.unknowns.phi[region.nodes]] += nodal
        return rows

    def _add_flow(self, rows: Array, state: State, conductances: Amounts, length: float) -> None:
        """Add what leaves each node in a time, along edges and across interfaces."""
        for name, region in self.regions.items():
            local = state.mu[name][:, region.nodes]
            for number, each, mu in zip(self.unknowns.mu[name], conductances[name], local, strict=True):
                rows[number] += length * region.edges.divergence(each, mu)
        for crossing in self.crossings:
            flow = length * crossing.flow(state).value
            first, second = self.numbers_at(crossing)
            rows[first] += flow
            rows[second] -= flow

    def numbers_at(self, crossing: Crossing) -> tuple[Array, Array]:
        """Local numbers of the mu~ on both sides of an interface."""
        first, second = (
            self.unknowns.mu[side.region.phase.name][side.number, side.nodes] for side in crossing.sides
        )
        return first, second

    def displacement(self, phi: Array) -> Array:
        """K phi, e, at the owned nodes. Collective."""
        return self.unknowns.summed(self._field(phi))[self.unknowns.phi[: self.space.owned]]

    def currents(
        self, mu: Mapping[str, Array], conductances: Amounts, carried_by: Container[str] | None = None
    ) -> Array:
        """Charge that leaves each owned node along the edges of all regions, e/s. Collective.

        Args:
            mu: at the local nodes, by region.
            conductances: of the edges.
            carried_by: names of components, the only ones to count; None: all.
        """
        rows = self.unknowns.zeros()
        for name, region in self.regions.items():
            at = self.unknowns.phi[region.nodes]
            of_components = zip(region.phase.components, conductances[name], mu[name], strict=True)
            for component, each, here in of_components:
                if carried_by is None or component.name in carried_by:
                    flow = region.edges.divergence(each, here[region.nodes])
                    rows[at] += component.charge_number * flow
        return self.unknowns.summed(rows)[self.unknowns.phi[: self.space.owned]]

    def losses(
        self, mu: Mapping[str, Array], conductances: Amounts, rest: State
    ) -> dict[tuple[str, str], float]:
        """Power that small gradients and jumps of mu~ lose, each term not negative, eV/s. Collective.

        Args:
            mu: deviations at the local nodes, by region.
            conductances: of the edges.
            rest: state that they deviate from, without jumps.

        Returns:
            By region, or interface ("A|B"), and name of the component.
        """
        here: dict[tuple[str, str], float] = {}
        for name, region in self.regions.items():
            for number, component in enumerate(region.phase.components):
                nodal = mu[name][number, region.nodes]
                here[name, component.name] = region.edges.dissipation(conductances[name][number], nodal)
        for crossing in self.crossings:
            lost = float(np.sum(crossing.flow(rest).by_jump * crossing.jump(mu) ** 2))
            here["|".join(crossing.pair), crossing.component.name] = lost
        everywhere = self.space.comm.allreduce(np.array(list(here.values())))
        return dict(zip(here, everywhere.tolist(), strict=True))


def _of_interfaces(
    space: PotentialSpace, phases: Phases, charges: Charges
) -> tuple[dict[str, tuple[SurfaceSites, ...]], Array]:
    """Sites of interfaces, by the region that they exchange with, and fixed charges of the owned nodes."""
    sites: dict[str, tuple[SurfaceSites, ...]] = {}
    fixed = np.zeros(space.owned)
    for pair, charge in charges.items():
        areas = space.facet_weights(pair)
        fixed += charge.fixed * areas
        if charge.sites is not None:
            nodes = np.flatnonzero(areas > 0.0)
            component = phases[charge.first].components.index(charge.sites.component)
            numbers = np.searchsorted(space.dofs(charge.first), nodes)
            surface = SurfaceSites(charge.sites, component, numbers, areas[nodes])
            sites[charge.first] = (*sites.get(charge.first, ()), surface)
    return sites, fixed
