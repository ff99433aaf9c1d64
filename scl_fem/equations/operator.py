"""The derivative of the system: entries of matrices, and residual and Jacobian of implicit steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before PETSc)

# isort: split
import numpy as np
import numpy.typing as npt
from petsc4py import PETSc

from scl_fem.discretisation.simplices import Edges, Numbers
from scl_fem.equations.region import NodalPhysics, Region
from scl_fem.equations.state import Amounts, ImplicitStep, State
from scl_fem.equations.system import Physics, System
from scl_fem.physics.types import Array

type Pattern = tuple[Numbers, Numbers]
"""Global row and column of each entry of a matrix; the same place may occur again."""


class MatrixEntries:
    """Derivatives of the parts of a system's residual.

    What couples the unknowns of a node with one another is `storage`, what couples both sides of an
    interface `crossing`, what couples nodes `displacement` (K), `conduction` (K_m), `drift` (what K_m mu~
    changes by with the mobilities). K, K_m and storage are symmetric, and so is a crossing that does not
    follow occupancies.

    Attributes:
        system: unknowns and physics.
    """

    def __init__(self, system: System) -> None:
        """See the class.

        Args:
            system: unknowns and physics.
        """
        self.system = system
        numbers = system.unknowns.global_numbers
        self._phi = numbers[system.unknowns.phi]
        self._mu = {name: numbers[each] for name, each in system.unknowns.mu.items()}

    def _parts(self) -> Iterable[tuple[Region, Numbers, Numbers]]:
        """Each region with the global numbers of phi and of the mu~ at its nodes."""
        for name, region in self.system.regions.items():
            yield region, self._phi[region.nodes], self._mu[name]

    # Field -----------------------------------------------------------------------------------

    @cached_property
    def displacement_pattern(self) -> Pattern:
        """Rows and columns of `displacement`."""
        return _joined(region.edges.pattern(phi, phi) for region, phi, _ in self._parts())

    @cached_property
    def displacement(self) -> Array:
        """K, e/V."""
        return _concatenated(Edges.entries(g, -g) for g in (r.permittances for r, _, _ in self._parts()))

    # Flow along edges ------------------------------------------------------------------------

    @cached_property
    def conduction_pattern(self) -> Pattern:
        """Rows and columns of `conduction`."""
        return _joined(region.edges.pattern(each, each) for region, _, mu in self._parts() for each in mu)

    def conduction(self, conductances: Amounts) -> Array:
        """K_m, 1/(eV s).

        Args:
            conductances: of the edges.
        """
        return _concatenated(Edges.entries(g, -g) for each in conductances.values() for g in each)

    @cached_property
    def drift_pattern(self) -> Pattern:
        """Rows and columns of `drift`."""
        patterns = []
        for region, phi, mu in self._parts():
            for i, j in region.coupled:
                patterns += [region.edges.pattern(mu[i], mu[j]), region.edges.pattern(mu[i], phi)]
        return _joined(patterns)

    def drift(self, state: State, physics: Physics) -> Array:
        """What K_m mu~ changes by with the mobilities, 1/s per eV and V.

        In one dimension that is the derivative, elsewhere, where the nodes of a cell beside an edge count
        as well, as near to it as the mesh resolves the mobility, and no denser than K_m.

        Args:
            state: where.
            physics: there.
        """
        values = []
        for name, region in self.system.regions.items():
            of_first, of_second = region.mobility_slopes(physics[name])
            local = state.mu[name][:, region.nodes]
            for i, j in region.coupled:
                driving = region.edges.geometric * region.edges.differences(local[i])
                by_mu = Edges.entries(driving * of_first[i, j], driving * of_second[i, j])
                values += [by_mu, -region.phase.charge_numbers[j] * by_mu]
        return _concatenated(values)

    # At the nodes ----------------------------------------------------------------------------

    @cached_property
    def storage_pattern(self) -> Pattern:
        """Rows and columns of `storage`."""
        pairs = []
        for region, of_phi, of_mu in self._parts():
            phi, mu = of_phi[: region.owned], of_mu[:, : region.owned]
            for i, j in region.coupled:
                pairs += [(mu[i], mu[j]), (mu[i], phi), (phi, mu[j]), (phi, phi)]
        return _joined(pairs)

    def storage(self, physics: Physics) -> Array:
        """Derivative of the nodes' amounts (rows of mu~) and of minus their charges (rows of phi).

        Args:
            physics: of the regions.
        """
        return _concatenated(
            values
            for name, region in self.system.regions.items()
            for values in _storage_of(region, physics[name])
        )

    @cached_property
    def crossing_pattern(self) -> Pattern:
        """Rows and columns of `crossing`."""
        pairs = []
        numbers = self.system.unknowns.global_numbers
        for crossing in self.system.crossings:
            rows = [numbers[each] for each in self.system.numbers_at(crossing)]
            pairs += [(row, column) for row in rows for column in rows]
            if crossing.law.follows_occupancies:
                for side in crossing.sides:
                    name, nodes = side.region.phase.name, side.region.nodes[side.nodes]
                    columns = [*self._mu[name][:, side.nodes], self._phi[nodes]]
                    pairs += [(row, column) for row in rows for column in columns]
        return _joined(pairs)

    def crossing(self, state: State) -> Array:
        """Derivative of what crosses interfaces, 1/s.

        Args:
            state: where.
        """
        values = []
        for crossing in self.system.crossings:
            flow = crossing.flow(state)
            values += [flow.by_jump, -flow.by_jump, -flow.by_jump, flow.by_jump]
            if crossing.law.follows_occupancies:
                for side, by_w in zip(crossing.sides, (flow.by_first, flow.by_second), strict=True):
                    if by_w is None:
                        by_w = np.zeros((side.region.size, side.nodes.size))
                    of_side = [*by_w, -side.region.phase.charge_numbers @ by_w]
                    values += [sign * each for sign in (1.0, -1.0) for each in of_side]
        return _concatenated(values)

    def matrix(self, *patterns: Pattern, unknowns_each: int = 1) -> PETSc.Mat:
        """A matrix with entries at given places, filled by setValuesCOO. Collective.

        Args:
            patterns: of its parts.
            unknowns_each: how many rows stand for one unknown (2: real and imaginary part).
        """
        unknowns = self.system.unknowns
        sizes = (unknowns_each * unknowns.size, unknowns_each * unknowns.global_size)
        matrix = PETSc.Mat().create(comm=self.system.space.comm)
        matrix.setSizes((sizes, sizes))
        matrix.setType("aij")
        matrix.setPreallocationCOO(*(part.astype(PETSc.IntType) for part in _joined(patterns)))
        return matrix


def _storage_of(region: Region, physics: NodalPhysics) -> Iterable[Array]:
    """Values of one region, in the order of `storage_pattern`."""
    capacitances, z = region.capacitances(physics), region.phase.charge_numbers
    for i, j in region.coupled:
        each = capacitances[i, j]
        yield from (each, -z[j] * each, -z[i] * each, z[i] * z[j] * each)


class ImplicitOperator:
    """Residual and Jacobian of implicit steps of one system.

    Attributes:
        system: unknowns and physics.
        step: what is implicit now.
        state: where it was evaluated last.
        physics: there.
        conductances: of the edges there.
        jacobian: filled by `differentiate`.
        symmetric: the Jacobian at fixed mobilities, filled as well.
    """

    step: ImplicitStep
    state: State
    physics: Mapping[str, NodalPhysics]
    conductances: Amounts

    def __init__(self, system: System, added: Pattern | None = None, values: Array | None = None) -> None:
        """Fix the sparsity. Collective.

        Args:
            system: unknowns and physics.
            added: rows and columns of constants that are added to the matrix, of contacts.
            values: the constants.
        """
        self.system, self._entries = system, MatrixEntries(system)
        entries = self._entries
        nothing = np.empty(0, np.int32)
        self._added = np.empty(0) if values is None else values
        symmetric = (
            entries.displacement_pattern,
            entries.conduction_pattern,
            entries.storage_pattern,
            entries.crossing_pattern,
            added or (nothing, nothing),
        )
        self.symmetric = entries.matrix(*symmetric)
        self.jacobian = entries.matrix(*symmetric, entries.drift_pattern)
        self._evaluated: Array | None = None

    def prepare(self, step: ImplicitStep) -> None:
        """Begin a step: nothing is known of it yet.

        Args:
            step: what is implicit.
        """
        self.step, self._evaluated = step, None

    def evaluate(self, x: PETSc.Vec) -> None:
        """Set state, physics and conductances to those at x. Collective.

        Residual, Jacobian and norm are wanted at one place: the inversion is done once for all.

        Args:
            x: unknowns.
        """
        system = self.system
        known = self._evaluated is not None and np.array_equal(self._evaluated, x.array_r)
        if system.space.comm.allreduce(int(not known)) == 0:
            return
        self._evaluated = x.array_r.copy()
        self.state = system.unknowns.unpack(x.array_r)
        self.physics = system.evaluate(self.state)
        mobilities = self.step.mobilities
        if mobilities is None:
            mobilities = system.mobilities(self.physics)
        self.conductances = system.conductances(mobilities)

    def residual(self, x: PETSc.Vec, f: PETSc.Vec) -> None:
        """Write the residual, held unknowns and contacts excepted. Collective.

        Args:
            x: unknowns.
            f: takes the residual.
        """
        self.evaluate(x)
        f.array[:] = self.system.residual(self.state, self.physics, self.conductances, self.step)

    def differentiate(self, x: PETSc.Vec, held: npt.NDArray[np.int32]) -> None:
        """Fill the matrices. Collective.

        Args:
            x: unknowns.
            held: rows, of this rank, of unknowns that are not solved for.
        """
        self.evaluate(x)
        entries, length = self._entries, self.step.length
        symmetric = (
            entries.displacement,
            length * entries.conduction(self.conductances),
            entries.storage(self.physics),
            length * entries.crossing(self.state),
            self._added,
        )
        _fill(self.symmetric, *symmetric)
        self.symmetric.zeroRowsColumns(held, diag=1.0)
        if self.step.mobilities is None:
            drift = length * entries.drift(self.state, self.physics)
        else:
            drift = np.zeros(entries.drift_pattern[0].size)
        _fill(self.jacobian, *symmetric, drift)
        self.jacobian.zeroRowsColumns(held, diag=1.0)


def _fill(matrix: PETSc.Mat, *values: Array) -> None:
    matrix.setValuesCOO(np.concatenate(values), PETSc.InsertMode.INSERT_VALUES)


def _joined(patterns: Iterable[Pattern]) -> Pattern:
    found = list(patterns)
    if not found:
        return np.empty(0, np.int32), np.empty(0, np.int32)
    rows, columns = zip(*found, strict=True)
    return np.concatenate(rows), np.concatenate(columns)


def _concatenated(values: Iterable[Array]) -> Array:
    found = list(values)
    return np.concatenate(found) if found else np.empty(0)
