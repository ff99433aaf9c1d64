"""Named groups of cells in whatever meshio has read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError, unknown_name

if TYPE_CHECKING:
    import meshio

type Mask = npt.NDArray[np.bool_]

_GMSH_ENTITY = "gmsh:geometrical"
_NOT_A_GROUP = "gmsh:bounding_entities"


class Groups:
    """The groups of a mesh: one mask over each block of cells.

    Formats differ in what they call a group: named sets (Abaqus, gmsh 4), numbers with names (gmsh 2,
    MED), bare numbers (Medit, VTK with an integer cell field). All of them are reachable by name; a bare
    number is named by its digits, and "field=number" where several fields hold numbers.
    """

    def __init__(self, mesh: meshio.Mesh) -> None:
        """Collect them.

        Args:
            mesh: as read.
        """
        self._blocks = mesh.cells
        self._masks: dict[str, list[Mask]] = {}
        fields = _integer_fields(mesh)
        for field, values in fields.items():
            for number in np.unique(np.concatenate(values)):
                masks = [value == number for value in values]
                self._add(str(number), masks, only=len(fields) == 1)
                if len(fields) > 1:
                    self._add(f"{field}={number}", masks)
        for name, (number, dimension) in _named_numbers(mesh).items():
            values = mesh.cell_data["gmsh:physical"]
            blocks = zip(values, mesh.cells, strict=True)
            self._add(name, [(v == number) & (b.dim == dimension) for v, b in blocks])
        for number, names in getattr(mesh, "cell_tags", {}).items():
            for name in names:
                self._add(name, [value == number for value in mesh.cell_data["cell_tags"]])
        for name, members in mesh.cell_sets.items():
            if name != _NOT_A_GROUP:
                self._add(name, [_mask(m, len(b.data)) for m, b in zip(members, mesh.cells, strict=True)])

    def names(self) -> list[str]:
        """Every group that has cells, with the kinds of cells it has."""
        return [f"{name} ({', '.join(self.cell_types(name))})" for name in self._masks]

    def cell_types(self, name: str) -> list[str]:
        """Kinds of cells in a group (meshio's names).

        Raises:
            InputError: no such group; names those that there are.
        """
        masks = self._of(name)
        return sorted({block.type for block, mask in zip(self._blocks, masks, strict=True) if mask.any()})

    def largest_cell_types(self, name: str) -> list[str]:
        """Kinds of cells in a group, of those the ones of the highest dimension.

        Raises:
            InputError: no such group; names those that there are.
        """
        kinds = self.cell_types(name)
        dimension = {block.type: block.dim for block in self._blocks}
        highest = max(dimension[kind] for kind in kinds)
        return [kind for kind in kinds if dimension[kind] == highest]

    def cells(self, name: str, cell_type: str) -> npt.NDArray[np.int64]:
        """The cells of one type in a group, (m, vertices per cell).

        Raises:
            InputError: no such group; names those that there are.
        """
        chosen = [
            block.data[mask]
            for block, mask in zip(self._blocks, self._of(name), strict=True)
            if block.type == cell_type and mask.any()
        ]
        return np.concatenate(chosen).astype(np.int64)

    def _of(self, name: str) -> list[Mask]:
        if name not in self._masks:
            problem = unknown_name("group", name, self._masks).problem
            raise InputError(problem, allowed=", ".join(self.names()))
        return self._masks[name]

    def _add(self, name: str, masks: list[Mask], only: bool = True) -> None:
        if only and any(mask.any() for mask in masks):
            self._masks[name] = masks


def _integer_fields(mesh: meshio.Mesh) -> dict[str, list[npt.NDArray]]:
    """Cell data that number groups: integers, one per cell."""
    return {
        name: values
        for name, values in mesh.cell_data.items()
        if name != _GMSH_ENTITY
        and all(np.asarray(v).ndim == 1 and np.issubdtype(np.asarray(v).dtype, np.integer) for v in values)
    }


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
