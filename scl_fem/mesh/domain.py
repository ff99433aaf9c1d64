"""What a mesh is to the rest of the program: cells by phase, facets by role.

A phase is known by its name, an interface by the names of the two phases that meet there, a contact (an
outer end, or the surface of a core) by its own. Arrays of a mesh, and files, hold numbers instead: a
`Layout` says which.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError

type Pair = tuple[str, str]
"""Two phases that meet, in the order of the phases."""

type Role = Pair | str
"""What facets are to a cell: an interface, or a contact."""

ELECTRODE = "electrode"
ELECTROLYTE = "electrolyte"
"""Names of the phases of a cell of two."""

BOTH: Pair = (ELECTRODE, ELECTROLYTE)
INTERFACE = BOTH
"""Where they meet."""


def role_label(role: Role) -> str:
    """An interface or a contact as it stands in case files: "A|B", "left"."""
    return role if isinstance(role, str) else "|".join(role)


@dataclass(frozen=True)
class Layout:
    """The parts of a mesh, and the numbers that stand for them: phases from 1 on, interfaces, contacts.

    Attributes:
        phases: names, in the order of the cell.
        interfaces: pairs of phases that meet.
        contacts: names; current is positive from the first to the second.
        groups: name of a role in mesh files where it is another than its label.
    """

    phases: tuple[str, ...] = BOTH
    interfaces: tuple[Pair, ...] = (INTERFACE,)
    contacts: tuple[str, ...] = ("left", "right")
    groups: tuple[tuple[Role, str], ...] = ()

    @cached_property
    def numbers(self) -> dict[Role, int]:
        """Of phases, interfaces and contacts: tags of cells and facets, physical groups of .msh files."""
        return {role: 1 + place for place, role in enumerate((*self.phases, *self.roles))}

    @property
    def roles(self) -> tuple[Role, ...]:
        """Interfaces, then contacts."""
        return (*self.interfaces, *self.contacts)

    def group(self, role: Role) -> str:
        """The name of a role in mesh files."""
        return dict(self.groups).get(role, role_label(role))

    def number(self, role: Role) -> int:
        """The number of a phase, an interface or a contact.

        Raises:
            KeyError: there is none of this name.
        """
        return self.numbers[role]


def two_phases(*contacts: str) -> Layout:
    """The layout of electrode and electrolyte, with the contact of the one and that of the other."""
    first, second = contacts
    groups = ((INTERFACE, "interface"), (first, "electrode_terminal"), (second, "electrolyte_terminal"))
    return Layout(contacts=contacts, groups=groups)


def layout_of(phases: Sequence[str], touching: Iterable[Pair], contacts: Sequence[str]) -> Layout:
    """The layout of phases that touch, whatever they are called.

    Args:
        phases: names, in the order of the cell.
        touching: pairs of phases that meet, in any order, any number of times.
        contacts: names.
    """
    place = {name: number for number, name in enumerate(phases)}
    sides = {(place[a], place[b]) if place[a] < place[b] else (place[b], place[a]) for a, b in touching}
    interfaces = tuple((phases[a], phases[b]) for a, b in sorted(sides))
    single = len(phases) == 2 and "interface" not in phases
    groups = tuple((pair, "interface") for pair in interfaces if single)
    return Layout(tuple(phases), interfaces, tuple(contacts), groups)


def lacks(missing: Sequence[Role], layout: Layout, reason: str = "") -> InputError:
    """The error of a mesh without facets that are needed.

    Args:
        missing: their roles.
        layout: of the mesh.
        reason: what needs them, as it stands in the case.
    """
    groups = [layout.group(role) for role in missing]
    names = " and no ".join(group.replace("_", " ") for group in groups)
    keys = ", ".join(f"{group} = a group of facets" for group in groups)
    by_role = groups == [role_label(role) for role in missing]
    return InputError(
        f"the mesh has no {names}" + (f", which {reason} needs" if reason else ""),
        key="mesh.contacts" if by_role else "mesh.groups",
        allowed=f"{keys}, where its place cannot be told from the shape",
    )


@dataclass(frozen=True)
class MeshData:
    """A whole mesh as plain arrays, in nm, before it is distributed.

    In layers the first phase comes first along the first axis, and the first interface is at z = 0.

    Attributes:
        points: (n, gdim) coordinates; gdim equals the topological dimension.
        cells: (m, vertices per cell) indices into `points`; interval, triangle, tetrahedron, or
            quadrilateral and hexahedron in tensor-product (DOLFINx) vertex order.
        cell_type: "interval", "triangle", "tetrahedron", "quadrilateral", "hexahedron".
        cell_phase: (m,) number of each cell's phase.
        facets: (f, vertices per facet) tagged facets.
        facet_tag: (f,) number of the role of each of them.
        remarks: what the user should know of the mesh: what is wrong, by how much, what to do.
        layout: what the numbers stand for.
    """

    points: npt.NDArray[np.float64]
    cells: npt.NDArray[np.int64]
    cell_type: str
    cell_phase: npt.NDArray[np.int32]
    facets: npt.NDArray[np.int64]
    facet_tag: npt.NDArray[np.int32]
    remarks: tuple[str, ...] = ()
    layout: Layout = field(default_factory=lambda: two_phases("left", "right"))

    def has(self, role: Role) -> bool:
        """Whether a facet has this role."""
        return bool((self.facet_tag == self.layout.number(role)).any())

    @cached_property
    def dimension(self) -> int:
        """Topological (and geometric) dimension."""
        return self.points.shape[1]
