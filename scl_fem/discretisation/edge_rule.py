"""What an edge conducts where the conductivity changes along it: the rule for what flows steadily.

The conductance of an edge between nodes i and j is

    k_ij = share_ij / integral_0^1 ds / sigma(s),    share_ij = - integral of grad l_i . grad l_j,

the harmonic mean of sigma along the edge, as of resistances in series. In one dimension that is exact for
the sigma of a given potential: conduction equals the excess integral. Across a layer one value a cell is
wrong by orders where sigma falls by more than e within the cell: the simplices of one layer of cells see
different parts of it, and conduct side by side. (Edge-averaged finite elements: Xu & Zikatanov, Math. Comput.
68, 1429 (1999).)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np

from scl_fem.discretisation.simplices import Simplices, subdivision
from scl_fem.discretisation.space import PotentialSpace
from scl_fem.physics.blocks import by_blocks
from scl_fem.physics.types import Array

type ConductivityLaw = Callable[[Array], Array]
"""Of what it depends on: of a potential in V, or an energy in eV."""

_FLAT = 1e-7
"""V, eV: over less than that a conductivity changes by so little that its middle will do (1e-12)."""

_RULES = ((0.02, 3), (np.inf, 5))
"""Rise along an edge (V, eV), and how many of Gauss's points up to there: kT is 0.026 eV."""


def linear_means(law: ConductivityLaw, first: Array, second: Array) -> Array:
    """(n,) harmonic means of a conductivity along edges where what it depends on is linear.

    Args:
        law: the conductivity.
        first: (n,) what it depends on at one end; (m, n) where that is m things.
        second: the same at the other.
    """
    rise = second - first
    size = np.abs(rise) if rise.ndim == 1 else np.abs(rise).max(axis=0)
    means = np.empty_like(size)
    flat = size <= _FLAT
    means[flat] = by_blocks(law, (first + 0.5 * rise)[..., flat])
    lowest = _FLAT
    for highest, points in _RULES:
        here = np.flatnonzero((size > lowest) & (size <= highest))
        places, weights = _gauss(points)
        means[here] = _means(law, first[..., here, None] + rise[..., here, None] * places, weights)
        lowest = highest
    return means


def quadratic_means(
    law: ConductivityLaw, space: PotentialSpace, tag: str, nodal: Array, simplices: Simplices
) -> Array:
    """(n,) harmonic means along the edges of subdivided quadratic cells.

    Args:
        law: the conductivity.
        space: of order 2.
        tag: of the phase.
        nodal: what it depends on, at the local nodes.
        simplices: all of the phase.
    """
    parts, edges, (left, right) = subdivision(space), simplices.edges, simplices.pairs
    element = space.space.element.basix_element
    nodes = np.asarray(element.points, dtype=np.float64)
    on_edge, weights = _gauss(_RULES[-1][1])
    start, end = nodes[parts[:, left]], nodes[parts[:, right]]
    places = start[:, :, None] + (end - start)[:, :, None] * on_edge[:, None]
    table = np.asarray(element.tabulate(0, places.reshape(-1, nodes.shape[1])))[0, :, :, 0]
    table = table.reshape(*places.shape[:3], -1)
    one = np.empty(edges.first.size, dtype=np.intp)
    one[edges.edge] = np.arange(edges.edge.size)
    parent, part = np.divmod(edges.cell[one], len(parts))
    of_cell = nodal[space.space.dofmap.list[space.cells(tag)[parent]]]
    return _means(law, np.einsum("en,eqn->eq", of_cell, table[part, edges.pair[one]]), weights)


@cache
def _gauss(points: int) -> tuple[Array, Array]:
    """Places from 0 to 1, and weights that add up to 1."""
    places, weights = np.polynomial.legendre.leggauss(points)
    return 0.5 * (1.0 + places), 0.5 * weights


def _means(law: ConductivityLaw, along: Array, weights: Array) -> Array:
    """Harmonic means of a conductivity, 0 where it is: `along` is what it depends on, (..., n, points)."""
    *things, size, points = along.shape
    values = by_blocks(law, along.reshape(*things, size * points)).reshape(size, points)
    with np.errstate(divide="ignore"):
        return 1.0 / ((1.0 / values) @ weights)


def steady_conductances(simplices: Simplices, means: Array) -> Array:
    """(n,) conductances of the edges, none of whose cells lets a current flow uphill.

    Args:
        simplices: cells of a phase.
        means: (n,) harmonic means along their edges.
    """
    edges = simplices.edges
    return edges.geometric * means + edges.summed(simplices.uphill(means))
