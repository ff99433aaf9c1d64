"""Linear response where nothing exchanges a component: mu~ as a common level and differences from it.

A constant mu~ drives no flow: it is in the null space of the conduction matrix B. What fixes it is that
nothing enters, the sum of all rows of continuity, from which B drops out. At low frequencies B/omega is so
large that the sum drowns in its round-off. So the level, c, becomes an unknown, and its row that sum:

    dmu = c + d,    d = 0 at one node, whose unknown and row stand for c and the sum.

That is T^T A T with T(c, d) = c + d; B keeps the entries between other nodes. Each component of each group of
regions that exchanges nothing has its level.
"""

from __future__ import annotations

from collections.abc import Sequence

import scl_fem._stack  # noqa: F401  (MPI before PETSc)

# isort: split
import numpy as np
from mpi4py import MPI

from scl_fem.discretisation.simplices import Numbers
from scl_fem.equations.operator import Pattern
from scl_fem.equations.system import Group, System
from scl_fem.physics.types import Array, Indices


class Levels:
    """The levels of closed groups, each standing where the group has its first mu~.

    Attributes:
        system: unknowns.
        places: global number of each level.
    """

    def __init__(self, system: System, groups: Sequence[Group]) -> None:
        """Choose the places. Collective.

        Args:
            system: unknowns.
            groups: that exchange nothing.
        """
        self.system, unknowns = system, system.unknowns
        members = [self._members(group) for group in groups]
        largest = np.iinfo(np.int64).max
        firsts = np.array([int(each.min(initial=largest)) for each in members], np.int64)
        self.places = np.empty_like(firsts)
        system.space.comm.Allreduce(firsts, self.places, op=MPI.MIN)
        of_local = np.full(unknowns.global_numbers.size, -1, np.int64)
        self._members_here = []
        for each, place in zip(members, self.places, strict=True):
            here = np.isin(unknowns.global_numbers, each)
            of_local[here] = place
            self._members_here.append(np.flatnonzero(here[: unknowns.size]))
        self._sorted = np.argsort(unknowns.global_numbers)
        self._level_of_sorted = of_local[self._sorted]

    def _members(self, group: Group) -> Indices:
        """Global numbers of the mu~ of a group that this rank knows."""
        unknowns = self.system.unknowns
        parts = [
            unknowns.global_numbers[unknowns.mu[name][self.system.number(name, group.component)]]
            for name in group.regions
        ]
        return np.unique(np.concatenate(parts)).astype(np.int64)

    def _levels_of(self, numbers: Numbers) -> Numbers:
        """The places of the levels of global numbers; -1 for none, and for a level itself."""
        ordered = self.system.unknowns.global_numbers[self._sorted]
        found = self._level_of_sorted[np.searchsorted(ordered, numbers)]
        return np.where(found == numbers, -1, found).astype(np.int32)

    def touched(self, pattern: Pattern) -> np.ndarray:
        """Which entries are in the row or the column of a level."""
        rows, columns = pattern
        return np.isin(rows, self.places) | np.isin(columns, self.places)

    def added(self, pattern: Pattern, values: Array) -> tuple[Pattern, Array]:
        """What the levels add to a matrix: its entries, in their rows and columns.

        Args:
            pattern: rows and columns of the entries.
            values: of the entries.
        """
        rows, columns = pattern
        of_rows, of_columns = self._levels_of(rows), self._levels_of(columns)
        in_row, in_column = of_rows >= 0, of_columns >= 0
        both = in_row & in_column
        new_rows = np.concatenate([rows[in_column], of_rows[in_row], of_rows[both]])
        new_columns = np.concatenate([of_columns[in_column], columns[in_row], of_columns[both]])
        return (new_rows, new_columns), np.concatenate([values[in_column], values[in_row], values[both]])

    def parted(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Unknowns as a solve leaves them, as differences from the levels and as they are. Collective.

        Args:
            x: owned unknowns, the levels among them, complex.

        Returns:
            x with mu~ - c (0 at the levels' own nodes), and x with mu~.
        """
        unknowns, comm = self.system.unknowns, self.system.space.comm
        differences, whole = x.copy(), x.copy()
        for place, members in zip(self.places, self._members_here, strict=True):
            here = int(place) - unknowns.offset
            mine = 0 <= here < unknowns.size
            level = comm.allreduce(complex(x[here]) if mine else 0.0j)
            if mine:
                differences[here] = whole[here] = 0.0
            whole[members] += level
        return differences, whole
