"""Poisson-Nernst-Planck in time: implicit, conserving, with steps that fit the accuracy asked for.

The second-order backward difference (BDF2) with variable steps, started by implicit Euler; both
act on the nodal charges themselves, so that total Li is conserved to round-off. The local error is
estimated from the difference to an extrapolation of the charges, and relates to the charge of the
layer: a step whose error is too large, or that does not converge, is taken again with a shorter one.

Mobilities are those at the new time. At contact alone they are the bulk's: no unknowns before it are
near those after, from which Newton's method might start, and with given mobilities it needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np

from scl_fem.equations.region import NodalPhysics
from scl_fem.equations.state import Amounts, ImplicitStep, State
from scl_fem.equations.system import System
from scl_fem.errors import ConvergenceError
from scl_fem.solvers.advice import Trouble, advice, unit_question
from scl_fem.solvers.backward_differences import bdf2_weights, predictor
from scl_fem.solvers.course import (
    Accepted,
    Level,
    Progress,
    StepControl,
    extrapolated_state,
    level_at,
)
from scl_fem.solvers.implicit_step import ImplicitStepSolver
from scl_fem.solvers.newton import NewtonReport
from scl_fem.solvers.settings import SolverSettings
from scl_fem.solvers.sudden import SuddenVoltage
from scl_fem.solvers.terminals import HeldUnknowns
from scl_fem.solvers.trouble import trouble_of_course, trouble_of_newton

_GROWTH = {"bdf2": 2.0, "euler": 10.0}
"""Largest ratio of steps: BDF2 is stable below 1 + sqrt(2), implicit Euler always."""

_SHRINK = 0.2
_SAFETY = 0.9
_RETRY = 0.25
"""Factor of the step after one that did not converge."""

_LEAST_SHARE = 0.01
"""Of the tolerance, that any step may use up.

Where a node fills, rates change within next to no time: the error of a step across that falls with its
length no faster than its share does.
"""

_UNSEEN = 1e-3
"""Of the first step that is asked for: times that nobody looks at, and that what comes later forgets.

At contact the charge of a node may go with a root of the time, whose error falls with no step to the
tolerance: where no step that may be made is short enough, those up to here double the time and are accepted
as they are.
"""

_NEXT_TO_SHORTEST = 10.0
"""Of the shortest step: these cannot be made much shorter."""

_RESOLVED = 16.0 * np.finfo(float).eps
"""Of a time: what a step must be longer than to be told from none."""


class TransientSolver:
    """Advances a cell in time.

    Attributes:
        system: unknowns and physics.
        held: the contacts.
        settings: of Newton's method and the linear solver.
        control: of the steps.
        pause: called before each attempt of a step, by all ranks; may raise to stop.
    """

    def __init__(
        self,
        system: System,
        held: HeldUnknowns,
        settings: SolverSettings,
        control: StepControl,
    ) -> None:
        """Set up matrix and vectors."""
        self.system, self.held, self.terminals = system, held, held.terminals
        self.settings, self.control = settings, control
        self.pause: Callable[[], None] = lambda: None
        self._kinks: tuple[float, ...] = ()
        self.step_solver = ImplicitStepSolver(system, self.held, settings, control.tolerance)

    def advance(
        self,
        progress: Progress,
        end: float,
        stops: Sequence[float] = (),
        kinks: Sequence[float] = (),
        monitor: Callable[[int, float], None] = lambda iteration, residual: None,
    ) -> Iterator[Accepted]:
        """Step to a time, yielding every accepted step; `progress` moves along.

        Args:
            progress: where to start.
            end: s.
            stops: times that a step must end at.
            kinks: the same, and what comes after is no continuation of what was before.
            monitor: called at each Newton step.

        Raises:
            ConvergenceError: steps became too short; the state in `progress` is the last good one.
        """
        self._kinks = tuple(kinks)
        times = {end, *(time for time in (*stops, *kinks) if time < end)}
        targets = sorted(time for time in times if time > progress.time * (1 + 1e-12))
        for target in targets:
            begun = max((time for time in kinks if time <= progress.time * (1.0 + 1e-12)), default=0.0)
            while progress.time < target * (1.0 - 1e-12):
                accepted = self._step(progress, target, begun, monitor)
                if target in kinks and progress.time >= target * (1.0 - 1e-12):
                    progress.next_step = min(progress.next_step, accepted.length)
                yield accepted

    def _step(
        self, progress: Progress, target: float, begun: float, monitor: Callable[[int, float], None]
    ) -> Accepted:
        """One accepted step towards a target, however many tries it takes.

        Args:
            progress: where to start.
            target: s.
            begun: when what happens now began, s.
            monitor: called at each Newton step.
        """
        wanted = min(progress.next_step, self.control.longest)
        failed: ConvergenceError | None = None
        while True:
            self.pause()
            remaining = target - progress.time
            # Two equal steps rather than one and a splinter.
            length = remaining if wanted >= remaining else min(wanted, max(0.5 * remaining, 0.5 * wanted))
            time = target if length == remaining else progress.time + length
            if length < max(self.control.shortest, _RESOLVED * time):
                raise ConvergenceError(
                    f"a time step of {length:.1e} s at t = {progress.time:.4e} s is too short to go on; "
                    f"{self._advice(progress, time, failed)}"
                )
            starting = len(progress.levels) == 1
            try:
                halves = self._in_halves(progress, time, begun, monitor) if starting else None
                state, physics, report = self._solve(progress, time, begun, monitor, halves)
            except ConvergenceError as unsolved:
                failed = unsolved
                progress.rejected += 1
                progress.next_step = wanted = _RETRY * length
                continue
            amounts = {name: each.amounts for name, each in physics.items()}
            error = self._error(progress, time, begun, amounts, halves)
            # What a step may be off by is its share of the time since things began, so that the errors
            # of all of them make up the tolerance.
            share = length / (time - begun)
            allowed = self.control.tolerance * min(1.0, max(_LEAST_SHARE, share))
            factor = self._factor(error / allowed, self._order(progress))
            given = self._is_given(length, progress.time - begun)
            if given:
                factor = max(factor, _GROWTH["bdf2"])
            elif error > allowed:
                failed = None
                progress.rejected += 1
                progress.next_step = wanted = length * max(_SHRINK, min(factor, 0.9))
                continue
            return self._accept(progress, time, state, physics, error, factor, report)

    def _advice(self, progress: Progress, time: float, failed: ConvergenceError | None) -> str:
        """What to try. Collective.

        Args:
            progress: the last good state.
            time: of the step that is too short, s.
            failed: why it was taken again; None where its error was too large.
        """
        at_rest = len(progress.levels) == 1 and progress.steps == 0
        return advice(self._trouble(time, failed, at_rest))

    def unit_question(self, end: float, kinks: Sequence[float]) -> str:
        """Ask whether the unit of a voltage or a current is meant, where it hardly can be. Collective.

        Args:
            end: s.
            kinks: times at which voltage or current may be largest, s.
        """
        self._kinks = tuple(kinks)
        return unit_question(self._trouble(end, None, False))

    def _trouble(self, time: float, failed: ConvergenceError | None, at_rest: bool) -> Trouble:
        """What is known of a step to a time."""
        space, phases = self.system.space, self.system.phases
        found = trouble_of_newton(space, phases, failed, direct=self.step_solver.is_direct)
        return trouble_of_course(found, space, phases, self.terminals, time, self._kinks, at_rest=at_rest)

    def _is_given(self, length: float, since: float) -> bool:
        """Whether a step is accepted whatever its error; see `_UNSEEN`.

        Args:
            length: s.
            since: time since things began, s.
        """
        next_to_shortest = _NEXT_TO_SHORTEST * self.control.shortest
        unseen = max(_UNSEEN * self.control.first, next_to_shortest)
        return since + length <= unseen and length <= max(next_to_shortest, since)

    def _factor(self, error: float, order: int) -> float:
        """By what the step that made this error might have been longer.

        Args:
            error: as a fraction of what is allowed.
            order: of the method.
        """
        # A shorter step is allowed less.
        power = order if error > 1.0 else order + 1
        return _SAFETY * max(error, 1e-30) ** (-1.0 / power)

    def _accept(
        self,
        progress: Progress,
        time: float,
        state: State,
        physics: Mapping[str, NodalPhysics],
        error: float,
        factor: float,
        report: NewtonReport,
    ) -> Accepted:
        length = time - progress.time
        self._regauge(state)
        level = self._level(time, state, physics)
        current = self._terminal_current(progress, level)
        before = [] if progress.levels[-1].contact else progress.levels[-2:]
        progress.levels = [*before, level]
        grown = length * min(_GROWTH[self.control.method], max(_SHRINK, factor))
        # A step cut short by a target says nothing against the one that was proposed.
        proposed = min(progress.next_step, self.control.longest) if factor >= 1.0 else 0.0
        progress.next_step = max(grown, proposed)
        progress.steps += 1
        progress.newton_iterations += report.iterations
        progress.residual = report.residual
        return Accepted(progress, length, physics, current, error, report)

    # One implicit step ---------------------------------------------------------------------

    @cached_property
    def _sudden(self) -> SuddenVoltage:
        return SuddenVoltage(self.system, self.held, self.settings)

    def _order(self, progress: Progress) -> int:
        return 2 if self.control.method == "bdf2" and len(progress.levels) > 1 else 1

    def _implicit(self, progress: Progress, time: float) -> ImplicitStep:
        """Coefficients of BDF2 (or implicit Euler) for a step to `time`."""
        system, newest = self.system, progress.levels[-1]
        length, sources = time - newest.time, self.held.sources(time)
        if newest.contact:
            return ImplicitStep(length, newest.amounts, sources, system.bulk_mobilities)
        if self._order(progress) == 1:
            return ImplicitStep(length, newest.amounts, sources)
        older = progress.levels[-2]
        leading, weight, of_older = bdf2_weights(length / (newest.time - older.time))
        history = {
            name: weight * new - of_older * older.amounts[name] for name, new in newest.amounts.items()
        }
        return ImplicitStep(length / leading, history, sources)

    def _solve(
        self,
        progress: Progress,
        time: float,
        begun: float,
        monitor: Callable[[int, float], None],
        halves: Level | None = None,
    ) -> tuple[State, Mapping[str, NodalPhysics], NewtonReport]:
        """Solve the step to `time` from the last unknowns, or better ones: extrapolated, or of two halves."""
        starts = [progress.state.copy()]
        if halves is not None:
            starts.append(halves.state.copy())
        if len(progress.levels) == 1 and self._sudden.happens:
            carried = self._sudden.carried_along(progress.state, time)
            if progress.levels[-1].contact and self._sudden.charged:
                # neutral phases know of no charge, which is little beside what contact leaves at its node
                starts[0] = carried
            else:
                starts.append(carried)
        if len(progress.levels) > 1:
            starts.append(extrapolated_state(progress.levels[-1], progress.levels[-2], time, begun))
        for state in starts:
            self.held.apply(state, time)
        return self.step_solver.solve(self._implicit(progress, time), time, starts, monitor)

    def _in_halves(
        self, progress: Progress, time: float, begun: float, monitor: Callable[[int, float], None]
    ) -> Level:
        """Where two steps of implicit Euler get to, of half the length each."""
        for end in (progress.time + 0.5 * (time - progress.time), time):
            state, physics, _ = self._solve(progress, end, begun, monitor)
            progress = Progress([self._level(end, state, physics)], 0.0)
        return progress.levels[-1]

    # What a step amounts to ----------------------------------------------------------------

    def _error(
        self, progress: Progress, time: float, begun: float, amounts: Amounts, halves: Level | None
    ) -> float:
        """Local error as a fraction of the layer's charge, from the distance to an extrapolation.

        Charges are those of the components, whatever their sign. Or, where that is more, of the charge that
        moves in the time since things began at the present rate: a layer on its way from depletion to
        accumulation has none for a moment. The first steps, which have nothing to be extrapolated from, are
        compared with two of half the length.
        """
        levels = progress.levels
        if halves is not None:
            # A step of implicit Euler is off by twice what two halves of it differ by.
            weights: tuple[float, ...] = (1.0,)
            used, share = [halves], 2.0
        else:
            # The second step is BDF2 already, and bounded by the estimate of implicit Euler.
            order = min(self._order(progress), len(levels) - 1)
            weights, share = predictor([level.time for level in levels], time, order)
            used = levels[-len(weights) :]
        expected = {
            name: sum((w * level.amounts[name] for w, level in zip(weights, used, strict=True)), np.zeros(1))
            for name in amounts
        }
        distance = self.system.moduli(_differences(amounts, expected))
        moved = self.system.moduli(_differences(amounts, levels[-1].amounts))
        moving = moved * (time - begun) / (time - levels[-1].time)
        return share * distance / max(self.step_solver.scale(amounts), moving)

    def _level(self, time: float, state: State, physics: Mapping[str, NodalPhysics]) -> Level:
        """What later steps need of a time."""
        return level_at(self.system, time, state, physics, self.held.first_nodes)

    def _terminal_current(self, progress: Progress, level: Level) -> float:
        """Current that enters at the first contact, of all components and displacement, e/s.

        Of the reactions at held nodes, the charge stored there is part of both and drops out.
        """
        first = self.terminals.get(self.system.space.domain.contacts[0])
        if first is not None and first.current is not None:
            return first.current(level.time) * self.system.space.interface_area
        if first is None or not first.held:
            return 0.0
        operator, state = self.step_solver.operator, level.state
        carried = self.system.currents(state.mu, operator.conductances)[self.held.first_nodes]
        newest = progress.levels[-1]
        before = newest.field_flux
        if self._order(progress) == 2:
            older = progress.levels[-2]
            _, weight, of_older = bdf2_weights((level.time - newest.time) / (newest.time - older.time))
            before = weight * newest.field_flux - of_older * older.field_flux
        return self.system.space.sum(carried) + (level.field_flux - before) / operator.step.length

    def _regauge(self, state: State) -> None:
        """Count phi and the mu~ from the main component's at the last contact."""
        if self.held.held:
            return
        shift = self.held.gauge(state)
        state.phi -= shift
        for name, values in state.mu.items():
            values -= self.system.regions[name].phase.charge_numbers[:, None] * shift


def _differences(amounts: Amounts, others: Amounts) -> dict[str, np.ndarray]:
    return {name: each - others[name] for name, each in amounts.items()}
