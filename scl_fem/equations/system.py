"""The equations of a cell: Poisson's, and the conservation of each component, as one algebraic system.

    -div(eps grad phi) = rho                                   rows of phi, charges (e)
    dc_i/dt + div N_i = 0,    N_i = -M_i grad mu~_i            rows of mu~_i, amounts

A cell is regions (a phase each), the components that they hold, and the interfaces between them. Every
use of the equations is made of four parts: what nodes store (`Region.amounts`), what edges carry
(`Region.conductances`), what crosses where mu~ jumps (`Crossing.flow`), and the field (`permittances`).
The difference of amounts over a step is that of the concentrations themselves, so what there is of each
component is conserved whatever the step. `weak_form` says the same in UFL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np

from scl_fem.discretisation.space import Phases, PotentialSpace
from scl_fem.equations.crossing import Crossing
from scl_fem.equations.region import Region
from scl_fem.equations.state import Amounts, ImplicitStep, State
from scl_fem.equations.unknowns import Unknowns
from scl_fem.errors import InputError
from scl_fem.mesh.domain import Pair
from scl_fem.physics.components import Component
from scl_fem.physics.interface import InterfaceLaw
from scl_fem.physics.phase import PhaseState
from scl_fem.physics.types import Array

type Laws = Mapping[Pair, Mapping[str, InterfaceLaw]]
"""For each interface the laws of components, by their names; contact is perfect for the others."""

type Physics = Mapping[str, PhaseState]
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
    """

    def __init__(
        self,
        space: PotentialSpace,
        phases: Phases,
        laws: Laws | None = None,
        regions: dict[str, Region] | None = None,
    ) -> None:
        """Collect the geometry and number the unknowns. Collective.

        Args:
            space: of order 1, on simplices.
            phases: physics of each phase.
            laws: of the interfaces.
            regions: of the same phases on the same mesh, where there are some already.

        Raises:
            InputError: another order, or cells other than simplices.
        """
        if space.order != 1:
            raise InputError("transport is discretised with order 1", key="solver.order", allowed="1")
        self.space = space
        self.regions = regions or {name: Region(space, name, phase) for name, phase in phases.items()}
        every = (each for phase in phases.values() for each in phase.components)
        self.components = tuple(dict.fromkeys(every))
        self.crossings: list[Crossing] = []
        joined: dict[Component, list[Pair]] = {component: [] for component in self.components}
        for component in self.components:
            for pair in self._pairs(component):
                law = ((laws or {}).get(pair) or {}).get(component.name)
                if law is None or law.conductance is None:
                    joined[component].append(pair)
                else:
                    self.crossings.append(Crossing(space, pair, component, law, self.regions))
        self.unknowns = Unknowns(space, self.regions, joined)

    def _pairs(self, component: Component) -> Iterator[Pair]:
        """The interfaces both sides of which hold a component. Collective."""
        for first, second in self.space.domain.interfaces:
            sides = (self.regions[first].phase, self.regions[second].phase)
            if all(component in side.components for side in sides) and self.space.domain.has((first, second)):
                yield first, second

    def in_perfect_contact(self) -> System:
        """The same cell without any jump of mu~."""
        return System(self.space, self.phases, regions=self.regions)

    @property
    def phases(self) -> Phases:
        """Physics of each phase."""
        return {name: region.phase for name, region in self.regions.items()}

    @property
    def groups(self) -> tuple[Group, ...]:
        """Each component with the regions through which it can move."""
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

    def evaluate(self, state: State) -> dict[str, PhaseState]:
        """What each region is like at its nodes."""
        return {name: region.evaluate(state) for name, region in self.regions.items()}

    def amounts(self, physics: Physics) -> dict[str, Array]:
        """What the owned nodes of each region hold of its components beyond the bulk."""
        return {name: region.amounts(physics[name]) for name, region in self.regions.items()}

    def nothing(self) -> dict[str, Array]:
        """No amounts."""
        return {
            name: np.zeros((len(region.phase.components), region.owned))
            for name, region in self.regions.items()
        }

    def charge_sums(self, amounts: Amounts) -> dict[str, float]:
        """Charge of each region, e. Collective."""
        return {name: self.space.sum(each.charges_of(amounts[name])) for name, each in self.regions.items()}

    def total(self, amounts: Amounts, group: Group) -> float:
        """What a group of regions holds of its component beyond their bulks. Collective."""
        return self.space.sum(
            np.concatenate([self._of(amounts, name, group.component) for name in group.regions])
        )

    def _of(self, amounts: Amounts, name: str, component: Component) -> Array:
        return amounts[name][self.number(name, component)]

    def number(self, name: str, component: Component) -> int:
        """Number of a component in a region."""
        return self.regions[name].phase.components.index(component)

    def mobile(self, group: Group) -> float:
        """What the neutral bulks of a group hold of its component in carriers. Collective."""
        return sum(
            carrier.bulk_concentration * self.space.sum(self.regions[name].weights)
            for name in group.regions
            for carrier in self.regions[name].phase.carriers
            if carrier.component == group.component
        )

    def mobilities(self, physics: Physics) -> dict[str, Array]:
        """M of the cells of each region: the rule for what forms in time."""
        return {name: region.mobilities_of(physics[name]) for name, region in self.regions.items()}

    @property
    def bulk_mobilities(self) -> dict[str, Array]:
        """M of the cells of each region where it is neutral."""
        return {name: region.bulk_mobilities for name, region in self.regions.items()}

    def conductances(self, mobilities: Amounts) -> dict[str, Array]:
        """g of the edges of each region, 1/(eV s).

        Args:
            mobilities: M of the cells of each region.
        """
        return {name: region.conductances(mobilities[name]) for name, region in self.regions.items()}

    def steady_conductances(self, state: State) -> dict[str, Array]:
        """The same for what flows steadily."""
        return {name: region.steady_conductances(state) for name, region in self.regions.items()}

    # Vectors of unknowns ----------------------------------------------------------------------

    def residual(
        self, state: State, physics: Physics, conductances: Amounts, step: ImplicitStep
    ) -> Array:
        """The residual of an implicit step by owned numbers, held unknowns excepted. Collective.

        Args:
            state: where.
            physics: there.
            conductances: of the edges, at the new time or as the step gives them.
            step: what is implicit.
        """
        rows = self._field(state.phi)
        for name, region in self.regions.items():
            owned = region.owned
            rows[self.unknowns.phi[region.nodes[:owned]]] -= region.charges(physics[name])
            stored = region.amounts(physics[name]) - step.history[name] - step.length * step.sources[name]
            for number, here in zip(self.unknowns.mu[name], stored, strict=True):
                rows[number[:owned]] += here
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
            self.unknowns.mu[side.region.phase.name][side.number, side.nodes]
            for side in (crossing.first, crossing.second)
        )
        return first, second

    def displacement(self, phi: Array) -> Array:
        """K phi, e, at the owned nodes. Collective."""
        return self.unknowns.summed(self._field(phi))[self.unknowns.phi[: self.space.owned]]

    def currents(self, mu: Mapping[str, Array], conductances: Amounts) -> dict[str, Array]:
        """Particles that leave each owned node through its region, 1/s: (n_components, owned). Collective.

        Args:
            mu: at the local nodes, by region.
            conductances: of the edges.
        """
        found = {}
        for name, region in self.regions.items():
            rows, numbers = self.unknowns.zeros(), self.unknowns.mu[name]
            for number, each, here in zip(numbers, conductances[name], mu[name], strict=True):
                rows[number] += region.edges.divergence(each, here[region.nodes])
            found[name] = self.unknowns.summed(rows)[numbers[:, : region.owned]]
        return found

    def losses(self, mu: Mapping[str, Array], conductances: Amounts) -> dict[tuple[str, str], float]:
        """Power that small gradients and jumps of mu~ lose, each term not negative, e V/s. Collective.

        Args:
            mu: deviations at the local nodes, by region.
            conductances: of the edges.

        Returns:
            By region, or interface ("A|B"), and component.
        """
        here: dict[tuple[str, str], float] = {}
        for name, region in self.regions.items():
            for number, component in enumerate(region.phase.components):
                nodal = mu[name][number, region.nodes]
                here[name, component.name] = region.edges.dissipation(conductances[name][number], nodal)
        at_rest = State(np.zeros(self.unknowns.phi.size), {n: np.zeros_like(each) for n, each in mu.items()})
        for crossing in self.crossings:
            slope = crossing.flow(at_rest).by_jump
            lost = float(np.sum(slope * crossing.jump(mu) ** 2))
            here["|".join(crossing.pair), crossing.component.name] = lost
        everywhere = self.space.comm.allreduce(np.array(list(here.values())))
        return dict(zip(here, everywhere.tolist(), strict=True))
