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
from dataclasses import dataclass
from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np
import numpy.typing as npt
from dolfinx import fem, la
from petsc4py import PETSc

from scl_fem.discretisation.simplices import Simplices
from scl_fem.discretisation.space import Phases, PotentialSpace
from scl_fem.errors import InputError
from scl_fem.mesh.domain import FacetTag, PhaseTag
from scl_fem.physics.interface import InterfaceLaw
from scl_fem.physics.types import Array

TERMINALS = {
    PhaseTag.ELECTRODE: FacetTag.ELECTRODE_TERMINAL,
    PhaseTag.ELECTROLYTE: FacetTag.ELECTROLYTE_TERMINAL,
}


@dataclass
class State:
    """Nodal values on this rank, ghosts included.

    Attributes:
        phi: potential in V.
        mu_e: electrochemical potential by phase, eV, counted from that of the electrolyte's neutral
            bulk; equal on both sides of the interface where it does not jump.
    """

    phi: Array
    mu_e: dict[PhaseTag, Array]

    def copy(self) -> State:
        """An independent copy."""
        return State(self.phi.copy(), {tag: values.copy() for tag, values in self.mu_e.items()})


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
            phases: physics of each phase; one mobile species.
            law: of the interface.

        Raises:
            InputError: another order, or cells other than simplices.
        """
        if space.order != 1:
            raise InputError("transport is discretised with order 1", key="solver.order", allowed="1")
        self.space, self.phases, self.law = space, phases, law
        self.geometry = {tag: Simplices.of(space, tag) for tag in PhaseTag}
        self.weights = space.phase_weights
        self.nodes = {tag: space.dofs(tag) for tag in PhaseTag}
        self._number()
        self._allocate()

    # Unknowns ------------------------------------------------------------------------------

    def _number(self) -> None:
        """Give every unknown a global number: phi and mu_e of a node in turn, jumps at the end."""
        owned = self.space.owned
        self.jump_nodes = np.empty(0, np.int32)
        if self.law.conductance is not None:
            on_interface = self.space.facet_dofs(FacetTag.INTERFACE)
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
            PhaseTag.ELECTRODE: self.with_ghosts(other).astype(PETSc.IntType),
            PhaseTag.ELECTROLYTE: self.with_ghosts(electrolyte).astype(PETSc.IntType),
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
        electrolyte = np.setdiff1d(self.nodes[PhaseTag.ELECTROLYTE], self.jump_nodes)
        electrode = self.nodes[PhaseTag.ELECTRODE]
        # The electrode comes last: at a jump the common number is its own.
        for tag, local in ((PhaseTag.ELECTROLYTE, electrolyte), (PhaseTag.ELECTRODE, electrode)):
            nodes = local[local < owned]
            values[1 + 2 * nodes] = state.mu_e[tag][nodes]
        values[2 * owned :] = state.mu_e[PhaseTag.ELECTROLYTE][self.jump_nodes]

    def unpack(self, x: PETSc.Vec) -> State:
        """The state in a vector."""
        owned, values = self.space.owned, x.array_r
        common = values[1 : 2 * owned : 2].copy()
        electrolyte = common.copy()
        electrolyte[self.jump_nodes] = values[2 * owned :]
        return State(
            self.with_ghosts(values[: 2 * owned : 2]),
            {
                PhaseTag.ELECTRODE: self.with_ghosts(common),
                PhaseTag.ELECTROLYTE: self.with_ghosts(electrolyte),
            },
        )

    # Physics at the nodes ------------------------------------------------------------------

    def evaluate(self, state: State) -> dict[PhaseTag, NodalPhysics]:
        """Charge, mobility and their slopes at the nodes of each phase."""
        found = {}
        for tag, phase in self.phases.items():
            lithium, nodes = phase.lithium, self.nodes[tag]
            energy = state.mu_e[tag][nodes] - lithium.charge_number * phase.excess_potential(state.phi[nodes])
            eta = lithium.thermodynamics.logit_excess(energy)
            found[tag] = NodalPhysics(
                self._scattered(nodes, lithium.charge_density(eta)),
                self._scattered(nodes, lithium.charge_density_slope(eta)),
                self._scattered(nodes, lithium.mobility(eta)),
                eta,
            )
        return found

    def _scattered(self, nodes: npt.NDArray[np.int32], values: Array) -> Array:
        full = np.zeros(self._scratch.x.array.size)
        full[nodes] = values
        return full

    def charges(self, physics: Mapping[PhaseTag, NodalPhysics]) -> dict[PhaseTag, Array]:
        """Nodal charges of each phase, e, owned nodes."""
        return {tag: self.weights[tag] * physics[tag].charge[: self.space.owned] for tag in PhaseTag}

    def currents(self, state: State, mobilities: Mapping[PhaseTag, Array]) -> dict[PhaseTag, Array]:
        """Ionic current out of each node through its phase, e/s, owned nodes: K_m mu_e.

        Args:
            state: gives mu_e.
            mobilities: D c/kT at the nodes of each phase.
        """
        found = {}
        for tag, cells in self.geometry.items():
            mobility = self._cell_mobility(tag, mobilities)
            flow = np.einsum("mij,mj->mi", cells.stiffness, state.mu_e[tag][cells.dofs])
            local = np.bincount(
                cells.dofs.ravel(), (mobility[:, None] * flow).ravel(), minlength=self._scratch.x.array.size
            )
            found[tag] = self._summed(local)
        return found

    def _cell_mobility(self, tag: PhaseTag, mobilities: Mapping[PhaseTag, Array]) -> Array:
        """z D c/kT of each cell: the mean of its nodes."""
        return self.phases[tag].lithium.charge_number * mobilities[tag][self.geometry[tag].dofs].mean(axis=1)

    def displacement(self, phi: Array) -> Array:
        """K phi, e, owned nodes."""
        local = np.zeros(self._scratch.x.array.size)
        for tag, cells in self.geometry.items():
            flow = self.phases[tag].permittivity * np.einsum("mij,mj->mi", cells.stiffness, phi[cells.dofs])
            local += np.bincount(cells.dofs.ravel(), flow.ravel(), minlength=local.size)
        return self._summed(local)

    def interface_jump(self, state: State) -> Array:
        """Jump of mu_e, electrode - electrolyte, eV, at the jump nodes."""
        electrode, electrolyte = (state.mu_e[tag][self.jump_nodes] for tag in PhaseTag)
        return electrode - electrolyte

    def linear_interface_current(self, state: State) -> Array:
        """Current across the interface for small jumps, e/s, at the jump nodes."""
        conductance = self.law.conductance or 0.0
        return self.space.interface_weights[self.jump_nodes] * conductance * self.interface_jump(state)

    def interface_current(self, state: State) -> Array:
        """Current across the interface, electrode to electrolyte, e/s, at the jump nodes."""
        # Not whether this rank has any: the weights are assembled by all ranks together.
        if not self.jump_nodes_anywhere:
            return np.empty(0)
        return self.space.interface_weights[self.jump_nodes] * self.law.current(self.interface_jump(state))

    @cached_property
    def terminal_weights(self) -> dict[PhaseTag, Array]:
        """Integral of each owned basis function over each terminal."""
        return {tag: self.space.facet_weights(facet) for tag, facet in TERMINALS.items()}

    # Residual and Jacobian -----------------------------------------------------------------

    def residual(
        self, state: State, physics: Mapping[PhaseTag, NodalPhysics], step: ImplicitStep, f: PETSc.Vec
    ) -> None:
        """Write the residual of an implicit step, held unknowns excepted.

        Args:
            state: where.
            physics: there.
            step: what is implicit.
            f: takes the residual.
        """
        owned, values = self.space.owned, f.array
        charges, currents = self.charges(physics), self.currents(state, step.mobilities)
        values[: 2 * owned : 2] = self.displacement(state.phi) - sum(charges.values())
        rows = {
            tag: charges[tag] - step.history[tag] + step.length * (currents[tag] - step.sources[tag])
            for tag in PhaseTag
        }
        crossing = step.length * self.interface_current(state)
        rows[PhaseTag.ELECTRODE][self.jump_nodes] += crossing
        rows[PhaseTag.ELECTROLYTE][self.jump_nodes] -= crossing
        values[2 * owned :] = rows[PhaseTag.ELECTROLYTE][self.jump_nodes]
        rows[PhaseTag.ELECTROLYTE][self.jump_nodes] = 0.0
        values[1 : 2 * owned : 2] = sum(rows.values())

    def _allocate(self) -> None:
        """Fix the sparsity pattern: cell blocks, then nodal blocks, then jumps."""
        rows, columns = [], []

        def couple(left: npt.NDArray, right: npt.NDArray) -> None:
            rows.append(np.broadcast_to(left, np.broadcast_shapes(left.shape, right.shape)).ravel())
            columns.append(np.broadcast_to(right, np.broadcast_shapes(left.shape, right.shape)).ravel())

        for tag, cells in self.geometry.items():
            phi, mu = self.phi_number[cells.dofs], self.mu_number[tag][cells.dofs]
            couple(phi[:, :, None], phi[:, None, :])
            couple(mu[:, :, None], mu[:, None, :])
        owned = slice(0, self.space.owned)
        for tag in PhaseTag:
            phi, mu = self.phi_number[owned], self.mu_number[tag][owned]
            couple(phi, phi)
            couple(phi, mu)
            couple(mu, mu)
            couple(mu, phi)
        electrode, electrolyte = (self.mu_number[tag][self.jump_nodes] for tag in PhaseTag)
        couple(electrode, electrode)
        couple(electrolyte, electrolyte)
        couple(electrode, electrolyte)
        couple(electrolyte, electrode)
        self.pattern = np.concatenate(rows), np.concatenate(columns)

    def matrix(self) -> PETSc.Mat:
        """A matrix of the fixed pattern."""
        sizes = (self.size, self.global_size)
        matrix = PETSc.Mat().create(comm=self.space.comm)
        matrix.setSizes((sizes, sizes))
        matrix.setType("aij")
        matrix.setPreallocationCOO(*(part.astype(PETSc.IntType) for part in self.pattern))
        return matrix

    def jacobian_values(
        self, state: State, physics: Mapping[PhaseTag, NodalPhysics], step: ImplicitStep
    ) -> Array:
        """Derivative of the residual, held unknowns excepted, in the order of `pattern`."""
        values = []
        for tag, cells in self.geometry.items():
            mobility = self._cell_mobility(tag, step.mobilities)
            values += [
                self.phases[tag].permittivity * cells.stiffness,
                step.length * mobility[:, None, None] * cells.stiffness,
            ]
        for tag in PhaseTag:
            slope = self.weights[tag] * physics[tag].charge_slope[: self.space.owned]
            per_mu = slope / self.phases[tag].lithium.charge_number
            values += [slope, -per_mu, per_mu, -slope]
        jump = self.interface_jump(state)
        if self.law.conductance is not None:
            weights = self.space.interface_weights[self.jump_nodes]
            coupling = step.length * weights * self.law.current_slope(jump)
            values += [coupling, coupling, -coupling, -coupling]
        return np.concatenate([block.ravel() for block in values])


@dataclass(frozen=True)
class NodalPhysics:
    """What follows from the unknowns at the nodes of one phase; zero elsewhere, ghosts included.

    Attributes:
        charge: rho in e/nm^3.
        charge_slope: -d(rho)/d(phi) = z d(rho)/d(mu_e) in e/(nm^3 V).
        mobility: D c/kT in 1/(nm eV s).
        eta: logit excess at the phase's nodes alone.
    """

    charge: Array
    charge_slope: Array
    mobility: Array
    eta: Array


@dataclass(frozen=True)
class ImplicitStep:
    """q - history + length (div i - sources) = 0 in each phase.

    With the new charge's coefficient 1, and a mobility that does not depend on the unknowns, the
    system is symmetric: the gradient of a convex functional of phi and mu_e.

    Attributes:
        length: s; that of the step for implicit Euler, 2/3 of it for BDF2 with equal steps.
        history: what the older charges contribute, e, by phase, owned nodes.
        sources: current that enters at the terminals, e/s, by phase, owned nodes.
        mobilities: D c/kT at the nodes of each phase, extrapolated from earlier times.
    """

    length: float
    history: Mapping[PhaseTag, Array]
    sources: Mapping[PhaseTag, Array]
    mobilities: Mapping[PhaseTag, Array]
