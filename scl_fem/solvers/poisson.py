"""The nonlinear Poisson equation of a cell at equilibrium, discretised, and Newton's method for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)
import numpy as np
from petsc4py import PETSc

from scl_fem.discretisation.charge import Charge
from scl_fem.discretisation.space import Phases, PotentialSpace
from scl_fem.physics.types import Array
from scl_fem.solvers.linear import is_direct, symmetric_options
from scl_fem.solvers.newton import NewtonReport, solve_newton
from scl_fem.solvers.settings import SolverSettings

_ROUND_OFF_LIMIT = 1e-8
"""Largest residual that passes for round-off: a stray iterate must not for being large."""

_BOUNDS_MARGIN = 0.05

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
        phi: the potential, V.
        reference: potential that `deviation` is counted from, V.
        deviation: phi - reference with all its digits. It is phi itself unless that leaves too few: where
            a phase holds next to no charge, what phi varies by is below the round-off of phi.
    """

    def __init__(
        self, space: PotentialSpace, charge: Charge, boundary: str, settings: SolverSettings
    ) -> None:
        """Assemble what does not depend on phi."""
        self.space, self.charge, self.boundary, self.settings = space, charge, boundary, settings
        self.stiffness = space.stiffness({tag: phase.permittivity for tag, phase in charge.phases.items()})
        self.stiffness_diagonal = self.stiffness.getDiagonal().array.copy()
        self.phi = self.deviation = space.function("phi")
        self.reference = 0.0
        self._terminals = (
            {tag: space.facet_dofs(contact) for tag, contact in space.terminals.items()}
            if boundary == "bulk"
            else {}
        )
        dofs = np.concatenate([np.empty(0, np.int32), *self._terminals.values()])
        self._fixed_owned = dofs[dofs < space.owned]
        self._fixed_rows = space.space.dofmap.index_map.local_to_global(self._fixed_owned).astype(
            PETSc.IntType
        )

    def start_neutral(self) -> None:
        """Put each phase at the potential of its bulk, interface nodes at the electrolyte's."""
        for tag in self.charge.phases:
            self.phi.x.array[self.space.dofs(tag)] = self.charge.phases[tag].bulk_potential

    def at_stage(self, fraction: float) -> Charge:
        """The charge where the bulk potentials differ by a fraction of the step only."""
        return self.charge.with_bulk_potentials(
            {tag: fraction * phase.bulk_potential for tag, phase in self.charge.phases.items()}
        )

    def counted(self, charge: Charge) -> Charge:
        """A charge as a function of the deviation from the reference."""
        if self.reference == 0.0:
            return charge
        return charge.with_bulk_potentials(
            {tag: phase.bulk_potential - self.reference for tag, phase in charge.phases.items()}
        )

    def solve(self, charge: Charge, monitor: Monitor) -> NewtonReport:
        """Newton's method from the present phi.

        Where round-off ends it above the tolerance, it goes on with the potential counted from what it is
        where the mesh is finest: the products of K that cancel there are then of its variation alone.

        Args:
            charge: the charge of this stage.
            monitor: see `solve_newton`.

        Raises:
            ConvergenceError: see `solve_newton`.
        """
        self.reference, self.deviation = 0.0, self.phi
        self._fix_terminals(charge)
        report = self._newton(charge, monitor, np.inf)
        if not report.round_off:
            return report
        self.reference = self._where_terms_are_largest()
        self.deviation = self.space.function("deviation")
        self.deviation.x.array[:] = self.phi.x.array - self.reference
        before = report.iterations
        after = self._newton(
            charge, lambda iteration, residual: monitor(before + iteration, residual), _ROUND_OFF_LIMIT
        )
        self.phi.x.array[:] = self.deviation.x.array + self.reference
        self._fix_terminals(charge)
        return NewtonReport(
            before + after.iterations,
            report.linear_iterations + after.linear_iterations,
            after.residual,
            report.history + after.history,
            after.round_off,
        )

    def _where_terms_are_largest(self) -> float:
        """phi where the terms of K phi are. Collective."""
        owned = self.phi.x.array[: self.space.owned]
        terms = np.abs(self.stiffness_diagonal * owned)
        largest = int(np.argmax(terms)) if terms.size else -1
        here = (float(terms[largest]), float(owned[largest])) if terms.size else (-1.0, 0.0)
        return max(self.space.comm.allgather(here))[1]

    def _newton(self, charge: Charge, monitor: Monitor, limit: float) -> NewtonReport:
        """Newton's method for the deviation from the reference.

        Args:
            charge: the charge of this stage.
            monitor: see `solve_newton`.
            limit: largest residual that passes for round-off.
        """
        scale, charge = 1.0, self.counted(charge)
        unknown = PETSc.Vec().createMPI((self.space.owned, self.space.unknowns), comm=self.space.comm)
        unknown.array[:] = self.deviation.x.array[: self.space.owned]

        evaluated, unbalanced = np.empty(0), np.empty(0)

        def residual(x: PETSc.Vec, f: PETSc.Vec) -> None:
            nonlocal scale, evaluated, unbalanced
            # A line search that keeps the full step asks for the same point twice.
            if not self._everywhere(np.array_equal(x.array_r, evaluated)):
                self._load(x)
                charges = charge.evaluate(self.deviation).values()
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
            terms = np.abs(self.stiffness_diagonal * self.deviation.x.array[: self.space.owned])
            return min(4.0 * np.finfo(float).eps * self.space.sum(terms) / (scale or 1.0), limit)

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

    @property
    def held(self) -> bool:
        """Whether terminals are held at potentials."""
        return bool(self._terminals)

    def hold(self, vector: PETSc.Vec, values: dict[str, float]) -> None:
        """Put values at the terminals that are held.

        Args:
            vector: owned entries.
            values: of each terminal.
        """
        for tag, dofs in self._terminals.items():
            vector.array[dofs[dofs < self.space.owned]] = values[tag]

    def reactions(self, charges: dict[str, Array]) -> dict[str, float]:
        """Sum of K phi - q over the nodes of each terminal that is held, e."""
        x, f = self.stiffness.createVecs()
        x.array[:] = self.deviation.x.array[: self.space.owned]
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
        self.deviation.x.array[: self.space.owned] = x.array_r
        self.deviation.x.scatter_forward()

    def _fix_terminals(self, charge: Charge) -> None:
        for tag, dofs in self._terminals.items():
            self.phi.x.array[dofs] = charge.phases[tag].bulk_potential


def _bounds(phases: Phases) -> tuple[float, float]:
    """Where the potential lies: between those of the bulks, by the maximum principle.

    The margin is for meshes on which the discrete equations do not inherit the principle.
    """
    potentials = [phase.bulk_potential for phase in phases.values()]
    margin = _BOUNDS_MARGIN * (max(potentials) - min(potentials))
    return min(potentials) - margin, max(potentials) + margin
