"""Makes the .msh files of this folder: python meshes/make_meshes.py [FOLDER]."""

from __future__ import annotations

import sys
from itertools import pairwise
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

# Two grains in a matrix: centre and mean radius of each, nm; and the rings of thin cells on both sides of
# their surfaces: thickness of a ring, layers in it, and their ratio away from the surface.
GRAINS = {"large grain": ((5.4, 6.0), 3.2), "small grain": ((12.2, 5.6), 2.2)}
GRAINS_BOX = (17.0, 12.0)
RING, RING_LAYERS, RING_GROWTH = 0.4, 6, 1.4
ALONG, FAR_FROM_SURFACES = 0.28, 1.6
QUARTERS = 4


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


def two_particles(path: Path) -> None:
    """Two grains, each of a group of its own, in a matrix: with rings of thin cells at their surfaces."""
    import gmsh

    gmsh.initialize(interruptible=False)
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        geo = gmsh.model.geo
        rings = {name: _grain(centre, radius) for name, (centre, radius) in GRAINS.items()}
        centres = [geo.addPoint(*centre, 0, FAR_FROM_SURFACES) for centre, _ in GRAINS.values()]
        corners = [(0, 0), (GRAINS_BOX[0], 0), GRAINS_BOX, (0, GRAINS_BOX[1])]
        points = [geo.addPoint(*corner, 0, FAR_FROM_SURFACES) for corner in corners]
        sides = [geo.addLine(points[k - 1], points[k]) for k in range(4)]
        holes = [outer for _, _, outer in rings.values()]
        rest = geo.addPlaneSurface([geo.addCurveLoop(sides), *holes])
        geo.synchronize()

        # large cells in the middle of a grain
        for (inside, _, _), centre in zip(rings.values(), centres, strict=True):
            gmsh.model.mesh.embed(0, [centre], 2, inside[0])
        for name, (inside, _, _) in rings.items():
            gmsh.model.addPhysicalGroup(2, inside, name=name)
        around = [surface for _, outside, _ in rings.values() for surface in outside]
        gmsh.model.addPhysicalGroup(2, [rest, *around], name="matrix")
        gmsh.model.addPhysicalGroup(1, sides, name="far side")
        gmsh.model.mesh.generate(2)
        gmsh.write(str(path))
    finally:
        gmsh.finalize()


def _grain(centre: tuple[float, float], radius: float) -> tuple[list[int], list[int], int]:
    """A grain that is not quite round, in a ring of its surroundings.

    Returns:
        Surfaces inside, surfaces of the ring outside, and the loop of curves around that ring.
    """
    import gmsh

    geo = gmsh.model.geo
    closed = [_quarters(centre, radius, offset) for offset in (-RING, 0.0, RING)]
    across = [
        [geo.addLine(first, second) for first, second in zip(inner, outer, strict=True)]
        for (inner, _), (outer, _) in pairwise(closed)
    ]
    for lines, growth in zip(across, (1 / RING_GROWTH, RING_GROWTH), strict=True):
        for line in lines:
            geo.mesh.setTransfiniteCurve(line, RING_LAYERS + 1, "Progression", growth)
    surfaces: list[list[int]] = []
    for lines, ((_, inner), (_, outer)) in zip(across, pairwise(closed), strict=True):
        surfaces.append([])
        for k in range(QUARTERS):
            loop = [inner[k], lines[(k + 1) % QUARTERS], -outer[k], -lines[k]]
            surfaces[-1].append(geo.addPlaneSurface([geo.addCurveLoop(loop)]))
            geo.mesh.setTransfiniteSurface(surfaces[-1][-1])
    heart = geo.addPlaneSurface([geo.addCurveLoop(closed[0][1])])
    return [heart, *surfaces[0]], surfaces[1], geo.addCurveLoop(closed[2][1])


def _quarters(centre: tuple[float, float], radius: float, offset: float) -> tuple[list[int], list[int]]:
    """A closed curve in four: its corners and its curves, each from one corner to the next."""
    import gmsh

    geo = gmsh.model.geo
    each = 9
    angles = np.linspace(0, 2 * np.pi, QUARTERS * each, endpoint=False)
    waves = 0.1 * np.cos(2 * angles) + 0.06 * np.sin(3 * angles)
    points = [
        geo.addPoint(centre[0] + r * np.cos(a), centre[1] + r * np.sin(a), 0, ALONG)
        for r, a in zip(radius * (1.0 + waves) + offset, angles, strict=True)
    ]
    points.append(points[0])
    curves = [geo.addSpline(points[k * each : (k + 1) * each + 1]) for k in range(QUARTERS)]
    # as many cells on each of the curves around a grain
    along = round(2 * np.pi * radius / QUARTERS / ALONG)
    for curve in curves:
        geo.mesh.setTransfiniteCurve(curve, along + 1)
    return points[:-1:each], curves


def main(folder: Path) -> None:
    """Make them all."""
    for name, table in READY.items():
        write_msh(MESH_KINDS[table["kind"]].model_validate(table).build(), folder / f"{name}.msh")
    irregular_particle(folder / "irregular_particle_2d.msh")
    two_particles(folder / "two_particles_2d.msh")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
