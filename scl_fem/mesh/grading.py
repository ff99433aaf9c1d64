"""Element sizes that grow geometrically away from the interface."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError
from scl_fem.mesh.size import whole

_MAX_LAYERS = 2_000_000


def graded_count(thickness: float, first: float, growth: float) -> int:
    """Number of elements of one side, as `graded_offsets` makes them; any number, without making one.

    Args:
        thickness: of the side, nm.
        first: largest size of the element at the interface, nm.
        growth: ratio of neighbouring sizes, >= 1.
    """
    ratio = thickness / first
    # the sum of n terms reaches the thickness: (growth^n - 1)/(growth - 1) >= ratio
    if growth - 1.0 < 1e-9:
        count = ratio
    else:
        count = math.log1p(ratio * (growth - 1.0)) / math.log(growth)
    # the small allowance keeps 10 nm / 0.1 nm at 100 elements in spite of round-off
    return max(1, whole(count - 1e-9))


def check_graded(thickness: float, first: float, growth: float) -> None:
    """See that a side can be graded.

    Args:
        thickness: of the side, nm.
        first: largest size of the element at the interface, nm.
        growth: ratio of neighbouring sizes.

    Raises:
        InputError: the first element is thicker than the side, or the growth is below 1.
    """
    if first > thickness:
        raise InputError(
            f"{first:g} nm at the interface is more than the {thickness:g} nm to be filled",
            key="mesh.interface_size",
            allowed=f"at most {thickness:g} nm",
        )
    if growth < 1.0:
        problem = f"{growth:g} would refine away from the interface"
        raise InputError(problem, key="mesh.growth", allowed=">= 1")


def graded_offsets(thickness: float, first: float, growth: float) -> npt.NDArray[np.float64]:
    """Distances from the interface of the nodes of one side.

    The sizes are a geometric series, scaled as a whole so that it ends exactly at `thickness`: the
    first element is `first` or slightly smaller, and every ratio of neighbours is `growth`.

    Args:
        thickness: of the side, nm.
        first: largest size of the element at the interface, nm.
        growth: ratio of neighbouring sizes, >= 1.

    Returns:
        (n + 1,) ascending from 0 to `thickness`.

    Raises:
        InputError: the first element is thicker than the side, the growth is below 1, or the side
            would need an absurd number of elements.
    """
    check_graded(thickness, first, growth)
    count = graded_count(thickness, first, growth)
    if count > _MAX_LAYERS:
        raise InputError(
            f"{thickness:g} nm from {first:g} nm with growth {growth:g} would take {count:.1e} elements",
            key="mesh.interface_size",
            allowed=f"up to {_MAX_LAYERS} elements a side",
        )
    sizes = growth ** np.arange(count)
    offsets = np.concatenate([[0.0], np.cumsum(sizes)])
    offsets *= thickness / offsets[-1]
    offsets[-1] = thickness
    return offsets


def two_sided(electrode: float, electrolyte: float, first: float, growth: float) -> npt.NDArray[np.float64]:
    """Node positions across a planar interface at 0, graded towards it from both sides.

    Args:
        electrode: thickness at negative positions, nm.
        electrolyte: thickness at positive positions, nm.
        first: largest element size at the interface, nm.
        growth: ratio of neighbouring sizes.

    Returns:
        Ascending from -`electrode` to `electrolyte`, 0 among them.
    """
    left = graded_offsets(electrode, first, growth)
    right = graded_offsets(electrolyte, first, growth)
    return np.concatenate([-left[:0:-1], right])
