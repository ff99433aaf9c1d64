"""The Poisson-Nernst-Planck equations in phi and mu_e, lumped, as one algebraic system.

    -div(eps_0 eps_r grad phi) = rho
    d(rho)/dt + div i = 0,    i = -(z e)^2 (D c/kT) grad mu_e/(z e)

The concentration is eliminated at the nodes from u = mu_e - z e (phi - phi_bulk), once for each
phase that meets there, so the difference of charge over a step is that of rho itself and total Li
is conserved whatever the step. mu_e is one unknown a node; where an interface law lets it jump it
is one for each phase. All rows are charges (e): the continuity rows are multiplied by the step.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np
from dolfinx import fem, la
from petsc4py import PETSc

from scl_fem.discretisation.edge_rule import linear_means, steady_conductances
from scl_fem.discretisation.simplices import Simplices
from scl_fem.discretisation.space import Phases, PotentialSpace
from scl_fem.discretisation.unknowns import ImplicitStep, NodalPhysics, State
from scl_fem.errors import InputError
from scl_fem.mesh.domain import ELECTRODE, ELECTROLYTE, INTERFACE
from scl_fem.physics.interface import CurrentDensity, InterfaceLaw, SideState
from scl_fem.physics.types import Array


class TransportSystem:
    """Unknowns, residual and Jacobian of one implicit step.

    Attributes:
        space: P1 space of the potential.
        phases: physics of each phase.
        law: of the interface.
    """

    def __init__(self, space: PotentialSpace, phases: Phases, law: InterfaceLaw) -> None:
        """Number the unknowns and collect the geometry.

        Args:
            space: of order 1, on simplices.
            phases: physics of each phase; one carrier.
            law: of the interface.

        Raises:
            InputError: another order, or cells other than simplices.
        """
        if space.order != 1:
            raise InputError("transport is discretised with order 1", key="solver.order", allowed="1")
        self.space, self.phases, self.law = space, phases, law
        self.geometry = {tag: Simplices.of(space, tag) for tag in phases}
        self.weights = space.phase_weights
        self.nodes = {tag: space.dofs(tag) for tag in phases}
        self._number()

    # Unknowns ------------------------------------------------------------------------------

    def _number(self) -> None:
        """Give every unknown a global number: phi and mu_e of a node in turn, jumps at the end."""
        owned = self.space.owned
        self.jump_nodes = np.empty(0, np.int32)
        if self.law.conductance is not None:
            on_interface = self.space.facet_dofs(INTERFACE)
            self.jump_nodes = on_interface[on_interface < owned]
        self.size = 2 * owned + self.jump_nodes.size
        sizes = self.space.comm.allgather(self.size)
        self.offset = sum(sizes[: self.space.comm.rank])
        self.global_size = sum(sizes)
        first = np.zeros(owned)
        first[:] = self.offset + 2 * np.arange(owned)
        phi = self.with_ghosts(first)
        other = first + 1
        electrolyte = other.copy()
        electrolyte[self.jump_nodes] = self.offset + 2 * owned + np.arange(self.jump_nodes.size)
        self.phi_number = phi.astype(PETSc.IntType)
        self.mu_number = {
            ELECTRODE: self.with_ghosts(other).astype(PETSc.IntType),
            ELECTROLYTE: self.with_ghosts(electrolyte).astype(PETSc.IntType),
        }

    def with_ghosts(self, owned: Array) -> Array:
        """Owned nodal values, completed by those of the ghosts."""
        function = self._scratch
        function.x.array[: self.space.owned] = owned
        function.x.scatter_forward()
        return function.x.array.copy()

    @cached_property
    def _scratch(self) -> fem.Function:
        return self.space.function("scratch")

    def _summed(self, local: Array) -> Array:
        """Nodal contributions of all ranks, owned entries."""
        vector = self._scratch.x
        vector.array[:] = local
        vector.scatter_reverse(la.InsertMode.add)
        return vector.array[: self.space.owned].copy()

    @property
    def jump_nodes_anywhere(self) -> bool:
        """Whether mu_e may jump."""
        return self.law.conductance is not None

    def vector(self) -> PETSc.Vec:
        """A vector of unknowns."""
        return PETSc.Vec().createMPI((self.size, self.global_size), comm=self.space.comm)

    def pack(self, state: State, x: PETSc.Vec) -> None:
        """Put a state into a vector."""
        owned = self.space.owned
        values = x.array
        values[: 2 * owned : 2] = state.phi[:owned]
        electrolyte = np.setdiff1d(self.nodes[ELECTROLYTE], self.jump_nodes)
        electrode = self.nodes[ELECTRODE]
        # The electrode comes last: at a jump the common number is its own.
        for tag, local in ((ELECTROLYTE, electrolyte), (ELECTRODE, electrode)):
            nodes = local[local < owned]
            values[1 + 2 * nodes] = state.mu_e[tag][nodes]
        values[2 * owned :] = state.mu_e[ELECTROLYTE][self.jump_nodes]

    def unpack(self, x: PETSc.Vec) -> State:
        """The state in a vector."""
        owned, values = self.space.owned, x.array_r
        common = values[1 : 2 * owned : 2].copy()
        electrolyte = common.copy()
        electrolyte[self.jump_nodes] = values[2 * owned :]
        return State(
            self.with_ghosts(values[: 2 * owned : 2]),
            {
                ELECTRODE: self.with_ghosts(common),
                ELECTROLYTE: self.with_ghosts(electrolyte),
            },
        )

    # Physics at the nodes ------------------------------------------------------------------

    def energy(self, state: State, tag: str) -> Array:
        """Chemical potential of a phase's Li, counted from its bulk, eV, at all local nodes."""
        phase = self.phases[tag]
        return state.mu_e[tag] - phase.main.charge_number * phase.excess_potential(state.phi)

    def evaluate(self, state: State) -> dict[str, NodalPhysics]:
        """Charge and its slope at the nodes of each phase."""
        found = {}
        for tag, phase in self.phases.items():
            lithium, nodes = phase.main, self.nodes[tag]
            eta = lithium.thermodynamics.logit_excess(self.energy(state, tag)[nodes])
            found[tag] = NodalPhysics(
                self.on_nodes(tag, lithium.charge_density(eta)),
                self.on_nodes(tag, lithium.charge_density_slope(eta)),
                eta,
            )
        return found

    def nodal_mobilities(self, physics: Mapping[str, NodalPhysics]) -> dict[str, Array]:
        """D c/kT at the local nodes of each phase, 1/(nm eV s), 0 outside it."""
        return {
            tag: self.on_nodes(tag, phase.main.mobility(physics[tag].eta))
            for tag, phase in self.phases.items()
        }

    def mean_mobilities(self, nodal: Mapping[str, Array]) -> dict[str, Array]:
        """D c/kT of each cell as the mean of its nodes': the rule for what forms in time.

        In a cell between a depleted and a filled node the filled one sets how fast the other fills. A
        geometric mean, or the centroid's value, needs cells ten times as small for the charge of a
        layer of LVO|LAGP at 1 ns (benchmarks/README.md).
        """
        return {tag: cells.centroid_means(nodal[tag]) for tag, cells in self.geometry.items()}

    def edge_mobility_slopes(self, tag: str, physics: NodalPhysics) -> tuple[Array, Array]:
        """What the mean mobility of an edge changes by with mu at its first and at its second node.

        Args:
            tag: of the phase.
            physics: of the phase.

        Returns:
            d(D c/kT)/d(mu) of each edge, 1/(nm eV^2 s).
        """
        edges, lithium = self.geometry[tag].edges, self.phases[tag].main
        slopes = self.on_nodes(tag, 0.5 * lithium.mobility_slope(physics.eta))
        return slopes[edges.first], slopes[edges.second]

    @property
    def bulk_mobilities(self) -> dict[str, Array]:
        """D c/kT of each cell where its phase is neutral."""
        return {
            tag: np.full(cells.volumes.size, self.phases[tag].main.mobility(np.zeros(1))[0])
            for tag, cells in self.geometry.items()
        }

    def steady_conductances(self, state: State) -> dict[str, Array]:
        """Conductances of the edges for what flows steadily, 1/(eV s): harmonic means along them.

        A layer's parts resist in series; the mean of the nodes would count its best conducting end.
        """
        found = {}
        for tag, cells in self.geometry.items():
            lithium, edges = self.phases[tag].main, cells.edges
            energy = self.energy(state, tag)
            means = linear_means(lithium.mobility_at, energy[edges.first], energy[edges.second])
            found[tag] = lithium.charge_number * steady_conductances(cells, means)
        return found

    def on_nodes(self, tag: str, values: Array) -> Array:
        """Values at the nodes of a phase, completed by zeros at the other local nodes."""
        full = np.zeros(self._scratch.x.array.size)
        full[self.nodes[tag]] = values
        return full

    def charges(self, physics: Mapping[str, NodalPhysics]) -> dict[str, Array]:
        """Nodal charges of each phase, e, owned nodes."""
        return {tag: self.weights[tag] * physics[tag].charge[: self.space.owned] for tag in self.phases}

    def conductances(self, mobilities: Mapping[str, Array]) -> dict[str, Array]:
        """z times the integral of D c/kT grad l_i . grad l_j for each edge, 1/(eV s).

        Args:
            mobilities: D c/kT of the cells of each phase.
        """
        return {
            tag: self.phases[tag].main.charge_number * cells.edges.conductances(mobilities[tag])
            for tag, cells in self.geometry.items()
        }

    @cached_property
    def capacitances(self) -> dict[str, Array]:
        """Integral of eps grad l_i . grad l_j for each edge, e/V."""
        return {
            tag: self.phases[tag].permittivity * cells.edges.geometric for tag, cells in self.geometry.items()
        }

    def currents(self, mu_e: Mapping[str, Array], conductances: Mapping[str, Array]) -> dict[str, Array]:
        """Ionic current out of each node through its phase, e/s, owned nodes: K_m mu_e. Collective.

        Args:
            mu_e: at the local nodes, by phase.
            conductances: of the edges.
        """
        return {
            tag: self._summed(cells.edges.divergence(conductances[tag], mu_e[tag]))
            for tag, cells in self.geometry.items()
        }

    def dissipation(self, mu_e: Mapping[str, Array], conductances: Mapping[str, Array]) -> float:
        """Power that small gradients and jumps of mu_e lose, mu_e B mu_e. Collective.

        Args:
            mu_e: deviation at the local nodes, by phase.
            conductances: of the edges.
        """
        lost = sum(
            cells.edges.dissipation(conductances[tag], mu_e[tag]) for tag, cells in self.geometry.items()
        )
        if self.jump_nodes_anywhere:
            jump = self.interface_jump(mu_e)
            weights = self.space.interface_weights[self.jump_nodes]
            lost += float(np.sum(weights * (self.law.conductance or 0.0) * jump**2))
        return float(self.space.comm.allreduce(lost))

    def displacement(self, phi: Array) -> Array:
        """K phi, e, owned nodes. Collective."""
        local = (cells.edges.divergence(self.capacitances[tag], phi) for tag, cells in self.geometry.items())
        return self._summed(sum(local, np.zeros_like(phi)))

    def interface_jump(self, mu_e: Mapping[str, Array]) -> Array:
        """Jump of mu_e, electrode - electrolyte, eV, at the jump nodes."""
        electrode, electrolyte = (mu_e[tag][self.jump_nodes] for tag in self.phases)
        return electrode - electrolyte

    def interface_current(self, state: State) -> Array:
        """Current across the interface, electrode to electrolyte, e/s, at the jump nodes."""
        # Not whether this rank has any: the weights are assembled by all ranks together.
        if not self.jump_nodes_anywhere:
            return np.empty(0)
        return self.space.interface_weights[self.jump_nodes] * self.interface_current_density(state).value

    def interface_current_density(self, state: State) -> CurrentDensity:
        """Current density of the interface's law, and its derivatives, at the jump nodes."""
        first, second = (self._side(state, tag) for tag in self.phases)
        return self.law.current(self.interface_jump(state.mu_e), first, second)

    def _side(self, state: State, tag: str) -> SideState:
        """What a side of the interface is like at the jump nodes."""
        return SideState(self.phases[tag], lambda: self.energy(state, tag)[None, self.jump_nodes])

    @cached_property
    def terminal_weights(self) -> dict[str, Array]:
        """Integral of each owned basis function over each terminal."""
        return {tag: self.space.facet_weights(contact) for tag, contact in self.space.terminals.items()}

    def residual(
        self,
        state: State,
        physics: Mapping[str, NodalPhysics],
        conductances: Mapping[str, Array],
        step: ImplicitStep,
        f: PETSc.Vec,
    ) -> None:
        """Write the residual of an implicit step, held unknowns excepted. Collective.

        Args:
            state: where.
            physics: there.
            conductances: of the edges, at the new time or as the step gives them.
            step: what is implicit.
            f: takes the residual.
        """
        owned, values = self.space.owned, f.array
        charges, currents = self.charges(physics), self.currents(state.mu_e, conductances)
        rows = {
            tag: charges[tag] - step.history[tag] + step.length * (currents[tag] - step.sources[tag])
            for tag in self.phases
        }
        crossing = step.length * self.interface_current(state)
        rows[ELECTRODE][self.jump_nodes] += crossing
        rows[ELECTROLYTE][self.jump_nodes] -= crossing
        values[2 * owned :] = rows[ELECTROLYTE][self.jump_nodes]
        rows[ELECTROLYTE][self.jump_nodes] = 0.0
        values[: 2 * owned : 2] = self.displacement(state.phi) - sum(charges.values())
        values[1 : 2 * owned : 2] = sum(rows.values())
