"""Entries of the matrices of a transport system: rows, columns, values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before PETSc)

# isort: split
import numpy as np
from petsc4py import PETSc

from scl_fem.discretisation.simplices import Edges, Numbers
from scl_fem.discretisation.transport import TransportSystem
from scl_fem.discretisation.unknowns import NodalPhysics, State
from scl_fem.physics.types import Array

type Pattern = tuple[Numbers, Numbers]
"""Global row and column of each entry of a matrix; the same place may occur again."""


class MatrixEntries:
    """Derivatives of the parts of a transport system's residual.

    What couples the unknowns of a node with one another is `nodal`, what couples nodes is `displacement`
    (K), `conduction` (K_m), `drift` (what K_m mu_e changes by with the mobilities). All but the last
    are symmetric.

    Attributes:
        system: unknowns and physics.
    """

    def __init__(self, system: TransportSystem) -> None:
        """See the class.

        Args:
            system: unknowns and physics.
        """
        self.system = system

    @cached_property
    def displacement_pattern(self) -> Pattern:
        """Rows and columns of `displacement`."""
        number = self.system.phi_number
        return _joined(cells.edges.pattern(number, number) for cells in self.system.geometry.values())

    @cached_property
    def displacement(self) -> Array:
        """K, e/V."""
        return _symmetric_entries(self.system.capacitances)

    @cached_property
    def conduction_pattern(self) -> Pattern:
        """Rows and columns of `conduction`."""
        number = self.system.mu_number
        return _joined(
            cells.edges.pattern(number[tag], number[tag]) for tag, cells in self.system.geometry.items()
        )

    def conduction(self, conductances: Mapping[str, Array]) -> Array:
        """K_m, 1/(eV s).

        Args:
            conductances: of the edges.
        """
        return _symmetric_entries(conductances)

    @cached_property
    def drift_pattern(self) -> Pattern:
        """Rows and columns of `drift`."""
        mu, phi = self.system.mu_number, self.system.phi_number
        patterns = []
        for tag, cells in self.system.geometry.items():
            patterns += [cells.edges.pattern(mu[tag], mu[tag]), cells.edges.pattern(mu[tag], phi)]
        return _joined(patterns)

    def drift(self, state: State, physics: Mapping[str, NodalPhysics]) -> Array:
        """What K_m mu_e changes by with the mobilities, e/s per eV and V.

        In one dimension that is the derivative, elsewhere, where the nodes of a cell beside an edge count
        as well, as near to it as the mesh resolves the mobility, and no denser than K_m.

        Args:
            state: where.
            physics: there.
        """
        values = []
        for tag, cells in self.system.geometry.items():
            edges, z = cells.edges, self.system.phases[tag].main.charge_number
            driving = z * edges.geometric * edges.differences(state.mu_e[tag])
            of_first, of_second = self.system.edge_mobility_slopes(tag, physics[tag])
            by_mu = Edges.entries(driving * of_first, driving * of_second)
            values += [by_mu, -z * by_mu]
        return np.concatenate(values)

    @cached_property
    def nodal_pattern(self) -> Pattern:
        """Rows and columns of `nodal`."""
        system, pairs = self.system, []
        for tag in system.phases:
            phi, mu = system.phi_number[: system.space.owned], system.mu_number[tag][: system.space.owned]
            pairs += [(phi, phi), (phi, mu), (mu, mu), (mu, phi)]
        electrode, electrolyte = (system.mu_number[tag][system.jump_nodes] for tag in system.phases)
        pairs += [
            (electrode, electrode),
            (electrolyte, electrolyte),
            (electrode, electrolyte),
            (electrolyte, electrode),
        ]
        return _joined(pairs)

    def nodal(self, state: State, physics: Mapping[str, NodalPhysics], length: float) -> Array:
        """Derivative of the nodal charges and of the current across the interface in a step.

        Args:
            state: where.
            physics: there.
            length: of the implicit step, s.
        """
        system, values = self.system, []
        for tag in system.phases:
            slope = system.weights[tag] * physics[tag].charge_slope[: system.space.owned]
            per_mu = slope / system.phases[tag].main.charge_number
            values += [slope, -per_mu, per_mu, -slope]
        # Not whether this rank has any: the weights are assembled by all ranks together.
        if system.jump_nodes_anywhere:
            weights = system.space.interface_weights[system.jump_nodes]
            coupling = length * weights * system.interface_current_density(state).by_jump
            values += [coupling, coupling, -coupling, -coupling]
        return np.concatenate(values)

    def matrix(self, *patterns: Pattern, unknowns_each: int = 1) -> PETSc.Mat:
        """A matrix with entries at given places, filled by setValuesCOO. Collective.

        Args:
            patterns: of its parts.
            unknowns_each: how many rows stand for one unknown (2: real and imaginary part).
        """
        system = self.system
        sizes = (unknowns_each * system.size, unknowns_each * system.global_size)
        matrix = PETSc.Mat().create(comm=system.space.comm)
        matrix.setSizes((sizes, sizes))
        matrix.setType("aij")
        matrix.setPreallocationCOO(*(part.astype(PETSc.IntType) for part in _joined(patterns)))
        return matrix


def _joined(patterns: Iterable[Pattern]) -> Pattern:
    rows, columns = zip(*patterns, strict=True)
    return np.concatenate(rows), np.concatenate(columns)


def _symmetric_entries(conductances: Mapping[str, Array]) -> Array:
    return np.concatenate([Edges.entries(each, -each) for each in conductances.values()])
