"""Poisson-Nernst-Planck in time: implicit, conserving, with steps that fit the accuracy asked for.

The second-order backward difference (BDF2) with variable steps, started by implicit Euler; both
act on the nodal charges themselves, so that total Li is conserved to round-off. The local error is
estimated from the difference to an extrapolation of the charges, and relates to the charge of the
layer: a step whose error is too large, or that does not converge, is taken again with a shorter one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import scl_fem._stack  # noqa: F401  (MPI before PETSc)

# isort: split
import numpy as np
from petsc4py import PETSc

from scl_fem.discretisation.implicit import ImplicitOperator
from scl_fem.discretisation.transport import TransportSystem
from scl_fem.discretisation.unknowns import ImplicitStep, NodalPhysics, State
from scl_fem.errors import ConvergenceError
from scl_fem.mesh.domain import PhaseTag
from scl_fem.solvers.backward_differences import bdf2_weights, predictor
from scl_fem.solvers.course import (
    Accepted,
    Charges,
    Level,
    Progress,
    StepControl,
    extrapolated_mobilities,
    extrapolated_state,
    level_at,
)
from scl_fem.solvers.linear import is_direct, transport_options
from scl_fem.solvers.newton import NewtonReport, solve_newton
from scl_fem.solvers.settings import SolverSettings
from scl_fem.solvers.terminals import HeldUnknowns, Terminals

_GROWTH = {"bdf2": 2.0, "euler": 10.0}
"""Largest ratio of steps: BDF2 is stable below 1 + sqrt(2), implicit Euler always."""

_SHRINK = 0.2
_SAFETY = 0.9
_RETRY = 0.25
"""Factor of the step after one that did not converge."""

_ALGEBRAIC = 1e-6
"""What Newton's method may leave of a step's error."""

_NEWTON_LIMIT = 30

_COARSEST = 0.1
"""Error of a step, as a fraction of the charge: more is no accuracy, but a step that is given."""

_ROUND_OFF_LIMIT = 1e-2
"""What round-off may leave of a step's error: much where the layer is next to nothing."""


_ROUND_OFF_OF_CHARGE = 1e-15
"""Of all mobile charge: what sums of charges may be off by."""

_LEAST_CHANGE = 0.05
"""V: what Newton's method may always change in one step."""

_LEAST_SCALE = 1e-7
"""Charge, as a fraction of all mobile charge, below which a layer does not set the scale."""


class TransientSolver:
    """Advances a transport system in time.

    Attributes:
        system: unknowns and physics.
        terminals: boundary conditions.
        settings: of Newton's method and the linear solver.
        control: of the steps.
    """

    def __init__(
        self,
        system: TransportSystem,
        terminals: Terminals,
        settings: SolverSettings,
        control: StepControl,
    ) -> None:
        """Set up matrix and vectors."""
        self.system, self.terminals = system, terminals
        self.settings, self.control = settings, control
        self.held = HeldUnknowns(system, terminals)
        self.operator = ImplicitOperator(system)
        self._options = transport_options(
            settings,
            system.space.domain.dimension,
            system.global_size,
            separated=system.jump_nodes_anywhere,
        )
        potentials = [phase.bulk_potential for phase in system.phases.values()]
        self._largest_change = max(0.25 * abs(potentials[0] - potentials[1]), _LEAST_CHANGE)
        self._mobile_charge = sum(
            phase.lithium.bulk_concentration * system.space.sum(system.weights[tag])
            for tag, phase in system.phases.items()
        )

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
        times = {end, *(time for time in (*stops, *kinks) if time < end)}
        targets = sorted(time for time in times if time > progress.time * (1 + 1e-12))
        for target in targets:
            while progress.time < target * (1.0 - 1e-12):
                accepted = self._step(progress, target, monitor)
                if target in kinks and progress.time >= target * (1.0 - 1e-12):
                    progress.next_step = min(progress.next_step, accepted.length)
                yield accepted

    def _step(self, progress: Progress, target: float, monitor: Callable[[int, float], None]) -> Accepted:
        """One accepted step towards a target, however many tries it takes."""
        wanted = min(progress.next_step, self.control.longest)
        while True:
            remaining = target - progress.time
            # Two equal steps rather than one and a splinter.
            length = remaining if wanted >= remaining else min(wanted, max(0.5 * remaining, 0.5 * wanted))
            time = target if length == remaining else progress.time + length
            if length < self.control.shortest:
                raise ConvergenceError(
                    f"a time step of {length:.1e} s at t = {progress.time:.4e} s is too short to go on; try "
                    "a larger study.tolerance, a finer mesh or a shorter study.first_step"
                )
            try:
                state, physics, report = self._solve(progress, time, monitor)
            except ConvergenceError:
                progress.rejected += 1
                wanted = _RETRY * length
                continue
            charges = self.system.charges(physics)
            error = self._error(progress, time, charges)
            factor = self._factor(error, self._order(progress))
            if error > self.control.tolerance:
                progress.rejected += 1
                wanted = length * max(_SHRINK, min(factor, 0.9))
                continue
            return self._accept(progress, time, state, physics, charges, error, factor, report)

    def _factor(self, error: float, order: int) -> float:
        """By what the step that made this error might have been longer; 1 where that is not known."""
        if math.isnan(error):
            return 1.0
        return _SAFETY * (self.control.tolerance / max(error, 1e-30)) ** (1.0 / (order + 1))

    def _accept(
        self,
        progress: Progress,
        time: float,
        state: State,
        physics: Mapping[PhaseTag, NodalPhysics],
        charges: Charges,
        error: float,
        factor: float,
        report: NewtonReport,
    ) -> Accepted:
        length = time - progress.time
        self._regauge(state)
        level = level_at(self.system, time, state, physics)
        current = self._terminal_current(progress, level, state)
        before = [] if progress.levels[-1].contact else progress.levels[-2:]
        progress.levels = [*before, level]
        grown = length * min(_GROWTH[self.control.method], max(_SHRINK, factor))
        # A step cut short by a target says nothing against the one that was proposed.
        proposed = min(progress.next_step, self.control.longest) if factor >= 1.0 else 0.0
        progress.next_step = max(grown, proposed)
        progress.steps += 1
        progress.newton_iterations += report.iterations
        progress.residual = report.residual
        return Accepted(progress, length, physics, current, 0.0 if math.isnan(error) else error, report)

    # One implicit step ---------------------------------------------------------------------

    def _order(self, progress: Progress) -> int:
        return 2 if self.control.method == "bdf2" and len(progress.levels) > 1 else 1

    def _implicit(self, progress: Progress, time: float) -> ImplicitStep:
        """Coefficients of BDF2 (or implicit Euler) for a step to `time`."""
        system, newest = self.system, progress.levels[-1]
        length, sources = time - newest.time, self.held.sources(time)
        if self._order(progress) == 1:
            mobilities = system.mean_mobilities(newest.mobilities)
            return ImplicitStep(length, newest.charges, sources, mobilities)
        older = progress.levels[-2]
        leading, weight, of_older = bdf2_weights(length / (newest.time - older.time))
        history = {tag: weight * newest.charges[tag] - of_older * older.charges[tag] for tag in PhaseTag}
        mobilities = system.mean_mobilities(extrapolated_mobilities(progress.levels, time))
        return ImplicitStep(length / leading, history, sources, mobilities)

    def _solve(
        self, progress: Progress, time: float, monitor: Callable[[int, float], None]
    ) -> tuple[State, Mapping[PhaseTag, NodalPhysics], NewtonReport]:
        system, operator = self.system, self.operator
        operator.prepare(self._implicit(progress, time))
        x = self._start(progress, time)
        held_values = x.array_r[self.held.local_rows].copy()
        accuracy = min(self.control.tolerance, _COARSEST)
        latest: dict[str, Any] = {}

        def evaluate(x: PETSc.Vec) -> None:
            # Newton's method wants residual, Jacobian and norm at one place: the inversion is done once.
            known = "values" in latest and np.array_equal(latest["values"], x.array_r)
            if system.space.comm.allreduce(int(not known)) == 0:
                return
            latest["values"] = x.array_r.copy()
            latest["state"] = system.unpack(x)
            latest["physics"] = system.evaluate(latest["state"])

        def residual(x: PETSc.Vec, f: PETSc.Vec) -> None:
            evaluate(x)
            operator.residual(x, latest["state"], latest["physics"], f)
            f.array[self.held.local_rows] = x.array_r[self.held.local_rows] - held_values

        def jacobian(x: PETSc.Vec, matrix: PETSc.Mat) -> None:
            evaluate(x)
            operator.differentiate(latest["state"], latest["physics"], self.held.rows)

        def scale() -> float:
            layer = sum(system.space.sum(np.abs(q)) for q in system.charges(latest["physics"]).values())
            return max(layer, _LEAST_SCALE * self._mobile_charge)

        def round_off() -> float:
            terms = system.space.sum(np.abs(operator.jacobian.getDiagonal().array_r * latest["x"].array_r))
            return min(4.0 * np.finfo(float).eps * terms / scale(), _ROUND_OFF_LIMIT * accuracy)

        latest["x"] = x
        report = solve_newton(
            x,
            operator.jacobian,
            residual,
            jacobian,
            lambda f: f.norm(PETSc.NormType.NORM_1) / scale(),
            tolerance=max(self.settings.tolerance, _ALGEBRAIC * accuracy),
            round_off=round_off,
            max_iterations=self._newton_limit(progress),
            options=self._options,
            user_options=self.settings.petsc,
            monitor=monitor,
            inexact=not is_direct(self._options),
            largest_change=self._largest_change,
        )
        evaluate(x)
        x.destroy()
        state, physics = latest["state"], latest["physics"]
        if self._conserve(state, physics, operator.step):
            physics = system.evaluate(state)
        return state, physics, report

    def _newton_limit(self, progress: Progress) -> int:
        """Newton steps to allow: beyond some, a shorter time step costs less, but at contact nothing does."""
        limit = self.settings.max_iterations
        return limit if progress.levels[-1].contact else min(limit, _NEWTON_LIMIT)

    def _start(self, progress: Progress, time: float) -> PETSc.Vec:
        """Unknowns to start Newton's method from: the last ones, or those extrapolated if better."""
        candidates = [progress.state.copy()]
        if len(progress.levels) > 1:
            candidates.append(extrapolated_state(progress.levels[-1], progress.levels[-2], time))
        starts = []
        for state in candidates:
            self.held.apply(state, time)
            x, f = self.system.vector(), self.system.vector()
            self.system.pack(state, x)
            # Unpacked, both phases have one mu_e where they share it.
            packed = self.system.unpack(x)
            self.operator.residual(x, packed, self.system.evaluate(packed), f)
            f.array[self.held.local_rows] = 0.0
            starts.append((f.norm(PETSc.NormType.NORM_1), x))
            f.destroy()
        starts.sort(key=lambda start: start[0] if np.isfinite(start[0]) else np.inf)
        for _, worse in starts[1:]:
            worse.destroy()
        return starts[0][1]

    def _conserve(self, state: State, physics: Mapping[PhaseTag, NodalPhysics], step: ImplicitStep) -> bool:
        """Take from a closed cell what the solve left it too much of; whether there was any.

        At long steps the currents, which sum to nothing, are large against the charges, and their
        round-off would be Li gained or lost. A shift of mu_e drives no current: it is the exact
        correction of that part of the error.
        """
        if self.terminals.held:
            return False
        space = self.system.space
        charges = self.system.charges(physics)
        gained = sum(space.sum(charges[tag] - step.history[tag]) for tag in PhaseTag)
        if abs(gained) < _ROUND_OFF_OF_CHARGE * self._mobile_charge:
            return False
        capacitance = sum(
            space.sum(self.system.weights[tag] * physics[tag].charge_slope[: space.owned])
            / self.system.phases[tag].lithium.charge_number
            for tag in PhaseTag
        )
        for values in state.mu_e.values():
            values -= gained / capacitance
        return True

    # What a step amounts to ----------------------------------------------------------------

    def _error(self, progress: Progress, time: float, charges: Charges) -> float:
        """Local error as a fraction of the layer's charge, from the distance to an extrapolation.

        Not a number where there is nothing to extrapolate from.
        """
        levels = progress.levels
        # The second step is BDF2 already, and bounded by the estimate of implicit Euler.
        order = min(self._order(progress), len(levels) - 1)
        if order == 0:
            return math.nan
        weights, share = predictor([level.time for level in levels], time, order)
        used = levels[-len(weights) :]
        distance = layer = 0.0
        for tag in PhaseTag:
            predicted = sum(w * level.charges[tag] for w, level in zip(weights, used, strict=True))
            distance += self.system.space.sum(np.abs(charges[tag] - predicted))
            layer += self.system.space.sum(np.abs(charges[tag]))
        return share * distance / max(layer, _LEAST_SCALE * self._mobile_charge)

    def _terminal_current(self, progress: Progress, level: Level, state: State) -> float:
        """Current that enters at the electrode's terminal, ionic and displacement, e/s.

        Of the reactions at held nodes, the charge stored there is part of both and drops out.
        """
        if self.terminals.current is not None:
            return self.terminals.current(level.time) * self.system.space.interface_area
        if not self.terminals.held:
            return 0.0
        step = self.operator.step
        nodes = self.held.nodes[PhaseTag.ELECTRODE]
        ionic = self.system.currents(state, step.mobilities)[PhaseTag.ELECTRODE][nodes]
        newest = progress.levels[-1]
        before = newest.field_flux
        if self._order(progress) == 2:
            older = progress.levels[-2]
            _, weight, of_older = bdf2_weights((level.time - newest.time) / (newest.time - older.time))
            before = weight * newest.field_flux - of_older * older.field_flux
        return self.system.space.sum(ionic) + (level.field_flux - before) / step.length

    def _regauge(self, state: State) -> None:
        """Count mu_e from that of the electrolyte's terminal, and phi with it."""
        if self.terminals.held:
            return
        system = self.system
        weights = system.terminal_weights[PhaseTag.ELECTROLYTE]
        owned = state.mu_e[PhaseTag.ELECTROLYTE][: system.space.owned]
        area = self.held.area[PhaseTag.ELECTROLYTE]
        if area > 0.0:
            shift = system.space.sum(weights * owned) / area
        else:
            pinned = owned[self.held.pinned] if self.held.pinned is not None else 0.0
            shift = float(system.space.comm.allreduce(float(pinned)))
        state.phi -= shift / system.phases[PhaseTag.ELECTROLYTE].lithium.charge_number
        for values in state.mu_e.values():
            values -= shift
