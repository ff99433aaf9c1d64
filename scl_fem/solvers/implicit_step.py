"""One implicit step of a cell's equations, solved by Newton's method."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import scl_fem._stack  # noqa: F401  (MPI before PETSc)

# isort: split
import numpy as np
from petsc4py import PETSc

from scl_fem.equations.operator import ImplicitOperator
from scl_fem.equations.region import NodalPhysics
from scl_fem.equations.state import Amounts, ImplicitStep, State
from scl_fem.equations.system import System
from scl_fem.solvers.linear import is_direct, transport_options
from scl_fem.solvers.newton import NewtonReport, solve_newton
from scl_fem.solvers.settings import SolverSettings
from scl_fem.solvers.terminals import HeldUnknowns

_ALGEBRAIC = 1e-3
"""What Newton's method may leave of a step's error, or of what it begins with where that is less.

But not in one dimension, where Newton's steps are exact and the last digits cost next to nothing.
"""

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


class ImplicitStepSolver:
    """Solves implicit steps.

    Attributes:
        system: unknowns and physics.
        held: unknowns that are not solved for.
        settings: of Newton's method and the linear solver.
        is_direct: whether linear solves factorise.
        operator: residual and Jacobian; after a step, evaluated at its solution.
    """

    def __init__(
        self,
        system: System,
        held: HeldUnknowns,
        settings: SolverSettings,
        tolerance: float,
    ) -> None:
        """Set up matrices and scales.

        Args:
            system: unknowns and physics.
            held: unknowns that are not solved for.
            settings: of Newton's method and the linear solver.
            tolerance: of the errors of steps, as a fraction of the layer's charge.
        """
        self.system, self.held, self.settings = system, held, settings
        self.operator = ImplicitOperator(system, *held.capacitors)
        self._accuracy = min(tolerance, _COARSEST)
        self._options = transport_options(
            settings,
            system.space.domain.dimension,
            system.unknowns.global_size,
            separated=bool(system.crossings),
        )
        self.is_direct = is_direct(self._options)
        self._exact = self.is_direct and system.space.domain.dimension == 1
        potentials = [phase.bulk_potential for phase in system.phases.values()]
        self._largest_change = max(0.25 * (max(potentials) - min(potentials)), _LEAST_CHANGE)
        self._mobile = {group: system.neutral_total(group) for group in system.groups}

    def scale(self, amounts: Amounts) -> float:
        """What errors relate to: the sum of the moduli of the charges of all components, e.

        Args:
            amounts: of the nodes of each region.
        """
        return max(self.system.moduli(amounts), _LEAST_SCALE * sum(self._mobile.values()))

    def solve(
        self,
        step: ImplicitStep,
        time: float,
        starts: Sequence[State],
        monitor: Callable[[int, float], None],
    ) -> tuple[State, Mapping[str, NodalPhysics], NewtonReport]:
        """Solve one step.

        Args:
            step: what is implicit.
            time: at its end, s.
            starts: unknowns to start from, the held ones at their values; the best is taken.
            monitor: called at each Newton step.

        Returns:
            Unknowns, the physics there, what Newton's method did.

        Raises:
            ConvergenceError: it did not converge.
        """
        system, operator, held = self.system, self.operator, self.held.local_rows
        operator.prepare(step)
        x, beginning = self._best(starts, time)
        held_values = x.array_r[held].copy()

        def residual(x: PETSc.Vec, f: PETSc.Vec) -> None:
            self._residual(x, f, time)
            f.array[held] = x.array_r[held] - held_values

        def scale() -> float:
            return self.scale({name: each.amounts for name, each in operator.physics.items()})

        def round_off(change: PETSc.Vec) -> float:
            terms = system.space.sum(np.abs(operator.symmetric.getDiagonal().array_r * x.array_r))
            spoilt = 4.0 * np.finfo(float).eps * terms / scale()
            # Currents of long steps are known to less than the charges are, which no longer change.
            negligible = _ROUND_OFF_LIMIT * self._accuracy
            return spoilt if self._charge_of(change) < negligible * scale() else min(spoilt, negligible)

        leftover = 0.0 if self._exact else _ALGEBRAIC * min(self._accuracy, beginning / scale())
        # Beyond some Newton steps a shorter time step costs less; where mobilities are given none need be.
        limit = self.settings.max_iterations
        report = solve_newton(
            x,
            operator.jacobian,
            residual,
            lambda x, _: operator.differentiate(x, self.held.rows),
            lambda f: f.norm(PETSc.NormType.NORM_1) / scale(),
            tolerance=max(self.settings.tolerance, leftover),
            round_off=round_off,
            max_iterations=min(limit, _NEWTON_LIMIT) if step.mobilities is None else limit,
            options=self._options,
            user_options=self.settings.petsc,
            monitor=monitor,
            preconditioner=None if self.is_direct else operator.symmetric,
            inexact=not self.is_direct,
            largest_change=self._largest_change,
        )
        operator.evaluate(x)
        x.destroy()
        state, physics = operator.state, operator.physics
        if self._conserve(state, physics, step, time):
            physics = system.evaluate(state)
        return state, physics, report

    def _residual(self, x: PETSc.Vec, f: PETSc.Vec, time: float) -> None:
        """The residual, contacts included, held unknowns excepted."""
        self.operator.residual(x, f)
        self.held.add_charges(f.array, self.operator.state, time)

    def _charge_of(self, change: PETSc.Vec) -> float:
        """What a small change of the unknowns does to the charges of the components, summed up, e."""
        system, change_of = self.system, self.system.unknowns.unpack(change.array_r)
        total = 0.0
        for name, region in system.regions.items():
            capacitances = region.capacitances(self.operator.physics[name])
            total += system.space.sum(region.moduli(region.response(capacitances, change_of)))
        return total

    def _best(self, starts: Sequence[State], time: float) -> tuple[PETSc.Vec, float]:
        """The start that leaves least, and the sum of the moduli of what it leaves, e."""
        tried = []
        for state in starts:
            x, f = self.system.unknowns.vector(), self.system.unknowns.vector()
            x.array[:] = self.system.unknowns.pack(state)
            self._residual(x, f, time)
            f.array[self.held.local_rows] = 0.0
            imbalance = f.norm(PETSc.NormType.NORM_1)
            tried.append((imbalance if np.isfinite(imbalance) else np.inf, x))
            f.destroy()
        tried.sort(key=lambda start: start[0])
        for _, worse in tried[1:]:
            worse.destroy()
        imbalance, x = tried[0]
        return x, imbalance

    def _conserve(
        self, state: State, physics: Mapping[str, NodalPhysics], step: ImplicitStep, time: float
    ) -> bool:
        """Take from closed groups of regions what the solve left them too much of; whether there was any.

        At long steps the flows, which sum to nothing, are large against the amounts, and their
        round-off would be matter gained or lost. A shift of mu~ drives no flow: it is the exact
        correction of that part of the error.
        """
        system, groups = self.system, self.held.closed_groups
        change = {name: each.amounts - step.history[name] for name, each in physics.items()}
        gained = np.array(
            [
                system.total(change, group) - step.length * self.held.net_source(group, time)
                for group in groups
            ]
        )
        known_to = np.array([_ROUND_OFF_OF_CHARGE * self._mobile[group] for group in groups])
        if not np.any(np.abs(gained) >= known_to):
            return False
        capacitances = {name: region.capacitances(physics[name]) for name, region in system.regions.items()}
        for group, shift in zip(groups, self.held.shift_of_totals(gained, capacitances), strict=True):
            for name in group.regions:
                state.mu[name][system.number(name, group.component)] -= shift
        return True
