"""A mesh from a file, in any format that gmsh, meshio, VTK or `abaqus` reads."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import model_validator

from scl_fem.complaints import shown
from scl_fem.errors import InputError
from scl_fem.mesh.domain import (
    BOTH,
    ELECTRODE,
    ELECTROLYTE,
    Layout,
    MeshData,
    Pair,
    layout_of,
    two_phases,
)
from scl_fem.mesh.extent import expect_nanometres, flattened
from scl_fem.mesh.group_names import ContactGroups, GroupNames, every_group
from scl_fem.mesh.groups import Groups
from scl_fem.mesh.kinds import MESH_KINDS, MeshSettings
from scl_fem.mesh.layers import expect_no_contact
from scl_fem.mesh.simplicial import said
from scl_fem.mesh.skin import Skin
from scl_fem.mesh.topology import Indices, Points, assemble, contained, facets_on
from scl_fem.mesh.validity import FileCells, checked
from scl_fem.mesh.welding import welded
from scl_fem.units import Length

if TYPE_CHECKING:
    import meshio

CELL_TYPES = {1: "interval", 2: "triangle", 3: "tetrahedron"}
"""DOLFINx's name of the cells, by their dimension."""

_TERMINALS = {"electrode_terminal": ("left", ELECTRODE), "electrolyte_terminal": ("right", ELECTROLYTE)}
"""Contact and phase of the terminals that `groups` names."""


@MESH_KINDS.register("file")
class FileMesh(MeshSettings):
    """A mesh from a file, groups of whose cells are the phases.

    Quadrilaterals, hexahedra, prisms and pyramids are split into triangles and tetrahedra, of quadratic
    cells the corners are taken. Contacts that nothing names, left and right, are the outermost facets
    along the first axis, if the ends of the mesh are of two phases; left is that of the phase that comes
    first. A mesh of another shape has the contacts that are named: what needs one that is missing says so.
    """

    building_share: ClassVar = None

    kind: Literal["file"] = "file"
    dimension: Literal[1, 2, 3] | None = None
    """Dimension of the cells; the file says unless given."""
    path: str
    """The file; a relative one is looked for in the folder of the case file."""
    groups: GroupNames
    """Which group of the file is what."""
    contacts: ContactGroups | None = None
    """Facets of each contact: `{ left = "foil", right = "lithium" }`; current is positive from the first to
    the second."""
    scale: Length = 1.0
    """Length of the file's unit (nm)."""
    weld: bool | None = None
    """Join points that coincide; false leaves an open gap between them. Unless given, they are an error."""
    ignore_rest: bool = False
    """Leave out the cells that belong to no phase; otherwise they are an error."""

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        terminals = [key for key in _TERMINALS if getattr(self.groups, key) is not None]
        if self.contacts and terminals:
            raise InputError(
                "cannot stand beside mesh.contacts",
                key=f"groups.{terminals[0]}",
                allowed="the groups of all contacts in mesh.contacts",
            )
        expect_no_contact(self.groups.phases, self._contact_names, "groups")
        return self

    @property
    def _contact_names(self) -> tuple[str, ...]:
        return tuple(self.contacts or ("left", "right"))

    def phase_names(self) -> tuple[str, ...]:
        """See `MeshSettings`."""
        return tuple(self.groups.phases)

    def touching(self) -> tuple[Pair, ...] | None:
        """See `MeshSettings`."""
        names = self.phase_names()
        if len(names) > 2:
            return None
        return tuple(combinations(names, 2))

    def contact_phases(self) -> dict[str, str | None]:
        """See `MeshSettings`."""
        names, contacts = self.phase_names(), self._contact_names
        if len(names) == 1:
            return dict.fromkeys(contacts, names[0])
        known = names if len(names) == 2 and not self.contacts else (None,) * len(contacts)
        return dict(zip(contacts, known, strict=True))

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
        """Read the file; keep the phases.

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
        cell_phase = np.repeat(np.arange(1, 1 + len(by_phase)), [len(c) for c in by_phase.values()])
        kept = _Kept.of(cells, len(raw.points))
        cells = kept.row[cells]
        in_file = np.asarray(raw.points, dtype=np.float64)[kept.points]
        flat = flattened(in_file, dimension)
        skin, found = checked(FileCells(flat, cells, cell_phase, in_file), self.weld)
        remarks += found + expect_nanometres(flat, self.scale, "scale" in self.model_fields_set)
        points = self.scale * flat
        interfaces = self._interfaces(skin, cells, cell_phase)
        self._check_interface(skin.interface.vertices(cells), kept, groups)
        contacts = self._contacts(groups, kept, cells, cell_phase)
        if not self.contacts:
            contacts = _planar_contacts(points, cells, cell_phase, skin) | contacts
        layout = self._layout(list(interfaces))
        return assemble(
            points, cells, CELL_TYPES[dimension], cell_phase, contacts, layout, interfaces, tuple(remarks)
        )

    def _layout(self, touching: list[Pair]) -> Layout:
        names, contacts = self.phase_names(), self._contact_names
        usual = names == BOTH and contacts == ("left", "right")
        return two_phases(*contacts) if usual else layout_of(names, touching, contacts)

    def _wrong(self, problem: str, key: str = "groups", allowed: str | None = None) -> InputError:
        """An error about the mesh file, at a key of the [mesh] table."""
        return InputError(problem, key=key, allowed=allowed)

    def _phases(self, groups: Groups) -> tuple[int, dict[str, Indices]]:
        """The dimension of the phases, and the simplices of each."""
        phases = self.groups.phases
        dimensions = set()
        for phase, names in phases.items():
            with self._about(f"groups.{phase}"):
                # a number may be used for facets too: the phase is what has the highest dimension
                dimensions |= {groups.dimension(name) for name in names}
        kinds = groups.kinds(*every_group(phases))
        dimension = max(dimensions)
        if len(dimensions) > 1 or dimension not in CELL_TYPES:
            raise self._wrong(
                f"the phases are made of {kinds} cells",
                allowed=f"phases of one dimension, 1, 2 or 3; the file holds {groups.held()}",
            )
        if self.dimension not in (None, dimension):
            raise self._wrong(f"the phases are made of {kinds} cells", key="dimension")
        for one, other in combinations(phases, 2):
            if shared := groups.shared(phases[one], phases[other], dimension):
                raise self._wrong(
                    f"{shared} cells belong to both phases, {one} and {other}",
                    allowed="every cell in one phase",
                )
        return dimension, {phase: groups.cells(names, dimension) for phase, names in phases.items()}

    def _left_over(self, groups: Groups, dimension: int) -> list[str]:
        """A remark on cells that no phase takes.

        Raises:
            InputError: there are some, and the case does not say that they are to be left out.
        """
        number, total, known = groups.left_over(every_group(self.groups.phases), dimension)
        if not number:
            return []
        problem = f"{number} of {total} cells of the mesh file belong to no phase; they are in: {known}"
        if not self.ignore_rest:
            raise self._wrong(
                problem, allowed="every cell in a phase, or mesh.ignore_rest = true to leave them out"
            )
        return [f"{problem}; mesh.ignore_rest leaves them out"]

    def _interfaces(
        self, skin: Skin, cells: Indices, cell_phase: npt.NDArray[np.int_]
    ) -> dict[Pair, Indices]:
        """Facets where phases meet, by pair."""
        names = self.phase_names()
        facets, first = skin.interface.vertices(cells), cell_phase[skin.interface.cell]
        pairs = np.unique(np.column_stack([first, skin.beyond]), axis=0)
        apart = [name for number, name in enumerate(names, start=1) if number not in pairs]
        if apart and len(names) > 1:
            who = "the phases share" if len(names) == 2 else f"phase {apart[0]} shares"
            raise self._wrong(
                f"{who} no facet", allowed="phases that meet, with common points at the interface"
            )
        return {
            (names[a - 1], names[b - 1]): facets[(first == a) & (skin.beyond == b)] for a, b in pairs.tolist()
        }

    def _check_interface(self, found: Indices, kept: _Kept, groups: Groups) -> None:
        if self.groups.interface is None:
            return
        key = "groups.interface"
        named = kept.row[self._facets((self.groups.interface,), groups, found.shape[1] - 1, key)]
        if not (len(named) == len(found) and contained(found, named).all()):
            raise self._wrong(
                f"{len(named)} facets are named as interface, the phases meet in {len(found)}",
                key=key,
                allowed="the facets where the phases meet, or no name",
            )

    def _contacts(
        self, groups: Groups, kept: _Kept, cells: Indices, cell_phase: npt.NDArray[np.int_]
    ) -> dict[str, Indices]:
        """Facets of the contacts that the case names."""
        names, dimension = self.phase_names(), cells.shape[1] - 1
        found: dict[str, Indices] = {}
        for key, contact, phase, group in self._named_contacts():
            if phase is not None and phase not in names:
                raise self._wrong(f"there is no phase '{phase}'", key=key, allowed="mesh.contacts instead")
            facets = kept.row[self._facets(group, groups, dimension - 1, key)]
            of = cells if phase is None else cells[cell_phase == 1 + names.index(phase)]
            self._check_contact(key, facets, of, "any phase" if phase is None else "the phase")
            for other, taken in found.items():
                if both := int(contained(facets, taken).sum()):
                    raise self._wrong(
                        f"{both} facets belong to contact '{other}' too",
                        key=key,
                        allowed="every facet in one contact",
                    )
            found[contact] = facets
        return found

    def _named_contacts(self) -> Iterator[tuple[str, str, str | None, tuple[str, ...]]]:
        """Key, name, phase where only one will do, and groups of each contact that is named."""
        for name, group in (self.contacts or {}).items():
            yield f"contacts.{name}", name, None, group
        for key, (name, phase) in _TERMINALS.items():
            if (terminal := getattr(self.groups, key)) is not None:
                yield f"groups.{key}", name, phase, (terminal,)

    def _facets(self, names: tuple[str, ...], groups: Groups, dimension: int, key: str) -> Indices:
        """Facets of some groups, as rows of the file's points."""
        for name in names:
            with self._about(key):
                found = groups.dimensions(name)
            if dimension not in found:
                raise self._wrong(
                    f"group '{name}' is made of {groups.kinds(name)} cells",
                    key=key,
                    allowed=f"facets of the phases, cells of dimension {dimension}: {groups.held()}",
                )
        return groups.cells(names, dimension)

    def _check_contact(self, key: str, facets: Indices, cells: Indices, whose: str) -> None:
        known = 0
        if facets.min() >= 0:
            on = np.zeros(max(cells.max(), facets.max()) + 1, dtype=bool)
            on[facets] = True
            known = int(contained(facets, facets_on(cells, CELL_TYPES[cells.shape[1] - 1], on)).sum())
        if known < len(facets):
            raise self._wrong(
                f"{len(facets) - known} facets of the terminal belong to no cell of {whose}", key=key
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


def _planar_contacts(
    points: Points, cells: Indices, cell_phase: npt.NDArray[np.int_], skin: Skin
) -> dict[str, Indices]:
    """The two ends along the first axis, if each is of one phase and not the same; else nothing."""
    facets, phase = skin.exterior.vertices(cells), cell_phase[skin.exterior.cell]
    z = points[:, 0]
    tolerance = 1e-9 * np.ptp(z)
    ends: list[tuple[int, Indices]] = []
    for on in (z <= z.min() + tolerance, z >= z.max() - tolerance):
        there = on[facets].all(axis=1)
        if not there.any() or np.ptp(phase[there]):
            return {}
        ends.append((int(phase[there][0]), facets[there]))
    (low, at_low), (high, at_high) = ends
    if low == high:
        return {}
    return {"left": at_low, "right": at_high} if low < high else {"right": at_low, "left": at_high}
