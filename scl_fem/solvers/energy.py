"""Linear solves for the sake of an energy: what is wanted of u with A u = b is u.A u, not u.

The energy of an inexact u is off by the square of what u itself is off by (in the norm of A), so
half of the digits of u give all of the energy's.
"""

from __future__ import annotations

import scl_fem._stack  # noqa: F401  (MPI before PETSc)
from petsc4py import PETSc

from scl_fem.errors import ConvergenceError
from scl_fem.solvers.linear import configured, is_direct, symmetric_options
from scl_fem.solvers.settings import SolverSettings

ENERGY_TOLERANCE = 1e-7
"""Relative residual that leaves an energy right to some 1e-13."""


def solve_for_energy(
    matrix: PETSc.Mat,
    load: PETSc.Vec,
    answer: PETSc.Vec,
    settings: SolverSettings,
    dimension: int,
    tolerance: float = ENERGY_TOLERANCE,
) -> None:
    """Solve one symmetric positive definite system, starting from `answer`.

    Args:
        matrix: the system.
        load: its right-hand side.
        answer: start and solution.
        settings: the user's choice of a solver.
        dimension: of the mesh.
        tolerance: relative residual of an iterative solver.

    Raises:
        ConvergenceError: the linear solver gave up.
    """
    solver = PETSc.KSP().create(matrix.comm)
    solver.setOperators(matrix)
    options = symmetric_options(settings, dimension, matrix.size[0])
    if not is_direct(options):
        options |= {"ksp_rtol": tolerance, "ksp_initial_guess_nonzero": None}
    with configured(solver, options, {}):
        solver.solve(load, answer)
    reason, steps = solver.getConvergedReason(), solver.getIterationNumber()
    solver.destroy()
    if reason < 0:
        raise ConvergenceError(
            f"a linear solve stopped after {steps} steps (PETSc reason {reason}); "
            'try solver.linear = "direct"'
        )
