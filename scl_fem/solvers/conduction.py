"""Conduction: freeze the conductivity of an equilibrium and pass a small current through it.

    div(sigma grad psi) = 0,    psi = 1 V at the electrode's terminal, 0 at the electrolyte's

with e psi the (small) deviation of mu_e from its equilibrium value. The current is the
dissipation at 1 V, integral of sigma |grad psi|^2, which is second-order accurate for P1.
"""

from __future__ import annotations

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)
import basix
import basix.ufl
import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc
from petsc4py import PETSc

from scl_fem.discretisation.sampling import CellSampler, quadrature_rule
from scl_fem.mesh.domain import FacetTag, PhaseTag
from scl_fem.solvers.equilibrium import Equilibrium
from scl_fem.solvers.linear import solve_symmetric
from scl_fem.solvers.resistances import Resistances
from scl_fem.solvers.settings import SolverSettings


def solve_conduction(equilibrium: Equilibrium, settings: SolverSettings) -> Resistances:
    """Resistance between the terminals, with and without the layer.

    Args:
        equilibrium: gives the conductivity.
        settings: of the linear solver.

    Raises:
        InputError: the mesh has no terminals.
        ConvergenceError: the linear solve gave up.
    """
    solver = _ConductionSolver(equilibrium, settings)
    total, psi = solver.resistance(layered=True)
    bulk, _ = solver.resistance(layered=False)
    return Resistances(total, bulk, {tag: psi.x.array for tag in PhaseTag})


class _ConductionSolver:
    """Form and terminals, shared by the solve with the layer and the one without."""

    def __init__(self, equilibrium: Equilibrium, settings: SolverSettings) -> None:
        self.equilibrium, self.settings = equilibrium, settings
        self.space = equilibrium.space
        for tag in (FacetTag.ELECTRODE_TERMINAL, FacetTag.ELECTROLYTE_TERMINAL):
            self.space.domain.require(tag)
        mesh, degree = self.space.domain.mesh, 2 * self.space.order
        points = basix.ufl.quadrature_element(mesh.basix_cell().name, degree=degree, scheme="default")
        self._sigma = fem.Function(fem.functionspace(mesh, points))
        self._rule, self._weights = quadrature_rule(mesh.basix_cell(), degree)

    def resistance(self, layered: bool) -> tuple[float, fem.Function]:
        """Area-specific resistance and psi."""
        self._freeze(layered)
        matrix = self._matrix()
        psi = self.space.function("psi")
        fixed = []
        for tag, value in (
            (FacetTag.ELECTRODE_TERMINAL, 1.0),
            (FacetTag.ELECTROLYTE_TERMINAL, 0.0),
        ):
            dofs = self.space.facet_dofs(tag)
            psi.x.array[dofs] = value
            fixed.append(dofs[dofs < self.space.owned])
        rows = self.space.space.dofmap.index_map.local_to_global(np.concatenate(fixed))
        eliminated = matrix.copy()
        answer, load = eliminated.createVecs()
        answer.array[:] = psi.x.array[: self.space.owned]
        eliminated.zeroRowsColumns(rows.astype(PETSc.IntType), diag=1.0, x=answer, b=load)
        solve_symmetric(eliminated, load, answer, self.settings, self.space.domain.dimension)
        psi.x.array[: self.space.owned] = answer.array_r
        psi.x.scatter_forward()
        matrix.mult(answer, load)
        return self.space.interface_area / answer.dot(load), psi

    def _matrix(self) -> PETSc.Mat:
        """Integral of sigma grad u . grad v; for P1 only sigma's mean in each cell matters."""
        if self.space.order > 1:
            return self._with_points()
        cellwise = self.space.piecewise_constant({})
        weights = self._weights / self._weights.sum()
        for tag in PhaseTag:
            cells = self.space.domain.cells(tag)
            points = self._sigma.function_space.dofmap.list[cells]
            dofs = cellwise.function_space.dofmap.list[cells].ravel()
            cellwise.x.array[dofs] = self._sigma.x.array[points] @ weights
        return self.space.stiffness(cellwise)

    def _with_points(self) -> PETSc.Mat:
        """The same with sigma at every quadrature point."""
        mesh, degree = self.space.domain.mesh, 2 * self.space.order
        metadata = {"quadrature_degree": degree, "quadrature_scheme": "default"}
        measure = ufl.Measure("dx", mesh, metadata=metadata)
        trial, test = ufl.TrialFunction(self.space.space), ufl.TestFunction(self.space.space)
        form = fem.form(self._sigma * ufl.inner(ufl.grad(trial), ufl.grad(test)) * measure)
        matrix = fem_petsc.assemble_matrix(form)
        matrix.assemble()
        return matrix

    def _freeze(self, layered: bool) -> None:
        """Put the conductivity at the quadrature points."""
        dofmap = self._sigma.function_space.dofmap.list
        for tag in PhaseTag:
            phase, cells = self.equilibrium.phases[tag], self.space.domain.cells(tag)
            if layered:
                sampler = CellSampler(self.space, cells, self._rule)
                values = phase.conductivity(sampler.values(self.equilibrium.phi))
            else:
                values = np.full(dofmap[cells].shape, phase.bulk_conductivity)
            self._sigma.x.array[dofmap[cells]] = values
