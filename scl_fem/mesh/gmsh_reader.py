"""What gmsh reads: its own files of every version, Nastran, I-deas."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import meshio

type Indices = npt.NDArray[np.int64]

_MODEL = "scl_fem reads"


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

    with _gmsh() as gmsh:
        gmsh.merge(str(path))
        tags, coordinates, _ = gmsh.model.mesh.getNodes()
        if not len(tags):
            raise ValueError("it holds no points")
        numbers, first = np.unique(tags, return_index=True)
        entities = _entities(gmsh)
        by_type: dict[str, list[tuple[tuple[int, int], Indices]]] = {}
        for entity, blocks in entities.items():
            for name, nodes in blocks.items():
                by_type.setdefault(name, []).append((entity, _rows(numbers, nodes)))
        owners = {name: _owners(parts) for name, parts in by_type.items()}
        groups = _groups(gmsh, entities)
    sets = {
        group: [np.flatnonzero(np.isin(owners[name], _codes(members))) for name in by_type]
        for group, members in groups.items()
    }
    blocks = [(name, np.concatenate([nodes for _, nodes in parts])) for name, parts in by_type.items()]
    return meshio.Mesh(np.reshape(coordinates, (-1, 3))[first], blocks, cell_sets=sets)


@contextmanager
def _gmsh() -> Iterator[Any]:
    """Gmsh with an empty model of ours and not a word on the screen, left as it was found."""
    import gmsh

    ours = not gmsh.isInitialized()
    if ours:
        gmsh.initialize([], readConfigFiles=False, interruptible=False)
    terminal = gmsh.option.getNumber("General.Terminal")
    former = None if ours else gmsh.model.getCurrent()
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
            gmsh.option.setNumber("General.Terminal", terminal)
            if former is not None:
                gmsh.model.setCurrent(former)


def _entities(gmsh: Any) -> dict[tuple[int, int], dict[str, npt.NDArray[np.uint64]]]:
    """Node numbers of the cells of each entity (dimension, tag), by meshio's name of their type."""
    from meshio.gmsh import gmsh_to_meshio_type

    found = {}
    for dimension, tag in gmsh.model.getEntities():
        types, _, nodes = gmsh.model.mesh.getElements(dimension, tag)
        copies = len(gmsh.model.getPhysicalGroupsForEntity(dimension, tag))
        found[dimension, tag] = {
            gmsh_to_meshio_type[kind]: _once(
                np.reshape(of_kind, (-1, gmsh.model.mesh.getElementProperties(kind)[3])), copies
            )
            for kind, of_kind in zip(types, nodes, strict=True)
        }
    return found


def _once(cells: npt.NDArray[np.uint64], groups: int) -> npt.NDArray[np.uint64]:
    """The cells of an entity once: MSH 2 lists those of several groups once for each of them."""
    if groups > 1 and len(cells) % groups == 0:
        distinct, index = np.unique(cells, axis=0, return_index=True)
        if len(distinct) * groups == len(cells):
            return cells[np.sort(index)]
    return cells


def _groups(gmsh: Any, entities: dict[tuple[int, int], Any]) -> dict[str, list[tuple[int, int]]]:
    """Entities of each group, by its name and by its number."""
    groups: dict[str, list[tuple[int, int]]] = {}
    for dimension, number in gmsh.model.getPhysicalGroups():
        members = gmsh.model.getEntitiesForPhysicalGroup(dimension, number)
        name = gmsh.model.getPhysicalName(dimension, number)
        for label in {str(number), name} - {""}:
            groups.setdefault(label, []).extend((dimension, int(member)) for member in members)
    if not groups:
        for dimension, tag in entities:
            groups.setdefault(str(tag), []).append((dimension, tag))
    return groups


def _rows(numbers: npt.NDArray[np.uint64], nodes: npt.NDArray[np.uint64]) -> Indices:
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


def _owners(parts: list[tuple[tuple[int, int], Indices]]) -> Indices:
    """A number for the entity of each cell."""
    return np.repeat(_codes([entity for entity, _ in parts]), [len(nodes) for _, nodes in parts])


def _codes(entities: list[tuple[int, int]]) -> Indices:
    """A number for each (dimension, tag)."""
    return np.array([4 * tag + dimension for dimension, tag in entities], dtype=np.int64)
