"""Newton's method with line search, by PETSc's SNES."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import scl_fem._stack  # noqa: F401  (MPI before PETSc)
import numpy as np
from petsc4py import PETSc

from scl_fem.errors import ConvergenceError, Interrupted, SclFemError
from scl_fem.solvers.linear import Options, configured

type Residual = Callable[[PETSc.Vec, PETSc.Vec], None]
type Jacobian = Callable[[PETSc.Vec, PETSc.Mat], None]

# F is the gradient of a convex functional: along a step its slope F.d vanishes where the functional
# is least, and one secant step ("critical point") finds that well enough. Backtracking on |F| needs
# up to a hundred steps for the same cases (benchmarks/README.md).
# Its own absolute tolerance would end the whole solve where the slope is small: only our test may.
_LINE_SEARCH: Options = {
    "snes_type": "newtonls",
    "snes_linesearch_type": "cp",
    "snes_linesearch_atol": 0.0,
}

_LOOSEST = 0.1
"""Relative residual of the first linear solve of an inexact Newton method."""

_TIGHTEST = 1e-8

_STALLED = 0.5
"""Ratio of residuals from which on a step counts as a poor one."""

_NEAR = 0.1
"""Residual from which on a step about doubles the digits."""

_SLOWEST = 0.3
"""Logarithm of what a step gains far from there, where nothing better is known."""

_ENOUGH = 0.3
"""Of what is still missing: no linear solve need go further."""


@dataclass
class NewtonReport:
    """What a solve did.

    Attributes:
        iterations: Newton steps.
        linear_iterations: Krylov steps in all.
        residual: the last value of the criterion.
        history: its value at every step.
        round_off: whether it was accepted because round-off leaves no less, above the tolerance.
    """

    iterations: int = 0
    linear_iterations: int = 0
    residual: float = 0.0
    history: list[float] = field(default_factory=list)
    round_off: bool = False


class NewtonFailure(ConvergenceError):
    """Newton's method did not converge.

    Attributes:
        residual: the last value of the criterion.
        round_off: what round-off may leave of it.
        tolerance: what it should have come to.
        falling: whether it ran out of steps while the residual fell.
        linear: whether it was a linear solve that gave up.
    """

    def __init__(
        self,
        report: NewtonReport,
        reason: int,
        *,
        round_off: float,
        tolerance: float,
    ) -> None:
        """Say where it stood.

        Args:
            report: what it did.
            reason: PETSc's.
            round_off: see the class.
            tolerance: see the class.
        """
        super().__init__(
            f"Newton's method stopped after {report.iterations} steps at a residual of "
            f"{report.residual:.2g} ({_reason_name(reason)})"
        )
        reasons, history = PETSc.SNES.ConvergedReason, report.history
        self.residual, self.round_off, self.tolerance = report.residual, round_off, tolerance
        self.falling = reason == reasons.DIVERGED_MAX_IT and len(history) > 1 and history[-1] < history[-2]
        self.linear = reason == reasons.DIVERGED_LINEAR_SOLVE


def solve_newton(
    unknown: PETSc.Vec,
    matrix: PETSc.Mat,
    residual: Residual,
    jacobian: Jacobian,
    criterion: Callable[[PETSc.Vec], float],
    *,
    tolerance: float,
    round_off: Callable[[PETSc.Vec], float],
    max_iterations: int,
    options: Options,
    user_options: Mapping[str, str | int | float | bool],
    monitor: Callable[[int, float], None],
    preconditioner: PETSc.Mat | None = None,
    inexact: bool = False,
    bounds: tuple[float, float] | None = None,
    largest_change: float = np.inf,
) -> NewtonReport:
    """Solve residual(unknown) = 0 in place.

    Args:
        unknown: start and, on success, solution.
        matrix: holds the Jacobian.
        residual: writes F(x) into its second argument.
        jacobian: writes F'(x) into its second argument, `matrix`.
        criterion: a relative measure of F.
        tolerance: what `criterion` must fall to.
        round_off: what round-off may leave of it, given the last Newton step: below that, a residual
            that no longer falls is accepted.
        max_iterations: of Newton's method.
        options: PETSc options of the linear solver.
        user_options: the user's, which win.
        monitor: called with the iteration and the criterion; may raise `Interrupted`, on every rank alike.
        preconditioner: what the linear solver is preconditioned by, filled by `jacobian` as well; by
            default the Jacobian itself.
        inexact: whether linear solves may stop early, as far from the solution as they are made.
        bounds: no step leaves them; where a maximum principle bounds the solution this keeps
            Newton's method from the far overshoots of a nearly flat F.
        largest_change: of any unknown in one step.

    Raises:
        NewtonFailure: it did not converge; `unknown` is the last iterate.
        Interrupted: by the monitor; the same.
        SclFemError: by the residual or the Jacobian.
    """
    report = NewtonReport()
    chosen = {"ksp_rtol", "snes_ksp_ew"} & user_options.keys()
    snes = PETSc.SNES().create(unknown.comm)
    work = unknown.duplicate()
    failure: SclFemError | None = None

    def told(evaluate: Callable[[PETSc.Vec, PETSc.Object], None], x: PETSc.Vec, into: PETSc.Object) -> None:
        """Evaluate; PETSc, which calls this, would put an error of its own on top of ours."""
        nonlocal failure
        try:
            evaluate(x, into)
        except SclFemError as error:
            failure = error
            raise

    snes.setFunction(lambda _, x, f: told(residual, x, f), work)
    snes.setJacobian(lambda _, x, j, p: told(jacobian, x, j), matrix, preconditioner or matrix)
    # Only the test below decides.
    snes.setTolerances(rtol=0.0, atol=0.0, stol=0.0, max_it=max_iterations)

    passed = False
    interrupted: Interrupted | None = None

    def at_rest() -> bool:
        return report.residual <= round_off(snes.getSolutionUpdate())

    def test(snes: PETSc.SNES, iteration: int, norms: tuple[float, float, float]) -> int | None:
        nonlocal passed, interrupted
        before, report.residual = report.residual, criterion(snes.getFunction()[0])
        report.history.append(report.residual)
        try:
            monitor(iteration, report.residual)
        except Interrupted as error:  # PETSc would put its own error on top
            interrupted = error
            return PETSc.SNES.ConvergedReason.DIVERGED_INNER
        if inexact and not chosen:
            snes.ksp.setTolerances(rtol=_forcing(report.history, tolerance))
        stagnant = iteration > 0 and report.residual > 0.5 * before
        passed = report.residual <= tolerance or (stagnant and at_rest())
        if passed:
            return PETSc.SNES.ConvergedReason.CONVERGED_FNORM_RELATIVE
        if not report.residual < float("inf"):
            return PETSc.SNES.ConvergedReason.DIVERGED_FNORM_NAN
        return None

    snes.setConvergenceTest(test)

    def limit(x: PETSc.Vec, step: PETSc.Vec) -> bool:
        moved = x.array_r - np.clip(step.array_r, -largest_change, largest_change)
        step.array[:] = x.array_r - (np.clip(moved, *bounds) if bounds is not None else moved)
        return True

    if bounds is not None or largest_change < np.inf:
        snes.setLineSearchPreCheck(limit)
    with configured(snes, {**_LINE_SEARCH, **options}, user_options):
        try:
            snes.solve(None, unknown)
        except PETSc.Error:
            if failure is not None:
                raise failure from None
            raise
    report.iterations = snes.getIterationNumber()
    report.linear_iterations = snes.getLinearSolveIterations()
    reason = snes.getConvergedReason()
    # Where round-off is all that is left, no step makes it less: a line search may find that out first.
    gave_up = reason == PETSc.SNES.ConvergedReason.DIVERGED_LINE_SEARCH
    # With tolerances of the user's a line search may say that it has converged: that is not the test.
    converged = (reason > 0 and passed) or (gave_up and at_rest())
    left = round_off(snes.getSolutionUpdate()) if not converged and report.iterations else 0.0
    snes.destroy()
    if interrupted is not None:
        raise interrupted
    report.round_off = converged and report.residual > tolerance
    if not converged:
        raise NewtonFailure(report, reason, round_off=left, tolerance=tolerance)
    return report


class NewtonEstimate:
    """How much of a solve is done, step by step: an estimate from the residuals so far.

    A solve that starts far away first gains little in each step, then doubles the digits. The steps still to
    come are those that bring the residual to where digits double, at the mean rate so far, and those that
    double them down to the tolerance.
    """

    def __init__(self, tolerance: float) -> None:
        """No step is taken.

        Args:
            tolerance: what the residual must fall to, below 1.
        """
        self._tolerance = min(tolerance, 0.5 * _NEAR)
        self._history: list[float] = []
        self._done = 0.0

    def __call__(self, iteration: int, residual: float) -> float:
        """The share that is done; 0 again where a solve begins anew.

        Args:
            iteration: 0 at the start.
            residual: the criterion there.
        """
        if iteration == 0:
            self._history, self._done = [], 0.0
        self._history.append(residual)
        if residual <= self._tolerance:
            return 1.0
        steps = len(self._history) - 1
        self._done = max(self._done, steps / (steps + self._to_come()))
        return self._done

    def _to_come(self) -> float:
        """Steps, at least one."""
        first, now = self._history[0], self._history[-1]
        near = min(now, _NEAR)
        doublings = math.log2(math.log(self._tolerance) / math.log(near))
        if now > _NEAR:
            rate = math.log(first / now) / max(len(self._history) - 1, 1)
            doublings += math.log(now / _NEAR) / max(rate, _SLOWEST)
        return max(1.0, doublings)


def _reason_name(reason: int) -> str:
    names = {
        value: name
        for name, value in vars(PETSc.SNES.ConvergedReason).items()
        if isinstance(value, int) and name.startswith(("DIVERGED", "CONVERGED"))
    }
    return names.get(reason, f"PETSc reason {reason}")


def _forcing(history: Sequence[float], tolerance: float) -> float:
    """How far to solve the next linear system, relative to its right-hand side.

    The second choice of Eisenstat and Walker (SIAM J. Sci. Comput. 17, 16 (1996)) with gamma = 1
    and the golden ratio, but no further than Newton's method itself still has to go.

    Args:
        history: of the criterion, newest last.
        tolerance: what it must fall to.
    """
    if len(history) < 2 or not history[-1] > 0.0:
        return _LOOSEST
    # A residual that hardly falls may hide an error that a loose solve does not see.
    stalls = sum(new > _STALLED * old for old, new in pairwise(history))
    loosest = max(_LOOSEST ** (1 + stalls), _TIGHTEST)
    quadratic = (history[-1] / history[-2]) ** ((1.0 + math.sqrt(5.0)) / 2.0)
    return min(loosest, max(quadratic, _ENOUGH * tolerance / history[-1]))
