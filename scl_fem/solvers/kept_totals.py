"""Totals of components that nothing exchanges: their mu~ are unknowns beside the potential.

With phi solved for given mu~ (a fast Poisson solve), the totals T are the gradient of a convex function of
the mu~. Newton's method for T = 0 takes from the linearised equations how phi goes along:

    J dphi = d(charge)/d(mu~),    dT_h/d(mu~_g) = sum of S_hg - sum_j of z_j S_jh dphi/d(mu~_g)

S the slopes dc/d(mu~) at the nodes, those of interface sites among them.
Of all groups of a closed cell the charge settles one: it is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import scl_fem._stack  # noqa: F401  (MPI before PETSc)

# isort: split
import numpy as np

from scl_fem.discretisation.charge import Charge
from scl_fem.errors import ConvergenceError
from scl_fem.physics.crossing import root
from scl_fem.physics.neutral import surplus
from scl_fem.physics.phase import Phase
from scl_fem.physics.types import Array
from scl_fem.solvers.newton import NewtonReport
from scl_fem.solvers.poisson import Monitor, PoissonProblem, Stage

_STEPS = 60
_LONGEST_STEP = 0.5
"""eV."""

_SHORTEST_STEP = 1e-12
"""eV."""

_TOLERANCE = 1e-12
"""Of the amounts of a component that are out of place."""

_ROUND_OFF = 1e-15
"""Of all mobile amounts."""

_LEFT_BY_ROUND_OFF = 1e-9
"""Of the amounts out of place: what round-off of the solves may leave."""


@dataclass(frozen=True)
class KeptTotals:
    """The components that keep their totals.

    Attributes:
        totals: one for each group of phases that hold a component and are in contact through it.
        reference: name of the phase at whose neutral potential phi = 0.
    """

    totals: tuple[KeptTotal, ...]
    reference: str


@dataclass(frozen=True)
class KeptTotal:
    """A component that keeps its total in the phases that are in contact through it.

    Attributes:
        component: its name.
        phases: names of the phases.
        lacking: what their bulks, as they are in the cell, hold less than the case gives, 1/nm^3 by phase.
    """

    component: str
    phases: tuple[str, ...]
    lacking: Mapping[str, float] | None = None


def keep_totals(
    problem: PoissonProblem, kept: KeptTotals, report: NewtonReport, monitor: Monitor
) -> NewtonReport:
    """Find the mu~ at which the totals are kept.

    Args:
        problem: solved for the mu~ of the bulks; solved for those found afterwards, its phases counted from
            the bulks that these leave.
        kept: the components.
        report: of the solve so far.
        monitor: see `solve_newton`.

    Returns:
        The report of all solves.

    Raises:
        ConvergenceError: it does not converge.
    """
    totals, given = kept.totals, problem.charge.phases
    found = Totals(problem, totals)
    levels = np.zeros(len(totals))
    mismatch, scale, matrix = found.linearise(levels)
    iterations, linear = report.iterations, report.linear_iterations
    for _ in range(_STEPS):
        if np.all(np.abs(mismatch) <= np.maximum(_TOLERANCE * scale, found.round_off)):
            _count_from_new_bulks(problem, given, found.offsets(levels), kept.reference)
            return NewtonReport(iterations, linear, report.residual, report.history, report.round_off)
        step = np.clip(-np.linalg.solve(matrix, mismatch), -_LONGEST_STEP, _LONGEST_STEP)
        before = levels.copy()
        while True:
            levels = before + step
            shortest = np.abs(step).max() < _SHORTEST_STEP
            try:
                report = found.solve(levels, monitor)
            except ConvergenceError:  # too far for the potential to follow
                if shortest:
                    raise
                step *= 0.3
                continue
            iterations, linear = iterations + report.iterations, linear + report.linear_iterations
            tried = found.evaluate()[1].mismatch
            better = np.linalg.norm(tried / found.sizes) < np.linalg.norm(mismatch / found.sizes)
            if better or shortest:
                break
            step *= 0.3
        mismatch, scale, matrix = found.linearise(levels)
        if not better:  # no step helps any more: round-off is all that is left, or nothing does
            if np.all(np.abs(mismatch) <= _LEFT_BY_ROUND_OFF * scale):
                found.round_off = np.abs(mismatch)
                continue
            break
    worst = int(np.argmax(np.abs(mismatch) / found.sizes))
    raise ConvergenceError(
        f"the total of {totals[worst].component} is kept to {abs(mismatch[worst]) / found.sizes[worst]:.1e} "
        "only; give the contact that exchanges it, or a larger potential step in stages",
        state={"phi": problem.phi},
    )


def _count_from_new_bulks(
    problem: PoissonProblem, phases: Mapping[str, Phase], offsets: Mapping[str, Array], reference: str
) -> None:
    """Count each phase from the bulk that the mu~ found leave it, phi from that of the reference phase."""
    moved = _about_new_bulks(phases, offsets)
    origin = moved[reference].bulk_potential
    for pair, surface in problem.interfaces.items():
        if surface.sites is not None and surface.first in offsets:
            first, component = phases[surface.first], surface.sites.component
            up = moved[surface.first].bulk_potential - first.bulk_potential
            offset = offsets[surface.first][first.components.index(component)]
            problem.interfaces[pair] = surface.counted_from(float(offset - component.charge_number * up))
    moved = {
        name: replace(phase, bulk_potential=phase.bulk_potential - origin) for name, phase in moved.items()
    }
    problem.phi.x.array[:] -= origin
    problem.origin, problem.offsets = origin, offsets
    ends = problem.ends
    for name, contact in ends.contacts.items():
        if contact.potential is not None:
            phase = next(iter(ends.weights[name]))
            held = ends.potential(name, phase, phases) - origin
            ends.contacts[name] = replace(contact, potential=held - moved[phase].bulk_potential)
    problem.reference, problem.deviation = 0.0, problem.phi
    problem.charge = problem.charge.with_phases(moved).with_offsets({})


def _about_new_bulks(phases: Mapping[str, Phase], offsets: Mapping[str, Array]) -> dict[str, Phase]:
    """The phases at other mu~ of their components; one without a bulk of its own follows its reference."""
    moved = {
        name: _moved(phase, offsets[name]) if name in offsets else phase
        for name, phase in phases.items()
        if phase.reference is None
    }
    for name, phase in phases.items():
        if phase.reference is not None:
            bulk = moved[phase.reference.name]
            up = bulk.bulk_potential - phases[bulk.name].bulk_potential
            offset = offsets.get(name, np.zeros(len(phase.components)))
            moved[name] = replace(_moved(phase, offset, up), reference=bulk)
    return {name: moved[name] for name in phases}


def _moved(phase: Phase, offset: Array, up: float | None = None) -> Phase:
    """A phase about its neutral bulk at other mu~ of its components.

    Args:
        phase: about another bulk.
        offset: (n_components,) of the mu~, eV.
        up: by how much the neutral potential rises, V, of a phase that takes it from another; None: it is
            the phase's own.
    """
    z, charge = phase.charge_numbers, 0.0
    if up is None:
        found = root(lambda up: float(phase.evaluate((offset - z * up)[:, None]).charge[0]), 0.0)
        w = offset - z * (found or 0.0)
    else:
        w = offset - z * up
        charge = float(phase.evaluate(w[:, None]).charge[0])
    return replace(
        phase,
        bulk_potential=phase.bulk_potential + (up if up is not None else found or 0.0),
        carriers=phase.recentred(w, np.zeros(len(phase.carriers))),
        charge_at_bulk=charge,
    )


@dataclass(frozen=True)
class TotalsState:
    """Totals at a potential, and how they go with it and with the mu~.

    Attributes:
        mismatch: what each total is too large by.
        scale: what is out of place of it.
        direct: (n_totals, n_totals) its derivative by the mu~ at the same phi, 1/eV.
        driving: (n_totals, n_owned) derivative of the nodal charges by the mu~, e/eV: less the derivative of
            the totals by the nodal phi.
    """

    mismatch: Array
    scale: Array
    direct: Array
    driving: Array


class Totals:
    """Totals as functions of the mu~."""

    def __init__(self, problem: PoissonProblem, totals: Sequence[KeptTotal]) -> None:
        """Measure the phases. Collective.

        Args:
            problem: of the cell.
            totals: that are kept.
        """
        self.problem, self.totals, self.charge = problem, totals, problem.charge
        space, phases = problem.space, problem.charge.phases
        self._places = [
            [(name, _number(phases[name], total.component)) for name in total.phases] for total in totals
        ]
        volumes = {name: space.sum(weights) for name, weights in space.phase_weights.items()}
        held = (
            sum(volumes[name] * _held(phases[name], total.component) for name in total.phases)
            for total in totals
        )
        self._surplus = {name: volumes[name] * surplus(phase) for name, phase in phases.items()}
        self.sizes = np.maximum(list(held), np.finfo(float).tiny)
        self.round_off = _ROUND_OFF * self.sizes
        self.lacking = np.array(
            [
                sum(volumes[name] * amount for name, amount in (total.lacking or {}).items())
                for total in totals
            ],
            dtype=np.float64,
        )

    def offsets(self, levels: Array) -> dict[str, Array]:
        """Offsets of the phases, (n_components,) eV each."""
        phases = self.charge.phases
        found = {name: np.zeros(len(phase.components)) for name, phase in phases.items()}
        for places, level in zip(self._places, levels, strict=True):
            for name, number in places:
                found[name][number] += level
        return {name: values for name, values in found.items() if values.any()}

    def solve(self, levels: Array, monitor: Monitor) -> NewtonReport:
        """Solve for phi at these mu~, from where the last linearisation puts it."""
        problem, owned = self.problem, self.problem.space.owned
        problem.charge = self.charge.with_offsets(self.offsets(levels))
        start, phi, by_levels = self._linearised
        problem.phi.x.array[:owned] = phi + (levels - start) @ by_levels
        problem.phi.x.scatter_forward()
        return problem.solve(Stage(problem.charge), monitor)

    def linearise(self, levels: Array) -> tuple[Array, Array, Array]:
        """What each total is too large by, what is out of place, the derivative by the mu~. Collective.

        Args:
            levels: at which the problem is solved.
        """
        problem, space = self.problem, self.problem.space
        charge, state = self.evaluate()
        jacobian = problem.linearised(charge, problem.stiffness.duplicate())
        by_levels = np.array([problem.response(jacobian, row) for row in state.driving])
        self._linearised = levels.copy(), problem.phi.x.array[: space.owned].copy(), by_levels
        taken = [[space.sum(driving * column) for column in by_levels] for driving in state.driving]
        return state.mismatch, state.scale, state.direct - np.array(taken)

    def evaluate(self) -> tuple[Charge, TotalsState]:
        """The charge as evaluated at the problem's phi, and the totals there. Collective.

        Sites of an interface hold what its first phase is in equilibrium with; they count as empty before
        the phases were put in contact.
        """
        problem, space = self.problem, self.problem.space
        charge = problem.counted(problem.charge)
        charge.evaluate(problem.deviation)
        if problem.interfaces:
            problem.surface_charges(charge)
        amounts, phases = charge.amounts(problem.deviation), charge.phases
        size = len(self.totals)
        mismatch, scale, matrix = -self.lacking, np.zeros(size), np.zeros((size, size))
        driving = np.zeros((size, space.owned))
        for row, places in enumerate(self._places):
            for name, number in places:
                excess, slope = amounts[name]
                mismatch[row] += space.sum(excess[number]) + self._surplus[name][number]
                scale[row] += space.sum(np.abs(excess[number]))
                driving[row] += phases[name].charge_numbers @ slope[:, number]
                for column, others in enumerate(self._places):
                    for other, its in others:
                        if other == name:
                            matrix[row, column] += space.sum(slope[number, its])
        for phase, component, amount, slope in problem.site_amounts(charge):
            for row in self._rows_of(component.name, phase):
                mismatch[row] += space.sum(amount)
                scale[row] += space.sum(amount)
                driving[row] += component.charge_number * slope
                matrix[row, row] += space.sum(slope)
        return charge, TotalsState(mismatch, np.maximum(scale, np.abs(self.lacking)), matrix, driving)

    def _rows_of(self, component: str, phase: str) -> list[int]:
        """Numbers of the totals that a component in a phase belongs to: one, or none where it is not kept."""
        return [
            row
            for row, total in enumerate(self.totals)
            if total.component == component and phase in total.phases
        ]

    def potential_of_bulk(self, name: str, moved: Array) -> float:
        """By how much the neutral potential of a phase goes with the mu~, V.

        Args:
            name: of the phase, counted from its bulk; one without a neutral bulk stays.
            moved: by how much each mu~ does, eV.
        """
        phase = self.charge.phases[name]
        slope = phase.evaluate(np.zeros((len(phase.components), 1))).slope[..., 0]
        by_component = phase.charge_numbers @ slope
        screening = float(by_component @ phase.charge_numbers)
        offset = self.offsets(moved).get(name)
        if offset is None or phase.charge_at_bulk or screening == 0.0:
            return 0.0
        return float(by_component @ offset) / screening


def _number(phase: Phase, component: str) -> int:
    """Number of a component in a phase."""
    return [each.name for each in phase.components].index(component)


def _held(phase: Phase, component: str) -> float:
    """What carriers of a component hold in a neutral bulk, 1/nm^3."""
    return sum(each.bulk_concentration for each in phase.carriers if each.component.name == component)
