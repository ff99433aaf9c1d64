"""Every facet of a mesh of simplices, matched by a hash of its vertices: fast for millions of cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

type Indices = npt.NDArray[np.int64]
type Mask = npt.NDArray[np.bool_]
type Numbers = npt.NDArray[np.integer]
type Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class FacetsOf:
    """Facets, each as a cell and the vertex of it that is opposite.

    Attributes:
        cell: (f,) row of the cell.
        opposite: (f,) column of the opposite vertex.
    """

    cell: Indices
    opposite: Indices

    def vertices(self, cells: Indices) -> Indices:
        """(f, vertices per facet) rows of the points."""
        width = cells.shape[1]
        columns = np.array([[c for c in range(width) if c != gone] for gone in range(width)])
        return cells[self.cell[:, None], columns[self.opposite]]

    def only(self, chosen: Mask) -> FacetsOf:
        """Those that a mask chooses."""
        return FacetsOf(self.cell[chosen], self.opposite[chosen])


@dataclass(frozen=True)
class Skin:
    """Where a mesh ends, where its phases meet, and what no mesh has.

    Attributes:
        exterior: facets of one cell only.
        interface: facets of cells of two phases, told by the cell of the phase of lower number.
        beyond: (f,) number of the other phase of each of these.
        crowded: every facet of more than two cells, by each of its cells.
        repeated: rows of cells that have the vertices of another, which is not among them.
        folded: facets whose two cells lie on the same side, told by each; none unless all else is well.
    """

    exterior: FacetsOf
    interface: FacetsOf
    beyond: Numbers
    crowded: FacetsOf
    repeated: Indices
    folded: FacetsOf


def skin(cells: Indices, phase: Numbers, inverted: Mask) -> Skin:
    """Match the facets of all cells.

    The key of a facet is a sum of 64 random bits for each of its vertices: the chance that two of n
    different facets have one key is n^2 / 2^65 (1e-5 for 6e6 tetrahedra).

    Args:
        cells: (m, dimension + 1) simplices.
        phase: (m,) number of the phase of each.
        inverted: (m,) which cells have negative volume in the order of their vertices.
    """
    random = _scrambled(int(cells.max()) + 1)[cells]
    whole: Keys = random.sum(axis=1, dtype=np.uint64)
    keys = np.subtract(whole[:, None], random, out=random)
    exterior, shared, crowded = _sorted_out(keys, phase)
    there = _located(keys, np.sort(np.concatenate([exterior, shared, crowded])))
    found = keys[there.cell, there.opposite]
    at_end = there.only(_contains(exterior, found))
    interface, beyond = _told_by_first(there.only(_contains(shared, found)), keys, phase)
    repeated = _repeated(whole)
    single = not len(crowded) and not len(repeated)
    return Skin(
        exterior=at_end,
        interface=interface,
        beyond=beyond,
        crowded=there.only(_contains(crowded, found)),
        repeated=repeated,
        folded=_folded(keys, cells, inverted, at_end) if single else _no_facets(),
    )


def _sorted_out(keys: Keys, phase: Numbers) -> tuple[Keys, Keys, Keys]:
    """Keys, ascending, of the facets of one cell, of those of two phases, and of those of too many cells."""
    alone, sides, crowded = [], [], []
    for number in np.unique(phase):
        side = np.sort(keys[phase == number], axis=None)
        alone.append(_counted_once(side))
        crowded.append(side[2:][side[2:] == side[:-2]])
        sides.append(side)
    ends = np.sort(np.concatenate(alone))
    once = _counted_once(ends)
    # alone in two phases: where they meet; in a third as well: three cells
    again = ends[1:][ends[1:] == ends[:-1]]
    crowded.append(again[1:][again[1:] == again[:-1]])
    shared = _distinct(again)
    for side, own in zip(sides, alone, strict=True):
        for met in (once, shared):
            inside = met[_contains(side, met)]
            # alone elsewhere, and there twice in this phase: three cells
            crowded.append(inside[~_contains(own, inside)])
    too_many = np.unique(np.concatenate(crowded))
    return once[~_contains(too_many, once)], shared[~_contains(too_many, shared)], too_many


def _told_by_first(pairs: FacetsOf, keys: Keys, phase: Numbers) -> tuple[FacetsOf, Numbers]:
    """Facets of two cells each, by the cell whose phase comes first, and the phase of the other."""
    of_cell = phase[pairs.cell]
    order = np.lexsort((of_cell, keys[pairs.cell, pairs.opposite]))
    first, second = order[::2], order[1::2]
    as_listed = np.argsort(first)
    first, second = first[as_listed], second[as_listed]
    return FacetsOf(pairs.cell[first], pairs.opposite[first]), of_cell[second]


def _no_facets() -> FacetsOf:
    return FacetsOf(np.empty(0, np.int64), np.empty(0, np.int64))


def _scrambled(number: int) -> Keys:
    """64 bits for each of the first whole numbers, as good as random (splitmix64)."""
    with np.errstate(over="ignore"):
        bits = np.arange(1, number + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return bits ^ (bits >> np.uint64(31))


def _counted_once(ordered: Keys) -> Keys:
    """Keys that occur once in a sorted array."""
    step = (
        np.concatenate([[True], ordered[1:] != ordered[:-1], [True]]) if len(ordered) else np.zeros(1, bool)
    )
    return ordered[step[1:] & step[:-1]]


def _distinct(ordered: Keys) -> Keys:
    """Keys of a sorted array, each once."""
    return np.concatenate([ordered[:1], ordered[1:][ordered[1:] != ordered[:-1]]])


def _contains(ordered: Keys, wanted: Keys) -> Mask:
    """Which keys are in a sorted array."""
    if not len(ordered):
        return np.zeros(len(wanted), dtype=bool)
    place = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
    return ordered[place] == wanted


def _located(keys: Keys, wanted: Keys) -> FacetsOf:
    """Every facet whose key is among a few."""
    if not len(wanted):
        return _no_facets()
    # a table of the leading bits, small enough for the cache, leaves few to look up
    shift = np.uint64(64 - 22)
    table = np.zeros(2**22, dtype=bool)
    table[wanted >> shift] = True
    near = np.flatnonzero(table[(keys >> shift).reshape(-1)])
    near = near[_contains(wanted, keys.reshape(-1)[near])]
    return FacetsOf(*np.divmod(near, keys.shape[1]))


def _repeated(whole: Keys) -> Indices:
    """Cells that have the same vertices as an earlier one."""
    ordered = np.sort(whole)
    again = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(again):
        return np.empty(0, np.int64)
    rows = np.flatnonzero(_contains(again, whole))
    return np.setdiff1d(rows, rows[np.unique(whole[rows], return_index=True)[1]])


def _folded(keys: Keys, cells: Indices, inverted: Mask, exterior: FacetsOf) -> FacetsOf:
    """Facets whose two cells lie on the same side.

    Two cells of positive volume that lie side by side see their facet's vertices in opposite senses: the
    keys, with the sign of the sense, then add up to those of the exterior.
    """
    sense = _senses(cells)
    sense ^= inverted[:, None]
    turned = exterior.only(sense[exterior.cell, exterior.opposite])
    # all - 2 turned: arithmetic is modulo 2^64, where adding twice is a shift
    with np.errstate(over="ignore"):
        whole = keys.sum() - (keys.sum(where=sense) << np.uint64(1))
        ends = keys[exterior.cell, exterior.opposite].sum()
        ends -= keys[turned.cell, turned.opposite].sum() << np.uint64(1)
    if whole == ends:
        return _no_facets()
    flat, senses = keys.reshape(-1), sense.reshape(-1)
    order = np.argsort(flat)
    pairs = np.flatnonzero(flat[order][1:] == flat[order][:-1])
    same = pairs[senses[order[pairs]] == senses[order[pairs + 1]]]
    return FacetsOf(*np.divmod(np.concatenate([order[same], order[same + 1]]), keys.shape[1]))


def _senses(cells: Indices) -> Mask:
    """Sense of each facet's vertices, as the boundary of a cell has them, against ascending order.

    (m, vertices) by the opposite vertex: parity of the vertices that are out of order, and of the
    column that is left out.
    """
    width = cells.shape[1]
    sense = np.zeros(cells.shape, dtype=bool)
    sense[:, 1::2] = True
    for low in range(width):
        for high in range(low + 1, width):
            swapped = cells[:, low] > cells[:, high]
            for gone in range(width):
                if gone not in (low, high):
                    sense[:, gone] ^= swapped
    return sense
