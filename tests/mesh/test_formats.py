"""The same mesh in every format that people have: the same phases, whatever reads it."""

import meshio
import numpy as np
import pytest

from scl_fem.errors import InputError
from scl_fem.mesh import MESH_KINDS

gmsh = pytest.importorskip("gmsh", exc_type=Exception)

NAMES = {"electrode": "electrode", "electrolyte": "electrolyte"}
NUMBERS = {"electrode": "1", "electrolyte": "2"}


def built(path, groups=NAMES, **settings):
    return MESH_KINDS["file"](path=str(path), groups=groups, **settings).build()


def complaint(path, groups=NAMES):
    with pytest.raises(InputError) as raised:
        built(path, groups)
    assert raised.value.key.startswith("mesh.")
    return str(raised.value)


def volumes(data):
    """Twice or six times the volume of each phase."""
    vectors = data.points[data.cells[:, 1:]] - data.points[data.cells[:, :1]]
    return np.bincount(data.cell_phase, np.linalg.det(vectors))[1:]


@pytest.fixture
def session():
    gmsh.initialize([], readConfigFiles=False, interruptible=False)
    gmsh.option.setNumber("General.Terminal", 0)
    yield gmsh
    gmsh.finalize()


@pytest.fixture
def boxes(session):
    """Two boxes of 2 x 1 (x 1) nm that meet at x = 0, meshed in the dimension wanted."""

    def make(dimension, *, recombine=False, order=1, sign=1, groups=True):
        add = session.model.occ.addRectangle if dimension == 2 else session.model.occ.addBox
        sides = (2, 1) if dimension == 2 else (2, 1, 1)
        tags = [(dimension, add(x, 0, 0, *sides)) for x in (-2, 0)]
        session.model.occ.fragment(tags[:1], tags[1:])
        session.model.occ.synchronize()
        if groups:
            for number, (tag, name) in enumerate(zip(tags, NAMES, strict=True), 1):
                session.model.addPhysicalGroup(dimension, [tag[1]], sign * number, name)
        for _, curve in session.model.getEntities(1):
            session.model.mesh.setTransfiniteCurve(curve, 4)
        for _, surface in session.model.getEntities(2):
            session.model.mesh.setTransfiniteSurface(surface)
            if recombine:
                session.model.mesh.setRecombine(2, surface)
        for _, volume in session.model.getEntities(3):
            session.model.mesh.setTransfiniteVolume(volume)
        session.model.mesh.generate(dimension)
        session.model.mesh.setOrder(order)
        return session

    return make


def write(session, path, **options):
    for name, value in options.items():
        session.option.setNumber(f"Mesh.{name}", value)
    session.write(str(path))
    return path


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize(
    "options",
    [
        {"MshFileVersion": 2.2},
        {"MshFileVersion": 2.2, "Binary": 1},
        {"MshFileVersion": 4.0},
        {"MshFileVersion": 4.1, "Binary": 1},
        {"SaveParametric": 1},
        {"SaveAll": 1},
    ],
    ids=lambda options: "-".join(f"{key}{value}" for key, value in options.items()),
)
def test_every_version_of_msh_is_read(dimension, options, boxes, tmp_path):
    path = write(boxes(dimension), tmp_path / "mesh.msh", **options)
    data = built(path)
    assert volumes(data) == pytest.approx([4.0, 4.0] if dimension == 2 else [12.0, 12.0])
    assert data.remarks == ()
    assert sorted(set(data.facet_tag)) == [3, 4, 5]
    assert np.array_equal(built(path, NUMBERS).cells, data.cells)


def test_gmsh_of_the_user_is_left_as_it_was(boxes, tmp_path):
    session = boxes(2)
    path = write(session, tmp_path / "mesh.msh")
    model, points = session.model.getCurrent(), len(session.model.mesh.getNodes()[0])
    built(path)
    assert session.isInitialized()
    assert session.model.getCurrent() == model
    assert len(session.model.mesh.getNodes()[0]) == points


@pytest.mark.parametrize("dimension", [2, 3])
def test_partitioned_meshes_and_physical_groups_with_negative_tags_are_read(dimension, boxes, tmp_path):
    session = boxes(dimension, sign=-1)
    session.model.mesh.partition(3)
    assert volumes(built(write(session, tmp_path / "mesh.msh"))).sum() == pytest.approx(
        8.0 * (1, 3)[dimension - 2]
    )


def test_cells_of_several_physical_groups_count_once(boxes, tmp_path):
    session = boxes(2)
    session.model.addPhysicalGroup(2, [1, 2], 9, "everything")
    for version in (2.2, 4.1):
        data = built(write(session, tmp_path / "mesh.msh", MshFileVersion=version))
        assert volumes(data) == pytest.approx([4.0, 4.0])


def test_entities_stand_in_for_groups_that_there_are_none_of(boxes, tmp_path):
    path = write(boxes(2, groups=False), tmp_path / "mesh.msh")
    assert volumes(built(path, NUMBERS)) == pytest.approx([4.0, 4.0])
    told = complaint(path)
    assert "unknown group 'electrode'" in told
    assert "18 triangle" in told


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("order", [1, 2])
def test_quadrilaterals_and_hexahedra_are_split(dimension, order, boxes, tmp_path):
    path = write(boxes(dimension, recombine=True, order=order), tmp_path / "mesh.msh", SaveAll=1)
    data = built(path)
    assert volumes(data) == pytest.approx([4.0, 4.0] if dimension == 2 else [12.0, 12.0])
    assert f"were split into {len(data.cells)}" in data.remarks[0]
    assert ("only the corners are used" in str(data.remarks)) == (order == 2)


@pytest.mark.parametrize("ending", ["bdf", "unv"])
def test_nastran_and_universal_files_are_read(ending, boxes, tmp_path):
    path = write(boxes(3), tmp_path / f"mesh.{ending}")
    assert volumes(built(path, NUMBERS)) == pytest.approx([12.0, 12.0])


POINTS = np.array(
    [[x, y, z] for x in (-1, 0, 1, 2) for y in (0, 1) for z in (0, 1)] + [[3.0, 0.5, 0.5]], dtype=float
)


def test_hexahedra_prisms_and_pyramids_meet_in_the_same_diagonals(tmp_path):
    def hexahedron(first):
        return [first, first + 4, first + 6, first + 2, first + 1, first + 5, first + 7, first + 3]

    prisms = [[4, 8, 10, 5, 9, 11], [4, 10, 6, 5, 11, 7]]
    blocks = [
        ("hexahedron", [hexahedron(0), hexahedron(8)]),
        ("wedge", prisms),
        ("pyramid", [[12, 14, 15, 13, 16]]),
    ]
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(POINTS))
        place = np.argsort(order)
        cells = [(kind, place[np.array(block)]) for kind, block in blocks]
        part = [np.array([1, 2]), np.array([2, 2]), np.array([2])]
        meshio.Mesh(POINTS[order], cells, cell_data={"part": part}).write(tmp_path / "mixed.vtu")
        data = built(tmp_path / "mixed.vtu", NUMBERS)
        assert volumes(data) == pytest.approx([6.0, 14.0])
        assert "5 hexahedra and prisms and pyramids" in data.remarks[0]
        assert np.count_nonzero(data.facet_tag == 3) == 2


def test_crossed_quadrilaterals_are_told(tmp_path):
    points = [[0, 0, 0], [1, 0, 0], [2, 0, 0], [0, 1, 0], [1, 1, 0], [2, 1, 0]]
    mesh = meshio.Mesh(
        np.array(points, float), [("quad", [[0, 1, 4, 3], [1, 4, 2, 5]])], cell_data={"part": [[1, 2]]}
    )
    mesh.write(tmp_path / "mesh.vtu")
    assert "1 quadrilaterals are turned inside out" in complaint(tmp_path / "mesh.vtu", NUMBERS)


def test_triangles_written_as_quadrilaterals_are_triangles(tmp_path):
    mesh = meshio.Mesh(
        np.array(STRIP, float),
        [("quad", [[0, 1, 4, 3], [1, 2, 4, 4], [2, 5, 4, 4]])],
        cell_data={"part": [[1, 2, 2]]},
    )
    mesh.write(tmp_path / "mesh.vtu")
    assert len(built(tmp_path / "mesh.vtu", NUMBERS).cells) == 4


STRIP = [[-1, 0, 0], [0, 0, 0], [1, 0, 0], [-1, 1, 0], [0, 1, 0], [1, 1, 0]]
TRIANGLES = [[0, 1, 3], [1, 4, 3], [1, 2, 4], [2, 5, 4]]


def strip(path, **arrays):
    data = {name: [np.asarray(values)] for name, values in arrays.items()}
    meshio.Mesh(np.array(STRIP, float), [("triangle", TRIANGLES)], cell_data=data).write(path)
    return path


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ([1.0, 1.0, 2.0, 2.0], ("1", "2")),
        ([1.0, 1.0, 2.0, 2.0], ("1.0", "2.0")),
        ([-1, -1, -2, -2], ("-1", "-2")),
    ],
)
def test_whole_numbers_of_any_array_are_groups(values, names, tmp_path):
    path = strip(tmp_path / "mesh.vtu", Material=values, CellId=np.arange(4) * 0.5)
    assert volumes(built(path, dict(zip(NAMES, names, strict=True)))) == pytest.approx([2.0, 2.0])


def test_numbers_of_several_arrays_are_told_apart(tmp_path):
    path = strip(tmp_path / "mesh.vtu", part=[1, 1, 2, 2], rank=[0, 1, 0, 1])
    assert "part=1 (2 triangle)" in complaint(path, NUMBERS)
    groups = {"electrode": "part=1", "electrolyte": "2"}
    assert list(built(path, groups).cell_phase) == [1, 1, 2, 2]


def test_a_file_without_groups_says_what_it_holds(tmp_path):
    told = complaint(strip(tmp_path / "mesh.vtu", temperature=[0.5, 1.5, 2.5, 3.5]))
    assert "no groups at all: 4 triangle cells, cell arrays temperature" in told


def test_a_name_that_differs_in_case_and_spaces_is_suggested(boxes, tmp_path):
    path = write(boxes(2), tmp_path / "mesh.msh")
    assert "did you mean electrolyte?" in complaint(path, NAMES | {"electrolyte": "ELECTRO-LYTE "})


FLAT = """** made by hand
*HEADING
two squares
*NODE, NSET=all
1, -1., 0.
2, 0., 0.
3, 1., 0., 0.
4, -1, 1.0D0
5, 0., 1.,
6, 1., 1.
*ELEMENT, TYPE=CPE3H, ELSET=left
1, 1, 2, 4
2, 2, 5,
4
*Element, type=CPS4
7, 2, 3, 6, 5
*ELSET, ELSET=one
1, 2
*ELSET, ELSET=Cathode
One
*ELSET, ELSET=glass, GENERATE
3, 9, 2
*ELSET, ELSET=everything
cathode, glass
*SURFACE, NAME=end, TYPE=ELEMENT
glass, S2
*SOLID SECTION, ELSET=left, MATERIAL=LVO
"""

PARTS = """*PART, NAME=block
*NODE
1, 0., 0.
2, 1., 0.
3, 1., 1.
4, 0., 1.
*ELEMENT, TYPE=CPS4R
1, 1, 2, 3, 4
*ELSET, ELSET=body
1
*END PART
*ASSEMBLY, NAME=all
*INSTANCE, NAME=first, PART=block
-1., 0., 0.
*END INSTANCE
*INSTANCE, NAME=second, PART=block
1., 0., 0.
1., 0., 0., 1., 0., 1., 90.
*END INSTANCE
*ELSET, ELSET=anode, INSTANCE=second
1
*END ASSEMBLY
"""


@pytest.mark.parametrize("electrode", ["Cathode", "left", "LVO", "one"])
def test_abaqus_sets_of_sets_and_materials_are_groups(electrode, tmp_path):
    (tmp_path / "mesh.inp").write_text(FLAT)
    groups = {"electrode": electrode, "electrolyte": "glass", "electrolyte_terminal": "end"}
    data = built(tmp_path / "mesh.inp", groups)
    assert list(data.cell_phase) == [1, 1, 2, 2]
    assert volumes(data) == pytest.approx([2.0, 2.0])
    terminal = data.points[data.facets[data.facet_tag == 5]]
    assert terminal.shape == (1, 2, 2)
    assert set(terminal[0, :, 0]) == {1.0}


def test_abaqus_instances_stand_at_their_places_and_are_welded_if_asked(tmp_path):
    (tmp_path / "mesh.inp").write_text(PARTS)
    groups = {"electrode": "first", "electrolyte": "anode"}
    assert "4 points coincide with others and 2 sides" in complaint(tmp_path / "mesh.inp", groups)
    data = built(tmp_path / "mesh.inp", groups, weld=True)
    assert np.ptp(data.points, axis=0) == pytest.approx([2.0, 1.0])
    assert volumes(data) == pytest.approx([2.0, 2.0])


def test_abaqus_files_include_others_of_their_folder(tmp_path):
    head, elements, rest = FLAT.partition("*ELEMENT")
    (tmp_path / "nodes.inp").write_text(head)
    (tmp_path / "mesh.inp").write_text(f"*INCLUDE, INPUT=nodes.inp\n{elements}{rest}")
    assert len(built(tmp_path / "mesh.inp", {"electrode": "left", "electrolyte": "glass"}).cells) == 4


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("2, 0., 0.\n", "2, 0., 0.\n2, 0., 0.5\n", "numbers 1 points a second time"),
        ("7, 2, 3, 6, 5", "2, 2, 3, 6, 5", "numbers 1 elements twice"),
        ("7, 2, 3, 6, 5", "7, 2, 3, 66, 5", "points that it does not hold"),
        ("CPS4", "COH2D4", "elements of type COH2D4"),
        ("*HEADING", "*INCLUDE, INPUT=mesh.inp", "includes mesh.inp in itself"),
        ("*HEADING", "*NGEN", "*NGEN in line 2"),
        ("cathode, glass", "cathode, grass", "element set 'grass'"),
    ],
)
def test_abaqus_files_that_are_not_understood_say_why(old, new, words, tmp_path):
    assert old in FLAT
    (tmp_path / "mesh.inp").write_text(FLAT.replace(old, new))
    assert words in complaint(tmp_path / "mesh.inp", {"electrode": "left", "electrolyte": "glass"})


@pytest.mark.parametrize("ending", ["msh", "vtu", "vtk", "inp", "bdf", "unv", "med", "xdmf", "e", "mesh"])
def test_broken_files_say_one_sentence_and_nothing_else(ending, tmp_path, capfd):
    path = tmp_path / f"mesh.{ending}"
    for content in (b"", b"\x00\xff" * 500, b"not a mesh\n", b"$MeshFormat\n4.1 0 8\n$EndMeshFormat\n"):
        path.write_bytes(content)
        assert path.name in complaint(path)
    path.unlink()
    assert "there is no file" in complaint(path)
    path.mkdir()
    assert "is a directory" in complaint(path)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("version", [2.2, 4.0, 4.1])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_msh_files_cut_short_are_told(version, share, boxes, tmp_path, capfd):
    path = write(boxes(2), tmp_path / "mesh.msh", MshFileVersion=version)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    assert "cannot read" in complaint(path)
    assert capfd.readouterr() == ("", "")


def test_what_meshio_cannot_read_vtk_reads(tmp_path, capfd):
    pyvista = pytest.importorskip("pyvista", exc_type=Exception)
    grid = pyvista.from_meshio(meshio.read(strip(tmp_path / "a.vtu", part=[1, 1, 2, 2])))
    grid.save(tmp_path / "mesh.vtk")
    assert volumes(built(tmp_path / "mesh.vtk", NUMBERS)) == pytest.approx([2.0, 2.0])
    whole = (tmp_path / "mesh.vtk").read_bytes()
    (tmp_path / "mesh.vtk").write_bytes(whole[: len(whole) // 2])
    assert "cut short" in complaint(tmp_path / "mesh.vtk", NUMBERS)
    assert capfd.readouterr() == ("", "")
