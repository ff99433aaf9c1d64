"""A mesh from a file, in any format that meshio reads."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import BeforeValidator

from scl_fem.complaints import shown
from scl_fem.errors import InputError
from scl_fem.mesh.domain import FacetTag, MeshData, PhaseTag
from scl_fem.mesh.groups import Groups
from scl_fem.mesh.kinds import MESH_KINDS, MeshSettings
from scl_fem.mesh.references import check_references
from scl_fem.mesh.topology import (
    Indices,
    Points,
    assemble,
    contained,
    exterior_facets,
    facets_between,
    facets_on,
    jacobians,
    oriented,
)
from scl_fem.regular import check_regular
from scl_fem.settings import Settings
from scl_fem.units import Length

if TYPE_CHECKING:
    import meshio

CELL_TYPES = {
    "line": "interval",
    "triangle": "triangle",
    "quad": "quadrilateral",
    "tetra": "tetrahedron",
    "hexahedron": "hexahedron",
}
"""Kinds of cells that are understood: meshio's name to DOLFINx's."""

FACET_TYPES = {
    "interval": "vertex",
    "triangle": "line",
    "quadrilateral": "line",
    "tetrahedron": "triangle",
    "hexahedron": "quad",
}
"""Meshio's name of the facets of a cell."""

TENSOR_ORDER = {"quadrilateral": [0, 1, 3, 2], "hexahedron": [0, 1, 3, 2, 4, 5, 7, 6]}
"""Tensor-product vertex order by the circular one of files; its own inverse."""

_DIMENSIONS = {"interval": 1, "triangle": 2, "quadrilateral": 2, "tetrahedron": 3, "hexahedron": 3}

_PHASE_OF = {
    FacetTag.ELECTRODE_TERMINAL: PhaseTag.ELECTRODE,
    FacetTag.ELECTROLYTE_TERMINAL: PhaseTag.ELECTROLYTE,
}

GroupName = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)]


class GroupNames(Settings):
    """Which group of the file is what."""

    electrode: GroupName
    """Cells of the electrode."""
    electrolyte: GroupName
    """Cells of the electrolyte."""
    interface: GroupName | None = None
    """Facets between them; found by itself, and compared if named."""
    electrode_terminal: GroupName | None = None
    """Facets of the electrode's terminal."""
    electrolyte_terminal: GroupName | None = None
    """Facets of the electrolyte's terminal."""


@MESH_KINDS.register("file")
class FileMesh(MeshSettings):
    """A mesh from a file: straight-sided cells of one kind, two groups of them the phases.

    Terminals that no group names are the outermost facets along the first axis, if one end of the mesh is
    electrode and the other electrolyte. A mesh of another shape has the terminals that are named: what
    needs one that is missing says so.
    """

    kind: Literal["file"] = "file"
    dimension: Literal[1, 2, 3] | None = None
    """Dimension of the cells; the file says unless given."""
    path: str
    """The file; a relative one is looked for in the folder of the case file."""
    groups: GroupNames
    """Which group of the file is what."""
    scale: Length = 1.0
    """Length of the file's unit (nm)."""

    def relative_to(self, folder: Path) -> Self:
        """The same settings with the path made absolute.

        Args:
            folder: of the case file.
        """
        try:
            path = (folder / Path(self.path).expanduser()).resolve()
        except (ValueError, OSError, RuntimeError) as error:  # a NUL, a loop of links, a home of nobody
            raise InputError(f"cannot be {shown(self.path)}: {error}", key="mesh.path") from None
        return self.model_copy(update={"path": str(path)})

    def build(self) -> MeshData:
        """Read the file; keep the two phases.

        Raises:
            InputError: no file, not a mesh, no such group, cells that are not understood, phases that do
                not meet.
        """
        raw = _read(Path(self.path))
        groups = Groups(raw)
        cell_type, by_phase = self._phases(groups)
        used, cells = np.unique(np.concatenate(list(by_phase.values())), return_inverse=True)
        cell_phase = np.repeat([int(tag) for tag in by_phase], [len(c) for c in by_phase.values()])
        cells = cells.reshape(cell_phase.size, -1)
        points = self.scale * self._flattened(raw.points[used], cell_type)
        cells = oriented(points, cells, cell_type)
        self._check_cells(points, cells, cell_type)
        # row of the kept points by row of the file's; -1 where no cell uses the point
        kept = np.full(len(raw.points), -1)
        kept[used] = np.arange(used.size)
        named = {
            tag: kept[groups.cells(name, FACET_TYPES[cell_type])]
            for tag in FacetTag
            if (name := self._named(tag, groups, cell_type))
        }
        self._check_interface(cells, cell_type, cell_phase, named.pop(FacetTag.INTERFACE, None))
        for tag, facets in named.items():
            self._check_terminal(tag, facets, cells[cell_phase == _PHASE_OF[tag]], cell_type)
        terminals = _planar_terminals(points, cells, cell_type, cell_phase) | named
        return assemble(points, cells, cell_type, cell_phase, terminals)

    def _wrong(self, problem: str, key: str = "groups", allowed: str | None = None) -> InputError:
        """An error about the mesh file, at a key of the [mesh] table."""
        return InputError(f"{self.path}: {problem}", key=f"mesh.{key}", allowed=allowed)

    def _phases(self, groups: Groups) -> tuple[str, dict[PhaseTag, Indices]]:
        """The one type of cell, and the cells of each phase in DOLFINx's vertex order."""
        kinds, by_phase = {}, {}
        for tag in PhaseTag:
            name = getattr(self.groups, tag.label)
            with self._about(f"groups.{tag.label}"):
                # a number may be used for facets too: the phase is what has the highest dimension
                kinds[tag] = groups.largest_cell_types(name)
        found = sorted({kind for of_phase in kinds.values() for kind in of_phase})
        if len(found) != 1 or found[0] not in CELL_TYPES:
            raise self._wrong(
                f"the phases are made of {', '.join(found)} cells",
                allowed=f"one kind of straight-sided cells: {', '.join(CELL_TYPES)}",
            )
        cell_type = CELL_TYPES[found[0]]
        if self.dimension not in (None, _DIMENSIONS[cell_type]):
            raise self._wrong(f"the phases are made of {found[0]} cells", key="dimension")
        order = TENSOR_ORDER.get(cell_type, slice(None))
        for tag in PhaseTag:
            by_phase[tag] = groups.cells(getattr(self.groups, tag.label), found[0])[:, order]
        shared = contained(by_phase[PhaseTag.ELECTRODE], by_phase[PhaseTag.ELECTROLYTE]).sum()
        if shared:
            raise self._wrong(f"{shared} cells belong to both phases")
        return cell_type, by_phase

    def _named(self, tag: FacetTag, groups: Groups, cell_type: str) -> str | None:
        """Name of the group of facets with a role, if the case names one."""
        name = getattr(self.groups, tag.label)
        if name is None:
            return None
        with self._about(f"groups.{tag.label}"):
            kinds = groups.cell_types(name)
        if FACET_TYPES[cell_type] not in kinds:
            raise self._wrong(
                f"group '{name}' is made of {', '.join(kinds)} cells",
                key=f"groups.{tag.label}",
                allowed=f"facets of the phases: {FACET_TYPES[cell_type]}",
            )
        return name

    def _flattened(self, points: Points, cell_type: str) -> Points:
        """The coordinates that vary: as many as the cells have dimensions."""
        dimension = _DIMENSIONS[cell_type]
        extent = np.ptp(points, axis=0)
        varies = extent > 1e-10 * extent.max()
        if varies.sum() != dimension:
            raise self._wrong(
                f"{cell_type} cells in {varies.sum()} dimensions",
                key="path",
                allowed="a mesh that fills a line, a plane or space, along the coordinate axes",
            )
        return np.ascontiguousarray(points[:, varies], dtype=np.float64)

    def _check_cells(self, points: Points, cells: Indices, cell_type: str) -> None:
        size = np.ptp(points[cells], axis=1).prod(axis=1)
        flat = (jacobians(points, cells, cell_type) <= 1e-12 * size).sum()
        if flat:
            raise self._wrong(f"{flat} cells have no volume or are turned inside out", key="path")

    def _check_interface(
        self, cells: Indices, cell_type: str, cell_phase: npt.NDArray[np.int_], named: Indices | None
    ) -> None:
        found = facets_between(cells, cell_type, cell_phase == PhaseTag.ELECTRODE)
        if not len(found):
            raise self._wrong(
                "the phases share no facet", allowed="phases that meet, with common points at the interface"
            )
        if named is not None and not (len(named) == len(found) and contained(found, named).all()):
            raise self._wrong(
                f"{len(named)} facets are named as interface, the phases meet in {len(found)}",
                key="groups.interface",
                allowed="the facets where the phases meet, or no name",
            )

    def _check_terminal(self, tag: FacetTag, facets: Indices, phase: Indices, cell_type: str) -> None:
        known = 0
        if facets.min() >= 0:
            on = np.zeros(max(phase.max(), facets.max()) + 1, dtype=bool)
            on[facets] = True
            known = int(contained(facets, facets_on(phase, cell_type, on)).sum())
        if known < len(facets):
            raise self._wrong(
                f"{len(facets) - known} facets of the terminal belong to no cell of the phase",
                key=f"groups.{tag.label}",
            )

    @contextlib.contextmanager
    def _about(self, key: str) -> Iterator[None]:
        """Errors about a group, told of this file and the key that names the group."""
        try:
            yield
        except InputError as error:
            raise self._wrong(error.problem, key=key, allowed=error.allowed) from None


def _planar_terminals(
    points: Points, cells: Indices, cell_type: str, cell_phase: npt.NDArray[np.int_]
) -> dict[FacetTag, Indices]:
    """The two ends along the first axis, if they belong to different phases; else nothing."""
    z = points[:, 0]
    tolerance = 1e-9 * np.ptp(z)
    ends: dict[FacetTag, Indices] = {}
    for on in (z <= z.min() + tolerance, z >= z.max() - tolerance):
        facets = exterior_facets(cells, cell_type, on)
        touching = {
            tag: contained(facets, facets_on(cells[cell_phase == phase], cell_type, on)).all()
            for tag, phase in _PHASE_OF.items()
        }
        if len(facets):
            ends |= {tag: facets for tag, touches in touching.items() if touches}
    return ends if len(ends) == 2 else {}


def _read(path: Path) -> meshio.Mesh:
    """Whatever meshio makes of a file.

    Raises:
        InputError: there is none, or meshio cannot read it.
    """
    import meshio

    check_regular(path, "mesh.path")
    check_references(path)
    chatter = io.StringIO()
    try:
        # meshio prints, and ends the program, where it fails
        with contextlib.redirect_stdout(chatter), contextlib.redirect_stderr(chatter):
            return meshio.read(path)
    except (Exception, SystemExit) as error:
        reason = str(error) if not isinstance(error, SystemExit) else "not a mesh in the format of its name"
        formats = "a mesh that meshio reads: .msh, .vtu, .xdmf, .med, .inp, .mesh, ..."
        raise InputError(f"cannot read {path}: {reason}", key="mesh.path", allowed=formats) from error
