"""A planar interface: electrode at z < 0, electrolyte at z > 0, z along the first axis."""

from __future__ import annotations

from typing import Literal

import numpy as np

from scl_fem.mesh.domain import FacetTag, MeshData, PhaseTag
from scl_fem.mesh.grading import two_sided
from scl_fem.mesh.kinds import MESH_KINDS, MeshSettings
from scl_fem.units import Length


@MESH_KINDS.register("planar")
class PlanarMesh(MeshSettings):
    """Two flat slabs in contact, meshed in layers graded towards the interface."""

    kind: Literal["planar"] = "planar"
    dimension: Literal[1] = 1
    electrode_thickness: Length = 10.0
    """Thickness of the electrode (nm)."""
    electrolyte_thickness: Length = 10.0
    """Thickness of the electrolyte (nm)."""

    def build(self) -> MeshData:
        """Graded intervals."""
        s = self.resolved()
        z = two_sided(s.electrode_thickness, s.electrolyte_thickness, s.interface_size, s.growth)
        nodes = np.arange(z.size)
        centres = 0.5 * (z[1:] + z[:-1])
        return MeshData(
            points=z[:, None],
            cells=np.column_stack([nodes[:-1], nodes[1:]]),
            cell_type="interval",
            cell_phase=np.where(centres < 0, PhaseTag.ELECTRODE, PhaseTag.ELECTROLYTE).astype(np.int32),
            facets=np.array([[np.searchsorted(z, 0.0)], [0], [z.size - 1]]),
            facet_tag=np.array(
                [FacetTag.INTERFACE, FacetTag.ELECTRODE_TERMINAL, FacetTag.ELECTROLYTE_TERMINAL],
                dtype=np.int32,
            ),
        )
