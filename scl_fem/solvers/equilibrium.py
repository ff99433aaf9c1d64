"""Equilibrium: mu_e is one constant, the potential alone is unknown.

    -div(eps_0 eps_r grad phi) = rho(phi)

The weak form is the gradient of a convex functional wherever the phases are stable, so the
solution is unique and Newton's method with a line search finds it; should it stall all the same,
the potential step is raised in stages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
from dolfinx import fem

from scl_fem.discretisation.charge import Charge, charge_on
from scl_fem.discretisation.energies import Shifts
from scl_fem.discretisation.space import Phases, PotentialSpace
from scl_fem.errors import ConvergenceError, Interrupted
from scl_fem.mesh.domain import Pair
from scl_fem.physics.contacts import CLOSED, Contact, bulk
from scl_fem.physics.interface_charge import InterfaceCharge
from scl_fem.physics.types import Array
from scl_fem.solvers.advice import advice
from scl_fem.solvers.contact_response import ContactResponse
from scl_fem.solvers.kept_totals import KeptTotals, keep_totals
from scl_fem.solvers.linear import is_direct
from scl_fem.solvers.newton import NewtonReport
from scl_fem.solvers.poisson import Monitor, PoissonProblem
from scl_fem.solvers.settings import SolverSettings
from scl_fem.solvers.step_response import StepResponse
from scl_fem.solvers.trouble import trouble_of_newton

_SMALLEST_STAGE = 1.0 / 256.0


@dataclass
class Equilibrium:
    """A solved equilibrium.

    Attributes:
        problem: space, physics and contacts.
        report: convergence of the last stage.
        stages: fractions of the step that were solved on the way; (1.0,) where none was needed.
        totals: components whose totals are kept; None where none is.
    """

    problem: PoissonProblem
    report: NewtonReport
    stages: tuple[float, ...]
    totals: KeptTotals | None = None

    @property
    def phi(self) -> fem.Function:
        """The potential in V."""
        return self.problem.phi

    @property
    def offsets(self) -> Mapping[str, Array]:
        """(n_components,) by how much mu~ lies above that of the bulks as they were given, eV, by phase.

        Where totals are kept; `phases` are counted from what the bulks become.
        """
        return self.problem.offsets

    @property
    def moved(self) -> dict[str, Array]:
        """(n_components,) by how much mu~ in equilibrium with the bulks is off that with those given, eV."""
        if not self.offsets:
            return {}
        return {
            name: self.offsets.get(name, 0.0) - self.problem.origin * phase.charge_numbers
            for name, phase in self.phases.items()
        }

    @property
    def phi_in_given_bulks(self) -> Array:
        """phi at the local nodes in the gauge of the bulks as they were given, V."""
        return self.phi.x.array + self.problem.origin

    @property
    def space(self) -> PotentialSpace:
        """Space of the potential."""
        return self.problem.space

    @property
    def phases(self) -> Phases:
        """The phases by name."""
        return self.problem.charge.phases

    def shift(self, phase: str) -> Array | None:
        """(n_carriers, n_local) energies of a phase that depend on the place, eV; None where none does."""
        return self.problem.charge.shifts.get(phase)

    @cached_property
    def nodal_charges(self) -> dict[str, Array]:
        """Integral of rho v over each phase, e, owned v."""
        problem = self.problem
        return problem.counted(problem.charge).evaluate(problem.deviation)

    @cached_property
    def charges(self) -> dict[str, float]:
        """Signed charge of each side in e (per nm^2 in 1D, per nm in 2D)."""
        return {tag: self.space.sum(charge) for tag, charge in self.nodal_charges.items()}

    @cached_property
    def contact_charges(self) -> dict[str, float]:
        """Charge of each contact at which something happens, e: the reaction where a potential is held."""
        return self.problem.contact_charges(self.nodal_charges)

    @cached_property
    def contact_response(self) -> ContactResponse:
        """How the charges of contacts go with their potentials."""
        return ContactResponse(self.problem, self.totals)

    @cached_property
    def _response(self) -> StepResponse:
        return StepResponse(self.problem)

    def capacitance(self, charge: Charge | None = None) -> float:
        """dQ_electrode/d(step) in e/V, by differentiating the discrete equations. Collective.

        Args:
            charge: another charge law to take the slopes of, at the same phi.

        Raises:
            ConvergenceError: the linear solver gave up.
        """
        return self._response.capacitance(charge or self.problem.charge)


def solve_equilibrium(
    space: PotentialSpace,
    phases: Phases,
    boundary: str | Mapping[str, Contact],
    settings: SolverSettings,
    monitor: Monitor = lambda iteration, residual: None,
    start: fem.Function | None = None,
    interfaces: Mapping[Pair, InterfaceCharge] | None = None,
    totals: KeptTotals | None = None,
    shifts: Shifts | None = None,
) -> Equilibrium:
    """Solve for the potential at equilibrium.

    Args:
        space: of the potential.
        phases: by name.
        boundary: what happens at the contacts, by name; or one kind for all of them, "closed" (no field, no
            flux) or "bulk" (held at bulk composition).
        settings: tolerances and linear solver.
        monitor: called at each Newton step with its number and the relative imbalance of charge; may
            raise `Interrupted`, on every rank alike.
        start: potential to start from; the neutral phases by default.
        interfaces: charges that sit at interfaces.
        totals: components whose totals are kept; their mu~ are found.
        shifts: energies of carriers that depend on the place, at the nodes.

    Raises:
        ConvergenceError: Newton's method stalls even when the step is raised in small stages.
        Interrupted: by the monitor; the last iterate is its state.
        InputError: a phase is unstable.
    """
    contacts = contacts_of(boundary, space.domain.contacts, phases) if isinstance(boundary, str) else boundary
    problem = PoissonProblem(space, charge_on(space, phases, shifts), contacts, settings, interfaces)
    if start is None:
        problem.start_neutral()
    else:
        problem.phi.x.array[:] = start.x.array
    try:
        report, stages = _in_stages(problem, monitor)
        if totals is not None:
            report = keep_totals(problem, totals, report, monitor)
        return Equilibrium(problem, report, stages, totals)
    except Interrupted as error:
        error.state = {"phi": problem.phi}
        raise


def contacts_of(kind: str, names: Iterable[str], phases: Phases) -> dict[str, Contact]:
    """The same at every contact.

    Args:
        kind: "closed" or "bulk".
        names: of the contacts.
        phases: that they touch.
    """
    components = {each.name for phase in phases.values() for each in phase.components}
    return dict.fromkeys(names, bulk(components) if kind == "bulk" else CLOSED)


def _in_stages(problem: PoissonProblem, monitor: Monitor) -> tuple[NewtonReport, tuple[float, ...]]:
    """Solve, in stages of the steps between the bulks where Newton's method stalls otherwise.

    Raises:
        ConvergenceError: it stalls even so.
    """
    reached, stages = 0.0, []
    target = stride = 1.0
    kept = problem.phi.x.array.copy()
    while True:
        try:
            report = problem.solve(problem.at_stage(target), monitor)
        except ConvergenceError as error:
            problem.phi.x.array[:] = kept
            if target - reached <= _SMALLEST_STAGE:
                direct = is_direct(problem.linear_options)
                trouble = trouble_of_newton(problem.space, problem.charge.phases, error, direct=direct)
                raise ConvergenceError(
                    f"{error}; the last converged potential step is {reached:.3f} of the one asked for; "
                    f"{advice(trouble)}",
                    state={"phi": problem.phi},
                ) from error
            stride = 0.5 * (target - reached)
            target = reached + stride
            continue
        stages.append(target)
        if target == 1.0:
            return report, tuple(stages)
        kept = problem.phi.x.array.copy()
        # What converged may be dared twice as far.
        stride *= 2.0
        reached, target = target, min(1.0, target + stride)
