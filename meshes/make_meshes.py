"""Makes the .msh files of this folder: python meshes/make_meshes.py [FOLDER]."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from scl_fem.mesh import MESH_KINDS
from scl_fem.mesh.write import write_msh

# The kinds that the program makes itself, coarse enough to be small files.
READY = {
    "planar_2d": {"kind": "planar", "dimension": 2, "lateral_elements": 4},
    "planar_3d": {"kind": "planar", "dimension": 3, "lateral_elements": 4, "growth": 1.5},
    "rough_2d": {"kind": "rough", "dimension": 2, "lateral_elements": 24, "growth": 1.3},
    "particle_2d": {
        "kind": "particle",
        "dimension": 2,
        "tangential_size": "0.5 nm",
        "interface_size": "0.03 nm",
        "growth": 1.3,
    },
}

CENTRE, BOX = (8.0, 7.0), (16.0, 14.0)
INTERFACE_SIZE, FAR_SIZE = 0.16, 1.5


def irregular_particle(path: Path) -> None:
    """A grain of irregular shape around a current collector, in a box: gmsh's own unstructured mesh.

    An example of a mesh made elsewhere, with group names of its own.
    """
    import gmsh

    gmsh.initialize(interruptible=False)
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        occ = gmsh.model.occ
        box = occ.addRectangle(0, 0, 0, *BOX)
        angles = np.linspace(0, 2 * np.pi, 36, endpoint=False)
        radii = 4.0 + 0.5 * np.cos(2 * angles) + 0.35 * np.sin(3 * angles) + 0.15 * np.cos(5 * angles + 1)
        points = [
            occ.addPoint(CENTRE[0] + r * np.cos(a), CENTRE[1] + r * np.sin(a), 0)
            for r, a in zip(radii, angles, strict=True)
        ]
        outline = occ.addBSpline([*points, points[0]])
        grain = occ.addPlaneSurface([occ.addCurveLoop([outline])])
        collector = occ.addDisk(*CENTRE, 0, 1.5, 1.5)
        occ.cut([(2, grain)], [(2, collector)])
        _, pieces = occ.fragment([(2, box)], [(2, grain)])
        occ.synchronize()

        grain = pieces[1][0][1]
        hole = min(gmsh.model.getBoundary([(2, grain)], oriented=False), key=_length)[1]
        outline = max(gmsh.model.getBoundary([(2, grain)], oriented=False), key=_length)[1]
        # what the box lost to the collector is no phase: only the piece that surrounds the grain counts
        around = next(
            tag
            for _, tag in gmsh.model.getEntities(2)
            if tag != grain and (1, outline) in gmsh.model.getBoundary([(2, tag)], oriented=False)
        )
        sides = gmsh.model.getBoundary([(2, around)], oriented=False)
        gmsh.model.addPhysicalGroup(2, [grain], name="cathode grain")
        gmsh.model.addPhysicalGroup(2, [around], name="glass")
        gmsh.model.addPhysicalGroup(1, [hole], name="collector")
        gmsh.model.addPhysicalGroup(1, [tag for _, tag in sides if tag != outline], name="far side")
        _grade(outline)
        gmsh.model.mesh.generate(2)
        gmsh.write(str(path))
    finally:
        gmsh.finalize()


def _length(curve: tuple[int, int]) -> float:
    import gmsh

    return gmsh.model.occ.getMass(*curve)


def _grade(outline: int) -> None:
    """Small triangles along a curve, large ones far from it."""
    import gmsh

    field = gmsh.model.mesh.field
    distance = field.add("Distance")
    field.setNumbers(distance, "CurvesList", [outline])
    field.setNumber(distance, "Sampling", 400)
    threshold = field.add("Threshold")
    for name, value in {
        "InField": distance,
        "SizeMin": INTERFACE_SIZE,
        "SizeMax": FAR_SIZE,
        "DistMin": 0.3,
        "DistMax": 5.0,
    }.items():
        field.setNumber(threshold, name, value)
    field.setAsBackgroundMesh(threshold)
    for option in ("MeshSizeExtendFromBoundary", "MeshSizeFromPoints", "MeshSizeFromCurvature"):
        gmsh.option.setNumber(f"Mesh.{option}", 0)


def main(folder: Path) -> None:
    """Make them all."""
    for name, table in READY.items():
        write_msh(MESH_KINDS[table["kind"]].model_validate(table).build(), folder / f"{name}.msh")
    irregular_particle(folder / "irregular_particle_2d.msh")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
