"""Residual and Jacobian of implicit steps."""

from __future__ import annotations

from collections.abc import Mapping

import scl_fem._stack  # noqa: F401  (MPI before PETSc)

# isort: split
import numpy as np
import numpy.typing as npt
from petsc4py import PETSc

from scl_fem.discretisation.entries import MatrixEntries
from scl_fem.discretisation.transport import TransportSystem
from scl_fem.discretisation.unknowns import ImplicitStep, NodalPhysics, State
from scl_fem.physics.types import Array


class ImplicitOperator:
    """Residual and Jacobian of implicit steps of one transport system.

    Attributes:
        system: unknowns and physics.
        step: what is implicit now.
        state: where it was evaluated last.
        physics: there.
        conductances: of the edges there.
        jacobian: filled by `differentiate`.
        symmetric: the Jacobian at fixed mobilities, filled as well.
    """

    step: ImplicitStep
    state: State
    physics: Mapping[str, NodalPhysics]
    conductances: Mapping[str, Array]

    def __init__(self, system: TransportSystem) -> None:
        """Fix the sparsity. Collective."""
        self.system, self._entries = system, MatrixEntries(system)
        entries = self._entries
        symmetric = (entries.displacement_pattern, entries.conduction_pattern, entries.nodal_pattern)
        self.symmetric = entries.matrix(*symmetric)
        self.jacobian = entries.matrix(*symmetric, entries.drift_pattern)
        self._evaluated: Array | None = None

    def prepare(self, step: ImplicitStep) -> None:
        """Begin a step: nothing is known of it yet.

        Args:
            step: what is implicit.
        """
        self.step, self._evaluated = step, None

    def evaluate(self, x: PETSc.Vec) -> None:
        """Set state, physics and conductances to those at x. Collective.

        Residual, Jacobian and norm are wanted at one place: the inversion is done once for all.

        Args:
            x: unknowns.
        """
        system = self.system
        known = self._evaluated is not None and np.array_equal(self._evaluated, x.array_r)
        if system.space.comm.allreduce(int(not known)) == 0:
            return
        self._evaluated = x.array_r.copy()
        self.state = system.unpack(x)
        self.physics = system.evaluate(self.state)
        mobilities = self.step.mobilities
        if mobilities is None:
            mobilities = system.mean_mobilities(system.nodal_mobilities(self.physics))
        self.conductances = system.conductances(mobilities)

    def residual(self, x: PETSc.Vec, f: PETSc.Vec) -> None:
        """Write the residual, held unknowns excepted. Collective.

        Args:
            x: unknowns.
            f: takes the residual.
        """
        self.evaluate(x)
        self.system.residual(self.state, self.physics, self.conductances, self.step, f)

    def differentiate(self, x: PETSc.Vec, held: npt.NDArray[np.int32]) -> None:
        """Fill the matrices. Collective.

        Args:
            x: unknowns.
            held: rows, of this rank, of unknowns that are not solved for.
        """
        self.evaluate(x)
        entries, length = self._entries, self.step.length
        symmetric = (
            entries.displacement,
            length * entries.conduction(self.conductances),
            entries.nodal(self.state, self.physics, length),
        )
        _fill(self.symmetric, *symmetric)
        self.symmetric.zeroRowsColumns(held, diag=1.0)
        if self.step.mobilities is None:
            drift = length * entries.drift(self.state, self.physics)
        else:
            drift = np.zeros(entries.drift_pattern[0].size)
        _fill(self.jacobian, *symmetric, drift)
        self.jacobian.zeroRowsColumns(held, diag=1.0)


def _fill(matrix: PETSc.Mat, *values: Array) -> None:
    matrix.setValuesCOO(np.concatenate(values), PETSc.InsertMode.INSERT_VALUES)
