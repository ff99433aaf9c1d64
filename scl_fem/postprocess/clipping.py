"""Exact parts of simplices cut by a level set of a linear function.

Where a linear function f is positive on a simplex with k positive vertices out of d+1, the region
is combinatorially a product of two simplices: its vertices are the positive vertices themselves
and the points where the edges from a positive to a negative vertex cross zero. Such a product
falls into simplices along its monotone lattice paths (the staircase triangulation), in every
dimension alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scl_fem.physics.types import Array


class Part(NamedTuple):
    """One part of the region f > 0 in each of some simplices.

    Attributes:
        simplices: (n,) which simplices.
        corners: (n, d+1, d+1) barycentric coordinates in them of the part's vertices; None where
            the part is the whole simplex.
        fraction: (n,) volume of the part over that of the simplex.
    """

    simplices: npt.NDArray[np.int64]
    corners: Array | None
    fraction: Array


def positive_parts(values: Array) -> Iterator[Part]:
    """Simplices that make up the region f > 0 of each simplex.

    Args:
        values: (m, d+1) values of f at the vertices of m simplices.
    """
    vertices = values.shape[1]
    # column by column: NumPy's sum along so short an axis takes ten times as long
    positive = sum((values[:, vertex] > 0.0).view(np.int8) for vertex in range(vertices))
    whole = np.flatnonzero(positive == vertices)
    if whole.size:
        yield Part(whole, None, np.ones(whole.size))
    identity = np.eye(vertices)
    for count in range(1, vertices):
        chosen = np.flatnonzero(positive == count)
        if not chosen.size:
            continue
        order = np.argsort(-values[chosen], axis=1, kind="stable")
        ranked = np.take_along_axis(values[chosen], order, axis=1)
        points = _product_points(ranked, identity[order], count)
        for path in _staircases(count - 1, vertices - count):
            corners = np.stack([points[step] for step in path], axis=1)
            yield Part(chosen, corners, np.abs(np.linalg.det(corners)))


def _product_points(ranked: Array, corners: Array, count: int) -> dict[tuple[int, int], Array]:
    """Vertices of the region: (i, 0) is positive vertex i, (i, j) its crossing with negative j."""
    points = {}
    for i in range(count):
        points[i, 0] = corners[:, i]
        for j in range(count, ranked.shape[1]):
            fraction = ranked[:, i] / (ranked[:, i] - ranked[:, j])
            points[i, j - count + 1] = corners[:, i] + fraction[:, None] * (corners[:, j] - corners[:, i])
    return points


def _staircases(across: int, up: int) -> Iterator[list[tuple[int, int]]]:
    """Monotone lattice paths from (0, 0) to (across, up)."""
    for steps_across in combinations(range(across + up), across):
        place, path = (0, 0), [(0, 0)]
        for step in range(across + up):
            place = (place[0] + 1, place[1]) if step in steps_across else (place[0], place[1] + 1)
            path.append(place)
        yield path
