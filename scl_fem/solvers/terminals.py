"""What happens at the contacts of a cell in time: what is held, what enters, what keeps its total."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before PETSc)

# isort: split
import numpy as np
import numpy.typing as npt
from petsc4py import PETSc

from scl_fem.equations.operator import Pattern
from scl_fem.equations.state import Amounts, State
from scl_fem.equations.system import Group, System
from scl_fem.physics.contacts import CLOSED, Contact
from scl_fem.physics.types import Array, Indices

type Signal = Callable[[float], float]


@dataclass(frozen=True)
class Terminal:
    """One contact in time.

    Attributes:
        contact: what is held, and what is exchanged.
        voltage: V, as a function of time (s), on top of the contact's own potential: phi and the mu~ of what
            is exchanged move with it. Of a contact that is held.
        current: current density that enters, e/(nm^2 s) per area of the interface, as a function of time;
            carried by the main component of the phase.
    """

    contact: Contact = CLOSED
    voltage: Signal | None = None
    current: Signal | None = None

    @property
    def held(self) -> bool:
        """Whether its potential is held."""
        return self.contact.held

    @property
    def active(self) -> bool:
        """Whether anything happens there."""
        return self.held or bool(self.contact.surface_charge) or self.current is not None

    def potential(self, time: float) -> float:
        """By how much it lies above the neutral bulk of its phase, V."""
        moved = 0.0 if self.voltage is None else self.voltage(time)
        return (self.contact.potential or 0.0) + moved

    def moves_with(self, component: str, time: float) -> float:
        """By how much it moves mu~ of a component that it exchanges, over z, V.

        The potential of a metal is against the bulk at equilibrium: no mu~ moves with that alone.
        """
        if component not in self.contact.exchanges:
            return 0.0
        return self.potential(time) - (0.0 if self.contact.reservoir else self.contact.potential or 0.0)


type Terminals = Mapping[str, Terminal]
"""By the names of the contacts; those that are not named are closed."""


class HeldUnknowns:
    """The contacts on the nodes: rows that are not solved for and their values, and what enters the others.

    A contact that is held fixes phi, unless a capacitor is in series, and mu~ of what it exchanges. Where no
    phi is held, all is known up to a constant: phi is held at one node, whose row the others imply, since
    total charge is conserved.

    Attributes:
        system: of the unknowns.
        terminals: by name of the contact.
        weights: (owned,) integrals of the basis functions over each active contact, by the phases there.
        pinned: local node whose phi is held, on the rank that owns it, where no contact holds any.
        local_rows: numbers of the unknowns that this rank owns and does not solve for.
        rows: their global numbers.
        closed_groups: components and regions that exchange nothing with any contact.
    """

    def __init__(self, system: System, terminals: Terminals) -> None:
        """Find the rows. Collective.

        Args:
            system: of the unknowns.
            terminals: conditions.

        Raises:
            InputError: something is to happen at a contact that the mesh has not.
        """
        self.system, self.terminals = system, terminals
        space = system.space
        self.weights = {}
        for name, terminal in terminals.items():
            if terminal.active:
                space.domain.require(name)
                self.weights[name] = space.contact_weights(name)
        self.area = {name: space.area(name) for name in self.weights}
        self.pinned = None if self.held else self._pin()
        rows = [*self._rows_of_phi, *self._rows_of_mu]
        if self.pinned is not None:
            rows.append(system.unknowns.phi[[self.pinned]])
        self.local_rows = np.unique(np.concatenate([np.empty(0, np.int64), *rows]))
        self.rows = system.unknowns.global_numbers[self.local_rows]
        self.closed_groups = tuple(group for group in system.groups if not self._exchanged(group))

    @property
    def held(self) -> bool:
        """Whether some contact holds a potential."""
        return any(terminal.held for terminal in self.terminals.values())

    @property
    def charge(self) -> float:
        """What sits on the contacts whose charge is given, e."""
        return sum(density * self.area[name] for name, density in self.given_charges.items())

    @property
    def given_charges(self) -> dict[str, float]:
        """Charge per area of the contacts that hold no potential, e/nm^2."""
        given = {name: self.terminals[name] for name in self.weights}
        return {name: each.contact.surface_charge or 0.0 for name, each in given.items() if not each.held}

    def phases_at(self, name: str) -> tuple[str, ...]:
        """The phases that a contact touches."""
        return tuple(self.weights[name])

    def _exchanged(self, group: Group) -> bool:
        """Whether some contact is a reservoir of it."""
        return any(
            terminal.held
            and group.component.name in terminal.contact.exchanges
            and set(self.phases_at(name)) & set(group.regions)
            for name, terminal in self.terminals.items()
        )

    def _pin(self) -> int | None:
        """The node of the last phase farthest along the first axis, on the rank that owns it."""
        space = self.system.space
        region = list(self.system.regions.values())[-1]
        nodes = region.nodes[: region.owned]
        z = space.space.tabulate_dof_coordinates()[nodes]
        order = np.lexsort(z.T[::-1])
        best = tuple(z[order[-1]]) if nodes.size else (-np.inf,) * 3
        everywhere = space.comm.allgather(best)
        winner = max(range(len(everywhere)), key=everywhere.__getitem__)
        return int(nodes[order[-1]]) if winner == space.comm.rank else None

    # Nodes -----------------------------------------------------------------------------------

    def owned_nodes(self, name: str) -> Indices:
        """Owned nodes of an active contact."""
        return np.flatnonzero(self.system.space.facet_weights(name) > 0.0)

    @cached_property
    def _held_nodes(self) -> dict[tuple[str, str], npt.NDArray[np.int32]]:
        """Local nodes of each held contact in each phase that it touches, ghosts included. Collective."""
        return {
            (name, phase): self.system.space.facet_dofs(name, phase)
            for name, terminal in self.terminals.items()
            if terminal.held
            for phase in self.phases_at(name)
        }

    @property
    def _in_series(self) -> dict[str, float]:
        """Capacitance in series with each held contact that has one, e/(V nm^2)."""
        held = {name: each.contact.stern_capacitance for name, each in self.terminals.items() if each.held}
        return {name: capacitance for name, capacitance in held.items() if capacitance is not None}

    @property
    def _rows_of_phi(self) -> list[Indices]:
        """Numbers of the potentials that contacts hold."""
        owned, numbers = self.system.space.owned, self.system.unknowns.phi
        return [
            numbers[nodes[nodes < owned]]
            for (name, _), nodes in self._held_nodes.items()
            if name not in self._in_series
        ]

    @property
    def _rows_of_mu(self) -> list[Indices]:
        """Numbers of the mu~ that contacts hold."""
        found = []
        for (name, phase), nodes in self._held_nodes.items():
            region, numbers = self.system.regions[phase], self.system.unknowns.mu[phase]
            here = np.searchsorted(region.nodes, nodes[nodes < self.system.space.owned])
            for number, component in enumerate(region.phase.components):
                if component.name in self.terminals[name].contact.exchanges:
                    found.append(numbers[number, here])
        return found

    # Values ----------------------------------------------------------------------------------

    def apply(self, state: State, time: float) -> None:
        """Give the held unknowns their values at a time (a pinned node keeps its own)."""
        for (name, phase), nodes in self._held_nodes.items():
            terminal, physics = self.terminals[name], self.system.regions[phase].phase
            if name not in self._in_series:
                state.phi[nodes] = physics.bulk_potential + terminal.potential(time)
            for number, component in enumerate(physics.components):
                if component.name in terminal.contact.exchanges:
                    moved = component.charge_number * terminal.moves_with(component.name, time)
                    state.mu[phase][number, nodes] = moved

    def apply_deviation(self, state: State, name: str, voltage: float) -> None:
        """Add a voltage (V) at a contact, to phi and to mu~/(z e) of what it exchanges alike."""
        for (contact, phase), nodes in self._held_nodes.items():
            if contact != name:
                continue
            state.phi[nodes] += voltage
            for number, component in enumerate(self.system.regions[phase].phase.components):
                if component.name in self.terminals[name].contact.exchanges:
                    state.mu[phase][number, nodes] += component.charge_number * voltage

    # What enters -----------------------------------------------------------------------------

    def sources(self, time: float) -> dict[str, Array]:
        """(n_components, owned) what enters each node of each region, 1/s."""
        system = self.system
        sources = {name: np.zeros((each.size, each.owned)) for name, each in system.regions.items()}
        for name, terminal in self.terminals.items():
            if terminal.current is None:
                continue
            total = terminal.current(time) * system.space.interface_area
            for phase, weights in self.weights[name].items():
                region = system.regions[phase]
                here = weights[region.nodes[: region.owned]]
                charge_number = region.phase.main.component.charge_number
                sources[phase][0] += total * here / self.area[name] / charge_number
        return sources

    def net_source(self, group: Group, time: float) -> float:
        """What enters a group of regions of its component, 1/s: the total of `sources`, without round-off."""
        total = 0.0
        for name, terminal in self.terminals.items():
            if terminal.current is None:
                continue
            for phase in set(self.phases_at(name)) & set(group.regions):
                if self.system.number(phase, group.component) == 0:
                    area = self.system.space.sum(self.weights[name][phase])
                    share = 1.0 if len(self.weights[name]) == 1 else area / self.area[name]
                    total += share * terminal.current(time) / group.component.charge_number
        return total * self.system.space.interface_area

    def add_charges(self, rows: Array, state: State, time: float) -> None:
        """Take what contacts bring to the nodes from the rows of phi: charges, and those of capacitors.

        Args:
            rows: (owned,) residual of the unknowns.
            state: where.
            time: s.
        """
        space, numbers = self.system.space, self.system.unknowns.phi[: self.system.space.owned]
        for name, density in self.given_charges.items():
            rows[numbers] -= density * space.facet_weights(name)
        for name, capacitance in self._in_series.items():
            for phase, weights in self.weights[name].items():
                metal = self.system.regions[phase].phase.bulk_potential + self.terminals[name].potential(time)
                rows[numbers] -= capacitance * weights * (metal - state.phi[: space.owned])

    @cached_property
    def capacitors(self) -> tuple[Pattern, Array]:
        """Rows and columns, and values in e/V, of what capacitors in series add to the matrix."""
        owned = self.system.space.owned
        total = np.zeros(owned)
        for name, capacitance in self._in_series.items():
            total += capacitance * self.system.space.facet_weights(name)
        nodes = np.flatnonzero(total)
        unknowns = self.system.unknowns
        numbers = unknowns.global_numbers[unknowns.phi[nodes]].astype(PETSc.IntType)
        return (numbers, numbers), total[nodes]

    # Gauge -----------------------------------------------------------------------------------

    @cached_property
    def first_nodes(self) -> Indices:
        """Owned nodes of the first contact of the mesh, none where it has none. Collective."""
        space = self.system.space
        first = next(iter(space.domain.contacts), None)
        if first is None or not space.domain.has(first):
            return np.empty(0, np.intp)
        return np.flatnonzero(space.facet_weights(first) > 0.0)

    def gauge(self, state: State) -> float:
        """mu~/(z e) of the main component at the last contact, or at the pinned node, V. Collective."""
        space = self.system.space
        name = list(self.system.regions)[-1]
        main = self.system.regions[name].phase.main.component
        mu = state.mu[name][self.system.number(name, main), : space.owned]
        weights = self._last_weights
        area = space.sum(weights)
        if area > 0.0:
            mean = space.sum(weights * mu) / area
        else:
            here = float(mu[self.pinned]) if self.pinned is not None else 0.0
            mean = float(space.comm.allreduce(here))
        return mean / (main.charge_number or 1)

    def terminal_voltage(self, state: State) -> float:
        """Voltage between the first contact and the last, V: 0 where the mesh has none. Collective.

        Of a contact by mu~/(z e) of the main component of its phase; where it holds its potential and blocks
        that, by how much the potential is above the bulk's.
        """
        contacts = self.system.space.domain.contacts
        if not contacts:
            return 0.0
        first, last = (self._potential_at(name, state) for name in (contacts[0], contacts[-1]))
        return first - last

    def _potential_at(self, name: str, state: State) -> float:
        space = self.system.space
        if not space.domain.has(name):
            return 0.0
        total = 0.0
        terminal = self.terminals.get(name, Terminal())
        weights = self.weights.get(name) or space.contact_weights(name)
        for phase, of_phase in weights.items():
            physics = self.system.regions[phase].phase
            main = physics.main.component
            if terminal.held and main.name not in terminal.contact.exchanges:
                values = state.phi[: space.owned] - physics.bulk_potential
            else:
                number = self.system.number(phase, main)
                values = state.mu[phase][number, : space.owned] / (main.charge_number or 1)
            total += space.sum(of_phase * values)
        return total / space.area(name)

    @cached_property
    def _last_weights(self) -> Array:
        """(owned,) integrals of the basis functions over the last contact where it touches the last phase."""
        space = self.system.space
        contact, phase = next(reversed(space.domain.contacts), None), list(self.system.regions)[-1]
        if contact is None or not space.domain.has(contact):
            return np.zeros(space.owned)
        return space.facet_weights(contact, phase)

    # What stays ------------------------------------------------------------------------------

    def shift_of_totals(self, gained: Array, capacitances: Amounts) -> Array:
        """(n_groups,) by how much mu~ of the closed groups must fall for what they gained to go, eV.

        Args:
            gained: (n_groups,).
            capacitances: (n_components, n_components, owned) of each region, 1/eV.
        """
        groups, system = self.closed_groups, self.system
        matrix = np.zeros((len(groups), len(groups)))
        for row, one in enumerate(groups):
            for column, other in enumerate(groups):
                for name in set(one.regions) & set(other.regions):
                    i, j = system.number(name, one.component), system.number(name, other.component)
                    matrix[row, column] += np.sum(capacitances[name][i, j])
        matrix = system.space.comm.allreduce(matrix)
        return np.linalg.lstsq(matrix, gained, rcond=None)[0]
