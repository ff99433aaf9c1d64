"""What voltages and charges that jump do before anything moves: a start for Newton's method."""

from __future__ import annotations

from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before PETSc)

# isort: split
import numpy as np
from petsc4py import PETSc

from scl_fem.equations.state import State
from scl_fem.equations.system import System
from scl_fem.physics.types import Array
from scl_fem.solvers.linear import solve_symmetric
from scl_fem.solvers.settings import SolverSettings
from scl_fem.solvers.terminals import HeldUnknowns


class SuddenVoltage:
    """The response of a cell to its contacts at times in which no ion moves: that of a capacitor.

    phi takes the field of the contacts on top, and the mu~ go along with it, so that no occupancy changes.
    From unknowns that know of a voltage or a charge at the contacts alone, Newton's method would have to
    carry it through the cell by small steps.
    """

    def __init__(self, system: System, held: HeldUnknowns, settings: SolverSettings) -> None:
        """Nothing is solved yet.

        Args:
            system: unknowns and physics.
            held: the contacts.
            settings: of the linear solver.
        """
        self.system, self.held, self.settings = system, held, settings
        self._names = [name for name, terminal in held.terminals.items() if terminal.held]

    def carried_along(self, state: State, time: float) -> State:
        """A state with the contacts' potentials of a time, its occupancies as they are. Collective.

        Args:
            state: unknowns before; it knows of no charge at contacts and interfaces.
            time: s.
        """
        after = state.copy()
        self.held.apply(after, time)
        lift = self._of_charges
        if self._names:
            jumps = [self._mean(name, after.phi - state.phi) for name in self._names]
            shares = zip(jumps[:-1], self._shares, strict=True)
            lift = lift + jumps[-1] + sum((jump - jumps[-1]) * share for jump, share in shares)
        mu = {
            name: values + self.system.regions[name].phase.charge_numbers[:, None] * lift
            for name, values in state.mu.items()
        }
        return State(state.phi + lift, mu)

    def _mean(self, name: str, values: Array) -> float:
        """Mean of nodal values over a contact."""
        space = self.system.space
        return space.sum(space.facet_weights(name) * values[: space.owned]) / self.held.area[name]

    @cached_property
    def _shares(self) -> list[Array]:
        """Potentials without charge at the local nodes, 1 at a contact, 0 at the others; not of the last."""
        return [self._share(name) for name in self._names[:-1]]

    def _share(self, name: str) -> Array:
        values = np.zeros(self.system.space.owned)
        values[self.held.owned_nodes(name)] = 1.0
        return self._field(values, np.zeros_like(values))

    @cached_property
    def happens(self) -> bool:
        """Whether there is anything that could jump. Collective."""
        return bool(self._names) or self.charged

    @cached_property
    def charged(self) -> bool:
        """Whether charges are given at contacts or interfaces. Collective."""
        return self.system.space.sum(np.abs(self._charges)) > 0.0

    @cached_property
    def _charges(self) -> Array:
        """(owned,) charges given at contacts and interfaces, e."""
        charges = self.system.surface_charges.copy()
        for name, density in self.held.given_charges.items():
            charges += density * self.system.space.facet_weights(name)
        return charges

    @cached_property
    def _of_charges(self) -> Array:
        """Their potential, 0 where a contact holds it, at the local nodes, V."""
        if not self.charged:
            return np.zeros(self.system.unknowns.phi.size)
        return self._field(np.zeros_like(self._charges), self._charges)

    def _field(self, values: Array, charges: Array) -> Array:
        """The potential of charges (e) with given values (V) at the contacts that hold it, or at one node."""
        space = self.system.space
        matrix = space.stiffness({each: phase.permittivity for each, phase in self.system.phases.items()})
        answer, load = matrix.createVecs()
        answer.array[:], load.array[:] = values, charges
        nodes = [self.held.owned_nodes(each) for each in self._names]
        if self.held.pinned is not None:
            nodes.append(np.array([self.held.pinned]))
        rows = np.unique(np.concatenate([np.empty(0, np.intp), *nodes]))
        rows = space.space.dofmap.index_map.local_to_global(rows.astype(np.int32)).astype(PETSc.IntType)
        matrix.zeroRowsColumns(rows, diag=1.0, x=answer, b=load)
        solve_symmetric(matrix, load, answer, self.settings, space.domain.dimension)
        potential = space.function("potential").x
        potential.array[: space.owned] = answer.array_r
        potential.scatter_forward()
        return potential.array.copy()
