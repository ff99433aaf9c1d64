"""What a mesh is to the rest of the program: cells by phase, facets by role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from scl_fem.errors import InputError


class PhaseTag(IntEnum):
    """Cell tags; also the tags of the physical groups in a .msh file."""

    ELECTRODE = 1
    ELECTROLYTE = 2

    @property
    def label(self) -> str:
        """Name of the phase in case files, groups and results."""
        return self.name.lower()


class FacetTag(IntEnum):
    """Facet tags; also the tags of the physical groups in a .msh file."""

    INTERFACE = 3
    ELECTRODE_TERMINAL = 4
    ELECTROLYTE_TERMINAL = 5

    @property
    def label(self) -> str:
        """Name of the physical group."""
        return self.name.lower()


TERMINAL_FACETS = (FacetTag.ELECTRODE_TERMINAL, FacetTag.ELECTROLYTE_TERMINAL)
"""Where Li and potential come from and go to."""


def lacks(missing: Sequence[FacetTag], reason: str = "") -> InputError:
    """The error of a mesh without facets that are needed.

    Args:
        missing: their roles.
        reason: what needs them, as it stands in the case.
    """
    names = " and no ".join(tag.label.replace("_", " ") for tag in missing)
    keys = ", ".join(f"{tag.label} = a group of facets" for tag in missing)
    return InputError(
        f"the mesh has no {names}" + (f", which {reason} needs" if reason else ""),
        key="mesh.groups",
        allowed=f"{keys}, where its place cannot be told from the shape",
    )


@dataclass(frozen=True)
class MeshData:
    """A whole mesh as plain arrays, in nm, before it is distributed.

    The electrode comes first along the first axis (planar kinds), the interface is at z = 0.

    Attributes:
        points: (n, gdim) coordinates; gdim equals the topological dimension.
        cells: (m, vertices per cell) indices into `points`; interval, triangle, tetrahedron, or
            quadrilateral and hexahedron in tensor-product (DOLFINx) vertex order.
        cell_type: "interval", "triangle", "tetrahedron", "quadrilateral", "hexahedron".
        cell_phase: (m,) `PhaseTag` of each cell.
        facets: (f, vertices per facet) tagged facets.
        facet_tag: (f,) `FacetTag` of each of them.
        remarks: what the user should know of the mesh: what is wrong, by how much, what to do.
    """

    points: npt.NDArray[np.float64]
    cells: npt.NDArray[np.int64]
    cell_type: str
    cell_phase: npt.NDArray[np.int32]
    facets: npt.NDArray[np.int64]
    facet_tag: npt.NDArray[np.int32]
    remarks: tuple[str, ...] = ()

    def has(self, tag: FacetTag) -> bool:
        """Whether a facet has this role."""
        return bool((self.facet_tag == tag).any())

    @cached_property
    def dimension(self) -> int:
        """Topological (and geometric) dimension."""
        return self.points.shape[1]
