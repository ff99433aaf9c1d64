"""What a voltage that jumps does before anything moves: a start for Newton's method."""

from __future__ import annotations

from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before PETSc)

# isort: split
import numpy as np
from petsc4py import PETSc

from scl_fem.discretisation.transport import TransportSystem
from scl_fem.discretisation.unknowns import State
from scl_fem.mesh.domain import ELECTRODE, ELECTROLYTE
from scl_fem.physics.types import Array
from scl_fem.solvers.linear import solve_symmetric
from scl_fem.solvers.settings import SolverSettings
from scl_fem.solvers.terminals import HeldUnknowns


class SuddenVoltage:
    """The response of a cell to its terminals at times in which no ion moves: that of a capacitor.

    phi takes the field of the terminals on top, and mu_e goes along with it, so that no occupancy changes.
    From unknowns that know of the voltage at the terminals alone, Newton's method would have to carry it
    through the cell by small steps.
    """

    def __init__(self, system: TransportSystem, held: HeldUnknowns, settings: SolverSettings) -> None:
        """Nothing is solved yet.

        Args:
            system: unknowns and physics.
            held: the terminals.
            settings: of the linear solver.
        """
        self.system, self.held, self.settings = system, held, settings

    def carried_along(self, state: State, time: float) -> State:
        """A state with the terminals' potentials of a time, its occupancies as they are. Collective.

        Args:
            state: unknowns before.
            time: s.
        """
        after = state.copy()
        self.held.apply(after, time)
        jumps = {tag: self._mean(tag, after.phi - state.phi) for tag in self.system.phases}
        left, right = jumps[ELECTRODE], jumps[ELECTROLYTE]
        lift = right + (left - right) * self._share
        numbers = {tag: phase.main.charge_number for tag, phase in self.system.phases.items()}
        return State(state.phi + lift, {tag: mu_e + numbers[tag] * lift for tag, mu_e in state.mu_e.items()})

    def _mean(self, tag: str, values: Array) -> float:
        """Mean of nodal values over a terminal."""
        space, weights = self.system.space, self.system.terminal_weights[tag]
        return space.sum(weights * values[: space.owned]) / self.held.area[tag]

    @cached_property
    def _share(self) -> Array:
        """Potential without charge at the local nodes, 1 at the electrode's terminal, 0 at the other."""
        space = self.system.space
        matrix = space.stiffness({tag: phase.permittivity for tag, phase in self.system.phases.items()})
        answer, load = matrix.createVecs()
        nodes = self.held.nodes
        answer.array[nodes[ELECTRODE]] = 1.0
        rows = np.concatenate(list(nodes.values()))
        rows = space.space.dofmap.index_map.local_to_global(rows.astype(np.int32)).astype(PETSc.IntType)
        matrix.zeroRowsColumns(rows, diag=1.0, x=answer, b=load)
        solve_symmetric(matrix, load, answer, self.settings, space.domain.dimension)
        return self.system.with_ghosts(answer.array_r)
