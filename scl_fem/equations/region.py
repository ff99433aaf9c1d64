"""One phase on its part of the mesh: what its nodes hold of each component, what its edges carry.

    n_i = W (c_i - c_i0)            at a node, W its share of the phase's volume
    N_i = g_i (mu~_i - mu~_i')      along an edge, g_i = M_i times what the shape of the cells gives

c_i and M_i are functions of the node's w_j = mu~_j - z_j (phi - phi_bulk): the concentration is eliminated
node by node, once for each phase that meets there. Arrays count the region's nodes, owned ones first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np

from scl_fem.discretisation.edge_rule import linear_means, steady_conductances
from scl_fem.discretisation.simplices import Simplices
from scl_fem.discretisation.space import PotentialSpace
from scl_fem.equations.state import State
from scl_fem.equations.surface import SurfaceSites
from scl_fem.physics.neutral import neutral_conductivity
from scl_fem.physics.phase import Phase, PhaseState
from scl_fem.physics.types import Array


@dataclass(frozen=True)
class NodalPhysics:
    """What a region is like at its nodes, from one inversion of the chemical potentials.

    Attributes:
        w: (n_components, n) chemical potentials counted from the bulk, eV.
        phase: concentrations and their slopes.
        amounts: (n_components, owned) what the nodes hold beyond the bulk, sites of interfaces included.
        charges: (owned,) of the nodes, e.
    """

    w: Array
    phase: PhaseState
    amounts: Array
    charges: Array


class Region:
    """A phase and its nodes, cells and edges.

    Attributes:
        phase: its physics.
        nodes: (n,) local nodes of the mesh that are its own, ghosts last.
        owned: how many of them this rank owns.
        weights: (owned,) their shares of its volume, nm^d.
        cells: its simplices, by numbers of its nodes.
        edges: their edges.
        shift: (n_carriers, n) by how much the energies of its carriers are raised at its nodes, eV; None
            where they are not.
        surfaces: sites of interfaces that exchange with it.
    """

    def __init__(
        self,
        space: PotentialSpace,
        name: str,
        phase: Phase,
        shift: Array | None = None,
        surfaces: tuple[SurfaceSites, ...] = (),
    ) -> None:
        """Collect the geometry. Collective.

        Args:
            space: of order 1, on simplices.
            name: of the phase in the mesh.
            phase: its physics.
            shift: the same at all local nodes of the mesh.
            surfaces: see the class.

        Raises:
            InputError: the cells are no simplices.
        """
        self.phase, self.surfaces = phase, surfaces
        self.nodes = space.dofs(name)
        self.shift = None if shift is None else shift[:, self.nodes]
        self.owned = int(np.searchsorted(self.nodes, space.owned))
        self.weights = space.phase_weights[name][self.nodes[: self.owned]]
        numbers = np.full(space.space.tabulate_dof_coordinates().shape[0], -1, np.int32)
        numbers[self.nodes] = np.arange(self.nodes.size)
        cells = Simplices.of(space, name)
        self.cells = replace(cells, dofs=numbers[cells.dofs])
        self.edges = self.cells.edges

    @property
    def size(self) -> int:
        """Number of components."""
        return len(self.phase.components)

    # Nodes ---------------------------------------------------------------------------------

    def energies(self, state: State) -> Array:
        """(n_components, n) w, the chemical potentials counted from the bulk, eV."""
        excess = self.phase.excess_potential(state.phi[self.nodes])
        return state.mu[self.phase.name][:, self.nodes] - self.phase.charge_numbers[:, None] * excess

    def evaluate(self, state: State) -> NodalPhysics:
        """What it is like at its nodes."""
        w = self.energies(state)
        physics = self.phase.evaluate(w, self.shift)
        amounts = self.weights * physics.excess[:, : self.owned]
        for surface in self.surfaces:
            surface.add_amounts(amounts, w)
        return NodalPhysics(w, physics, amounts, self.charges_of(amounts))

    def charges_of(self, amounts: Array) -> Array:
        """(owned,) charges that go with amounts, e."""
        charges = self.phase.charge_numbers @ amounts
        return charges + self.phase.charge_at_bulk * self.weights if self.phase.charge_at_bulk else charges

    def moduli(self, amounts: Array) -> Array:
        """(owned,) charges of the components whatever their sign, e: what errors of amounts relate to."""
        return np.maximum(np.abs(self.phase.charge_numbers), 1.0) @ np.abs(amounts)

    def capacitances(self, physics: NodalPhysics) -> Array:
        """(n_components, n_components, owned) what the amounts change by with w, 1/eV."""
        found = self.weights * physics.phase.slope[:, :, : self.owned]
        for surface in self.surfaces:
            surface.add_capacitances(found, physics.w)
        return found

    def response(self, capacitances: Array, deviation: State) -> Array:
        """(n_components, owned) what the amounts change by with a small deviation of the unknowns.

        Args:
            capacitances: (n_components, n_components, owned), 1/eV.
            deviation: of phi and the mu~.
        """
        z, nodes = self.phase.charge_numbers, self.nodes[: self.owned]
        w = deviation.mu[self.phase.name][:, nodes] - z[:, None] * deviation.phi[nodes]
        return np.einsum("ijn,jn->in", capacitances, w)

    # Edges ---------------------------------------------------------------------------------

    @cached_property
    def permittances(self) -> Array:
        """(n_edges,) integral of eps grad l_i . grad l_j for each edge, e/V."""
        return self.phase.permittivity * self.edges.geometric

    def mobilities(self, physics: NodalPhysics) -> Array:
        """(n_components, n_cells) M of each cell as the mean of its nodes': the rule for what forms in time.

        In a cell between a depleted and a filled node the filled one sets how fast the other fills. A
        geometric mean, or the centroid's value, needs cells ten times as small for the charge of a
        layer of LVO|LAGP at 1 ns (benchmarks/README.md).
        """
        return self._of_cells(self.phase.mobilities(physics.phase))

    def _of_cells(self, nodal: Array) -> Array:
        """(n_components, n_cells) means over the nodes of the cells."""
        return np.array([self.cells.centroid_means(each) for each in nodal]).reshape(nodal.shape[0], -1)

    def mobility_slopes(self, physics: NodalPhysics) -> tuple[Array, Array]:
        """What the mean M of an edge changes by with w at its first and at its second node.

        Returns:
            (n_components, n_components, n_edges) dM_i/dw_j of each edge, 1/(nm eV^2 s).
        """
        slopes = 0.5 * self.phase.mobility_slopes(physics.phase)
        return slopes[:, :, self.edges.first], slopes[:, :, self.edges.second]

    @property
    def bulk_mobilities(self) -> Array:
        """(n_components, n_cells) M of each cell where the phase is neutral."""
        shape = (self.size, self.nodes.size)
        return self._of_cells(self.phase.mobilities_at(np.zeros(shape), self.shift))

    @property
    def neutral_mobilities(self) -> Array:
        """(n_components, n_cells) M of the neutral bulk that excesses are counted from, alike in each cell.

        Of a core that is the bulk of its reference, and energies that depend on the place are not in it.
        """
        each = [
            neutral_conductivity(self.phase, component) / (component.charge_number**2 or 1)
            for component in self.phase.components
        ]
        return self._of_cells(np.repeat(np.array(each)[:, None], self.nodes.size, axis=1))

    def conductances(self, mobilities: Array) -> Array:
        """(n_components, n_edges) g of the edges, 1/(eV s).

        Args:
            mobilities: (n_components, n_cells) M of the cells.
        """
        found = [self.edges.conductances(each) for each in mobilities]
        return np.array(found).reshape(self.size, self.edges.first.size)

    def steady_conductances(self, state: State) -> Array:
        """(n_components, n_edges) g for what flows steadily, 1/(eV s): harmonic means along the edges.

        A layer's parts resist in series; the mean of the nodes would count its best conducting end.
        """
        along = self.energies(state)
        if self.shift is not None:
            along = np.concatenate([along, self.shift])
        first, second = along[:, self.edges.first], along[:, self.edges.second]
        found = [
            steady_conductances(self.cells, linear_means(partial(self._mobility_of, number), first, second))
            for number in range(self.size)
        ]
        return np.array(found).reshape(self.size, self.edges.first.size)

    def _mobility_of(self, number: int, along: Array) -> Array:
        """(n,) M of a component at w and, below them, shifts of the carriers' energies."""
        w, shift = along[: self.size], along[self.size :]
        return self.phase.mobilities_at(w, shift if self.shift is not None else None)[number]

    @cached_property
    def coupled(self) -> tuple[tuple[int, int], ...]:
        """Components i, j whose amounts or mobilities depend on each other's w: each on its own, first."""
        carriers, components = self.phase.carriers, self.phase.components
        groups = [
            {carrier.group for carrier in carriers if carrier.component == component and carrier.group}
            for component in components
        ]
        numbers = range(len(components))
        own = [(i, i) for i in numbers]
        return (*own, *((i, j) for i in numbers for j in numbers if i != j and groups[i] & groups[j]))
