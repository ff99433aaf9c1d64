"""Element sizes that grow geometrically away from interfaces."""

from __future__ import annotations

import math
from dataclasses import dataclass

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
    check_growth(growth)


def check_growth(growth: float) -> None:
    """See that cells grow away from the interface.

    Args:
        growth: ratio of neighbouring sizes.

    Raises:
        InputError: it is below 1.
    """
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


@dataclass(frozen=True)
class Span:
    """A piece of a line that is filled with cells.

    Cells grow away from either end towards which they are graded; from both in the same way, so that they
    are largest in the middle. Without such an end all are alike. A piece no longer than a first cell is one.

    Attributes:
        start: its left end, nm.
        end: its right end, nm.
        thickness: what it was said to measure: `end - start` but for round-off.
        towards: whether cells are graded towards the left end and towards the right.
    """

    start: float
    end: float
    thickness: float
    towards: tuple[bool, bool]

    def count(self, first: float, growth: float) -> int:
        """Number of cells, without making one.

        Args:
            first: largest size of a cell at a graded end, nm.
            growth: ratio of neighbouring sizes.
        """
        return self._halves(first) * graded_count(*self._side(first, growth))

    def nodes(self, first: float, growth: float) -> npt.NDArray[np.float64]:
        """(cells + 1,) places of the nodes, ascending from `start` to `end`.

        Args:
            first: largest size of a cell at a graded end, nm; less where there is no room for it.
            growth: ratio of neighbouring sizes.

        Raises:
            InputError: as `graded_offsets`.
        """
        offsets = graded_offsets(*self._side(first, growth))
        from_start, from_end = self.start + offsets, (self.end - offsets)[::-1]
        if self._halves(first) == 2:
            nodes = np.concatenate([from_start, from_end[1:]])
        else:
            nodes = from_end if self.towards[1] else from_start
        nodes[0], nodes[-1] = self.start, self.end
        return nodes

    def _halves(self, first: float) -> int:
        return 1 + (all(self.towards) and self.thickness > first)

    def _side(self, first: float, growth: float) -> tuple[float, float, float]:
        """What `graded_offsets` takes for the piece, or for half of it."""
        thickness = self.thickness / self._halves(first)
        return thickness, min(first, thickness), growth if any(self.towards) else 1.0
