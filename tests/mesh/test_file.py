import math
import runpy
from pathlib import Path

import meshio
import numpy as np
import pytest

from scl_fem.errors import InputError
from scl_fem.mesh import MESH_KINDS
from scl_fem.mesh.write import write_msh
from tests.support import two_phases
from tests.support.two_phases import ELECTRODE_NUMBER, ELECTRODE_TERMINAL, INTERFACE_NUMBER

MESHES = Path(__file__).parents[2] / "meshes"
PHASES = {name: name for name in two_phases.PHASES}
ALL = PHASES | {name: name for name in two_phases.FACETS}

TABLES = [
    {"kind": "planar", "dimension": 1, "growth": 1.2},
    {"kind": "planar", "dimension": 2},
    {"kind": "planar", "dimension": 3, "growth": 1.6, "lateral_elements": 3},
    {"kind": "particle", "dimension": 2, "tangential_size": 1},
]

BOXES = [
    ({"kind": "cube", "dimension": 2, "particle_size": 10, "cell": "tensor"}, "quadrilaterals", 2),
    (
        {"kind": "cube", "dimension": 3, "particle_size": 10, "interface_size": 2, "cell": "tensor"},
        "hexahedra",
        6,
    ),
]


def built(table):
    return MESH_KINDS[table["kind"]].model_validate(table).build()


def from_file(path, groups=PHASES, **more):
    return MESH_KINDS["file"](path=str(path), groups=groups, **more)


def canonical(data):
    """Sets of cells and facets with their tags, free of order."""
    return [
        {(*map(int, sorted(row)), int(tag)) for row, tag in zip(rows, tags, strict=True)}
        for rows, tags in ((data.cells, data.cell_phase), (data.facets, data.facet_tag))
    ]


@pytest.mark.parametrize("table", TABLES, ids=lambda t: f"{t['kind']}{t['dimension']}")
def test_written_meshes_are_read_back_the_same(table, tmp_path):
    data = built(table)
    write_msh(data, tmp_path / "mesh.msh")
    again = from_file(tmp_path / "mesh.msh", ALL).build()
    assert again.cell_type == data.cell_type
    assert np.array_equal(again.points, data.points)
    assert canonical(again) == canonical(data)


def volumes(data):
    """Volume of each phase."""
    corner, *others = range(data.dimension + 1)
    vectors = data.points[data.cells[:, others]] - data.points[data.cells[:, [corner]]]
    return np.bincount(data.cell_phase, np.linalg.det(vectors)) / math.factorial(data.dimension)


@pytest.mark.parametrize(("table", "shape", "pieces"), BOXES, ids=["squares", "hexahedra"])
def test_boxes_are_split_into_simplices_that_fit(table, shape, pieces, tmp_path):
    data = built(table)
    write_msh(data, tmp_path / "mesh.msh")
    again = from_file(tmp_path / "mesh.msh", ALL).build()
    assert np.array_equal(again.points, data.points)
    assert len(again.cells) == pieces * len(data.cells)
    assert len(again.facets) == pieces // (data.dimension) * len(data.facets)
    assert [*map(str, again.remarks)] == [
        f"{len(data.cells)} {shape} of the mesh file were split into {len(again.cells)} "
        f"{'triangles' if data.dimension == 2 else 'tetrahedra'}"
    ]
    whole = np.prod(np.ptp(data.points, axis=0))
    assert volumes(again)[1:].sum() == pytest.approx(whole, rel=1e-12)
    assert min(volumes(again)[1:]) == pytest.approx((table["particle_size"] / 2) ** data.dimension, rel=1e-12)


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_gmsh_reads_what_is_written(dimension, tmp_path):
    gmsh = pytest.importorskip("gmsh", exc_type=Exception)
    data = built({"kind": "planar", "dimension": dimension, "growth": 1.6})
    write_msh(data, tmp_path / "mesh.msh")
    gmsh.initialize(interruptible=False)
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        gmsh.open(str(tmp_path / "mesh.msh"))
        groups = {gmsh.model.getPhysicalName(*group): group for group in gmsh.model.getPhysicalGroups()}
        assert set(groups) == set(ALL)
        assert groups["electrode"] == (dimension, ELECTRODE_NUMBER)
        assert groups["interface"] == (dimension - 1, INTERFACE_NUMBER)
        assert len(gmsh.model.mesh.getNodes()[0]) == len(data.points)
        # and what gmsh writes, in its newer format, is read as well
        gmsh.option.setNumber("Mesh.MshFileVersion", 4.1)
        gmsh.write(str(tmp_path / "again.msh"))
    finally:
        gmsh.finalize()
    again = from_file(tmp_path / "again.msh", ALL).build()
    assert len(again.cells) == len(data.cells)
    assert sorted(again.facet_tag) == sorted(data.facet_tag)


def test_planar_terminals_are_found_without_names(tmp_path):
    data = built({"kind": "planar", "dimension": 2})
    write_msh(data, tmp_path / "mesh.msh")
    assert canonical(from_file(tmp_path / "mesh.msh").build()) == canonical(data)


def test_an_embedded_particle_has_the_terminals_that_are_named(tmp_path):
    write_msh(built({"kind": "particle", "dimension": 2, "tangential_size": 1}), tmp_path / "mesh.msh")
    unnamed = from_file(tmp_path / "mesh.msh").build()
    assert set(unnamed.facet_tag) == {INTERFACE_NUMBER}
    named = from_file(tmp_path / "mesh.msh", PHASES | {"electrode_terminal": "electrode_terminal"}).build()
    assert set(named.facet_tag) == {INTERFACE_NUMBER, ELECTRODE_TERMINAL}


def test_the_ready_meshes_can_be_made_and_read(tmp_path):
    pytest.importorskip("gmsh", exc_type=Exception)
    runpy.run_path(str(MESHES / "make_meshes.py"))["main"](tmp_path)
    made = {path.name for path in tmp_path.glob("*.msh")}
    assert made == {path.name for path in MESHES.glob("*.msh")}
    grain = {
        "electrode": "cathode grain",
        "electrolyte": "glass",
        "electrode_terminal": "collector",
        "electrolyte_terminal": "far side",
    }
    for path in MESHES.glob("*.msh"):
        assert path.stat().st_size < 200_000
        if path.name == "two_particles_2d.msh":
            continue  # three phases: below
        data = from_file(path, grain if "irregular" in path.name else ALL).build()
        assert set(data.facet_tag) == set(two_phases.FACETS.values())


@pytest.mark.parametrize("folder", [MESHES, None], ids=["shipped", "made anew"])
def test_two_particles_in_a_matrix(folder, tmp_path):
    if folder is None:
        pytest.importorskip("gmsh", exc_type=Exception)
        make = runpy.run_path(str(MESHES / "make_meshes.py"))["two_particles"]
        make((folder := tmp_path) / "two_particles_2d.msh")
    groups = {"A": "large grain", "B": "small grain", "C": "matrix"}
    data = from_file(folder / "two_particles_2d.msh", groups, contacts={"outer": "far side"}).build()
    assert data.layout.phases == ("A", "B", "C")
    assert data.layout.interfaces == (("A", "C"), ("B", "C"))  # the grains do not touch
    assert data.layout.contacts == ("outer",)
    areas = volumes(data)
    assert areas.sum() == pytest.approx(17.0 * 12.0, rel=1e-12)
    # the waves of the outlines counted, r = R (1 + 0.1 cos 2a + 0.06 sin 3a)
    for number, radius in ((1, 3.2), (2, 2.2)):
        assert areas[number] == pytest.approx(np.pi * radius**2 * (1 + (0.1**2 + 0.06**2) / 2), rel=5e-3)
    # thin cells where the layers are
    edges = data.points[data.cells[:, [0, 1, 2]]] - data.points[data.cells[:, [1, 2, 0]]]
    assert np.linalg.norm(edges, axis=-1).min() < 0.03


def mesh_of(points, cells, **kwargs):
    return meshio.Mesh(np.asarray(points, dtype=float), cells, **kwargs)


STRIP = [[-1, 0], [0, 0], [1, 0], [-1, 1], [0, 1], [1, 1], [9, 9]]
STRIP_CELLS = [[0, 1, 3], [1, 4, 3], [1, 2, 4], [2, 5, 4]]


@pytest.mark.parametrize("plane", [(0, 1), (0, 2), (1, 2)])
def test_flat_meshes_in_space_lose_the_constant_coordinate(plane, tmp_path):
    points = np.full((6, 3), 4.0)
    points[:, plane] = STRIP[:6]
    mesh = mesh_of(points, [("triangle", STRIP_CELLS)], cell_data={"medit:ref": [np.array([7, 7, 8, 8])]})
    mesh.write(tmp_path / "strip.vtu")
    data = from_file(tmp_path / "strip.vtu", {"electrode": 7, "electrolyte": "8"}, scale="2 um").build()
    np.testing.assert_array_equal(data.points, 2000 * np.array(STRIP[:6]))
    assert sorted(data.facet_tag) == [3, 4, 5]


def test_unused_points_are_dropped_and_named_sets_understood(tmp_path):
    mesh = mesh_of(
        np.column_stack([STRIP, np.zeros(7)]),
        [("triangle", STRIP_CELLS)],
        cell_sets={"left": [np.array([0, 1])], "right": [np.array([2, 3])]},
    )
    mesh.write(tmp_path / "strip.inp")
    data = from_file(tmp_path / "strip.inp", {"electrode": "left", "electrolyte": "right"}).build()
    assert len(data.points) == 6
    assert list(data.cell_phase) == [1, 1, 2, 2]


def test_clockwise_quadrilaterals_are_turned(tmp_path):
    points = np.column_stack([STRIP[:6], np.zeros(6)])
    mesh = mesh_of(points, [("quad", [[0, 3, 4, 1], [1, 2, 5, 4]])], cell_data={"part": [np.array([1, 2])]})
    mesh.write(tmp_path / "strip.vtk")
    data = from_file(tmp_path / "strip.vtk", {"electrode": 1, "electrolyte": 2}).build()
    assert len(data.cells) == 4
    assert volumes(data)[1:] == pytest.approx([1.0, 1.0])
    assert sorted(data.facet_tag) == [3, 4, 5]


def test_a_relative_path_belongs_to_the_case_folder(tmp_path):
    settings = from_file("sub/mesh.msh").relative_to(tmp_path)
    assert settings.path == str(tmp_path / "sub" / "mesh.msh")
    assert settings.relative_to(Path("/elsewhere")).path == settings.path


GRAIN = MESHES / "irregular_particle_2d.msh"


@pytest.mark.parametrize(
    ("groups", "key", "words"),
    [
        (
            {"electrode": "catode grain", "electrolyte": "glass"},
            "mesh.groups.electrode",
            "mean cathode grain",
        ),
        ({"electrode": "far side", "electrolyte": "glass"}, "mesh.groups", "line, triangle"),
        ({"electrode": "glass", "electrolyte": "glass"}, "mesh.groups", "both phases"),
        ({"interface": "collector"}, "mesh.groups.interface", "phases meet in"),
        ({"interface": "glass"}, "mesh.groups.interface", "made of triangle"),
        ({"electrode_terminal": "far side"}, "mesh.groups.electrode_terminal", "no cell of the phase"),
    ],
)
def test_wrong_groups_are_named(groups, key, words):
    groups = {"electrode": "cathode grain", "electrolyte": "glass"} | groups
    with pytest.raises(InputError, match=words) as raised:
        from_file(GRAIN, groups).build()
    assert raised.value.key == key
    assert GRAIN.name in str(raised.value)


@pytest.mark.parametrize("name", ["missing.msh", "text.txt", "broken.msh", "broken.vtu"])
def test_unreadable_files_are_named(name, tmp_path, capsys):
    if name != "missing.msh":
        (tmp_path / name).write_text("not a mesh\n")
    with pytest.raises(InputError, match=name) as raised:
        from_file(tmp_path / name).build()
    assert raised.value.key == "mesh.path"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda p, c: (p, [("triangle", c[:2]), ("line", [[1, 2]])]), "line, triangle"),
        (
            lambda p, c: (np.vstack([p, p[[1, 4]]]), [("triangle", [*c[:2], [6, 2, 7], [2, 5, 7]])]),
            "4 points coincide with others and 2 sides of the mesh end there",
        ),
        (
            lambda p, c: (np.vstack([p, p[[1]]]), [("triangle", [*c[:2], [6, 2, 5], [2, 5, 6]])]),
            "1 cells are listed a second time",
        ),
        (lambda p, c: (p + [[0, 0, 1]] * (p[:, :1] > 0), [("triangle", c)]), "3 dimensions"),
        (lambda p, c: (p, [("triangle", [*c, [0, 1, 2]])]), "no volume"),
    ],
    ids=["mixed", "apart", "double", "bent", "flat"],
)
def test_meshes_that_do_not_fit_say_why(change, words, tmp_path):
    points, cells = change(np.column_stack([STRIP[:6], np.zeros(6)]), STRIP_CELLS)
    counts = [len(block) for _, block in cells]
    values = np.split(np.array([1, 1, 2, 2, 2])[: sum(counts)], np.cumsum(counts)[:-1])
    mesh_of(points, cells, cell_data={"part": values}).write(tmp_path / "strip.vtu")
    with pytest.raises(InputError, match=words):
        from_file(tmp_path / "strip.vtu", {"electrode": 1, "electrolyte": 2}).build()


def test_a_stated_dimension_is_checked():
    with pytest.raises(InputError, match="triangle") as raised:
        from_file(MESHES / "planar_2d.msh", dimension=3).build()
    assert raised.value.key == "mesh.dimension"


def test_only_msh_files_are_written(tmp_path):
    data = built({"kind": "planar", "dimension": 1})
    for path in (tmp_path / "mesh.vtu", tmp_path / "nowhere" / "mesh.msh"):
        with pytest.raises(InputError):
            write_msh(data, path)
    assert not list(tmp_path.iterdir())
