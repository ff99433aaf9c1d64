"""Conduction: freeze the conductivity of an equilibrium and pass a small current through it.

    div(sigma grad psi) = 0,    psi = 1 V at the electrode's terminal, 0 at the electrolyte's

with e psi the (small) deviation of mu_e from its equilibrium value. The current is the
dissipation at 1 V, integral of sigma |grad psi|^2, which is second-order accurate for P1.

Conductivity of a cell: P1 takes it at the centroid. For a current normal to the layer, whose
resistivities add up, the error of that is half that of the exact mean and of the other sign;
impedance takes the same (a transient does not: `TransportSystem.mean_mobilities`). P2 integrates it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)
import basix.ufl
import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc
from petsc4py import PETSc

from scl_fem.discretisation.sampling import CellSampler, quadrature_rule
from scl_fem.discretisation.space import PotentialSpace
from scl_fem.discretisation.sparse import dissipation
from scl_fem.mesh.domain import FacetTag, PhaseTag
from scl_fem.physics.blocks import by_blocks
from scl_fem.physics.types import Array
from scl_fem.solvers.equilibrium import Equilibrium
from scl_fem.solvers.linear import solve_symmetric
from scl_fem.solvers.resistances import Resistances
from scl_fem.solvers.settings import SolverSettings

type ConductivityLaw = Callable[[Array], Array]

_TOLERANCE = 1e-8
"""Relative residual: psi is a field of the result as well."""

_HELD = ((FacetTag.ELECTRODE_TERMINAL, 1.0), (FacetTag.ELECTROLYTE_TERMINAL, 0.0))


def solve_conduction(equilibrium: Equilibrium, settings: SolverSettings) -> Resistances:
    """Resistance between the terminals, with and without the layer.

    Args:
        equilibrium: gives the conductivity.
        settings: of the linear solver.

    Raises:
        InputError: the mesh has no terminals.
        ConvergenceError: the linear solve gave up.
    """
    terminals, psi = _Terminals(equilibrium.space, settings), equilibrium.space.function("psi")
    phi, space = equilibrium.phi, equilibrium.space
    laws: dict[PhaseTag, ConductivityLaw] = {
        tag: phase.conductivity for tag, phase in equilibrium.phases.items()
    }
    bulks = {tag: phase.bulk_conductivity for tag, phase in equilibrium.phases.items()}
    by_cell = space.order == 1
    total = terminals.resistance((_at_centroids if by_cell else _at_points)(phi, space, laws), psi)
    driving = psi.x.array.copy()
    bulk_laws = {tag: partial(np.full_like, fill_value=sigma) for tag, sigma in bulks.items()}
    # From the potential with the layer, which is near that without.
    bulk = terminals.resistance(space.stiffness(bulks) if by_cell else _at_points(phi, space, bulk_laws), psi)
    return Resistances(total, bulk, {tag: driving for tag in PhaseTag})


class _Terminals:
    """Where psi is held."""

    def __init__(self, space: PotentialSpace, settings: SolverSettings) -> None:
        self.space, self.settings = space, settings
        self._held = [(space.facet_dofs(tag), value) for tag, value in _HELD]
        owned = np.concatenate([dofs[dofs < space.owned] for dofs, _ in self._held])
        self._rows = space.space.dofmap.index_map.local_to_global(owned).astype(PETSc.IntType)

    def resistance(self, matrix: PETSc.Mat, psi: fem.Function) -> float:
        """Area-specific resistance.

        Args:
            matrix: integral of sigma grad u . grad v.
            psi: start and solution.
        """
        owned = self.space.owned
        for dofs, value in self._held:
            psi.x.array[dofs] = value
        eliminated = matrix.copy()
        answer, load = eliminated.createVecs()
        answer.array[:] = psi.x.array[:owned]
        eliminated.zeroRowsColumns(self._rows, diag=1.0, x=answer, b=load)
        dimension = self.space.domain.dimension
        solve_symmetric(eliminated, load, answer, self.settings, dimension, _TOLERANCE)
        psi.x.array[:owned] = answer.array_r
        psi.x.scatter_forward()
        return self.space.interface_area / dissipation(matrix, answer)


def _at_centroids(
    phi: fem.Function, space: PotentialSpace, laws: Mapping[PhaseTag, ConductivityLaw]
) -> PETSc.Mat:
    """Matrix with the conductivity at each cell's centroid, P1."""
    conductivities = {}
    for tag, conductivity in laws.items():
        nodes = space.space.dofmap.list[space.domain.cells(tag)]
        conductivities[tag] = by_blocks(conductivity, phi.x.array[nodes].mean(axis=1))
    return space.stiffness(conductivities)


def _at_points(
    phi: fem.Function, space: PotentialSpace, laws: Mapping[PhaseTag, ConductivityLaw]
) -> PETSc.Mat:
    """Matrix with the conductivity at quadrature points."""
    mesh, degree = space.domain.mesh, 2 * space.order
    points = basix.ufl.quadrature_element(mesh.basix_cell().name, degree=degree, scheme="default")
    sigma = fem.Function(fem.functionspace(mesh, points))
    rule, _ = quadrature_rule(mesh.basix_cell(), degree)
    for tag, conductivity in laws.items():
        sampler = CellSampler(space, space.domain.cells(tag), rule)
        at_points = sigma.function_space.dofmap.list[sampler.cells]
        sigma.x.array[at_points] = conductivity(sampler.values(phi))
    measure = ufl.Measure("dx", mesh, metadata={"quadrature_degree": degree, "quadrature_scheme": "default"})
    trial, test = ufl.TrialFunction(space.space), ufl.TestFunction(space.space)
    form = fem.form(sigma * ufl.inner(ufl.grad(trial), ufl.grad(test)) * measure)
    matrix = fem_petsc.assemble_matrix(form)
    matrix.assemble()
    return matrix
