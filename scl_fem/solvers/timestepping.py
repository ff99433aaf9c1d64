"""TR-BDF2 for linear equations M dy/dt = -K y, with an error estimate and few sizes of step.

Bank et al., IEEE Trans. Comput.-Aided Des. 4:436 (1985); estimate and coefficients: Hosea & Shampine,
Appl. Numer. Math. 20:21 (1996). Second order, L-stable (a jump in the initial state is damped, not
carried along), and both stages solve with M + d h K: as long as the step h does not change, matrix
and preconditioner serve again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

import scl_fem._stack  # noqa: F401  (MPI before PETSc)
from petsc4py import PETSc

from scl_fem.solvers.linear import Options, configured, linear_failure

_GAMMA = 2.0 - math.sqrt(2.0)
_D = _GAMMA / 2.0
_W = math.sqrt(2.0) / 4.0

# weights of the second-order solution less those of the embedded third-order one
_DIFFERENCE = (_W - (1.0 - _W) / 3.0, _W - (3.0 * _W + 1.0) / 3.0, _D - _D / 3.0)


class ShiftedInverse(Protocol):
    """About the inverse of M + s K: context of a PETSc preconditioner of type "python"."""

    def shift(self, s: float) -> None:
        """Prepare for another s."""

    def apply(self, pc: PETSc.PC, residual: PETSc.Vec, answer: PETSc.Vec) -> None:
        """Multiply a residual by it."""


class TrBdf2:
    """One trajectory of M dy/dt = -K y.

    Use it inside `with stepper.configured(...)`, which gives its linear solver the options.

    Attributes:
        state: y.
        rate: dy/dt there.
        inverse: preconditioner, None where the options of the linear solver name one.
        solves: number of linear solves so far.
        iterations: of the linear solver, in all of them.
    """

    def __init__(
        self,
        mass: PETSc.Mat,
        stiffness: PETSc.Mat,
        state: PETSc.Vec,
        rate: PETSc.Vec,
        invariant: PETSc.Vec,
        inverse: ShiftedInverse | None = None,
    ) -> None:
        """Start from a state and its rate of change.

        Args:
            mass: M, symmetric positive definite.
            stiffness: K, symmetric positive semidefinite, K 1 = 0, with the pattern of M.
            state: taken over.
            rate: taken over.
            invariant: M 1; its product with y does not change, however roughly the systems are solved.
            inverse: preconditioner; None: the one that the options of the linear solver name.
        """
        self._mass, self._stiffness, self._invariant = mass, stiffness, invariant
        self.state, self.rate = state, rate
        self._capacity = float(invariant.sum())
        self._matrix = mass.duplicate()
        self._step = self._previous = 0.0
        self._change, self._next, self._next_rate, self._last_rate, self._load, self._flow = (
            state.duplicate() for _ in range(6)
        )
        self._solver = PETSc.KSP().create(mass.comm)
        self._solver.setOperators(self._matrix)
        self.inverse = inverse
        if inverse is not None:
            self._solver.pc.setType(PETSc.PC.Type.PYTHON)
            self._solver.pc.setPythonContext(inverse)
        self.solves = self.iterations = 0

    @contextmanager
    def configured(self, options: Options, user: Mapping[str, str | int | float | bool]) -> Iterator[None]:
        """Give the linear solver its options while the block steps; see `linear.configured`."""
        with configured(self._solver, options, user):
            yield

    def attempt(self, step: float) -> PETSc.Vec:
        """Take a step, without moving on yet.

        Args:
            step: h in s.

        Returns:
            An estimate of the error that it makes in y; good until the next attempt.

        Raises:
            ConvergenceError: the linear solver gave up.
        """
        self._use(step)
        change, flow = self._change, self._flow
        # K y_n afresh, not -M y'_n: what the last solve left undone would add up
        self._stiffness.mult(self.state, flow)
        # trapezoidal rule to gamma h:  (M + d h K) (y_g - y_n) = -2 d h K y_n
        self._load.axpby(-2.0 * _D * step, 0.0, flow)
        self._extrapolate_to_middle(step, change)
        self._solve(change)
        # BDF2 to h:  (M + d h K) (y_{n+1} - y_n) = w/d M (y_g - y_n) - d h K y_n
        self._mass.mult(change, self._load)
        self._load.axpby(-_D * step, _W / _D, flow)
        new = self._next
        self._extrapolate_to_end(step, new)
        self._solve(new)
        # the rates of the stages follow from the stages: no solve with M
        rate = self._next_rate
        rate.axpby(1.0 / (_D * step), 0.0, new)
        rate.axpy(-_W / (_D**2 * step), change)
        new.axpy(1.0, self.state)
        first, second, third = _DIFFERENCE
        change.scale(second / _D)
        change.axpy((first - second) * step, self.rate)
        change.axpy(third * step, rate)
        return change

    def accept(self) -> None:
        """Move on to the end of the step attempted last."""
        self.state, self._next = self._next, self.state
        self._last_rate, self.rate, self._next_rate = self.rate, self._next_rate, self._last_rate
        self._previous = self._step

    @property
    def attempted(self) -> tuple[PETSc.Vec, PETSc.Vec]:
        """State and rate at the end of the step attempted last."""
        return self._next, self._next_rate

    def _use(self, step: float) -> None:
        """See that the matrix is M + d h K."""
        if step == self._step:
            return
        same = PETSc.Mat.Structure.SAME_NONZERO_PATTERN
        self._mass.copy(self._matrix, same)
        self._matrix.axpy(_D * step, self._stiffness, same)
        self._solver.setOperators(self._matrix)
        if self.inverse is not None:
            self.inverse.shift(_D * step)
        self._step = step

    def _extrapolate_to_middle(self, step: float, change: PETSc.Vec) -> None:
        """First guess of y_g - y_n: by the rate, and by how it changed in the step before."""
        reach = _GAMMA * step
        change.axpby(reach, 0.0, self.rate)
        if self._previous:
            curvature = 0.5 * reach**2 / self._previous
            change.axpy(curvature, self.rate)
            change.axpy(-curvature, self._last_rate)

    def _extrapolate_to_end(self, step: float, new: PETSc.Vec) -> None:
        """First guess of y_{n+1} - y_n: the parabola of y_n, its rate and y_g."""
        new.axpby(1.0 / _GAMMA**2, 0.0, self._change)
        new.axpy(step * (1.0 - 1.0 / _GAMMA), self.rate)

    def _solve(self, change: PETSc.Vec) -> None:
        """Solve for a change of y with the load, from the guess in `change`; its total is 0.

        A multiple of 1 is added to the solution: K does not see it, so it is the exact correction of
        that part of the error.
        """
        self._solver.solve(self._load, change)
        self.solves += 1
        self.iterations += self._solver.getIterationNumber()
        reason = self._solver.getConvergedReason()
        if reason < 0:
            raise linear_failure(self._solver.getIterationNumber(), reason, direct=False)
        change.shift(-self._invariant.dot(change) / self._capacity)
