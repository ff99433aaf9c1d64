"""Meshes: the kinds a case can name, and their distribution over the ranks.

`scl_fem.mesh.distribute` needs DOLFINx and is imported by itself; what is here is light.
"""

from scl_fem.mesh import cube, file, particle, planar, rough, stack
from scl_fem.mesh.domain import BOTH, ELECTRODE, ELECTROLYTE, INTERFACE, MeshData
from scl_fem.mesh.kinds import MESH_KINDS, MeshSettings

__all__ = [
    "BOTH",
    "ELECTRODE",
    "ELECTROLYTE",
    "INTERFACE",
    "MESH_KINDS",
    "MeshData",
    "MeshSettings",
    "cube",
    "file",
    "particle",
    "planar",
    "rough",
    "stack",
]
