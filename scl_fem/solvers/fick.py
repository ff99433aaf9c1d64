"""Transient Fick diffusion of tagged Li: steps that grow by powers of two as the exchange slows down."""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import scl_fem._stack  # noqa: F401  (MPI before PETSc)
from dolfinx import fem
from petsc4py import PETSc

from scl_fem.discretisation.tagged import TaggedLithium
from scl_fem.errors import ConvergenceError
from scl_fem.solvers.fast_diagonalisation import fast_diagonalisation
from scl_fem.solvers.linear import DIRECT, SYMMETRIC_ITERATIVE, Options, solve_symmetric
from scl_fem.solvers.settings import SolverSettings
from scl_fem.solvers.timestepping import TrBdf2

_FIRST_STEP = 0.1
"""First step, in decay times of the fastest mode that the mesh can hold."""

_SAFETY = 0.9

_LARGEST_GROWTH = 4.0

_SMALLEST_STEP = 1e-9
"""Relative to the first: below this something is wrong that smaller steps do not mend."""

_LINEAR_TOLERANCE = 1e-3
"""Error of a linear solve, relative to what the step may be off."""

_ONE_SWEEP: Options = {
    "ksp_type": "richardson",
    "ksp_max_it": 1,
    "ksp_norm_type": "none",
    "ksp_initial_guess_nonzero": None,
}
"""For an inverse that is exact but for rounding: it leaves some 1e-6 of the first guess's error."""

type Snapshot = tuple[float, dict[str, fem.Function]]


@dataclass
class History:
    """What was recorded at the end of every step.

    Attributes:
        time: s, from 0.
        remaining: tagged Li in the particle, relative to the start.
        total: tagged Li everywhere, relative to the start.
    """

    time: list[float] = field(default_factory=lambda: [0.0])
    remaining: list[float] = field(default_factory=lambda: [1.0])
    total: list[float] = field(default_factory=lambda: [1.0])


@dataclass
class ExchangeState:
    """Where a run stands: all it takes to go on.

    Attributes:
        tagged: m, unknowns of the `TaggedLithium`.
        rate: dm/dt, 1/s.
        step: size of the next step, s.
        history: so far; its last time is the present.
        steps: taken.
        rejected: steps that were tried and found too large.
    """

    tagged: PETSc.Vec
    rate: PETSc.Vec
    step: float
    history: History = field(default_factory=History)
    steps: int = 0
    rejected: int = 0

    @property
    def time(self) -> float:
        """The present, s."""
        return self.history.time[-1]


def sharp_start(system: TaggedLithium, settings: SolverSettings) -> ExchangeState:
    """All tagged Li in the particle. Collective.

    Where m is continuous it is the L2 projection of the jump, which keeps the total exactly.

    Args:
        system: the discrete equation.
        settings: of the linear solver.

    Raises:
        ConvergenceError: a linear solve gave up.
    """
    dimension = system.space.domain.dimension
    tagged = system.jump()
    if tagged is None:
        tagged = system.vector()
        solve_symmetric(system.mass, system.inside, tagged, settings, dimension)
    load, rate = system.vector(), system.vector()
    system.stiffness.mult(tagged, load)
    load.scale(-1.0)
    solve_symmetric(system.mass, load, rate, settings, dimension)
    fastest = system.stiffness.getDiagonal()
    fastest.pointwiseDivide(fastest, system.mass.getDiagonal())
    return ExchangeState(tagged, rate, _FIRST_STEP / fastest.max()[1])


class ExchangeSolver:
    """Steps a state to the end.

    Attributes:
        system: the discrete equation.
        state: where the run stands.
        stepper: the method, with its counters.
        snapshots: m at the output times so far.
        pause: called before each attempt of a step, by all ranks; may raise to stop.
    """

    def __init__(
        self, system: TaggedLithium, state: ExchangeState, settings: SolverSettings, tolerance: float
    ) -> None:
        """Nothing is solved yet.

        Args:
            system: the discrete equation.
            state: to start from.
            settings: of the linear solver.
            tolerance: error that a step may make in m, root mean square over the particle.
        """
        self.system, self.state, self.settings, self.tolerance = system, state, settings, tolerance
        # the user may want another preconditioner
        own = self._iterates and "pc_type" not in settings.petsc
        inverse = fast_diagonalisation(system) if own else None
        self.stepper = TrBdf2(
            system.mass, system.stiffness, state.tagged, state.rate, system.everywhere, inverse
        )
        self.snapshots: list[Snapshot] = []
        self.pause: Callable[[], None] = lambda: None
        self._weights = system.mass.getDiagonal()
        self._weights.scale(system.everywhere.sum() / (self._weights.sum() * system.volume))
        self._scratch = system.vector()

    def run(
        self,
        duration: float,
        output_times: Sequence[float] = (),
        keep: Callable[[ExchangeState], None] = lambda state: None,
    ) -> None:
        """Step to the end.

        Args:
            duration: time of the end, s.
            output_times: when snapshots are wanted, between now and the end, s.
            keep: called after every step; may write a checkpoint.

        Raises:
            ConvergenceError: a linear solve gave up, or no step is small enough; `state` is as after
                the last good step.
        """
        first, wanted = self.state.step, sorted(output_times)
        with self.stepper.configured(self._options(), self.settings.petsc):
            while self.state.time < duration:
                self.pause()
                left = duration - self.state.time
                last = left <= self.state.step * (1.0 + 1e-9)
                step = left if last else self.state.step
                error = self._size(self.stepper.attempt(step))
                if not error <= self.tolerance:
                    self._shrink(step, error, first)
                    continue
                time = duration if last else self.state.time + step
                self.snapshots += self._snapshots_within(wanted, time, step)
                self._move_to(time)
                if not last and error < self.tolerance:
                    self.state.step = step * _growth(error / self.tolerance)
                keep(self.state)

    @property
    def _iterates(self) -> bool:
        """The user's choice; "auto" is a factorisation in 1D and conjugate gradients otherwise.

        A small step makes the matrix close to M: Krylov methods need few iterations, and a new size of
        step does not cost a factorisation.
        """
        linear, dimension = self.settings.linear, self.system.space.domain.dimension
        return linear == "iterative" or (linear == "auto" and dimension > 1)

    def _options(self) -> Options:
        """Of the linear solver."""
        if not self._iterates:
            return dict(DIRECT)
        # the natural norm is that of the error in the energy M + d h K, no less than that in M
        allowed = _LINEAR_TOLERANCE * self.tolerance * math.sqrt(self.system.volume)
        common: Options = {
            "ksp_norm_type": "natural",
            "ksp_initial_guess_nonzero": None,
            "ksp_rtol": 1e-14,
            "ksp_atol": allowed,
        }
        if self.stepper.inverse is None:
            return SYMMETRIC_ITERATIVE | common
        if self.system.physics.contrast == 1.0 and not self.settings.petsc:
            return dict(_ONE_SWEEP)
        return {"ksp_type": "cg", "ksp_max_it": SYMMETRIC_ITERATIVE["ksp_max_it"]} | common

    def _size(self, error: PETSc.Vec) -> float:
        """Root mean square over the volume of the particle."""
        self._scratch.pointwiseMult(error, self._weights)
        return math.sqrt(self._scratch.dot(error))

    def _shrink(self, step: float, error: float, first: float) -> None:
        self.state.rejected += 1
        factor = _SAFETY * (self.tolerance / error) ** (1.0 / 3.0) if math.isfinite(error) else 0.5
        self.state.step = step * 2.0 ** min(-1.0, math.floor(math.log2(factor)))
        if self.state.step < _SMALLEST_STEP * first:
            raise ConvergenceError(
                f"no time step is small enough at {self.state.time:.3g} s; try a larger study.tolerance"
            )

    def _move_to(self, time: float) -> None:
        self.stepper.accept()
        state, system = self.state, self.system
        state.tagged, state.rate = self.stepper.state, self.stepper.rate
        state.steps += 1
        state.history.time.append(time)
        state.history.remaining.append(system.inside.dot(state.tagged) / system.volume)
        state.history.total.append(system.everywhere.dot(state.tagged) / system.volume)

    def _snapshots_within(self, wanted: Sequence[float], time: float, step: float) -> list[Snapshot]:
        """m at the wanted times of the step attempted last, by the cubic through both ends."""
        begin, end = bisect.bisect_right(wanted, self.state.time), bisect.bisect_right(wanted, time)
        new, new_rate = self.stepper.attempted
        found = []
        for at in wanted[begin:end]:
            s = 1.0 - (time - at) / step
            mixed = self.stepper.state.copy()
            mixed.scale((1.0 + 2.0 * s) * (1.0 - s) ** 2)
            mixed.axpy(s**2 * (3.0 - 2.0 * s), new)
            mixed.axpy(step * s * (1.0 - s) ** 2, self.stepper.rate)
            mixed.axpy(-step * s**2 * (1.0 - s), new_rate)
            found.append((at, self.system.functions(mixed)))
        return found


def _growth(relative_error: float) -> float:
    """Power of two by which the next step may be longer."""
    ideal = _SAFETY * max(relative_error, 1e-12) ** (-1.0 / 3.0)
    return 2.0 ** math.floor(math.log2(min(max(ideal, 1.0), _LARGEST_GROWTH)))
