"""Named groups of cells in whatever has been read, their cells as simplices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError, unknown_name
from scl_fem.mesh.simplicial import Simplices, ranks, simplices

if TYPE_CHECKING:
    import meshio

type Mask = npt.NDArray[np.bool_]
type Indices = npt.NDArray[np.int64]

_NO_GROUPS = {
    "gmsh:geometrical",
    "gmsh:bounding_entities",
    "cell_tags",
    "vtkghosttype",
    "vtkoriginalcellids",
    "vtkoriginalpointids",
}
"""What formats keep beside groups."""

_MOST_NUMBERS = 1000
"""A field of more values numbers cells rather than groups of them."""

_LISTED = 40
"""Groups that a message lists."""


class Groups:
    """The groups of a mesh: one mask over each block of cells.

    Formats differ in what they call a group: named sets (Abaqus, gmsh), numbers with names (MED), bare
    numbers (Medit, Nastran, VTK with a cell field of whole numbers). All of them are reachable by name; a
    bare number is named by its digits, and "field=number" where several fields hold it.
    """

    def __init__(self, mesh: meshio.Mesh) -> None:
        """Collect them.

        Args:
            mesh: as read.
        """
        self._mesh = mesh
        self._masks: dict[str, list[Mask]] = {}
        self._add_numbers(_whole_fields(mesh))
        for name, (number, dimension) in _named_numbers(mesh).items():
            values = mesh.cell_data["gmsh:physical"]
            blocks = zip(values, mesh.cells, strict=True)
            self._add(name, [(v == number) & (b.dim == dimension) for v, b in blocks])
        for number, names in getattr(mesh, "cell_tags", {}).items():
            for name in names:
                self._add(name, [value == number for value in mesh.cell_data["cell_tags"]])
        for name, members in mesh.cell_sets.items():
            if name not in _NO_GROUPS:
                self._add(name, [_mask(m, len(b.data)) for m, b in zip(members, mesh.cells, strict=True)])

    @cached_property
    def blocks(self) -> list[Simplices]:
        """Every block of cells as simplices.

        Raises:
            InputError: cells that are not understood.
        """
        points = np.pad(self._mesh.points, ((0, 0), (0, 3 - self._mesh.points.shape[1])))
        plane = max(block.dim for block in self._mesh.cells) < 3
        # the order of points matters to cells that are split alone
        whole = all(block.dim < 2 or block.type in ("triangle", "tetra") for block in self._mesh.cells)
        rank = np.arange(len(points)) if whole else ranks(points)
        return [
            simplices(points, rank, block.type, np.asarray(block.data), plane) for block in self._mesh.cells
        ]

    def names(self) -> list[str]:
        """Every group that has cells, with the numbers of them by kind."""
        return [f"{name} ({self._counted(masks)})" for name, masks in self._masks.items()]

    def held(self) -> str:
        """What the file holds, for messages."""
        listed = self.names()
        if len(listed) > _LISTED:
            listed = [*listed[:_LISTED], f"and {len(listed) - _LISTED} more"]
        cells = self._counted([np.ones(len(block.data), bool) for block in self._mesh.cells])
        text = ", ".join(listed) if listed else f"no groups at all: {cells} cells"
        arrays = [name for name in self._mesh.cell_data if name.lower() not in _NO_GROUPS]
        return text if listed or not arrays else f"{text}, cell arrays {', '.join(arrays)}"

    def dimension(self, name: str) -> int:
        """Highest dimension of the cells of a group.

        Raises:
            InputError: no such group; says what there is.
        """
        return max(self.dimensions(name))

    def dimensions(self, name: str) -> set[int]:
        """Every dimension of which a group has cells.

        Raises:
            InputError: no such group; says what there is.
        """
        masks = self._of(name)
        return {block.dim for block, mask in zip(self._mesh.cells, masks, strict=True) if mask.any()}

    def cells(self, names: Sequence[str], dimension: int) -> Indices:
        """The simplices of one dimension in some groups, (m, dimension + 1) rows of points, each once.

        Raises:
            InputError: no such group; says what there is.
        """
        chosen = [
            block.of(mask)
            for block, mask in zip(self.blocks, self._union(names), strict=True)
            if block.dimension == dimension
        ]
        return np.concatenate([np.empty((0, dimension + 1), np.int64), *chosen])

    def shared(self, first: Sequence[str], second: Sequence[str], dimension: int) -> int:
        """Number of cells of a dimension that are both in some groups and in others."""
        both = zip(self._union(first), self._union(second), self._mesh.cells, strict=True)
        return sum(int((a & b).sum()) for a, b, block in both if block.dim == dimension)

    def left_over(self, names: Sequence[str], dimension: int) -> tuple[int, int, str]:
        """Cells of a dimension or more that are in none of some groups.

        Returns:
            Their number, the number of all, and by which other groups they are known.
        """
        rest = [
            ~mask if block.dim >= dimension else np.zeros_like(mask)
            for mask, block in zip(self._union(names), self._mesh.cells, strict=True)
        ]
        number = sum(int(mask.sum()) for mask in rest)
        total = sum(len(block.data) for block in self._mesh.cells if block.dim >= dimension)
        inside = {
            name: sum(int((mask & left).sum()) for mask, left in zip(masks, rest, strict=True))
            for name, masks in (self._masks.items() if number else ())
        }
        known = [f"{name} ({count})" for name, count in inside.items() if count]
        return number, total, ", ".join(known[:_LISTED]) or "no group"

    def kinds(self, *names: str) -> str:
        """Kinds of cells in some groups, for messages."""
        blocks = [
            block.type
            for name in names
            for block, mask in zip(self._mesh.cells, self._of(name), strict=True)
            if mask.any()
        ]
        return ", ".join(sorted(set(blocks)))

    def _counted(self, masks: list[Mask]) -> str:
        counts: Counter[str] = Counter()
        for block, mask in zip(self._mesh.cells, masks, strict=True):
            counts[block.type] += int(mask.sum())
        return ", ".join(f"{number} {kind}" for kind, number in counts.items() if number)

    def _union(self, names: Sequence[str]) -> list[Mask]:
        """Cells in any of some groups."""
        return [np.logical_or.reduce(masks) for masks in zip(*map(self._of, names), strict=True)]

    def _of(self, name: str) -> list[Mask]:
        for known in (name, _whole(name)):
            if known in self._masks:
                return self._masks[known]
        alike = [known for known in self._masks if _plain(known) == _plain(name)]
        problem = unknown_name("group", name, self._masks).problem
        if alike:
            problem = f"unknown group '{name}'; did you mean {' or '.join(alike)}?"
        raise InputError(problem, allowed=self.held())

    def _add_numbers(self, fields: dict[str, list[Indices]]) -> None:
        """Groups by number: the digits alone where only one set of cells can be meant."""
        by_number: dict[int, list[list[Mask]]] = {}
        for field, values in fields.items():
            for number in np.unique(np.concatenate(values)).tolist():
                masks = [value == number for value in values]
                by_number.setdefault(number, []).append(masks)
                self._add(f"{field}={number}", masks, only=len(fields) > 1)
        for number, found in by_number.items():
            alike = (
                np.array_equal(a, b) for masks in found[1:] for a, b in zip(found[0], masks, strict=True)
            )
            self._add(str(number), found[0], only=all(alike))

    def _add(self, name: str, masks: list[Mask], only: bool = True) -> None:
        if only and any(mask.any() for mask in masks):
            self._masks[name] = masks


def _whole_fields(mesh: meshio.Mesh) -> dict[str, list[Indices]]:
    """Cell data that number groups: whole numbers, one per cell."""
    fields = {}
    for name, values in mesh.cell_data.items():
        columns = [_column(value) for value in values]
        if name.lower() in _NO_GROUPS or any(column is None for column in columns):
            continue
        whole = [column.astype(np.int64) for column in columns if column is not None]
        distinct = len(np.unique(np.concatenate(whole)))
        # as many numbers as cells: these are cells
        if distinct <= _MOST_NUMBERS and (distinct < sum(map(len, whole)) or distinct < 10):
            fields[name] = whole
    return fields


def _column(value: Any) -> npt.NDArray[Any] | None:
    """Values of cells, if they are whole numbers."""
    array = np.asarray(value)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or array.dtype.kind not in "iufb":
        return None
    if array.dtype.kind == "f" and not (
        np.isfinite(array).all()
        and np.abs(array).max(initial=0.0) < 2**53
        and np.all(array == np.rint(array))
    ):
        return None
    return array


def _whole(name: str) -> str:
    """The digits alone of a whole number ("1" of "1.0"), else the name."""
    try:
        return str(int(float(name))) if float(name).is_integer() else name
    except (ValueError, OverflowError):
        return name


def _plain(name: str) -> str:
    """A name without what is easily written otherwise: case, spaces, underscores, hyphens."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _named_numbers(mesh: meshio.Mesh) -> dict[str, tuple[int, int]]:
    """Physical groups of gmsh: name to (number, dimension)."""
    if "gmsh:physical" not in mesh.cell_data:
        return {}
    return {name: (int(value[0]), int(value[1])) for name, value in mesh.field_data.items()}


def _mask(members: npt.ArrayLike | None, size: int) -> Mask:
    """Set of cell numbers as a mask."""
    mask = np.zeros(size, dtype=bool)
    if members is not None:
        mask[np.asarray(members, dtype=np.int64)] = True
    return mask
