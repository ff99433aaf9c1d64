"""The matrices of implicit steps: what is linear assembled once a step, the rest node by node."""

from __future__ import annotations

from collections.abc import Mapping

import scl_fem._stack  # noqa: F401  (MPI before PETSc)

# isort: split
import numpy as np
import numpy.typing as npt
from petsc4py import PETSc

from scl_fem.discretisation.transport import Pattern, TransportSystem
from scl_fem.discretisation.unknowns import ImplicitStep, NodalPhysics, State
from scl_fem.mesh.domain import PhaseTag
from scl_fem.physics.types import Array


class ImplicitOperator:
    """Residual and Jacobian of implicit steps of one transport system.

    Attributes:
        system: unknowns and physics.
        step: what is implicit now.
        jacobian: filled by `differentiate`.
    """

    step: ImplicitStep

    def __init__(self, system: TransportSystem) -> None:
        """Assemble what no step changes, and fix the sparsity of the rest. Collective."""
        self.system = system
        self._displacement = system.matrix(system.displacement_pattern)
        _fill(self._displacement, system.displacement_values)
        self._conduction = system.matrix(system.conduction_pattern)
        _fill(self._conduction, np.zeros(system.conduction_pattern[0].size))
        # One entry for each place: adding these up costs less than adding up those of all cells.
        patterns = [_places(self._displacement), _places(self._conduction), system.nodal_pattern]
        rows, columns = zip(*patterns, strict=True)
        self.jacobian = system.matrix((np.concatenate(rows), np.concatenate(columns)))
        self._linear_values = [_entries(self._displacement), _entries(self._conduction)]

    def prepare(self, step: ImplicitStep) -> None:
        """Assemble the linear part of a step. Collective."""
        self.step = step
        _fill(self._conduction, self.system.conduction_values(step.mobilities))
        self._conduction.scale(step.length)
        self._linear_values[1] = _entries(self._conduction)

    def residual(
        self, x: PETSc.Vec, state: State, physics: Mapping[PhaseTag, NodalPhysics], f: PETSc.Vec
    ) -> None:
        """Write the residual, held unknowns excepted. Collective.

        Args:
            x: unknowns.
            state: the same, unpacked.
            physics: there.
            f: takes the residual.
        """
        self._displacement.mult(x, f)
        self._conduction.multAdd(x, f, f)
        self.system.add_nodal_residual(state, physics, self.step, f)

    def differentiate(
        self, state: State, physics: Mapping[PhaseTag, NodalPhysics], held: npt.NDArray[np.int32]
    ) -> None:
        """Fill the Jacobian. Collective.

        Args:
            state: where.
            physics: there.
            held: rows, of this rank, of unknowns that are not solved for.
        """
        nodal = self.system.nodal_values(state, physics, self.step.length)
        _fill(self.jacobian, np.concatenate([*self._linear_values, nodal]))
        self.jacobian.zeroRowsColumns(held, diag=1.0)


def _fill(matrix: PETSc.Mat, values: Array) -> None:
    matrix.setValuesCOO(values, PETSc.InsertMode.INSERT_VALUES)


def _entries(matrix: PETSc.Mat) -> Array:
    """What stands at `_places`."""
    return matrix.getValuesCSR()[2]


def _places(matrix: PETSc.Mat) -> Pattern:
    """Global row and column of each entry of this rank's rows."""
    start, columns, _ = matrix.getValuesCSR()
    first = matrix.getOwnershipRange()[0]
    rows = first + np.repeat(np.arange(start.size - 1, dtype=np.int32), np.diff(start))
    return rows, columns
