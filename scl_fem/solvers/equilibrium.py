"""Equilibrium: mu_e is one constant, the potential alone is unknown.

    -div(eps_0 eps_r grad phi) = rho(phi)

The weak form is the gradient of a convex functional wherever the phases are stable, so the
solution is unique and Newton's method with a line search finds it; should it stall all the same,
the potential step is raised in stages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)
import numpy as np
from dolfinx import fem
from petsc4py import PETSc

from scl_fem.discretisation.charge import Charge, charge_on
from scl_fem.discretisation.space import Phases, PotentialSpace
from scl_fem.errors import ConvergenceError
from scl_fem.mesh.domain import FacetTag, PhaseTag
from scl_fem.physics.types import Array
from scl_fem.solvers.linear import (
    ENERGY_TOLERANCE,
    LINEAR_TOLERANCE,
    is_direct,
    solve_symmetric,
    symmetric_options,
)
from scl_fem.solvers.newton import NewtonReport, solve_newton
from scl_fem.solvers.settings import SolverSettings

TERMINAL_OF = {
    PhaseTag.ELECTRODE: FacetTag.ELECTRODE_TERMINAL,
    PhaseTag.ELECTROLYTE: FacetTag.ELECTROLYTE_TERMINAL,
}

# A stray iterate far away must not pass for a solution because it is large.
_ROUND_OFF_LIMIT = 1e-8

_BOUNDS_MARGIN = 0.05

_SMALLEST_STAGE = 1.0 / 256.0

type Monitor = Callable[[int, float], None]


class PoissonProblem:
    """The discrete nonlinear Poisson equation F(phi) = K phi - q(phi) = 0.

    `closed` boundaries are natural: no field at the ends, and the rows of F add up to the net
    charge, which therefore vanishes. With `bulk` each terminal is held at the potential of its
    phase's bulk.

    Attributes:
        space: of phi.
        charge: discretisation of q.
        boundary: "closed" or "bulk".
        settings: how to solve.
    """

    def __init__(
        self, space: PotentialSpace, charge: Charge, boundary: str, settings: SolverSettings
    ) -> None:
        """Assemble what does not depend on phi."""
        self.space, self.charge, self.boundary, self.settings = space, charge, boundary, settings
        self.stiffness = space.stiffness({tag: phase.permittivity for tag, phase in charge.phases.items()})
        self.stiffness_diagonal = self.stiffness.getDiagonal().array.copy()
        self.phi = space.function("phi")
        self._terminals = (
            {tag: space.facet_dofs(facet) for tag, facet in TERMINAL_OF.items()} if boundary == "bulk" else {}
        )
        dofs = np.concatenate([np.empty(0, np.int32), *self._terminals.values()])
        self._fixed_owned = dofs[dofs < space.owned]
        self._fixed_rows = space.space.dofmap.index_map.local_to_global(self._fixed_owned).astype(
            PETSc.IntType
        )

    def start_neutral(self) -> None:
        """Put each phase at the potential of its bulk, interface nodes at the electrolyte's."""
        for tag in (PhaseTag.ELECTRODE, PhaseTag.ELECTROLYTE):
            self.phi.x.array[self.space.dofs(tag)] = self.charge.phases[tag].bulk_potential

    def at_stage(self, fraction: float) -> Charge:
        """The charge where the bulk potentials differ by a fraction of the step only."""
        return self.charge.with_bulk_potentials(
            {tag: fraction * phase.bulk_potential for tag, phase in self.charge.phases.items()}
        )

    def solve(self, charge: Charge, monitor: Monitor) -> NewtonReport:
        """Newton's method from the present phi.

        Args:
            charge: the charge of this stage.
            monitor: see `solve_newton`.

        Raises:
            ConvergenceError: see `solve_newton`.
        """
        self._fix_terminals(charge)
        scale = 1.0
        unknown = PETSc.Vec().createMPI((self.space.owned, self.space.unknowns), comm=self.space.comm)
        unknown.array[:] = self.phi.x.array[: self.space.owned]

        evaluated, unbalanced = np.empty(0), np.empty(0)

        def residual(x: PETSc.Vec, f: PETSc.Vec) -> None:
            nonlocal scale, evaluated, unbalanced
            # A line search that keeps the full step asks for the same point twice.
            if not self._everywhere(np.array_equal(x.array_r, evaluated)):
                self._load(x)
                charges = charge.evaluate(self.phi).values()
                scale = sum(self.space.sum(np.abs(each)) for each in charges)
                evaluated, unbalanced = x.array_r.copy(), np.sum(list(charges), axis=0)
            self.stiffness.mult(x, f)
            f.array[:] -= unbalanced
            f.array[self._fixed_owned] = 0.0

        def jacobian(_: PETSc.Vec, matrix: PETSc.Mat) -> None:
            self.linearised(charge, matrix)

        def imbalance(f: PETSc.Vec) -> float:
            return f.norm(PETSc.NormType.NORM_1) / (scale or 1.0)

        def round_off(step: PETSc.Vec) -> float:
            # K phi cannot be had to better than this: its terms cancel.
            terms = np.abs(self.stiffness_diagonal * self.phi.x.array[: self.space.owned])
            return min(4.0 * np.finfo(float).eps * self.space.sum(terms) / (scale or 1.0), _ROUND_OFF_LIMIT)

        report = solve_newton(
            unknown,
            self.stiffness.duplicate(),
            residual,
            jacobian,
            imbalance,
            tolerance=self.settings.tolerance,
            round_off=round_off,
            max_iterations=self.settings.max_iterations,
            options=self.linear_options,
            user_options=self.settings.petsc,
            monitor=monitor,
            inexact=not is_direct(self.linear_options),
            bounds=_bounds(charge.phases),
        )
        self._load(unknown)
        return report

    def linearised(
        self,
        charge: Charge,
        matrix: PETSc.Mat,
        answer: PETSc.Vec | None = None,
        load: PETSc.Vec | None = None,
    ) -> PETSc.Mat:
        """K plus the slope of the charge at the phi evaluated last, terminals eliminated.

        Args:
            charge: gives the slopes.
            matrix: takes the sum; has the pattern of K.
            answer: values at the terminals.
            load: right-hand side, from which their columns are taken.
        """
        self.stiffness.copy(matrix, PETSc.Mat.Structure.SAME_NONZERO_PATTERN)
        charge.add_slope(matrix)
        if self._terminals:
            matrix.zeroRowsColumns(self._fixed_rows, diag=1.0, x=answer, b=load)
        return matrix

    @cached_property
    def linear_options(self) -> dict:
        """PETSc options of the linear solves inside Newton's method."""
        return symmetric_options(self.settings, self.space.domain.dimension, self.space.unknowns)

    def respond(
        self, charge: Charge, load: Array, terminals: dict[PhaseTag, float], start: Array | None = None
    ) -> tuple[Array, float]:
        """Solve J u = load with the Jacobian at the phi that `charge` evaluated last.

        Args:
            charge: gives the slopes.
            load: owned entries of the right-hand side.
            terminals: values of u at the terminals, where they are held.
            start: owned entries of a u that is near, for an iterative solver.

        Returns:
            u, owned entries, and u.(load - J u): with it load.u is right to the square of the
            error of u.
        """
        matrix = self.stiffness.duplicate()
        answer, right = matrix.createVecs()
        right.array[:] = load
        if start is not None:
            answer.array[:] = start
        for tag, dofs in self._terminals.items():
            answer.array[dofs[dofs < self.space.owned]] = terminals[tag]
        self.linearised(charge, matrix, answer, right)
        # Held terminals: load.u is no energy then, and u must be as right as the result.
        tolerance = LINEAR_TOLERANCE if self._terminals else ENERGY_TOLERANCE
        solve_symmetric(matrix, right, answer, self.settings, self.space.domain.dimension, tolerance)
        left = right - matrix * answer
        return answer.array_r.copy(), answer.dot(left)

    def reactions(self, charges: dict[PhaseTag, Array]) -> dict[PhaseTag, float]:
        """Sum of K phi - q over the nodes of each terminal that is held, e."""
        x, f = self.stiffness.createVecs()
        x.array[:] = self.phi.x.array[: self.space.owned]
        self.stiffness.mult(x, f)
        unbalanced = f.array_r - sum(charges.values())
        return {
            tag: self.space.sum(unbalanced[dofs[dofs < self.space.owned]])
            for tag, dofs in self._terminals.items()
        }

    def _everywhere(self, here: bool) -> bool:
        """Whether something holds on every rank."""
        return self.space.comm.allreduce(int(here)) == self.space.comm.size

    def _load(self, x: PETSc.Vec) -> None:
        self.phi.x.array[: self.space.owned] = x.array_r
        self.phi.x.scatter_forward()

    def _fix_terminals(self, charge: Charge) -> None:
        for tag, dofs in self._terminals.items():
            self.phi.x.array[dofs] = charge.phases[tag].bulk_potential


@dataclass
class Equilibrium:
    """A solved equilibrium.

    Attributes:
        problem: space, physics and boundary.
        report: convergence of the last stage.
        stages: fractions of the step that were solved on the way; (1.0,) where none was needed.
    """

    problem: PoissonProblem
    report: NewtonReport
    stages: tuple[float, ...]
    _response: Array | None = field(default=None, init=False, repr=False)

    @property
    def phi(self) -> fem.Function:
        """The potential in V."""
        return self.problem.phi

    @property
    def space(self) -> PotentialSpace:
        """Space of the potential."""
        return self.problem.space

    @property
    def phases(self) -> Phases:
        """The two phases."""
        return self.problem.charge.phases

    @cached_property
    def nodal_charges(self) -> dict[PhaseTag, Array]:
        """Integral of rho v over each phase, e, owned v."""
        return self.problem.charge.evaluate(self.phi)

    @cached_property
    def charges(self) -> dict[PhaseTag, float]:
        """Signed charge of each side in e (per nm^2 in 1D, per nm in 2D)."""
        return {tag: self.space.sum(charge) for tag, charge in self.nodal_charges.items()}

    @cached_property
    def terminal_charges(self) -> dict[PhaseTag, float]:
        """Charge that each terminal holds where it is held at a potential, e: the reaction there."""
        return self.problem.reactions(self.nodal_charges)

    def capacitance(self, charge: Charge | None = None) -> float:
        """dQ_electrode/d(step) in e/V, by differentiating the discrete equations.

        The step s moves the bulk potential of the electrode (and, with `bulk`, its terminal):

            J dphi/ds = integral of slope v over the electrode
            dQ/ds = integral of slope (1 - dphi/ds) over the electrode

        Args:
            charge: another charge law to take the slopes of, at the same phi.
        """
        charge = charge or self.problem.charge
        charge.evaluate(self.phi)
        slope = charge.slope(PhaseTag.ELECTRODE)
        terminals = {PhaseTag.ELECTRODE: 1.0, PhaseTag.ELECTROLYTE: 0.0}
        if self._response is None:
            # What it is where the charge screens within less than the mesh resolves.
            both = slope + charge.slope(PhaseTag.ELECTROLYTE)
            self._response = np.divide(slope, both, out=np.zeros_like(slope), where=both > 0.0)
        # Another law's response is much like the one before.
        self._response, correction = self.problem.respond(charge, slope, terminals, self._response)
        return self.space.sum(slope * (1.0 - self._response)) - correction


def solve_equilibrium(
    space: PotentialSpace,
    phases: Phases,
    boundary: str,
    settings: SolverSettings,
    monitor: Monitor = lambda iteration, residual: None,
    start: fem.Function | None = None,
) -> Equilibrium:
    """Solve for the potential at equilibrium.

    Args:
        space: of the potential.
        phases: electrode and electrolyte.
        boundary: "closed" (no field, no flux) or "bulk" (terminals held at bulk composition).
        settings: tolerances and linear solver.
        monitor: called at each Newton step with its number and the relative imbalance of charge.
        start: potential to start from; the neutral phases by default.

    Raises:
        ConvergenceError: Newton's method stalls even when the step is raised in small stages.
        InputError: a phase is unstable.
    """
    problem = PoissonProblem(space, charge_on(space, phases), boundary, settings)
    if start is None:
        problem.start_neutral()
    else:
        problem.phi.x.array[:] = start.x.array
    reached, stages = 0.0, []
    target = stride = 1.0
    kept = problem.phi.x.array.copy()
    while True:
        try:
            report = problem.solve(problem.at_stage(target) if target < 1.0 else problem.charge, monitor)
        except ConvergenceError as error:
            problem.phi.x.array[:] = kept
            if target - reached <= _SMALLEST_STAGE:
                direct = "" if is_direct(problem.linear_options) else ', solver.linear = "direct"'
                raise ConvergenceError(
                    f"{error}; the last converged potential step is {reached:.3f} of the one asked for. "
                    f"Try a finer mesh.interface_size{direct} or a larger solver.max_iterations",
                    state={"phi": problem.phi},
                ) from error
            stride = 0.5 * (target - reached)
            target = reached + stride
            continue
        stages.append(target)
        if target == 1.0:
            return Equilibrium(problem, report, tuple(stages))
        kept = problem.phi.x.array.copy()
        # What converged may be dared twice as far.
        stride *= 2.0
        reached, target = target, min(1.0, target + stride)


def _bounds(phases: Phases) -> tuple[float, float]:
    """Where the potential lies: between those of the bulks, by the maximum principle.

    The margin is for meshes on which the discrete equations do not inherit the principle.
    """
    potentials = [phase.bulk_potential for phase in phases.values()]
    margin = _BOUNDS_MARGIN * (max(potentials) - min(potentials))
    return min(potentials) - margin, max(potentials) + margin
