"""A mesh from a file, in any format that gmsh, meshio, VTK or `abaqus` reads."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import BeforeValidator, Field

from scl_fem.complaints import shown
from scl_fem.errors import InputError
from scl_fem.mesh.domain import BOTH, FacetTag, MeshData, PhaseTag, two_phases
from scl_fem.mesh.extent import expect_nanometres, flattened
from scl_fem.mesh.groups import Groups
from scl_fem.mesh.kinds import MESH_KINDS, MeshSettings
from scl_fem.mesh.simplicial import said
from scl_fem.mesh.skin import Skin
from scl_fem.mesh.topology import Indices, Points, assemble, contained, facets_on
from scl_fem.mesh.validity import FileCells, checked
from scl_fem.mesh.welding import welded
from scl_fem.settings import Settings
from scl_fem.units import Length

if TYPE_CHECKING:
    import meshio

CELL_TYPES = {1: "interval", 2: "triangle", 3: "tetrahedron"}
"""DOLFINx's name of the cells, by their dimension."""

_PHASE_OF = {
    FacetTag.ELECTRODE_TERMINAL: PhaseTag.ELECTRODE,
    FacetTag.ELECTROLYTE_TERMINAL: PhaseTag.ELECTROLYTE,
}


def _as_name(value: object) -> object:
    """A number that names a group, as text."""
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole or (isinstance(value, int) and not isinstance(value, bool)) else value  # type: ignore[call-overload]


GroupName = Annotated[str, BeforeValidator(_as_name), Field(json_schema_extra={"also": "number"})]


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
    """A mesh from a file, two groups of whose cells are the phases.

    Quadrilaterals, hexahedra, prisms and pyramids are split into triangles and tetrahedra, of quadratic
    cells the corners are taken. Terminals that no group names are the outermost facets along the first
    axis, if one end of the mesh is electrode and the other electrolyte. A mesh of another shape has the
    terminals that are named: what needs one that is missing says so.
    """

    building_share: ClassVar = None

    kind: Literal["file"] = "file"
    dimension: Literal[1, 2, 3] | None = None
    """Dimension of the cells; the file says unless given."""
    path: str
    """The file; a relative one is looked for in the folder of the case file."""
    groups: GroupNames
    """Which group of the file is what."""
    scale: Length = 1.0
    """Length of the file's unit (nm)."""
    weld: bool | None = None
    """Join points that coincide; false leaves an open gap between them. Unless given, they are an error."""
    ignore_rest: bool = False
    """Leave out the cells that belong to no phase; otherwise they are an error."""

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
            InputError: no file, not a mesh, no such group, cells that are not understood or do not make a
                mesh, phases that do not meet.
        """
        # Here, not above: a generated mesh needs none of the readers, and start-up counts.
        from scl_fem.mesh.reading import read_mesh

        raw = read_mesh(Path(self.path))
        with self._about_file():
            return self._built(raw)

    def _built(self, raw: meshio.Mesh) -> MeshData:
        remarks = []
        if self.weld:
            remarks += _weld(raw)
        groups = Groups(raw)
        dimension, by_phase = self._phases(groups)
        remarks += [*said(groups.blocks, dimension), *self._left_over(groups, dimension)]
        cells = np.concatenate(list(by_phase.values()))
        cell_phase = np.repeat([int(tag) for tag in by_phase], [len(c) for c in by_phase.values()])
        kept = _Kept.of(cells, len(raw.points))
        cells = kept.row[cells]
        in_file = np.asarray(raw.points, dtype=np.float64)[kept.points]
        flat = flattened(in_file, dimension)
        phases = FileCells(flat, cells, cell_phase == PhaseTag.ELECTRODE, in_file)
        skin, found = checked(phases, self.weld)
        remarks += found + expect_nanometres(flat, self.scale, "scale" in self.model_fields_set)
        points = self.scale * flat
        facets = {
            tag: kept.row[groups.cells(name, dimension - 1)]
            for tag in FacetTag
            if (name := self._named(tag, groups, dimension))
        }
        cell_type = CELL_TYPES[dimension]
        interface = skin.interface.vertices(cells)
        self._check_interface(interface, facets.pop(FacetTag.INTERFACE, None))
        for tag, of_terminal in facets.items():
            self._check_terminal(tag, of_terminal, cells[cell_phase == _PHASE_OF[tag]], cell_type)
        terminals = _planar_terminals(points, cells, cell_phase, skin) | facets
        layout = two_phases("left", "right")
        contacts = {layout.contacts[tag - FacetTag.ELECTRODE_TERMINAL]: terminals[tag] for tag in terminals}
        return assemble(
            points, cells, cell_type, cell_phase, contacts, layout, {BOTH: interface}, tuple(remarks)
        )

    def _wrong(self, problem: str, key: str = "groups", allowed: str | None = None) -> InputError:
        """An error about the mesh file, at a key of the [mesh] table."""
        return InputError(problem, key=key, allowed=allowed)

    def _phases(self, groups: Groups) -> tuple[int, dict[PhaseTag, Indices]]:
        """The dimension of the phases, and the simplices of each."""
        names = {tag: getattr(self.groups, tag.label) for tag in PhaseTag}
        dimensions = {}
        for tag, name in names.items():
            with self._about(f"groups.{tag.label}"):
                # a number may be used for facets too: the phase is what has the highest dimension
                dimensions[tag] = groups.dimension(name)
        dimension = max(dimensions.values())
        if min(dimensions.values()) != dimension or dimension not in CELL_TYPES:
            raise self._wrong(
                f"the phases are made of {groups.kinds(*names.values())} cells",
                allowed=f"phases of one dimension, 1, 2 or 3; the file holds {groups.held()}",
            )
        if self.dimension not in (None, dimension):
            raise self._wrong(
                f"the phases are made of {groups.kinds(*names.values())} cells", key="dimension"
            )
        shared = groups.shared(names[PhaseTag.ELECTRODE], names[PhaseTag.ELECTROLYTE], dimension)
        if shared:
            raise self._wrong(f"{shared} cells belong to both phases")
        return dimension, {tag: groups.cells(name, dimension) for tag, name in names.items()}

    def _left_over(self, groups: Groups, dimension: int) -> list[str]:
        """A remark on cells that no phase takes.

        Raises:
            InputError: there are some, and the case does not say that they are to be left out.
        """
        names = [getattr(self.groups, tag.label) for tag in PhaseTag]
        number, total, known = groups.left_over(names, dimension)
        if not number:
            return []
        problem = f"{number} of {total} cells of the mesh file belong to no phase; they are in: {known}"
        if not self.ignore_rest:
            raise self._wrong(
                problem, allowed="every cell in a phase, or mesh.ignore_rest = true to leave them out"
            )
        return [f"{problem}; mesh.ignore_rest leaves them out"]

    def _named(self, tag: FacetTag, groups: Groups, dimension: int) -> str | None:
        """Name of the group of facets with a role, if the case names one."""
        name = getattr(self.groups, tag.label)
        if name is None:
            return None
        with self._about(f"groups.{tag.label}"):
            found = groups.dimensions(name)
        if dimension - 1 not in found:
            raise self._wrong(
                f"group '{name}' is made of {groups.kinds(name)} cells",
                key=f"groups.{tag.label}",
                allowed=f"facets of the phases, cells of dimension {dimension - 1}: {groups.held()}",
            )
        return str(name)

    def _check_interface(self, found: Indices, named: Indices | None) -> None:
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
        """Errors about a group, told of the key that names the group."""
        try:
            yield
        except InputError as error:
            raise self._wrong(error.problem, key=key, allowed=error.allowed) from None

    @contextlib.contextmanager
    def _about_file(self) -> Iterator[None]:
        """Errors about the mesh, told of this file and of the [mesh] table."""
        try:
            yield
        except InputError as error:
            key = (error.key or "path").removeprefix("mesh.")
            raise InputError(
                f"{self.path}: {error.problem}", key=f"mesh.{key}", allowed=error.allowed
            ) from None


@dataclass(frozen=True)
class _Kept:
    """Points that cells use.

    Attributes:
        points: their rows in the file.
        row: by row in the file, -1 where no cell uses the point.
    """

    points: Indices
    row: Indices

    @classmethod
    def of(cls, cells: Indices, number: int) -> _Kept:
        used = np.zeros(number, dtype=bool)
        used[cells] = True
        points = np.flatnonzero(used)
        row = np.full(number, -1)
        row[points] = np.arange(len(points))
        return cls(points, row)


def _weld(raw: meshio.Mesh) -> list[str]:
    """Join the points of a mesh that coincide; a remark on how many."""
    cells, number = welded(np.asarray(raw.points, dtype=np.float64), [block.data for block in raw.cells])
    for block, joined in zip(raw.cells, cells, strict=True):
        block.data = joined
    return [f"{number} points of the mesh file were joined with others in the same place"] if number else []


def _planar_terminals(
    points: Points, cells: Indices, cell_phase: npt.NDArray[np.int_], skin: Skin
) -> dict[FacetTag, Indices]:
    """The two ends along the first axis, if they belong to different phases; else nothing."""
    facets, phase = skin.exterior.vertices(cells), cell_phase[skin.exterior.cell]
    z = points[:, 0]
    tolerance = 1e-9 * np.ptp(z)
    ends: dict[FacetTag, Indices] = {}
    for on in (z <= z.min() + tolerance, z >= z.max() - tolerance):
        there = on[facets].all(axis=1)
        if there.any():
            ends |= {tag: facets[there] for tag, of in _PHASE_OF.items() if (phase[there] == of).all()}
    return ends if len(ends) == 2 else {}
