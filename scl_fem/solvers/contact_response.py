"""How the charges of contacts go with their potentials: the differential capacitances of a solved cell.

With J = K + C + S the Jacobian at the solution, S the slopes of all charges, D those by the mu~ that move
to keep totals and A the slopes of these totals, a small change moves phi by u and the mu~ by l:

    J u - D l = b,    A l = D u    (b = 0 where nothing is brought, u given where phi is held)

Where 1 V more is put to a contact, u = 1 where it holds phi, or it brings its Stern capacitances, b = C. Its
charge then changes by the least value of a sum of what cannot be negative,

    dQ/dV = sum of C - 2 b.u + u.J u - 2 l.D u + l.A l,

so that errors of u and l count by their squares. A contact whose charge is given gets one charge more, b = w,
its nodes' shares of its area: dV/dQ = w.u, and the Stern capacitor in series. Where no contact holds phi a
constant costs next to nothing in a phase that is depleted through and through, and is found by itself:
u = 1/S + v, S the sum of all slopes, v the rest, of which J sees no charge.
"""

from __future__ import annotations

import scl_fem._stack  # noqa: F401  (MPI before PETSc)

# isort: split
import numpy as np

from scl_fem.physics.types import Array
from scl_fem.solvers.kept_totals import KeptTotals, Totals
from scl_fem.solvers.poisson import PoissonProblem


class ContactResponse:
    """The linear response of one solved cell to its contacts.

    Attributes:
        problem: holds the equilibrium.
    """

    def __init__(self, problem: PoissonProblem, kept: KeptTotals | None) -> None:
        """Linearise. Collective.

        Args:
            problem: solved.
            kept: the components whose totals were kept.
        """
        self.problem, self._kept = problem, kept
        self._totals = Totals(problem, kept.totals if kept is not None else ())
        charge, self._state = self._totals.evaluate()
        # not J times 1: where there is next to no charge that would be round-off of K
        self._slopes = sum(map(charge.slope, charge.phases), problem.surface_slopes)
        self._jacobian = problem.jacobian(charge, problem.stiffness.duplicate())
        self._matrix = problem.linearised(charge, problem.stiffness.duplicate())
        self._by_levels: Array | None = None

    def capacitance(self, name: str) -> float:
        """d(charge)/d(potential) of a contact in e/V; the others keep what they hold. Collective.

        A potential is counted as the case counts it: from that of the contacts that hold one, else from the
        neutral bulk of the reference phase.

        Args:
            name: of the contact, which `has_capacitance`.

        Raises:
            ConvergenceError: the linear solver gave up.
        """
        return self._held(name) if self.problem.ends.contacts[name].held else self._charged(name)

    def _held(self, name: str) -> float:
        """Of a contact whose potential is given."""
        ends, space = self.problem.ends, self.problem.space
        load, start = np.zeros(space.owned), np.zeros(space.owned)
        for (contact, _), capacitances in ends.in_series.items():
            load += capacitances if contact == name else 0.0
        ends.responding(start, {name: 1.0})
        u, levels = self._solve(load, start)
        stored = space.sum(load) - 2.0 * space.sum(load * u) + space.sum(u * self._times(u))
        return stored + float(levels @ (self._state.direct @ levels - 2.0 * self._driven(u)))

    def _charged(self, name: str) -> float:
        """Of a contact whose charge is given."""
        ends, space = self.problem.ends, self.problem.space
        contact = ends.contacts[name]
        area = space.area(name)
        share = space.facet_weights(name) / area
        potential = 1.0 / (contact.stern_capacitance * area) if contact.stern_capacitance else 0.0
        if ends.any_held:
            u, _ = self._solve(share, np.zeros(space.owned))
            potential += 2.0 * space.sum(share * u) - space.sum(u * self._times(u))
            return 1.0 / potential
        direct, driving = self._state.direct, self._state.driving
        # with the totals kept: J less what the mu~ take, on a constant
        constant = self._levels(np.ones(space.owned))
        slopes = self._slopes - constant @ driving
        total = space.sum(slopes)
        if not total > 0.0:  # nothing can take up anything
            return 0.0
        v, _ = self._solve(share - slopes / total, np.zeros(space.owned))
        v -= space.sum(slopes * v) / total
        potential += 1.0 / total + space.sum(share * v)
        if self._kept is not None and direct.size:
            moved = constant / total + self._levels(v)
            potential -= self._totals.potential_of_bulk(self._kept.reference, moved)
        return 1.0 / potential

    def _times(self, u: Array) -> Array:
        """J u at the owned nodes, rows of held ones included."""
        x, y = self._jacobian.createVecs()
        x.array[:] = u
        self._jacobian.mult(x, y)
        return y.array_r.copy()

    def _driven(self, u: Array) -> Array:
        """D u: what the totals lose by u."""
        return np.array([self.problem.space.sum(row * u) for row in self._state.driving])

    def _levels(self, u: Array) -> Array:
        """The mu~ that keep the totals where phi moves by u."""
        return np.linalg.solve(self._state.direct, self._driven(u))

    def _solve(self, load: Array, start: Array) -> tuple[Array, Array]:
        """u and l.

        Args:
            load: b.
            start: what u is at held nodes, 0 elsewhere.
        """
        u = start + self.problem.response(self._matrix, load - self._times(start))
        if not self._state.direct.size:
            return u, np.empty(0)
        if self._by_levels is None:
            self._by_levels = np.array(
                [self.problem.response(self._matrix, row) for row in self._state.driving]
            )
        taken = np.array([self._driven(column) for column in self._by_levels]).T
        levels = np.linalg.solve(self._state.direct - taken, self._driven(u))
        return u + levels @ self._by_levels, levels
