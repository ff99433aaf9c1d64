"""Meshes, nodes a second: built, and distributed to DOLFINx."""

from __future__ import annotations

from benchmarks.measuring import measured, print_table

MESHES = {
    "planar 1D": {"kind": "planar", "dimension": 1},
    "planar 2D": {"kind": "planar", "dimension": 2, "lateral_elements": 200},
    "rough 3D": {"kind": "rough", "dimension": 3, "lateral_elements": 30},
    "particle 2D": {"kind": "particle", "dimension": 2, "tangential_size": 0.05},
    "particle 3D": {"kind": "particle", "dimension": 3, "tangential_size": 0.42},
    "cube 3D": {"kind": "cube", "dimension": 3, "particle_size": "65 nm"},
}
REPEATS = 3


def main() -> None:
    """Print nodes a second on one rank."""
    from mpi4py import MPI

    from scl_fem.mesh import MESH_KINDS
    from scl_fem.mesh.distribute import distribute

    rows = []
    for name, keys in MESHES.items():
        settings = MESH_KINDS[keys["kind"]].model_validate(keys).resolved()
        data = settings.build()
        built = measured(settings.build, REPEATS)
        shared = measured(lambda data=data: distribute(data, MPI.COMM_SELF), REPEATS)
        nodes = len(data.points)
        rows.append(
            (
                name,
                nodes,
                len(data.cells),
                *(f"{nodes / t.cpu:,.0f}" for t in (built, shared, built + shared)),
            )
        )
    print_table(("mesh", "nodes", "cells", "built, nodes/s", "distributed, nodes/s", "both, nodes/s"), rows)
