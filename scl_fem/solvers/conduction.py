"""Conduction: freeze the conductivity of an equilibrium and pass a small current through it.

    div(sigma grad psi) = 0,    psi = 1 V at the electrode's terminal, 0 at the electrolyte's

with e psi the (small) deviation of mu_e from its equilibrium value. The current is the
dissipation at 1 V, integral of sigma |grad psi|^2, which is second-order accurate.

What an edge conducts is the harmonic mean of sigma along it (`discretisation.edge_rule`), in impedance
too (a transient takes means of nodes: `TransportSystem.mean_mobilities`). Quadratic cells conduct along
the edges of their subdivision, with sigma of the quadratic potential.
"""

from __future__ import annotations

from collections.abc import Mapping

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np
from dolfinx import fem
from petsc4py import PETSc

from scl_fem.discretisation.edge_rule import (
    ConductivityLaw,
    linear_means,
    quadratic_means,
    steady_conductances,
)
from scl_fem.discretisation.simplices import Edges, Simplices
from scl_fem.discretisation.space import PotentialSpace
from scl_fem.discretisation.sparse import dissipation
from scl_fem.physics.blocks import by_blocks
from scl_fem.physics.neutral import neutral_conductivity
from scl_fem.physics.types import Array
from scl_fem.solvers.equilibrium import Equilibrium
from scl_fem.solvers.linear import solve_symmetric
from scl_fem.solvers.resistances import Resistances
from scl_fem.solvers.settings import SolverSettings

type Laws = Mapping[str, ConductivityLaw]
type Bulks = Mapping[str, float]
"""Conductivities of the layer and of the neutral bulk, by phase, e/(V s nm)."""

_TOLERANCE = 1e-8
"""Relative residual: psi is a field of the result as well."""

_SMALL_POWER = 1e-6
"""Of what the start loses: below that the tolerance does not tell whether the power is right."""

_ROUGHLY = 1e-3
"""Relative residual of a correction."""

_CORRECTIONS = 12
_SETTLED = 1e-6
"""Share of the power that a last correction may change."""

_ZERO = 1e-13
"""Integral of two gradients, relative to that of one with itself, below which it is round-off of 0."""

_VARIED = 1.25
"""Ratio of conductivities in a cell below which obtuse angles do no harm (the least that did was 2.4)."""

_HELD = (1.0, 0.0)
"""psi at the first and the second contact, V."""


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
    space, phi = equilibrium.space, equilibrium.phi.x.array
    laws: Laws = {tag: phase.conductivity for tag, phase in equilibrium.phases.items()}
    bulks = {tag: neutral_conductivity(phase) for tag, phase in equilibrium.phases.items()}
    with_layer, without = (_of_linear if space.order == 1 else _of_quadratic)(space, phi, laws, bulks)
    total, uncertainty = terminals.resistance(with_layer, psi)
    driving = psi.x.array.copy()
    # From the potential with the layer, which is near that without.
    bulk, _ = terminals.resistance(without, psi)
    return Resistances(total, bulk, {tag: driving for tag in laws}, uncertainty)


class _Terminals:
    """Where psi is held."""

    def __init__(self, space: PotentialSpace, settings: SolverSettings) -> None:
        self.space, self.settings = space, settings
        contacts = space.domain.contacts[:2]
        self._held = [(space.facet_dofs(each), value) for each, value in zip(contacts, _HELD, strict=True)]
        owned = np.concatenate([dofs[dofs < space.owned] for dofs, _ in self._held])
        self._rows = space.space.dofmap.index_map.local_to_global(owned).astype(PETSc.IntType)

    def resistance(self, matrix: PETSc.Mat, psi: fem.Function) -> tuple[float, float]:
        """Area-specific resistance, and what it may be off by because of the linear solver, as a share.

        An iterative solver ends where the residual is small beside that of the start. Where a layer takes
        nearly all of the voltage the power that is left is smaller than the start's by more than that, so
        the solution is corrected until the power does not change.

        Args:
            matrix: integral of sigma grad u . grad v.
            psi: start and solution.
        """
        owned, dimension = self.space.owned, self.space.domain.dimension
        for dofs, value in self._held:
            psi.x.array[dofs] = value
        eliminated = matrix.copy()
        answer, load = eliminated.createVecs()
        answer.array[:] = psi.x.array[:owned]
        at_start = dissipation(matrix, answer)
        eliminated.zeroRowsColumns(self._rows, diag=1.0, x=answer, b=load)
        solve_symmetric(eliminated, load, answer, self.settings, dimension, _TOLERANCE)
        uncertainty = 0.0
        if dissipation(matrix, answer) < _SMALL_POWER * at_start:
            for _ in range(_CORRECTIONS):
                left, correction = load - eliminated * answer, load.duplicate()
                solve_symmetric(eliminated, left, correction, self.settings, dimension, _ROUGHLY)
                answer.axpy(1.0, correction)
                uncertainty = abs(correction.dot(left)) / dissipation(matrix, answer)
                if uncertainty < _SETTLED:
                    break
        psi.x.array[:owned] = answer.array_r
        psi.x.scatter_forward()
        return self.space.interface_area / dissipation(matrix, answer), uncertainty


def _of_linear(
    space: PotentialSpace,
    phi: Array,
    laws: Mapping[str, ConductivityLaw],
    bulks: Mapping[str, float],
) -> tuple[PETSc.Mat, PETSc.Mat]:
    """Matrices with the conductivity of the layer and with that of the bulks, P1.

    DOLFINx adds the shares of the cells up, in a fraction of the time that `Edges` take to be found.
    """
    rows, columns = space.pattern.places
    diagonal, upper = rows == columns, rows < columns
    lower, its_mirror = space.pattern.mirrored
    phi_of = space.pattern.at_columns(phi)
    with_layer, without = np.zeros(rows.size), np.zeros(rows.size)
    for tag, law in laws.items():
        geometric = space.stiffness_entries({each: float(each == tag) for each in laws})
        without += bulks[tag] * geometric
        orthogonal = np.abs(geometric) <= _ZERO * geometric[diagonal][rows]
        between, means = np.flatnonzero(upper & ~orthogonal), np.zeros(rows.size)
        means[between] = linear_means(law, phi_of[rows[between]], phi_of[columns[between]])
        means[lower] = means[its_mirror]
        with_layer += geometric * means
    with_layer[diagonal] = -np.bincount(rows, with_layer, minlength=space.owned)
    matrix = space.pattern.matrix(with_layer)
    for tag, law in laws.items():
        _let_nothing_flow_uphill(matrix, space, tag, phi, law)
    return matrix, space.pattern.matrix(without)


def _let_nothing_flow_uphill(
    matrix: PETSc.Mat, space: PotentialSpace, tag: str, phi: Array, law: ConductivityLaw
) -> None:
    """Add what the matrix lacks in cells where current would flow uphill (`Simplices.uphill`). Collective."""
    nodes, sigma = space.dofs(tag), np.zeros(phi.size)
    sigma[nodes] = by_blocks(law, phi[nodes])
    corners = sigma[space.space.dofmap.list[space.cells(tag)]]
    varied = np.flatnonzero(corners.max(axis=1) > _VARIED * corners.min(axis=1))
    simplices = Simplices.of(space, tag, varied)
    edges = simplices.edges
    lacking = edges.summed(simplices.uphill(linear_means(law, phi[edges.first], phi[edges.second])))
    if space.comm.allreduce(int(lacking.any())):
        missing = _matrix(space, {tag: (edges, lacking)})
        matrix.axpy(1.0, missing, PETSc.Mat.Structure.SUBSET_NONZERO_PATTERN)


def _of_quadratic(
    space: PotentialSpace,
    phi: Array,
    laws: Mapping[str, ConductivityLaw],
    bulks: Mapping[str, float],
) -> tuple[PETSc.Mat, PETSc.Mat]:
    """The same for P2: linear potentials on the subdivided cells."""
    with_layer, without = {}, {}
    for tag, law in laws.items():
        simplices = Simplices.of(space, tag)
        means = quadratic_means(law, space, tag, phi, simplices)
        with_layer[tag] = simplices.edges, steady_conductances(simplices, means)
        without[tag] = simplices.edges, bulks[tag] * simplices.edges.geometric
    return _matrix(space, with_layer), _matrix(space, without)


def _matrix(space: PotentialSpace, parts: Mapping[str, tuple[Edges, Array]]) -> PETSc.Mat:
    """The matrix of edges that conduct. Collective.

    Args:
        space: of the nodes.
        parts: edges of each phase, and their conductances.
    """
    index_map = space.space.dofmap.index_map
    local = np.arange(index_map.size_local + index_map.num_ghosts, dtype=np.int32)
    number = index_map.local_to_global(local).astype(PETSc.IntType)
    patterns = [edges.pattern(number, number) for edges, _ in parts.values()]
    matrix = PETSc.Mat().create(comm=space.comm)
    sizes = (space.owned, space.unknowns)
    matrix.setSizes((sizes, sizes))
    matrix.setType("aij")
    rows, columns = (np.concatenate(each) for each in zip(*patterns, strict=True))
    matrix.setPreallocationCOO(rows, columns)
    entries = [Edges.entries(conductances, -conductances) for _, conductances in parts.values()]
    matrix.setValuesCOO(np.concatenate(entries), PETSc.InsertMode.INSERT_VALUES)
    return matrix
