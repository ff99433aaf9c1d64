"""The finite-element space of the potential on a cell of several phases."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)
import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem, la
from petsc4py import PETSc

from scl_fem.discretisation.compiling import compiled
from scl_fem.discretisation.sparse import SparseMatrix
from scl_fem.mesh.distribute import Domain
from scl_fem.mesh.domain import Role
from scl_fem.physics.phase import Phase
from scl_fem.physics.types import Array

type Phases = Mapping[str, Phase]

_MARKED = 1
"""Tag of the facets that are integrated over."""


class PotentialSpace:
    """Continuous Lagrange elements for phi, with what the phases need of the mesh.

    Attributes:
        domain: the distributed mesh.
        order: polynomial degree, 1 or 2.
        space: DOLFINx function space.
    """

    def __init__(self, domain: Domain, order: int = 1) -> None:
        """Set up the space.

        Args:
            domain: mesh with phases and facets tagged.
            order: 1 or 2.
        """
        self.domain = domain
        self.order = order
        self.space = fem.functionspace(domain.mesh, ("Lagrange", order))

    @property
    def comm(self):
        """The communicator of the mesh."""
        return self.domain.mesh.comm

    @cached_property
    def owned(self) -> int:
        """Number of degrees of freedom that this rank owns."""
        return self.space.dofmap.index_map.size_local

    @property
    def unknowns(self) -> int:
        """Number of degrees of freedom on all ranks."""
        return self.space.dofmap.index_map.size_global

    def cells(self, tag: str) -> npt.NDArray[np.int32]:
        """Cells of a phase that this rank owns (local indices)."""
        cells = self.domain.cells(tag)
        return cells[cells < self.domain.mesh.topology.index_map(self.domain.dimension).size_local]

    def dofs(self, tag: str) -> npt.NDArray[np.int32]:
        """Local degrees of freedom (owned and ghost) in the closure of a phase. Collective.

        A rank may own a node that the phase touches with cells of another rank alone, so the ranks
        tell one another.
        """
        touched = fem.Function(self.space).x
        touched.array[self.space.dofmap.list[self.domain.cells(tag)].ravel()] = 1.0
        touched.scatter_reverse(la.InsertMode.add)
        touched.scatter_forward()
        return np.flatnonzero(touched.array > 0.0).astype(np.int32)

    def facet_dofs(self, role: Role, phase: str | None = None) -> npt.NDArray[np.int32]:
        """Local degrees of freedom (owned and ghost) on the facets of a role. Collective.

        Args:
            role: of the facets.
            phase: only those that a cell of this phase has.

        Raises:
            InputError: the mesh has no such facets.
        """
        facets, topology = self.domain.require(role), self.domain.mesh.topology
        topology.create_connectivity(self.domain.dimension - 1, self.domain.dimension)
        if phase is not None:
            facets = facets[self._has_cell_of(facets, phase)[0]]
        return fem.locate_dofs_topological(self.space, self.domain.dimension - 1, facets)

    def _has_cell_of(
        self, facets: npt.NDArray[np.int32], phase: str
    ) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int32]]:
        """Which facets some cell of a phase has, and that cell (of the others any)."""
        dimension = self.domain.dimension
        to_cells = self.domain.mesh.topology.connectivity(dimension - 1, dimension)
        first, last = (to_cells.array[to_cells.offsets[facets + k] - k] for k in (0, 1))
        number = self.domain.layout.number(phase)
        here, there = (self.domain.phase_of_cell[cells] == number for cells in (first, last))
        return here | there, np.where(here, first, last)

    def piecewise_constant(self, values: Mapping[str, float | Array]) -> fem.Function:
        """A cell-wise constant function.

        Args:
            values: of each phase: one, or one for each of its local cells (`Domain.cells`).
        """
        function = fem.Function(self._cellwise)
        self._put(function, values)
        return function

    def _put(self, function: fem.Function, values: Mapping[str, float | Array]) -> None:
        for tag, value in values.items():
            function.x.array[self._cellwise.dofmap.list[self.domain.cells(tag)].ravel()] = value

    @cached_property
    def _cellwise(self) -> fem.FunctionSpace:
        return fem.functionspace(self.domain.mesh, ("DG", 0))

    def assemble_owned(self, form: fem.Form) -> Array:
        """Assemble a linear form; contributions of all ranks, owned entries."""
        vector = fem.assemble_vector(form)
        vector.scatter_reverse(la.InsertMode.add)
        return vector.array[: self.owned].copy()

    @cached_property
    def phase_weights(self) -> dict[str, Array]:
        """Integral of each owned basis function over each phase: the lumped mass of P1."""
        indicator = fem.Function(self._cellwise)
        form = compiled(indicator * ufl.TestFunction(self.space) * ufl.dx)
        weights = {}
        for tag in self.domain.phases:
            self._put(indicator, {each: float(each == tag) for each in self.domain.phases})
            weights[tag] = self.assemble_owned(form)
        return weights

    @property
    def terminals(self) -> dict[str, str]:
        """The contact of each phase of a cell of two."""
        return dict(zip(self.domain.phases, self.domain.contacts, strict=True))

    @property
    def reference(self) -> Role:
        """The facets whose area numbers per area refer to: the first interface, or else the first contact."""
        return self.domain.layout.roles[0]

    @property
    def interface_weights(self) -> Array:
        """Integral of each owned basis function over the facets that numbers per area refer to."""
        return self.facet_weights(self.reference)

    def facet_weights(self, role: Role, phase: str | None = None) -> Array:
        """Integral of each owned basis function over the facets of a role, inside or at the border.

        Args:
            role: of the facets.
            phase: only those that a cell of this phase has.
        """
        if (role, phase) not in self._facet_weights:
            # One side's cell is enough: the basis is continuous. Tags would make DOLFINx sort the facets
            # into inside and border by way of all of NumPy's set functions and masked arrays.
            entities = [(_MARKED, self._one_sided(role, phase).ravel())]
            measure = ufl.Measure("ds", domain=self.domain.mesh, subdomain_data=entities)
            form = compiled(ufl.TestFunction(self.space) * measure(_MARKED))
            self._facet_weights[role, phase] = self.assemble_owned(form)
        return self._facet_weights[role, phase]

    @cached_property
    def _facet_weights(self) -> dict[tuple[Role, str | None], Array]:
        return {}

    def area(self, role: Role) -> float:
        """Area of the facets of a role: nm^2 in 3D, nm (per nm of depth) in 2D, 1 a facet in 1D."""
        return self.sum(self.facet_weights(role))

    def contact_weights(self, contact: str) -> dict[str, Array]:
        """Integral of each owned basis function over a contact, by the phases that it touches. Collective."""
        weights = {phase: self.facet_weights(contact, phase) for phase in self.domain.phases}
        return {phase: each for phase, each in weights.items() if self.sum(each) > 0.0}

    def _one_sided(self, role: Role, phase: str | None) -> npt.NDArray[np.int32]:
        """(n, 2) a cell and its local facet for each owned facet of a role; see `facet_weights`."""
        topology, dimension = self.domain.mesh.topology, self.domain.dimension
        topology.create_connectivity(dimension - 1, dimension)
        topology.create_connectivity(dimension, dimension - 1)
        to_cells = topology.connectivity(dimension - 1, dimension)
        to_facets = topology.connectivity(dimension, dimension - 1)
        facets = self.domain.facets(role)
        facets = facets[facets < topology.index_map(dimension - 1).size_local]
        cells = to_cells.array[to_cells.offsets[facets]]
        if phase is not None:
            chosen, cells = self._has_cell_of(facets, phase)
            facets, cells = facets[chosen], cells[chosen]
        of_cell = to_facets.array.reshape(-1, self.domain.facets_per_cell)
        local = np.argmax(of_cell[cells] == facets[:, None], axis=1)
        return np.stack([cells, local], axis=1).astype(np.int32)

    @cached_property
    def interface_area(self) -> float:
        """The area that numbers per area refer to: of the first interface (`reference`)."""
        return self.area(self.reference)

    def stiffness(self, coefficient: Mapping[str, float | Array]) -> PETSc.Mat:
        """Matrix of the integral of coefficient grad u . grad v. Collective.

        Args:
            coefficient: of each phase: one, or one for each of its local cells (`Domain.cells`).
        """
        return self.pattern.matrix(self.stiffness_entries(coefficient))

    def stiffness_entries(self, coefficient: Mapping[str, float | Array]) -> Array:
        """Entries of `stiffness` in the rows that this rank owns, at the places of `pattern`. Collective."""
        form, function = self._stiffness_form
        self._put(function, coefficient)
        return self.pattern.entries(form)

    @cached_property
    def _stiffness_form(self) -> tuple[fem.Form, fem.Function]:
        """The form and its coefficient."""
        coefficient = fem.Function(self._cellwise)
        trial, test = ufl.TrialFunction(self.space), ufl.TestFunction(self.space)
        return compiled(coefficient * ufl.inner(ufl.grad(trial), ufl.grad(test)) * ufl.dx), coefficient

    @cached_property
    def pattern(self) -> SparseMatrix:
        """Where two basis functions overlap."""
        return SparseMatrix(self._stiffness_form[0])

    def sum(self, values: Array) -> float:
        """Sum over the owned entries of all ranks."""
        return float(self.comm.allreduce(float(np.sum(values))))

    def function(self, name: str, values: Array | None = None) -> fem.Function:
        """A new function of the space.

        Args:
            name: of the function.
            values: at the local nodes, ghosts included; 0 by default.
        """
        function = fem.Function(self.space, name=name)
        if values is not None:
            function.x.array[:] = values
        return function
