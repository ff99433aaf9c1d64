"""Files that hold no mesh, or not the one that was meant: told with how many, where and the way out."""

import meshio
import numpy as np
import pytest

from scl_fem.errors import InputError
from scl_fem.mesh import MESH_KINDS
from scl_fem.mesh.skin import skin
from scl_fem.mesh.structured import grid_points, grid_simplices

KINDS = {1: "line", 2: "triangle", 3: "tetra"}


def grid(dimension, halves=2, across=2):
    """Points (n, 3), simplices and phases of a box from -1 to 1, its interface at 0."""
    axes = [np.linspace(-1, 1, 2 * halves + 1), *[np.linspace(0, 1, across + 1)] * (dimension - 1)]
    points, cells = grid_points(axes), grid_simplices([len(axis) - 1 for axis in axes])
    phase = 1 + (points[cells][:, :, 0].mean(axis=1) > 0)
    return np.pad(points, ((0, 0), (0, 3 - dimension))), cells, phase


def built(tmp_path, points, cells, phase, **settings):
    path = tmp_path / "mesh.vtu"
    kind = KINDS[cells.shape[1] - 1]
    meshio.Mesh(points, [(kind, cells)], cell_data={"part": [np.asarray(phase)]}).write(path)
    settings.setdefault("groups", {"electrode": 1, "electrolyte": 2})
    return MESH_KINDS["file"](path=str(path), **settings).build()


def complaint(tmp_path, *mesh, **settings):
    with pytest.raises(InputError) as raised:
        built(tmp_path, *mesh, **settings)
    assert raised.value.key.startswith("mesh.")
    assert "mesh.vtu" in str(raised.value)
    return str(raised.value)


def unwelded(dimension, share=1.0):
    """The grid with points of its own for the electrolyte at the interface, on part of it."""
    points, cells, phase = grid(dimension)
    at = (points[:, 0] == 0.0) & (points[:, 1] <= share)
    copies = np.arange(len(points))
    copies[at] = len(points) + np.arange(at.sum())
    cells = np.where((phase == 2)[:, None], copies[cells], cells)
    return np.vstack([points, points[at]]), cells, phase


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_a_good_mesh_passes_without_a_remark(dimension, tmp_path):
    points, cells, phase = grid(dimension)
    data = built(tmp_path, points, cells[::-1], phase[::-1])
    assert data.remarks == ()
    assert sorted(set(data.facet_tag)) == [3, 4, 5]
    assert np.count_nonzero(data.facet_tag == 3) == {1: 1, 2: 2, 3: 8}[dimension]


@pytest.mark.parametrize(("dimension", "points", "facets"), [(1, 2, 2), (2, 6, 4), (3, 18, 16)])
def test_an_unwelded_interface_is_told_and_can_be_welded(dimension, points, facets, tmp_path):
    mesh = unwelded(dimension)
    told = complaint(tmp_path, *mesh)
    assert f"{points} points coincide with others and {facets} " in told
    assert "near (0, 0, 0)" in told
    assert "mesh.weld = true" in told
    data = built(tmp_path, *mesh, weld=True)
    whole = built(tmp_path, *grid(dimension))
    assert len(data.points) == len(whole.points)
    assert np.array_equal(np.bincount(data.facet_tag), np.bincount(whole.facet_tag))
    assert data.remarks == (
        f"{points // 2} points of the mesh file were joined with others in the same place",
    )


def test_a_half_unwelded_interface_is_told_or_meant(tmp_path):
    mesh = unwelded(2, share=0.25)
    assert "2 points coincide with others and 2 sides" in complaint(tmp_path, *mesh)
    data = built(tmp_path, *mesh, weld=False)
    assert np.count_nonzero(data.facet_tag == 3) == 1
    assert "keeps them apart" in data.remarks[0]


def test_points_that_coincide_but_for_the_digits_of_the_file_are_told(tmp_path):
    points, cells, phase = unwelded(2)
    points[-3:, :2] += 1e-6
    assert "6 points coincide" in complaint(tmp_path, points, cells, phase)
    points[-3:, :2] += 0.01
    assert "pieces" in complaint(tmp_path, points, cells, phase)


def test_three_points_in_one_place_become_one(tmp_path):
    points, cells, phase = unwelded(2)
    corner = np.flatnonzero((points == [0, 0, 0]).all(axis=1))[-1]
    one = np.flatnonzero((cells == corner).any(axis=1))[0]
    cells[one] = np.where(cells[one] == corner, len(points), cells[one])
    data = built(tmp_path, np.vstack([points, points[corner]]), cells, phase, weld=True)
    assert len(data.points) == len(grid(2)[0])


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_cells_listed_twice_are_told(dimension, tmp_path):
    points, cells, phase = grid(dimension)
    again = cells[[0, -1]][:, ::-1]
    told = complaint(tmp_path, points, np.vstack([cells, again]), [*phase, 1, 2])
    assert "2 cells are listed a second time" in told


def test_a_facet_of_three_cells_is_told(tmp_path):
    points, cells, phase = grid(2)
    low = np.flatnonzero((points == [-1, 0, 0]).all(axis=1))[0]
    inner = next(c for c in cells if low in c)
    # beyond the mesh, on a side that two cells have already
    sides = np.sort(cells[:, [[0, 1], [1, 2], [0, 2]]].reshape(-1, 2), axis=1)
    both, counts = np.unique(sides, axis=0, return_counts=True)
    shared = next(side for side, n in zip(both, counts, strict=True) if n == 2 and set(side) <= set(inner))
    extra = [*shared, len(points)]
    told = complaint(tmp_path, np.vstack([points, [-3, -3, 0]]), np.vstack([cells, [extra]]), [*phase, 1])
    assert "1 sides belong to more than two cells" in told


def test_a_facet_of_three_cells_is_told_whatever_their_phases(tmp_path):
    points, cells, _ = grid(2)
    corner = np.flatnonzero((points == [-1, 0, 0]).all(axis=1))[0]
    inner = np.flatnonzero((cells == corner).any(axis=1))[0]
    # two cells at one side, and a third beyond the mesh on the same side
    sides = np.sort(cells[:, [[0, 1], [1, 2], [0, 2]]], axis=2)
    shared = next(s for s in sides[inner] if (sides == s).all(axis=2).any(axis=1).sum() == 2)
    owners = np.flatnonzero((sides == shared).all(axis=2).any(axis=1))
    points, cells = np.vstack([points, [-3, -3, 0]]), np.vstack([cells, [[*shared, len(points)]]])
    for phases in ((1, 1, 2), (1, 2, 3), (2, 1, 2), (3, 3, 3), (1, 2, 2)):
        phase = np.ones(len(cells), int)
        phase[[*owners, len(cells) - 1]] = phases
        crowded = skin(cells, phase, np.zeros(len(cells), bool)).crowded
        told = {tuple(sorted(facet)) for facet in crowded.vertices(cells).tolist()}
        assert told == {tuple(shared.tolist())}
        assert len(crowded.cell) == 3


@pytest.mark.parametrize("dimension", [2, 3])
def test_cells_that_overlap_are_told(dimension, tmp_path):
    points, cells, phase = grid(dimension)
    inner = np.flatnonzero(np.all(points[:, :dimension] == [-0.5, *[0.5] * (dimension - 1)], axis=1))
    points[inner, 1] = 1.3
    assert "cells overlap at" in complaint(tmp_path, points, cells, phase)


def test_pieces_that_touch_nothing_are_told(tmp_path):
    points, cells, phase = grid(3)
    away = points + np.array([0, 5, 0])
    told = complaint(
        tmp_path, np.vstack([points, away]), np.vstack([cells, cells[:9] + len(points)]), [*phase, *phase[:9]]
    )
    assert f"2 pieces that share no point: 9 of {len(cells) + 9} cells touch nothing" in told


def test_a_mesh_around_a_hole_is_one_piece(tmp_path):
    points, cells, phase = grid(2, halves=4, across=5)
    centre = points[cells].mean(axis=1)
    kept = ~((np.abs(centre[:, 0] + 0.5) < 0.25) & (np.abs(centre[:, 1] - 0.5) < 0.1))
    assert len(built(tmp_path, points, cells[kept], phase[kept]).cells) == kept.sum() < len(cells)


def test_points_that_are_not_finite_are_told(tmp_path):
    points, cells, phase = grid(2)
    points[cells[3, 0], 1] = np.nan
    assert "1 points are not finite" in complaint(tmp_path, points, cells, phase)


def test_cells_that_no_phase_takes_are_told_or_left_out(tmp_path):
    points, cells, phase = grid(2)
    phase = np.where((phase == 2) & (np.arange(len(phase)) > len(phase) - 5), 3, phase)
    told = complaint(tmp_path, points, cells, phase)
    assert f"4 of {len(cells)} cells of the mesh file belong to no phase; they are in: 3 (4)" in told
    assert "mesh.ignore_rest = true" in told
    data = built(tmp_path, points, cells, phase, ignore_rest=True)
    assert len(data.cells) == len(cells) - 4
    assert "4 of" in data.remarks[0]


@pytest.mark.parametrize(("unit", "size"), [("m", 1e-9), ("mm", 1e-6), ("um", 1e-3)])
def test_a_mesh_smaller_than_an_atom_asks_for_its_unit(unit, size, tmp_path):
    points, cells, phase = grid(2)
    points = 20 * size * points
    told = complaint(tmp_path, points, cells, phase)
    assert told.startswith("mesh.scale")
    assert f'"1 {unit}" (40 nm)' in told
    data = built(tmp_path, points, cells, phase, scale=f"1 {unit}")
    assert np.ptp(data.points[:, 0]) == pytest.approx(40.0)
    assert data.remarks == ()
    assert "less than an atom" in built(tmp_path, points, cells, phase, scale=1.0).remarks[0]


def test_a_mesh_of_millimetres_asks_for_its_unit(tmp_path):
    points, cells, phase = grid(2)
    assert "more than a millimetre" in complaint(tmp_path, 1e7 * points, cells, phase)
    assert len(built(tmp_path, 1e5 * points, cells, phase).cells) == len(cells)


@pytest.mark.parametrize("phases", [1, 2, 3, 5])
@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_the_skin_is_what_counting_finds(dimension, phases):
    points, cells, _ = grid(dimension, halves=3, across=3)
    rng = np.random.default_rng(1)
    cells = rng.permuted(cells, axis=1)[rng.permutation(len(cells))]
    phase = rng.integers(1, phases + 1, len(cells))
    owners = {}
    for row, cell in enumerate(cells):
        for gone in range(cells.shape[1]):
            owners.setdefault(tuple(sorted(np.delete(cell, gone))), []).append(row)
    # senses follow the vertices alone: a cell whose order is odd is the mirror image of an even one
    vectors = points[cells][:, 1:, :dimension] - points[cells][:, :1, :dimension]
    found = skin(cells, phase, np.linalg.det(vectors) < 0)
    told = {tuple(sorted(f)) for f in found.exterior.vertices(cells).tolist()}
    assert told == {facet for facet, of in owners.items() if len(of) == 1}
    sides = zip(phase[found.interface.cell].tolist(), found.beyond.tolist(), strict=True)
    facets = [tuple(sorted(f)) for f in found.interface.vertices(cells).tolist()]
    told = set(zip(facets, sides, strict=True))
    between = {f: tuple(sorted(phase[of].tolist())) for f, of in owners.items() if len(of) == 2}
    assert told == {(facet, (low, high)) for facet, (low, high) in between.items() if low < high}
    assert len(facets) == len(told)
    assert not len(found.crowded.cell)
    assert not len(found.repeated)
    assert not len(found.folded.cell)
