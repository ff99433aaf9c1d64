"""The nonlinear Poisson equation of a cell at equilibrium, discretised, and Newton's method for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)
import numpy as np
import numpy.typing as npt
from mpi4py import MPI
from petsc4py import PETSc

from scl_fem.discretisation.charge import Charge
from scl_fem.discretisation.space import PotentialSpace
from scl_fem.discretisation.sparse import add_to_diagonal
from scl_fem.mesh.domain import Pair
from scl_fem.physics.components import Component
from scl_fem.physics.contacts import Contact
from scl_fem.physics.interface_charge import InterfaceCharge
from scl_fem.physics.neutral import neutral_potentials
from scl_fem.physics.types import Array, Indices
from scl_fem.solvers.ends import Ends
from scl_fem.solvers.linear import is_direct, solve_symmetric, symmetric_options
from scl_fem.solvers.newton import NewtonReport, solve_newton
from scl_fem.solvers.settings import SolverSettings

_ROUND_OFF_LIMIT = 1e-8
"""Largest residual that passes for round-off: a stray iterate must not for being large."""

_BOUNDS_MARGIN = 0.05

type Monitor = Callable[[int, float], None]


@dataclass(frozen=True)
class Stage:
    """The cell with its steps, potentials and charges of contacts and interfaces at a fraction of their size.

    Attributes:
        charge: of the phases.
        fraction: 1 for the cell itself.
    """

    charge: Charge
    fraction: float = 1.0


class PoissonProblem:
    """The discrete nonlinear Poisson equation F(phi) = (K + C) phi - q(phi) - load = 0.

    Where nothing is held, boundaries are natural: no field at the ends, and the rows of F add up to the net
    charge, which therefore vanishes. C has the capacitors between contacts and phases (`Ends`).

    Attributes:
        space: of phi.
        charge: discretisation of q.
        ends: what happens at the contacts.
        interfaces: charges that sit at interfaces.
        settings: how to solve.
        surface_slopes: -d/d(phi) of the interfaces' charges at the owned nodes when last asked for, e/V.
        phi: the potential, V.
        reference: potential that `deviation` is counted from, V.
        deviation: phi - reference with all its digits. It is phi itself unless that leaves too few: where
            a phase holds next to no charge, what phi varies by is below the round-off of phi.
        origin: potential in the gauge of the bulks as given, from which phi is counted, V; not 0 where
            totals are kept, whose bulks move.
        offsets: by how much mu~ of the components lies above that of the bulks as given, eV, by phase.
    """

    def __init__(
        self,
        space: PotentialSpace,
        charge: Charge,
        contacts: Mapping[str, Contact],
        settings: SolverSettings,
        interfaces: Mapping[Pair, InterfaceCharge] | None = None,
    ) -> None:
        """Assemble what does not depend on phi."""
        self.space, self.charge, self.settings = space, charge, settings
        self.ends, self.interfaces = Ends(space, contacts), dict(interfaces or {})
        self.stiffness = space.stiffness({tag: phase.permittivity for tag, phase in charge.phases.items()})
        if self.ends.in_series:
            add_to_diagonal(self.stiffness, self.ends.capacitors)
        self.stiffness_diagonal = self.stiffness.getDiagonal().array.copy()
        self.surface_slopes = np.zeros(space.owned)
        self.phi = self.deviation = space.function("phi")
        self.reference = self.origin = 0.0
        self.offsets: Mapping[str, Array] = {}

    def start_neutral(self) -> None:
        """Put each phase at the potential of its bulk, interface nodes at the last one's.

        A core goes to where it would be neutral: at the bulk's potential its sites may be full, and Newton's
        method finds no slope.
        """
        for tag in self.charge.phases:
            nodes = self.space.dofs(tag)
            self.phi.x.array[nodes] = self._neutral(self.charge, tag, nodes)

    @staticmethod
    def _neutral(charge: Charge, tag: str, nodes: npt.NDArray[np.int32]) -> Array:
        """Where a phase by itself would be neutral at local nodes, V: (n,), or (1,) where all are alike."""
        phase, shift = charge.phases[tag], charge.shifts.get(tag)
        if shift is not None:
            return neutral_potentials(phase, shift[:, nodes])
        if phase.charge_at_bulk:
            return neutral_potentials(phase, np.zeros((len(phase.carriers), 1)))
        return np.array([phase.bulk_potential])

    def at_stage(self, fraction: float) -> Stage:
        """The cell at a fraction of its steps."""
        if fraction == 1.0:
            return Stage(self.charge)
        potentials = {tag: fraction * phase.bulk_potential for tag, phase in self.charge.phases.items()}
        return Stage(self.charge.with_bulk_potentials(potentials).with_shifts(fraction), fraction)

    def counted(self, charge: Charge) -> Charge:
        """A charge as a function of the deviation from the reference."""
        if self.reference == 0.0:
            return charge
        return charge.with_bulk_potentials(
            {tag: phase.bulk_potential - self.reference for tag, phase in charge.phases.items()}
        )

    def surface_charges(self, charge: Charge, fraction: float = 1.0) -> Array:
        """Charges at interfaces, e, of the owned nodes. Keeps their `surface_slopes`.

        Args:
            charge: counted as `deviation` is.
            fraction: of the charges.
        """
        total, self.surface_slopes = np.zeros(self.space.owned), np.zeros(self.space.owned)
        for surface, nodes, weights, excess, offset in self._at_interfaces(charge):
            density, slope = surface.density_and_slope(excess, offset)
            total[nodes] += fraction * weights * density
            self.surface_slopes[nodes] += fraction * weights * slope
        return total

    def site_amounts(self, charge: Charge) -> Iterator[tuple[str, Component, Array, Array]]:
        """What interfaces with sites hold at the owned nodes, and its derivative by mu~, 1/eV.

        Args:
            charge: counted as `deviation` is.

        Yields:
            the phase that the sites are in equilibrium with, their component, amounts, derivatives.
        """
        for surface, nodes, weights, excess, offset in self._at_interfaces(charge):
            if surface.sites is not None:
                amounts, slopes = np.zeros(self.space.owned), np.zeros(self.space.owned)
                amount, slope = surface.amount_and_slope(excess, offset)
                amounts[nodes], slopes[nodes] = weights * amount, weights * slope
                yield surface.first, surface.sites.component, amounts, slopes

    def _at_interfaces(
        self, charge: Charge
    ) -> Iterator[tuple[InterfaceCharge, Indices, Array, Array, float]]:
        """Of each charged interface nodes, their weights, phi - phi_bulk (V), offset of mu~ (eV)."""
        for pair, surface in self.interfaces.items():
            weights, phase = self.space.facet_weights(pair), charge.phases[surface.first]
            nodes = np.flatnonzero(weights)
            offset = 0.0
            if surface.sites is not None and surface.first in charge.offsets:
                number = phase.components.index(surface.sites.component)
                offset = float(charge.offsets[surface.first][number])
            excess = phase.excess_potential(self.deviation.x.array[: self.space.owned][nodes])
            yield surface, nodes, weights[nodes], excess, offset

    def solve(self, stage: Stage, monitor: Monitor) -> NewtonReport:
        """Newton's method from the present phi.

        Where round-off ends it above the tolerance, it goes on with the potential counted from what it is
        where the mesh is finest: the products of K that cancel there are then of its variation alone.

        Args:
            stage: of the cell.
            monitor: see `solve_newton`.

        Raises:
            ConvergenceError: see `solve_newton`.
        """
        self.reference, self.deviation = 0.0, self.phi
        self.ends.hold(self.phi.x.array, stage.charge.phases, stage.fraction)
        report = self._newton(stage, monitor, np.inf)
        if not report.round_off:
            return report
        self.reference = self._where_terms_are_largest()
        self.deviation = self.space.function("deviation")
        self.deviation.x.array[:] = self.phi.x.array - self.reference
        before = report.iterations
        after = self._newton(
            stage, lambda iteration, residual: monitor(before + iteration, residual), _ROUND_OFF_LIMIT
        )
        self.phi.x.array[:] = self.deviation.x.array + self.reference
        self.ends.hold(self.phi.x.array, stage.charge.phases, stage.fraction)
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

    def _newton(self, stage: Stage, monitor: Monitor, limit: float) -> NewtonReport:
        """Newton's method for the deviation from the reference.

        Args:
            stage: of the cell.
            monitor: see `solve_newton`.
            limit: largest residual that passes for round-off.
        """
        scale, in_phases, charge = 1.0, 1.0, self.counted(stage.charge)
        load = self.ends.load(stage.charge.phases, stage.fraction, self.reference)
        unknown = PETSc.Vec().createMPI((self.space.owned, self.space.unknowns), comm=self.space.comm)
        unknown.array[:] = self.deviation.x.array[: self.space.owned]

        evaluated, unbalanced = np.empty(0), np.empty(0)

        def residual(x: PETSc.Vec, f: PETSc.Vec) -> None:
            nonlocal scale, in_phases, evaluated, unbalanced
            # A line search that keeps the full step asks for the same point twice.
            if not self._everywhere(np.array_equal(x.array_r, evaluated)):
                self._load(x)
                charges = charge.evaluate(self.deviation).values()
                in_phases = sum(self.space.sum(np.abs(each)) for each in charges)
                evaluated, unbalanced = x.array_r.copy(), np.sum(list(charges), axis=0)
                if self.interfaces:
                    at_interfaces = self.surface_charges(charge, stage.fraction)
                    unbalanced = unbalanced + at_interfaces
                    in_phases += self.space.sum(np.abs(at_interfaces))
            self.stiffness.mult(x, f)
            f.array[:] -= unbalanced
            f.array[:] -= load
            scale = in_phases
            if self.ends.any_metal:  # between them there may be next to nothing else
                scale += self.space.sum(np.abs(self.ends.metal_charges(f.array_r, x.array_r, load)))
            f.array[self.ends.owned] = 0.0

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
            bounds=self._bounds(charge, stage.fraction),
        )
        self._load(unknown)
        return report

    def jacobian(self, charge: Charge, matrix: PETSc.Mat) -> PETSc.Mat:
        """K + C plus the slope of the charge at the phi evaluated last, rows of held nodes included.

        Args:
            charge: gives the slopes.
            matrix: takes the sum; has the pattern of K.
        """
        self.stiffness.copy(matrix, PETSc.Mat.Structure.SAME_NONZERO_PATTERN)
        charge.add_slope(matrix)
        if self.interfaces:
            add_to_diagonal(matrix, self.surface_slopes)
        return matrix

    def linearised(
        self,
        charge: Charge,
        matrix: PETSc.Mat,
        answer: PETSc.Vec | None = None,
        load: PETSc.Vec | None = None,
    ) -> PETSc.Mat:
        """`jacobian` with the held nodes eliminated.

        Args:
            charge: gives the slopes.
            matrix: takes the sum; has the pattern of K.
            answer: values at the held nodes.
            load: right-hand side, from which their columns are taken.
        """
        self.jacobian(charge, matrix)
        if self.ends.held:
            matrix.zeroRowsColumns(self.ends.rows, diag=1.0, x=answer, b=load)
        return matrix

    def response(self, matrix: PETSc.Mat, load: Array) -> Array:
        """What phi moves by under a small load, at the owned nodes; 0 where it is held. Collective.

        Args:
            matrix: as `linearised` gives it.
            load: charges at the owned nodes, e.

        Raises:
            ConvergenceError: the linear solver gave up.
        """
        answer, right = matrix.createVecs()
        right.array[:] = load
        right.array[self.ends.owned] = 0.0
        answer.set(0.0)
        solve_symmetric(matrix, right, answer, self.settings, self.space.domain.dimension)
        return answer.array_r.copy()

    @cached_property
    def linear_options(self) -> dict:
        """PETSc options of the linear solves inside Newton's method."""
        return symmetric_options(self.settings, self.space.domain.dimension, self.space.unknowns)

    def contact_charges(self, charges: Mapping[str, Array]) -> dict[str, float]:
        """Charge of each contact at which something happens, e. Collective.

        Args:
            charges: nodal ones of the phases.
        """
        x, f = self.stiffness.createVecs()
        x.array[:] = self.deviation.x.array[: self.space.owned]
        self.stiffness.mult(x, f)
        unbalanced = f.array_r - sum(charges.values())
        counted = self.counted(self.charge)
        if self.interfaces:
            unbalanced = unbalanced - self.surface_charges(counted)
        return self.ends.charges(unbalanced, x.array_r, counted.phases)

    def _everywhere(self, here: bool) -> bool:
        """Whether something holds on every rank."""
        return self.space.comm.allreduce(int(here)) == self.space.comm.size

    def _load(self, x: PETSc.Vec) -> None:
        self.deviation.x.array[: self.space.owned] = x.array_r
        self.deviation.x.scatter_forward()

    def _bounds(self, charge: Charge, fraction: float) -> tuple[float, float] | None:
        """Where the potential lies: between those of bulks and contacts, by the maximum principle.

        None where charge is put somewhere. The margin is for meshes on which the discrete equations do not
        inherit the principle.
        """
        charged = any(contact.surface_charge for contact in self.ends.contacts.values())
        if charged or self.interfaces:
            return None
        here = [self._neutral(charge, tag, self.space.dofs(tag)) for tag in charge.phases]
        potentials = [
            self.space.comm.allreduce(extreme, op=operation)
            for extreme, operation in (
                (min(float(each.min(initial=np.inf)) for each in here), MPI.MIN),
                (max(float(each.max(initial=-np.inf)) for each in here), MPI.MAX),
            )
        ]
        for name, by_phase in self.ends.weights.items():
            potentials += [self.ends.potential(name, phase, charge.phases, fraction) for phase in by_phase]
        # a mu~ that is off moves the neutral potential by no more than that over z
        moved = max((float(np.abs(each).max()) for each in charge.offsets.values()), default=0.0)
        margin = moved + _BOUNDS_MARGIN * (max(potentials) - min(potentials))
        return min(potentials) - margin, max(potentials) + margin
