"""How large a mesh will be, counted before any of it is built."""

from __future__ import annotations

import math
from dataclasses import dataclass

MAX_CELLS = 20_000_000
"""Cells that a mesh may have unless the case says otherwise."""

_UNCOUNTABLE = 10**15
"""What stands for any larger count, infinite ones included."""

_PROGRAM_BYTES = 2.0e8
_BYTES_PER_CELL = {1: 1500.0, 2: 700.0, 3: 430.0}
"""Peak of a run by cell, with linear elements: 2.5 GB for 5.8e6 tetrahedra (benchmarks)."""

_ORDER_2 = {1: 2.0, 2: 3.0, 3: 6.0}
"""By how much more quadratic elements take."""


@dataclass(frozen=True)
class MeshSize:
    """Numbers of a mesh.

    Attributes:
        cells: of all ranks.
        points: vertices.
        cell_type: DOLFINx name.
        dimension: 1, 2 or 3.
    """

    cells: int
    points: int
    cell_type: str
    dimension: int

    def unknowns(self, order: int) -> int:
        """Degrees of freedom of one field, of quadratic elements those of a mesh without holes, about.

        Args:
            order: of the elements, 1 or 2.
        """
        edges = {1: self.cells, 2: self.points + self.cells, 3: self.points + self.cells}[self.dimension]
        return self.points + edges * (order - 1)

    def memory(self, order: int) -> float:
        """Bytes that an equilibrium takes at its peak on one rank, within a factor of two or so.

        Args:
            order: of the elements, 1 or 2.
        """
        factor = _ORDER_2[self.dimension] if order > 1 else 1.0
        return _PROGRAM_BYTES + factor * _BYTES_PER_CELL[self.dimension] * self.cells


def whole(count: float) -> int:
    """The next whole number up, also of what no mesh could have."""
    return math.ceil(count) if count < _UNCOUNTABLE else _UNCOUNTABLE
