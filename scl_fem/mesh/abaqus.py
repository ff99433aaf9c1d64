"""Meshes of Abaqus and CalculiX (.inp): element sets of sets, surfaces, parts and their instances."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError
from scl_fem.mesh.abaqus_elements import FACES, cell_type_of
from scl_fem.mesh.abaqus_text import Keyword, integers, keywords, numbers

if TYPE_CHECKING:
    import meshio

type Indices = npt.NDArray[np.int64]

_MAKES_OTHERS = {"NGEN", "NFILL", "NCOPY", "NMAP", "ELGEN", "ELCOPY"}
"""Keywords that make points or cells out of others."""


@dataclass
class _Part:
    """Points, elements and sets that number and name among themselves; the assembly is one too.

    Attributes:
        name: as written, empty for what stands outside parts.
        node_numbers: one array for each keyword *NODE.
        coordinates: (n, 3) each.
        elements: meshio's name of the type, numbers (m,), node numbers (m, k) of each *ELEMENT.
        sets: what each set is made of: (instance or None, element numbers or name of a set).
        surfaces: likewise, with the face (from 0).
    """

    name: str = ""
    node_numbers: list[Indices] = field(default_factory=list)
    coordinates: list[npt.NDArray[np.float64]] = field(default_factory=list)
    elements: list[tuple[str, Indices, Indices]] = field(default_factory=list)
    sets: dict[str, list[tuple[str | None, Indices | str]]] = field(default_factory=dict)
    surfaces: dict[str, list[tuple[str | None, Indices | str, int]]] = field(default_factory=dict)


@dataclass
class _Instance:
    """A part at its place.

    Attributes:
        name: as written.
        part: its part.
        moves: data lines: a translation, a rotation.
        numbers: element numbers, ascending, and their place among the cells of the mesh.
    """

    name: str
    part: _Part
    moves: list[str] = field(default_factory=list)
    numbers: tuple[Indices, Indices] = (np.empty(0, np.int64), np.empty(0, np.int64))


def read_abaqus(path: Path) -> meshio.Mesh:
    """A mesh of Abaqus or CalculiX; sets, materials of sections, surfaces, parts and instances are cell sets.

    Args:
        path: the file.

    Raises:
        InputError: it holds what is not understood: points or elements made out of others.
        ValueError: it is not in this format, or contradicts itself.
    """
    model = _Model()
    for keyword in _with_included(path, path.parent, (path,)):
        model.take(keyword)
    return model.mesh()


def _with_included(path: Path, folder: Path, above: tuple[Path, ...]) -> Iterator[Keyword]:
    """Keywords of a file and of those that it includes, whose places `check_references` has looked at."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for keyword in keywords(file):
            if keyword.name != "INCLUDE":
                yield keyword
                continue
            other = folder / keyword.options.get("INPUT", "")
            if other in above:
                raise ValueError(f"it includes {other.name} in itself")
            yield from _with_included(other, folder, (*above, other))


class _Model:
    """What is read, keyword by keyword."""

    def __init__(self) -> None:
        self._root = _Part()
        self._parts: dict[str, _Part] = {}
        self._instances: list[_Instance] = []
        self._here = self._root
        self._blocks: list[tuple[str, Indices]] = []

    def take(self, keyword: Keyword) -> None:
        """One keyword with its data lines; those that say nothing about the mesh are passed over."""
        name, options = keyword.name, keyword.options
        if name in _MAKES_OTHERS:
            raise InputError(
                f"*{name} in line {keyword.line} of the file is not understood",
                key="mesh.path",
                allowed="a file that lists every point and element itself",
            )
        if name == "PART":
            self._here = self._parts[_folded(options.get("NAME", ""))] = _Part(options.get("NAME", ""))
        elif name == "INSTANCE":
            self._begin_instance(keyword)
        elif name in ("END PART", "END INSTANCE", "ASSEMBLY", "END ASSEMBLY"):
            self._here = self._root
        elif name == "NODE":
            rows = numbers(keyword, widths=(2, 3, 4))
            self._here.node_numbers.append(rows[:, 0].astype(np.int64))
            self._here.coordinates.append(np.pad(rows[:, 1:4], ((0, 0), (0, 4 - min(rows.shape[1], 4)))))
        elif name == "ELEMENT":
            self._take_elements(keyword)
        elif name == "ELSET":
            self._here.sets.setdefault(options.get("ELSET", ""), []).extend(_members(keyword))
        elif name == "SURFACE" and options.get("TYPE", "ELEMENT").upper() == "ELEMENT":
            self._here.surfaces.setdefault(options.get("NAME", ""), []).extend(_faces(keyword))
        elif name.endswith(" SECTION") and {"ELSET", "MATERIAL"} <= options.keys():
            self._add_to_set(options["MATERIAL"], options["ELSET"])

    def _begin_instance(self, keyword: Keyword) -> None:
        name, part = keyword.options.get("NAME", ""), keyword.options.get("PART", "")
        if _folded(part) not in self._parts:
            raise ValueError(f"instance '{name}' is of part '{part}', which the file does not hold")
        self._instances.append(_Instance(name, self._parts[_folded(part)], keyword.lines))
        self._here = self._instances[-1].part

    def _take_elements(self, keyword: Keyword) -> None:
        kind = keyword.options.get("TYPE", "")
        known = cell_type_of(kind)
        if known is None:
            raise InputError(
                f"elements of type {kind} (line {keyword.line} of the file) are not understood",
                key="mesh.path",
                allowed="continuum elements: CPS3, CPE4, C3D4, C3D8, C3D10, ...",
            )
        cell_type, nodes = known
        if not nodes:  # masses and springs are no cells
            return
        rows = integers(keyword, width=nodes + 1)
        self._here.elements.append((cell_type, rows[:, 0], rows[:, 1:]))
        if "ELSET" in keyword.options:
            self._here.sets.setdefault(keyword.options["ELSET"], []).append((None, rows[:, 0]))

    def _add_to_set(self, name: str, member: str) -> None:
        if _folded(name) not in map(_folded, self._here.sets):
            self._here.sets[name] = []
        if _folded(name) != _folded(member):
            next(m for n, m in self._here.sets.items() if _folded(n) == _folded(name)).append((None, member))

    def mesh(self) -> meshio.Mesh:
        """Every instance at its place; points of different parts stay apart even where they coincide."""
        import meshio

        if not self._instances:
            self._instances = [_Instance(part.name, part) for part in self._parts.values()]
        flat = _Instance("", self._root)
        points, count = [], 0
        for instance in (flat, *self._instances):
            coordinates = self._place(instance, count)
            points.append(coordinates)
            count += len(coordinates)
        cells = {name: self._set(flat, name) for name in self._root.sets}
        facets = {name: self._surface(flat, name) for name in self._root.surfaces}
        for instance in self._instances:
            named = {name: self._set(instance, name) for name in instance.part.sets}
            everything = {label: instance.numbers[1] for label in {instance.name, instance.part.name}}
            for name, members in (named | everything).items():
                cells[name] = np.concatenate([cells.get(name, members[:0]), members])
            for name in instance.part.surfaces:
                facets.setdefault(name, []).extend(self._surface(instance, name))
        blocks, sets = self._with_facets(cells, facets)
        return meshio.Mesh(np.concatenate(points), blocks, cell_sets=sets)

    def _place(self, instance: _Instance, first: int) -> npt.NDArray[np.float64]:
        """Add the elements of an instance to the cells; returns its points."""
        part = instance.part
        if not part.node_numbers:
            if part.elements:
                raise ValueError("it has elements without points")
            return np.empty((0, 3))
        given, coordinates = np.concatenate(part.node_numbers), np.concatenate(part.coordinates)
        known, index = np.unique(given, return_index=True)
        twice = np.any(coordinates != coordinates[index[np.searchsorted(known, given)]], axis=1)
        if twice.any():
            raise InputError(
                f"the file numbers {twice.sum()} points a second time at another place "
                f"(first {given[twice][0]})",
                key="mesh.path",
                allowed="one number for each point, or *PART and *INSTANCE around what is numbered by itself",
            )
        start = sum(len(nodes) for _, nodes in self._blocks)
        for kind, _, nodes in part.elements:
            rows = np.minimum(np.searchsorted(known, nodes), len(known) - 1)
            if not np.array_equal(known[rows], nodes):
                raise ValueError("its elements use points that it does not hold")
            self._blocks.append((kind, rows + first))
        elements = np.concatenate([n for _, n, _ in part.elements] or [np.empty(0, np.int64)])
        order = np.argsort(elements, kind="stable")
        if np.any(np.diff(elements[order]) == 0):
            again = elements[order][1:][np.diff(elements[order]) == 0]
            raise InputError(
                f"the file numbers {len(again)} elements twice (first {again[0]})",
                key="mesh.path",
                allowed="one number for each element, or *PART and *INSTANCE",
            )
        instance.numbers = elements[order], order + start
        return _moved(coordinates[index], instance.moves)

    def _set(self, instance: _Instance, name: str, seen: frozenset[str] = frozenset()) -> Indices:
        """Cells of a set; those of the sets that it names too."""
        own = next((m for n, m in instance.part.sets.items() if _folded(n) == _folded(name)), None)
        if own is None:
            owner, dot, inner = name.partition(".")
            other = self._instance(owner)
            if dot and other is not None:
                return self._set(other, inner)
            raise ValueError(f"it names the element set '{name}', which it does not hold")
        found = [np.empty(0, np.int64)]
        for of, member in own:
            target = instance if of is None else self._instance(of)
            if target is None:
                raise ValueError(f"set '{name}' is of instance '{of}', which it does not hold")
            if not isinstance(member, str):
                found.append(_located(target, member))
            elif target is not instance or _folded(member) not in seen:
                found.append(self._set(target, member, seen | {_folded(name)}))
        return np.unique(np.concatenate(found))

    def _surface(self, instance: _Instance, name: str) -> list[tuple[Indices, int]]:
        """Cells and which of their faces."""
        found = []
        for of, member, face in instance.part.surfaces[name]:
            target = instance if of is None else self._instance(of) or instance
            cells = self._set(target, member) if isinstance(member, str) else _located(target, member)
            found.append((cells, face))
        return found

    def _instance(self, name: str) -> _Instance | None:
        return next((i for i in self._instances if _folded(i.name) == _folded(name)), None)

    def _with_facets(
        self, cells: dict[str, Indices], surfaces: dict[str, list[tuple[Indices, int]]]
    ) -> tuple[list[tuple[str, Indices]], dict[str, list[Indices]]]:
        """Blocks and sets, those of surfaces behind those of elements."""
        blocks = list(self._blocks)
        offsets = np.cumsum([0, *(len(nodes) for _, nodes in blocks)])
        members = {
            name: [chosen[(chosen >= low) & (chosen < high)] - low for low, high in _pairs(offsets)]
            for name, chosen in cells.items()
            if name
        }
        none = np.empty(0, np.int64)
        for name, faces in surfaces.items():
            for kind, facets in _facets(self._blocks, offsets, faces):
                blocks.append((kind, facets))
                for other in members.values():
                    other.append(none)
                # a set and a surface may have one name: what is meant follows from the dimension
                mine = members.setdefault(name, [none] * len(blocks))
                mine[len(blocks) - 1 :] = [np.arange(len(facets))]
        return blocks, members


def _facets(
    blocks: list[tuple[str, Indices]], offsets: Indices, faces: list[tuple[Indices, int]]
) -> Iterator[tuple[str, Indices]]:
    for cells, face in faces:
        for (kind, nodes), (low, high) in zip(blocks, _pairs(offsets), strict=True):
            chosen = cells[(cells >= low) & (cells < high)] - low
            corners = FACES.get(kind.rstrip("0123456789"), ())
            if len(chosen) and face < len(corners):
                facets = nodes[chosen][:, corners[face]]
                yield {2: "line", 3: "triangle", 4: "quad"}[facets.shape[1]], facets


def _members(keyword: Keyword) -> Iterator[tuple[str | None, Indices | str]]:
    """What an *ELSET is made of."""
    instance = keyword.options.get("INSTANCE")
    if "GENERATE" in keyword.options:
        for line in keyword.lines:
            first, last, *step = (int(word) for word in line.replace(",", " ").split())
            yield instance, np.arange(first, last + 1, *step)
        return
    words = [word.strip() for line in keyword.lines for word in line.split(",") if word.strip()]
    yield instance, np.array([int(word) for word in words if word.isdigit()], dtype=np.int64)
    yield from ((instance, word.strip('"')) for word in words if not word.isdigit())


def _faces(keyword: Keyword) -> Iterator[tuple[str | None, Indices | str, int]]:
    """What a *SURFACE is made of."""
    for line in keyword.lines:
        member, face = ([word.strip().strip('"') for word in line.split(",")] + [""])[:2]
        if face[:1].upper() == "S" and face[1:].isdigit():
            what = np.array([int(member)], dtype=np.int64) if member.isdigit() else member
            yield keyword.options.get("INSTANCE"), what, int(face[1:]) - 1


def _located(instance: _Instance, elements: Indices) -> Indices:
    """Cells of the elements that have these numbers; a range may name some that there are not."""
    known, cells = instance.numbers
    return cells[np.isin(known, elements)]


def _moved(points: npt.NDArray[np.float64], lines: list[str]) -> npt.NDArray[np.float64]:
    """An instance translated, then rotated about an axis through two points, by degrees."""
    rows = [[float(word) for word in line.split(",") if word.strip()] for line in lines]
    if rows:
        points = points + np.pad(rows[0], (0, 3))[:3]
    if len(rows) > 1:
        start, end, angle = np.array(rows[1][:3]), np.array(rows[1][3:6]), np.deg2rad(rows[1][6])
        axis = (end - start) / np.linalg.norm(end - start)
        arm = points - start
        along = np.outer(arm @ axis, axis)
        points = start + along + np.cos(angle) * (arm - along) + np.sin(angle) * np.cross(axis, arm)
    return points


def _folded(name: str) -> str:
    """Names are the same whatever their case."""
    return name.strip().strip('"').casefold()


def _pairs(offsets: Iterable[int]) -> list[tuple[int, int]]:
    return list(pairwise(offsets))
