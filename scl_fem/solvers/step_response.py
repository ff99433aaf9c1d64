"""How a solved cell answers a small change of its potential step: the differential capacitance.

With J = K + S, the Jacobian at equilibrium, and S the slopes of the charge of both sides, a change ds of
the bulk potential of the electrode moves the potential by u ds, J u = integral of S v over the electrode,
and the charge by

    dQ/ds = integral of S (1 - u) over the electrode.

Where no terminal is held this is the least value of

    E(u) = integral of eps |grad u|^2 + of S (1 - u)^2 over the electrode + of S u^2 over the electrolyte,

a sum of what cannot be negative: nothing cancels, however little charge a side can take up, and the error
of u counts by its square. There J sees a constant by way of S alone, which may be nothing against K (a
phase depleted through and through): the constant that is best by itself is taken out beforehand, the best
one for the rest afterwards, and the linear solver need not find either.
"""

from __future__ import annotations

import scl_fem._stack  # noqa: F401  (MPI before PETSc)

# isort: split
import numpy as np
from petsc4py import PETSc

from scl_fem.discretisation.charge import Charge
from scl_fem.mesh.domain import ELECTRODE, ELECTROLYTE
from scl_fem.physics.types import Array
from scl_fem.solvers.linear import ENERGY_TOLERANCE, LINEAR_TOLERANCE, solve_symmetric
from scl_fem.solvers.poisson import PoissonProblem


class StepResponse:
    """The linear response of one solved cell to its potential step.

    Attributes:
        problem: holds the equilibrium potential.
    """

    def __init__(self, problem: PoissonProblem) -> None:
        """Nothing is solved yet.

        Args:
            problem: solved.
        """
        self.problem = problem
        self._last: Array | None = None

    def capacitance(self, charge: Charge) -> float:
        """dQ_electrode/d(step) in e/V. Collective.

        The step moves the bulk potential of the electrode and, with `bulk`, its terminal.

        Args:
            charge: whose slopes to take, at the potential of the problem.

        Raises:
            ConvergenceError: the linear solver gave up.
        """
        charge = self.problem.counted(charge)
        charge.evaluate(self.problem.deviation)
        slopes = {tag: charge.slope(tag) for tag in self.problem.charge.phases}
        solve = self._between_terminals if self.problem.ends.any_held else self._closed
        return solve(charge, slopes)

    def _start(self, slopes: dict[str, Array]) -> Array:
        """A u that is near: the last one, of another law, or what it is where nothing but S counts."""
        if self._last is not None:
            return self._last
        electrode, both = slopes[ELECTRODE], sum(slopes.values())
        return np.divide(electrode, both, out=np.zeros_like(electrode), where=both > 0.0)

    def _between_terminals(self, charge: Charge, slopes: dict[str, Array]) -> float:
        """With u = 1 at the electrode's terminal and 0 at the electrolyte's."""
        problem, load = self.problem, slopes[ELECTRODE]
        matrix, answer, right = self._system(load, self._start(slopes))
        first = problem.space.domain.contacts[0]
        problem.ends.responding(answer.array, {first: 1.0})
        problem.linearised(charge, matrix, answer, right)
        # load.u is no energy here: u must be as right as the result.
        self._solve(matrix, right, answer, LINEAR_TOLERANCE)
        correction = answer.dot(right - matrix * answer)
        self._last = answer.array_r.copy()
        return problem.space.sum(load * (1.0 - self._last)) - correction

    def _closed(self, charge: Charge, slopes: dict[str, Array]) -> float:
        """The least value of E."""
        problem, total = self.problem, self.problem.space.sum
        electrode, electrolyte = (total(slopes[tag]) for tag in self.problem.charge.phases)
        both = electrode + electrolyte
        if both == 0.0:  # neither side can take up anything
            return 0.0
        # u = mean + w; its complement by itself, which 1 - mean would not be where mean is next to 1
        mean, complement = electrode / both, electrolyte / both
        load = complement * slopes[ELECTRODE] - mean * slopes[ELECTROLYTE]
        matrix, answer, right = self._system(load, self._start(slopes) - mean)
        problem.linearised(charge, matrix)
        if answer.dot(0.5 * (matrix * answer) - right) > 0.0:  # worse than nothing
            answer.set(0.0)
        self._solve(matrix, right, answer, ENERGY_TOLERANCE)
        answer.shift(-total(sum(slopes.values()) * answer.array_r) / both)
        self._last = mean + answer.array_r
        w = problem.space.function("w")
        w.x.array[: problem.space.owned] = answer.array_r
        w.x.scatter_forward()
        stored = answer.dot(problem.stiffness * answer)
        return (
            stored
            + charge.slope_energy(ELECTRODE, w, -complement)
            + charge.slope_energy(ELECTROLYTE, w, mean)
        )

    def _system(self, load: Array, start: Array) -> tuple[PETSc.Mat, PETSc.Vec, PETSc.Vec]:
        """A matrix to fill, the solution with its start, and the right-hand side."""
        matrix = self.problem.stiffness.duplicate()
        answer, right = matrix.createVecs()
        answer.array[:], right.array[:] = start, load
        return matrix, answer, right

    def _solve(self, matrix: PETSc.Mat, load: PETSc.Vec, answer: PETSc.Vec, tolerance: float) -> None:
        problem = self.problem
        solve_symmetric(matrix, load, answer, problem.settings, problem.space.domain.dimension, tolerance)
