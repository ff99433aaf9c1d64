"""Fields for ParaView: each phase a block of its own, so that a concentration can jump between them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import scl_fem._stack  # noqa: F401  (MPI before DOLFINx)

# isort: split
import numpy as np
import numpy.typing as npt
from dolfinx import fem
from dolfinx.io.utils import cell_perm_vtk
from dolfinx.mesh import CellType

from scl_fem.mesh.distribute import Domain
from scl_fem.output.files import writing
from scl_fem.output.names import FIELDS_DIRECTORY, FIELDS_FILE, VIEW_FILE
from scl_fem.output.numbering import InputNumbering
from scl_fem.output.paraview import write_view
from scl_fem.output.vtu import Grid, Piece, write_pvd, write_vtu
from scl_fem.parallel import gather_rows, on_root

_NOT_IN_FILES = re.compile(r"[^\w+-]")

type PhaseFields = Mapping[str, Mapping[str, npt.NDArray[np.float64]]]

_VTK_SIMPLICES = {
    (CellType.triangle, 1): 5,
    (CellType.tetrahedron, 1): 10,
    (CellType.triangle, 2): 22,
    (CellType.tetrahedron, 2): 24,
}
"""VTK's number of a simplex by order."""

_VTK_BOXES = {CellType.interval: 3, CellType.quadrilateral: 9, CellType.hexahedron: 12}
"""VTK's number of a linear line, quadrilateral, hexahedron."""

_BOX_CORNERS: dict[int, list[tuple[int, ...]]] = {
    1: [(0,), (1,)],
    2: [(0, 0), (1, 0), (1, 1), (0, 1)],
    3: [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)],
}
"""Corners in VTK's order, by dimension."""


@dataclass(frozen=True)
class PhaseGrid:
    """One phase with its fields at one time: on rank 0, empty elsewhere.

    Attributes:
        tag: name of the phase.
        number: of the phase.
        grid: points and cells.
        point_data: (n,) values at the points by name.
        cell_data: (m,) values of the cells by name: `phase`, its number.
    """

    tag: str
    number: int
    grid: Grid
    point_data: dict[str, npt.NDArray[np.float64]]
    cell_data: dict[str, npt.NDArray[np.int32]]


class FieldGatherer:
    """Brings nodal fields to rank 0, each phase as a grid of its own.

    They are the same on any number of ranks and hold no ghost cells, so that integrals over them are right.
    """

    def __init__(self, domain: Domain, space: fem.FunctionSpace[Any]) -> None:
        """Collective.

        Args:
            domain: the distributed mesh.
            space: scalar Lagrange space of order 1 or 2 on it, whose nodes carry the fields.
        """
        self._comm = domain.mesh.comm
        numbering, points = InputNumbering(space), space.tabulate_dof_coordinates()
        self._numbers = {tag: domain.layout.number(tag) for tag in domain.phases}
        self._blocks = {
            tag: _gather_block(domain.cells(tag), points, space, numbering) for tag in domain.phases
        }

    def gather(self, phase_fields: PhaseFields) -> Iterator[PhaseGrid]:
        """Each phase with its fields. Collective.

        Args:
            phase_fields: for each phase, fields by name (with the unit in the name): values at all
                local nodes of the space, owned and ghost; those of other phases are not looked at.
        """
        for tag, block in self._blocks.items():
            if tag not in phase_fields:
                continue
            fields = phase_fields[tag]
            columns = [np.asarray(values, dtype=np.float64)[block.dofs] for values in fields.values()]
            gathered = gather_rows(self._comm, np.stack(columns, axis=1))
            point_data = dict(zip(fields, gathered[block.rows].T, strict=True))
            number = self._numbers[tag]
            phase = np.full(len(block.grid.cells), number, dtype=np.int32)
            yield PhaseGrid(tag, number, block.grid, point_data, {"phase": phase})


class FieldWriter:
    """Writes nodal fields, phase by phase, step by step: a .pvd with their blocks, a script to see them."""

    def __init__(self, directory: Path, domain: Domain, space: fem.FunctionSpace[Any]) -> None:
        """Collective. Nothing is written before the first step.

        Args:
            directory: the result folder; gets fields.pvd and the directory fields.
            domain: the distributed mesh.
            space: scalar Lagrange space of order 1 or 2 on it, whose nodes carry the fields.
        """
        self._directory = directory
        self._comm = domain.mesh.comm
        self._pieces: list[Piece] = []
        self._steps = 0
        self._gatherer = FieldGatherer(domain, space)

    def write(self, phase_fields: PhaseFields, time: float = 0.0) -> None:
        """Write a step, and the .pvd so that it names every step so far. Collective.

        Args:
            phase_fields: see `FieldGatherer.gather`.
            time: of the step, s.

        Raises:
            OutputError: a file cannot be written; on every rank.
        """
        for phase in self._gatherer.gather(phase_fields):
            on_root(self._comm, self._write_phase, phase, time)
        if not self._steps:
            on_root(self._comm, write_view, self._directory / VIEW_FILE, list(phase_fields))
        self._steps += 1
        on_root(self._comm, write_pvd, self._directory / FIELDS_FILE, self._pieces)

    def _write_phase(self, phase: PhaseGrid, time: float) -> None:
        """Write one phase of one step (rank 0)."""
        name = phase.tag
        file = f"{FIELDS_DIRECTORY}/{_file_stem(phase)}_{self._steps:06d}.vtu"
        path = self._directory / file
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_vtu(path, phase.grid, phase.point_data, phase.cell_data)
        self._pieces.append(Piece(file, part=phase.number - 1, name=name, time=float(time)))


def _file_stem(phase: PhaseGrid) -> str:
    """The name of a phase as that of a file: what a path may not hold is replaced, and its number added."""
    stem = _NOT_IN_FILES.sub("_", phase.tag)
    return stem if stem == phase.tag else f"{stem}_{phase.number}"


@dataclass(frozen=True)
class _Block:
    """One phase; the grid is on rank 0, empty elsewhere.

    Attributes:
        dofs: local nodes of the phase's cells that this rank owns.
        grid: the phase's mesh, nodes and cells in the order of the mesh's input.
        rows: for each point of the grid, a row of the gathered nodes that holds it.
    """

    dofs: npt.NDArray[np.int32]
    grid: Grid
    rows: npt.NDArray[np.intp]


def _gather_block(
    cells: npt.NDArray[np.int32],
    points: npt.NDArray[np.float64],
    space: fem.FunctionSpace[Any],
    numbering: InputNumbering,
) -> _Block:
    """Gather the grid of one phase on rank 0. Collective.

    Args:
        cells: local cells of the phase.
        points: (local nodes, 3) coordinates of the nodes.
        space: the space whose nodes become points.
        numbering: of its nodes.
    """
    mesh, comm = space.mesh, space.mesh.comm
    owned = cells[cells < mesh.topology.index_map(mesh.topology.dim).size_local]
    cell_nodes = space.dofmap.list[owned]
    within = np.zeros(len(points), dtype=bool)
    within[cell_nodes.ravel()] = True
    dofs = np.flatnonzero(within).astype(np.int32)
    to_global = space.dofmap.index_map.local_to_global
    nodes = gather_rows(comm, to_global(dofs))
    points = gather_rows(comm, points[dofs])
    corners = gather_rows(comm, to_global(cell_nodes.ravel()).reshape(cell_nodes.shape))
    input_cell = gather_rows(comm, mesh.topology.original_cell_index[owned])
    # A node on the border between ranks arrives from each of them: the first of each will do.
    numbers, rows = np.unique(numbering.position[nodes], return_index=True)
    compact = np.empty(len(numbering.position), dtype=np.int64)
    compact[numbers] = np.arange(len(numbers))
    compact = compact[numbering.position[corners[np.argsort(input_cell)]]]
    connectivity, vtk_type = _vtk_cells(compact, space)
    return _Block(dofs, Grid(points[rows], np.ascontiguousarray(connectivity), vtk_type), rows)


def _vtk_cells(
    cells: npt.NDArray[np.int64], space: fem.FunctionSpace[Any]
) -> tuple[npt.NDArray[np.int64], int]:
    """Cells in VTK's order of nodes, and VTK's number of their type.

    Quadratic intervals, quadrilaterals and hexahedra are split into linear ones, one between each
    pair of neighbouring nodes: VTK's filters leave some of the quadratic ones out.

    Args:
        cells: (n, nodes per cell) in DOLFINx's order.
        space: what the nodes belong to.
    """
    element, cell_type = space.element.basix_element, space.mesh.topology.cell_type
    if (cell_type, element.degree) in _VTK_SIMPLICES:
        # the inverse of DOLFINx's permutation: column k of the result is VTK's node k
        columns = np.argsort(cell_perm_vtk(cell_type, cells.shape[1]))
        return cells[:, columns], _VTK_SIMPLICES[cell_type, element.degree]
    lattice = np.rint(np.asarray(element.points) * element.degree).astype(int)
    node = {tuple(place): number for number, place in enumerate(lattice.tolist())}
    dimension = lattice.shape[1]
    boxes = [
        [node[tuple(np.add(origin, corner).tolist())] for corner in _BOX_CORNERS[dimension]]
        for origin in itertools.product(range(element.degree), repeat=dimension)
    ]
    return cells[:, np.array(boxes)].reshape(-1, len(_BOX_CORNERS[dimension])), _VTK_BOXES[cell_type]
