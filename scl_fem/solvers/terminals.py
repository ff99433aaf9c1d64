"""What happens at the two terminals of a transport problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scl_fem.discretisation.transport import TransportSystem
from scl_fem.discretisation.unknowns import State
from scl_fem.mesh.domain import ELECTRODE, ELECTROLYTE
from scl_fem.physics.types import Array

type Signal = Callable[[float], float]


@dataclass(frozen=True)
class Terminals:
    """Boundary conditions at both ends.

    Attributes:
        voltage: of the electrode's terminal against the electrolyte's (V) as a function of time, on
            top of the potential step; both are then reservoirs at bulk composition. None: no
            reservoirs.
        current: current density (e/(nm^2 s), per area of the interface, electrode to electrolyte) as
            a function of time that enters at one terminal and leaves at the other; used where
            there are no reservoirs.
    """

    voltage: Signal | None = None
    current: Signal | None = None

    @property
    def held(self) -> bool:
        """Whether the terminals are held at potentials."""
        return self.voltage is not None


class HeldUnknowns:
    """The rows of unknowns that are not solved for, and their values.

    Held terminals fix phi and mu_e there. Otherwise both are known up to one constant: phi is held
    at one node, whose row the others imply, since total charge is conserved.
    """

    def __init__(self, system: TransportSystem, terminals: Terminals) -> None:
        """Find the rows.

        Args:
            system: of the unknowns.
            terminals: conditions.

        Raises:
            InputError: something is to happen at a terminal that the mesh has not.
        """
        self.system, self.terminals = system, terminals
        if terminals.held or terminals.current is not None:
            for contact in system.space.domain.contacts:
                system.space.domain.require(contact)
        space = system.space
        self.nodes: dict[str, np.ndarray] = {}
        self.pinned: int | None = None
        if terminals.held:
            for tag, weights in system.terminal_weights.items():
                self.nodes[tag] = np.flatnonzero(weights > 0.0)
        else:
            self.pinned = self._pin()
        rows = [np.empty(0, system.phi_number.dtype)]
        for tag, nodes in self.nodes.items():
            rows += [system.phi_number[nodes], system.mu_number[tag][nodes]]
        if self.pinned is not None:
            rows.append(system.phi_number[[self.pinned]])
        self.rows = np.concatenate(rows)
        self.local_rows = self.rows - system.offset
        self.area = {tag: space.sum(weights) for tag, weights in system.terminal_weights.items()}

    def _pin(self) -> int | None:
        """The node of the electrolyte farthest along the first axis, on the rank that owns it."""
        system = self.system
        space = system.space
        nodes = system.nodes[ELECTROLYTE]
        nodes = nodes[nodes < space.owned]
        z = space.space.tabulate_dof_coordinates()[nodes]
        order = np.lexsort(z.T[::-1])
        best = tuple(z[order[-1]]) if nodes.size else (-np.inf,) * 3
        everywhere = space.comm.allgather(best)
        winner = max(range(len(everywhere)), key=everywhere.__getitem__)
        return int(nodes[order[-1]]) if winner == space.comm.rank else None

    @property
    def phi_rows(self) -> np.ndarray:
        """Rows of the potentials that are held at the terminals."""
        return np.concatenate([self.system.phi_number[nodes] for nodes in self.nodes.values()])

    def apply(self, state: State, time: float) -> None:
        """Give the held unknowns their values at a time (a pinned node keeps its own)."""
        if self.terminals.voltage is None:
            return
        for tag, here in self._held_nodes.items():
            phase = self.system.phases[tag]
            state.phi[here] = phase.bulk_potential
            state.mu_e[tag][here] = 0.0
        self.apply_deviation(state, self.terminals.voltage(time))

    def apply_deviation(self, state: State, voltage: float) -> None:
        """Add a voltage (V) at the electrode's terminal, to phi and to mu_e/(z e) alike."""
        here = self._held_nodes[ELECTRODE]
        state.phi[here] += voltage
        charge_number = self.system.phases[ELECTRODE].main.charge_number
        state.mu_e[ELECTRODE][here] += charge_number * voltage

    @cached_property
    def _held_nodes(self) -> dict[str, np.ndarray]:
        """Local nodes of each held terminal, ghosts included."""
        found = {}
        for tag, nodes in self.nodes.items():
            held = np.zeros(self.system.space.owned)
            held[nodes] = 1.0
            found[tag] = np.flatnonzero(self.system.with_ghosts(held) > 0.0)
        return found

    def sources(self, time: float) -> dict[str, Array]:
        """Current that enters each owned node at the terminals, e/s."""
        system = self.system
        sources = {tag: np.zeros(system.space.owned) for tag in system.phases}
        if self.terminals.current is not None:
            total = self.terminals.current(time) * system.space.interface_area
            for tag, sign in ((ELECTRODE, 1.0), (ELECTROLYTE, -1.0)):
                sources[tag] = sign * total * system.terminal_weights[tag] / self.area[tag]
        return sources
