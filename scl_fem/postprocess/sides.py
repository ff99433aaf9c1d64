"""The sides of every interface of a cell: the part of a phase that lies nearest to it."""

from __future__ import annotations

from collections.abc import Mapping

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np

from scl_fem.discretisation.space import PotentialSpace
from scl_fem.mesh.domain import Pair, Role
from scl_fem.physics.types import Array, Indices
from scl_fem.postprocess.layer import LayerSide
from scl_fem.postprocess.state import CellState

_AS_NEAR = 1e-9
"""Of a distance: what round-off may make of two that are the same."""


def sides_of(state: CellState, charges: Mapping[str, Array]) -> dict[Pair, dict[str, LayerSide]]:
    """Both sides of each interface. Collective.

    Each point of a phase belongs to the nearest of its interfaces and of the contacts that may have layers.

    Args:
        state: of the cell.
        charges: integral of rho v over each phase, e, owned v.
    """
    space = state.space
    found: dict[Pair, dict[str, LayerSide]] = {}
    for name, phase in state.phases.items():
        roles: list[Role] = [pair for pair in space.domain.interfaces if name in pair]
        pairs = [pair for pair in space.domain.interfaces if name in pair]
        roles += [end for end, phases in state.layered_ends.items() if name in phases]
        cells, nodes = _nearest(space, name, roles)
        several = len(roles) > 1
        for number, pair in enumerate(pairs):
            here = nodes == number if several else slice(None)
            side = LayerSide(
                space,
                name,
                phase,
                state.occupying(name),
                space.sum(charges[name][here]),
                pair,
                np.flatnonzero(cells == number) if several else None,
                state.occupying_shift(name),
            )
            found.setdefault(pair, {})[name] = side
    return {pair: {name: found[pair][name] for name in pair} for pair in space.domain.interfaces}


def _nearest(space: PotentialSpace, phase: str, roles: list[Role]) -> tuple[Indices, Indices]:
    """Number of the role nearest to each owned cell of a phase, and to each owned node. Collective."""
    coordinates = space.space.tabulate_dof_coordinates()
    cells = space.cells(phase)
    if len(roles) < 2:
        return np.zeros(cells.size, dtype=np.intp), np.zeros(space.owned, dtype=np.intp)
    centroids = coordinates[space.space.dofmap.list[cells]].mean(axis=1)
    points = coordinates[: space.owned]
    distances = [_distances(space, role, (centroids, points)) for role in roles]
    by_cell, by_node = zip(*distances, strict=True)
    return _first_nearest(np.array(by_cell)), _first_nearest(np.array(by_node))


def _first_nearest(distances: Array) -> Indices:
    """(n,) number of the nearest of (roles, n); of those as near but for round-off the first."""
    return np.argmax(distances <= (1.0 + _AS_NEAR) * distances.min(axis=0, initial=np.inf), axis=0)


def _distances(space: PotentialSpace, role: Role, places: tuple[Array, Array]) -> list[Array]:
    """Distances of places from the nodes of a role's facets, wherever these are. Collective."""
    from scipy.spatial import cKDTree

    dofs = space.facet_dofs(role)
    here = space.space.tabulate_dof_coordinates()[dofs[dofs < space.owned]]
    tree = cKDTree(np.concatenate(space.comm.allgather(here)))
    return [tree.query(each)[0] if len(each) else np.empty(0) for each in places]
