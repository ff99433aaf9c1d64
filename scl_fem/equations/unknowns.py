"""The unknowns of a cell and their numbers: phi at every node, the mu~ on the phases that hold them.

At a node where several phases hold a component, those share one mu~ whose contact is perfect for it, and
have one each where a law lets it jump. The unknowns of a node follow one another: phi, then the mu~ by
component. The rows of the equations have the same numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np
import numpy.typing as npt
from dolfinx import la
from dolfinx.common import IndexMap
from petsc4py import PETSc

from scl_fem.discretisation.space import PotentialSpace
from scl_fem.equations.region import Region
from scl_fem.equations.state import State
from scl_fem.mesh.domain import Pair
from scl_fem.physics.components import Component
from scl_fem.physics.types import Array

type Numbers = npt.NDArray[np.int64]

_TAG = 1202
"""Of the messages in which ranks tell each other who needs their unknowns."""


class Unknowns:
    """Numbers of the unknowns, and what is in vectors of them.

    Attributes:
        size: how many this rank owns.
        offset: global number of its first.
        global_size: how many there are.
        phi: (n,) local numbers of phi at the local nodes.
        mu: (n_components, n) local numbers of the mu~ at the nodes of each region.
    """

    def __init__(
        self,
        space: PotentialSpace,
        regions: dict[str, Region],
        joined: Mapping[Component, Collection[Pair]],
    ) -> None:
        """Number them. Collective.

        Args:
            space: of the potential.
            regions: by name.
            joined: for each component the pairs of regions between which it does not jump.
        """
        self._space, self._regions = space, regions
        counts, copies = self._copies(joined)
        ends = np.cumsum(1 + counts.sum(axis=0, dtype=np.int64))
        self.size = int(ends[-1]) if ends.size else 0
        sizes = space.comm.allgather(self.size)
        self.offset, self.global_size = sum(sizes[: space.comm.rank]), sum(sizes)
        phi = self.offset + np.concatenate([[0], ends[:-1]]).astype(np.int64)[: space.owned]
        before = 1 + np.concatenate([np.zeros((1, space.owned), np.int64), np.cumsum(counts, axis=0)])
        everywhere = {
            (name, number): phi + before[place] + copy for (name, number), (place, copy) in copies.items()
        }
        self._localise(phi, everywhere)

    def _copies(
        self, joined: Mapping[Component, Collection[Pair]]
    ) -> tuple[Numbers, dict[tuple[str, int], tuple[int, Numbers]]]:
        """How many mu~ of each component the owned nodes have, and which of them is whose.

        Returns:
            (n_components of all, owned) counts; for each region and number of its component the place of
            the component in these, and the number of its copy at the owned nodes.
        """
        owned = self._space.owned
        counts = np.zeros((len(joined), owned), np.int64)
        copies = {}
        for place, (component, pairs) in enumerate(joined.items()):
            holders = [name for name, each in self._regions.items() if component in each.phase.components]
            present = np.zeros((len(holders), owned), bool)
            for row, name in enumerate(holders):
                present[row, self._regions[name].nodes[: self._regions[name].owned]] = True
            kinds, kind = np.unique(present, axis=1, return_inverse=True)
            labels = np.array([_labels(holders, each, pairs) for each in kinds.T]).reshape(-1, len(holders))
            counts[place] = (labels.max(axis=1, initial=-1) + 1)[kind.ravel()]
            for row, name in enumerate(holders):
                number = self._regions[name].phase.components.index(component)
                copies[name, number] = place, labels[kind.ravel(), row]
        return counts, copies

    def _localise(self, phi: Numbers, everywhere: Mapping[tuple[str, int], Numbers]) -> None:
        """From global numbers at the owned nodes to local ones at all local nodes."""
        space = self._space
        index_map = space.space.dofmap.index_map
        owners = np.concatenate([np.full(space.owned, space.comm.rank), index_map.owners]).astype(np.int32)
        of_phi = self._with_ghosts(phi)
        of_mu = {
            name: np.stack(
                [
                    self._with_ghosts(everywhere[name, number])[region.nodes]
                    for number in range(len(region.phase.components))
                ]
            )
            if region.phase.components
            else np.empty((0, region.nodes.size), np.int64)
            for name, region in self._regions.items()
        }
        ghosts = [of_phi[space.owned :]]
        ghost_owners = [owners[space.owned :]]
        for name, region in self._regions.items():
            ghosts += list(of_mu[name][:, region.owned :])
            ghost_owners += [owners[region.nodes[region.owned :]]] * of_mu[name].shape[0]
        numbers, first = np.unique(np.concatenate(ghosts), return_index=True)
        self._map = IndexMap(space.comm, self.size, numbers, np.concatenate(ghost_owners)[first], _TAG)
        self._ghosts = numbers

        def local(found: Numbers) -> Numbers:
            mine = (found >= self.offset) & (found < self.offset + self.size)
            return np.where(mine, found - self.offset, self.size + np.searchsorted(numbers, found))

        self.phi = local(of_phi)
        self.mu = {name: local(each) for name, each in of_mu.items()}

    def _with_ghosts(self, owned: Numbers) -> Numbers:
        """Numbers at the owned nodes, completed by those of the ghosts."""
        vector = la.vector(self._space.space.dofmap.index_map, dtype=np.int64)
        vector.array[: owned.size] = owned
        vector.scatter_forward()
        return vector.array.copy()

    @cached_property
    def global_numbers(self) -> npt.NDArray[np.int32]:
        """Global number of each local one, of PETSc's type."""
        return np.concatenate([self.offset + np.arange(self.size), self._ghosts]).astype(PETSc.IntType)

    # Vectors of unknowns --------------------------------------------------------------------

    def vector(self) -> PETSc.Vec:
        """A vector of unknowns."""
        return PETSc.Vec().createMPI((self.size, self.global_size), comm=self._space.comm)

    def zeros(self) -> Array:
        """Nothing, by local numbers."""
        return np.zeros(self.size + self._ghosts.size)

    def pack(self, state: State) -> Array:
        """The owned unknowns of a state."""
        values = np.empty(self.size)
        # The first phase comes last: where phases share a number it is hers.
        for name, region in reversed(self._regions.items()):
            values[self.mu[name][:, : region.owned]] = state.mu[name][:, region.nodes[: region.owned]]
        values[self.phi[: self._space.owned]] = state.phi[: self._space.owned]
        return values

    def unpack(self, owned: Array) -> State:
        """The state of owned unknowns. Collective."""
        values = self.with_ghosts(owned)
        mu = {}
        for name, region in self._regions.items():
            mu[name] = np.zeros((self.mu[name].shape[0], self.phi.size))
            mu[name][:, region.nodes] = values[self.mu[name]]
        return State(values[self.phi], mu)

    def with_ghosts(self, owned: Array) -> Array:
        """Owned unknowns, completed by the others that this rank knows. Collective."""
        self._work.array[: self.size] = owned
        self._work.scatter_forward()
        return self._work.array.copy()

    def summed(self, contributions: Array) -> Array:
        """What the contributions of all ranks, by local numbers, add up to: owned ones. Collective."""
        self._work.array[:] = contributions
        self._work.scatter_reverse(la.InsertMode.add)
        return self._work.array[: self.size].copy()

    @cached_property
    def _work(self) -> la.Vector:
        return la.vector(self._map)


def _labels(names: list[str], present: npt.NDArray[np.bool_], joined: Collection[Pair]) -> list[int]:
    """For each region at a node the number of its copy there, -1 where it is not: joined ones have one."""
    here = [name for name, is_here in zip(names, present, strict=True) if is_here]
    of = {name: {name} for name in here}
    for first, second in joined:
        if first in of and second in of and of[first] is not of[second]:
            together = of[first] | of[second]
            of |= dict.fromkeys(together, together)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(id(of[name]), len(numbers)) if name in of else -1 for name in names]
