"""What gmsh reads: its own files of every version, Nastran, I-deas."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import meshio

type Indices = npt.NDArray[np.int64]
type Numbers = npt.NDArray[np.uint64]
type Entity = tuple[int, int]

_MODEL = "scl_fem reads"


@dataclass(frozen=True)
class _Cells:
    """Cells of one type of an entity.

    Attributes:
        entity: dimension and tag.
        kind: meshio's name of the type.
        numbers: (m,) of the cells.
        nodes: (m, nodes per cell) numbers of the nodes.
    """

    entity: Entity
    kind: str
    numbers: Numbers
    nodes: Numbers


def read_with_gmsh(path: Path) -> meshio.Mesh:
    """A mesh by way of gmsh, its physical groups as cell sets by name and by number.

    A file without physical groups has those that its entities (Nastran: its properties) make, by number.

    Args:
        path: a file in a format that gmsh tells by its ending. What it does not know it would run as a
            script, so that the caller must have made sure of the format.

    Returns:
        One block of cells for each type; points in the order of their numbers in the file.

    Raises:
        Exception: gmsh cannot be loaded, or cannot read the file (gmsh raises nothing finer).
    """
    import meshio

    with _gmsh() as gmsh, tempfile.TemporaryDirectory() as folder:
        # gmsh runs what lies beside a mesh (mesh.msh.opt) as a script: nothing lies beside this one
        alone = Path(folder) / f"mesh{path.suffix.lower()}"
        alone.symlink_to(path.resolve())
        gmsh.merge(str(alone))
        tags, coordinates, _ = gmsh.model.mesh.getNodes()
        if not len(tags):
            raise ValueError("it holds no points")
        numbers, first = np.unique(tags, return_index=True)
        by_type: dict[str, list[_Cells]] = {}
        for cells in _cells(gmsh):
            by_type.setdefault(cells.kind, []).append(cells)
        fields = _fields(gmsh, by_type)
        groups = _groups(gmsh)
    if not groups and not fields:
        groups = _entities(by_type)
    owners = {kind: _owners(parts) for kind, parts in by_type.items()}
    sets = {
        group: [np.flatnonzero(np.isin(owners[kind], _codes(members))) for kind in by_type]
        for group, members in groups.items()
    }
    blocks = [
        (kind, np.concatenate([_rows(numbers, cells.nodes) for cells in parts]))
        for kind, parts in by_type.items()
    ]
    return meshio.Mesh(np.reshape(coordinates, (-1, 3))[first], blocks, cell_data=fields, cell_sets=sets)


@contextmanager
def _gmsh() -> Iterator[Any]:
    """Gmsh with an empty model of ours and not a word on the screen, left as it was found."""
    import gmsh

    ours = not gmsh.isInitialized()
    if ours:
        gmsh.initialize([], readConfigFiles=False, interruptible=False)
    terminal = gmsh.option.getNumber("General.Terminal")
    former = None if ours else gmsh.model.getCurrent()
    views = set(gmsh.view.getTags())
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        gmsh.model.add(_MODEL)
        yield gmsh
    finally:
        if ours:
            gmsh.finalize()
        else:
            gmsh.model.setCurrent(_MODEL)
            gmsh.model.remove()
            for view in set(gmsh.view.getTags()) - views:
                gmsh.view.remove(view)
            gmsh.option.setNumber("General.Terminal", terminal)
            if former is not None:
                gmsh.model.setCurrent(former)


def _cells(gmsh: Any) -> Iterator[_Cells]:
    """The cells of each entity, type by type."""
    from meshio.gmsh import gmsh_to_meshio_type

    for dimension, tag in gmsh.model.getEntities():
        groups = len(gmsh.model.getPhysicalGroupsForEntity(dimension, tag))
        for kind, numbers, nodes in zip(*gmsh.model.mesh.getElements(dimension, tag), strict=True):
            rows = np.reshape(nodes, (len(numbers), -1))
            once = _once(rows, groups)
            yield _Cells((dimension, tag), gmsh_to_meshio_type[int(kind)], numbers[once], rows[once])


def _once(cells: Numbers, groups: int) -> Indices | slice:
    """Rows of the cells of an entity, each once: MSH 2 lists those of several groups for each of them."""
    if groups > 1 and len(cells) % groups == 0:
        index = np.unique(np.sort(cells, axis=1), axis=0, return_index=True)[1]
        if len(index) * groups == len(cells):
            return np.sort(index)
    return slice(None)


def _groups(gmsh: Any) -> dict[str, list[Entity]]:
    """Entities of each physical group, by its name and by its number."""
    groups: dict[str, list[Entity]] = {}
    for dimension, number in gmsh.model.getPhysicalGroups():
        members = gmsh.model.getEntitiesForPhysicalGroup(dimension, number)
        name = gmsh.model.getPhysicalName(dimension, number)
        for label in {str(number): 0, name: 0}:
            if label:
                groups.setdefault(label, []).extend((dimension, int(member)) for member in members)
    return groups


def _entities(by_type: dict[str, list[_Cells]]) -> dict[str, list[Entity]]:
    """Every entity as a group, by its number."""
    groups: dict[str, list[Entity]] = {}
    for parts in by_type.values():
        for cells in parts:
            groups.setdefault(str(cells.entity[1]), []).append(cells.entity)
    return groups


def _fields(gmsh: Any, by_type: dict[str, list[_Cells]]) -> dict[str, list[npt.NDArray[np.float64]]]:
    """Numbers that the file gives every cell, by the name of their view."""
    fields: dict[str, list[npt.NDArray[np.float64]]] = {}
    for view in gmsh.view.getTags():
        kind, numbers, values, _, components = gmsh.view.getHomogeneousModelData(view, 0)
        if kind == "ElementData" and components == 1:
            known, first = np.unique(numbers, return_index=True)
            fields[gmsh.view.option.getString(view, "Name")] = [
                _looked_up(np.concatenate([cells.numbers for cells in parts]), known, values[first])
                for parts in by_type.values()
            ]
    return fields


def _looked_up(wanted: Numbers, known: Numbers, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The value of each number, zero of those that have none."""
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[place] == wanted, values[place], 0.0)


def _rows(numbers: Numbers, nodes: Numbers) -> Indices:
    """Rows of the points that have these numbers."""
    last = int(numbers[-1])
    if last == len(numbers):  # numbered without gaps
        return nodes.astype(np.int64) - 1
    if last < 8 * len(numbers):
        row = np.full(last + 1, -1)
        row[numbers] = np.arange(len(numbers))
        rows = row[np.minimum(nodes, last)]
    else:
        rows = np.minimum(np.searchsorted(numbers, nodes), len(numbers) - 1)
    if not np.array_equal(numbers[rows], nodes):
        raise ValueError("its cells use points that it does not hold")
    return rows


def _owners(parts: list[_Cells]) -> Indices:
    """A number for the entity of each cell."""
    return np.repeat(_codes([cells.entity for cells in parts]), [len(cells.nodes) for cells in parts])


def _codes(entities: list[Entity]) -> Indices:
    """A number for each (dimension, tag)."""
    return np.array([4 * tag + dimension for dimension, tag in entities], dtype=np.int64)
