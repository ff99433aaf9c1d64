"""One component at one interface where a law lets its mu~ jump: what crosses there, node by node."""

from __future__ import annotations

from collections.abc import Mapping

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np

from scl_fem.discretisation.space import PotentialSpace
from scl_fem.equations.region import Region
from scl_fem.equations.state import State
from scl_fem.mesh.domain import Pair
from scl_fem.parallel import agree
from scl_fem.physics.components import Component
from scl_fem.physics.interface import CurrentDensity, InterfaceLaw, SideState, fault
from scl_fem.physics.types import Array, Indices


class Side:
    """One side of an interface.

    Attributes:
        region: its phase.
        number: of the component in it.
        nodes: (n,) of the interface, by numbers of the region.
    """

    def __init__(self, region: Region, component: Component, nodes: Indices) -> None:
        """Find the nodes.

        Args:
            region: of the side.
            component: what crosses.
            nodes: local nodes of the interface.
        """
        self.region = region
        self.number = region.phase.components.index(component)
        self.nodes = np.searchsorted(region.nodes, nodes)

    def potentials(self, mu: Mapping[str, Array]) -> Array:
        """(n,) mu~ at the interface, eV."""
        return mu[self.region.phase.name][self.number, self.region.nodes[self.nodes]]

    def state(self, state: State) -> SideState:
        """What it is like."""
        shift = None if self.region.shift is None else self.region.shift[:, self.nodes]
        return SideState(self.region.phase, lambda: self.region.energies(state)[:, self.nodes], shift)


class Crossing:
    """What crosses an interface from its first phase to its second.

    Attributes:
        pair: names of the phases.
        component: what crosses.
        law: of the current.
        sides: the first phase's, the second's.
        areas: (n,) of the nodes, nm^(d-1).
    """

    def __init__(
        self,
        space: PotentialSpace,
        pair: Pair,
        component: Component,
        law: InterfaceLaw,
        regions: Mapping[str, Region],
    ) -> None:
        """Find the nodes. Collective.

        Args:
            space: of the potential.
            pair: names of the phases.
            component: what crosses.
            law: of the current.
            regions: by name.
        """
        self.pair, self.component, self.law, self._comm = pair, component, law, space.comm
        areas = space.facet_weights(pair)
        nodes = np.flatnonzero(areas > 0.0)
        self.areas = areas[nodes]
        self.sides = tuple(Side(regions[name], component, nodes) for name in pair)

    def jump(self, mu: Mapping[str, Array]) -> Array:
        """(n,) mu~ of the first phase - that of the second, eV."""
        first, second = (side.potentials(mu) for side in self.sides)
        return first - second

    def flow(self, state: State) -> CurrentDensity:
        """Particles that cross at each node, 1/s, and their derivatives.

        Collective: what is wrong with the law on one rank ends the others too.

        Raises:
            InputError: the law gives what no law may.
        """
        first, second = (side.state(state) for side in self.sides)
        jump = self.jump(state.mu)
        density = self.law.current(jump, first, second)
        agree(self._comm, fault(self.law, jump, density))
        scale = self.areas / abs(self.component.charge_number or 1)
        value, by_jump, *by_sides = density
        first_slope, second_slope = (None if each is None else scale * each for each in by_sides)
        return CurrentDensity(scale * value, scale * by_jump, first_slope, second_slope)
