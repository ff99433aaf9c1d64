"""The equations of a cell in UFL, as one would write them down: what the assembled system is tested against.

One implicit step of length tau, for all test functions v of phi and v_i of the components:

    sum over phases:      (eps grad phi, grad v) - <rho, v>
                          <c_i - c_i old, v_i> + tau (M_i grad mu~_i, grad v_i)
    over interfaces:      - <sigma, v>                    (their own charge)
                          + tau <J_i, v_i - v_i'>         (what crosses where mu~_i jumps, per area)

(.,.) is exact for linear functions, <.,.> takes the vertices of cells and facets alone, so that c_i, rho
and J_i are needed at the nodes only; M_i is linear in a cell between its nodes' values. Each phase is
integrated with its own nodal c_i, rho and M_i. It is slow next to `System.residual`, and says the same to
round-off.
"""

from __future__ import annotations

from collections.abc import Mapping

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np
import ufl
from dolfinx import fem

from scl_fem.equations.state import State
from scl_fem.equations.system import System
from scl_fem.mesh.domain import Role
from scl_fem.physics.types import Array

_VERTICES = {"quadrature_rule": "vertex", "quadrature_degree": 1}


class WeakForm:
    """The weak form of one implicit step on a system's mesh.

    Attributes:
        system: unknowns and physics.
    """

    def __init__(self, system: System) -> None:
        """Name the parts of the mesh.

        Args:
            system: unknowns and physics.
        """
        self.system, self._space = system, system.space
        domain = system.space.domain
        self._numbers = {name: number for number, name in enumerate(system.regions, start=1)}
        cells = [(number, domain.cells(name)) for name, number in self._numbers.items()]
        self._dx = ufl.Measure("dx", domain=domain.mesh, subdomain_data=cells)
        self._test = ufl.TestFunction(system.space.space)

    def residual(self, state: State, history: Mapping[str, Array], length: float) -> Array:
        """The residual of an implicit step by owned numbers, nothing held, no sources. Collective.

        Args:
            state: where; no ghosts missing.
            history: older amounts of each region, (n_components, owned).
            length: tau, s.
        """
        system, unknowns = self.system, self.system.unknowns
        rows = np.zeros(unknowns.size)
        phi, physics = self._space.function("phi", state.phi), system.evaluate(state)
        for name, region in system.regions.items():
            owned = region.nodes[: region.owned]
            phase, here = region.phase, physics[name].phase
            dx = self._dx(self._numbers[name])
            lumped = dx(metadata=_VERTICES)
            field = phase.permittivity * ufl.inner(ufl.grad(phi), ufl.grad(self._test)) * dx
            charge = self._on(name, here.charge) * self._test * lumped
            rows[unknowns.phi[: system.space.owned]] += self._assembled(field - charge)
            mobilities = phase.mobilities(here)
            for number, row in enumerate(unknowns.mu[name]):
                amount = self._on(name, here.excess[number]) * self._test * lumped
                mu = self._space.function("mu", state.mu[name][number])
                mobility = self._on(name, mobilities[number])
                flux = mobility * ufl.inner(ufl.grad(mu), ufl.grad(self._test)) * dx
                form = amount + length * flux
                rows[row[: region.owned]] += self._assembled(form)[owned] - history[name][number]
        self._add_interfaces(rows, state, length)
        return rows

    def _add_interfaces(self, rows: Array, state: State, length: float) -> None:
        """What sits at interfaces, and what crosses them."""
        system, unknowns = self.system, self.system.unknowns
        rows[unknowns.phi[: system.space.owned]] -= system.surface_charges
        for crossing in system.crossings:
            first, second = (side.state(state) for side in crossing.sides)
            density = crossing.law.current(crossing.jump(state.mu), first, second).value
            nodal = np.zeros(state.phi.size)
            side = crossing.sides[0]
            nodal[side.region.nodes[side.nodes]] = density / abs(crossing.component.charge_number or 1)
            crossed = self._over(crossing.pair, nodal)
            for sign, numbers, of in zip(
                (1.0, -1.0), system.numbers_at(crossing), crossing.sides, strict=True
            ):
                rows[numbers] += sign * length * crossed[of.region.nodes[of.nodes]]

    def _over(self, role: Role, nodal: Array) -> Array:
        """<J, v> over the facets of an interface, owned v."""
        return self._space.facet_weights(role) * nodal[: self._space.owned]

    def _on(self, name: str, values: Array) -> fem.Function:
        """A nodal function of one region."""
        nodal = np.zeros(self.system.unknowns.phi.size)
        nodal[self.system.regions[name].nodes] = values
        return self._space.function(name, nodal)

    def _assembled(self, form: ufl.Form) -> Array:
        return self._space.assemble_owned(fem.form(form))
