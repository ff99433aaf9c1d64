"""What a file from somebody else must not do: hang, run, write elsewhere, or end in a traceback."""

import os
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scl_fem
from scl_fem.case import case_from_dict
from scl_fem.case.limits import DEEPEST, LARGEST_FILE, LONGEST_TEXT
from scl_fem.cli import main
from scl_fem.errors import InputError, printable
from scl_fem.mesh.references import check_references
from scl_fem.sweeps import sweep
from scl_fem.sweeps.axes import Axis
from scl_fem.sweeps.points import points_of

GOOD = """
[study]
kind = "equilibrium"
[mesh]
kind = "planar"
growth = 1.6
interface_size = 0.1
[phase.electrode]
material = "LVO"
composition = 2
[phase.electrolyte]
material = "LAGP"
[output]
fields = false
figures = false
"""
FROM_FILE = GOOD.replace(
    'kind = "planar"\ngrowth = 1.6\ninterface_size = 0.1',
    'kind = "file"\npath = PATH\ngroups = {electrode = "electrode", electrolyte = "electrolyte"}',
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    folder = tmp_path / "in" / "here"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


def command(capsys, *words):
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return (ended.value.code, *capsys.readouterr())


def refusal(capsys, content, *words):
    """What `check` and `run` say of a case file alike."""
    Path("case.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
    said = []
    for start in (["check", "case.toml"], ["run", "case.toml", "-o", "out", "--quiet"]):
        status, _, error = command(capsys, *start, *words)
        assert status == 2, error
        said.append(error)
    assert said[0] == said[1]
    assert len(said[0].splitlines()) == 1
    assert len(said[0]) < 1500
    return said[0]


# Case files -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("x = " + "[" * 5000 + "]" * 5000, "nested too deeply"),
        ("x = " + "[" * 100 + "]" * 100, "nested too deeply"),
        ("x = " + "{a=" * 5000 + "1" + "}" * 5000, "nested too deeply"),
        ("x" + ".a" * 5000 + " = 1", "nested too deeply"),
        ("[a" + ".a" * 5000 + "]", "nested too deeply"),
        (f'title = "{"x" * 10**6}"\n{GOOD}', "title: has 1000000 characters"),
        (f'title = "a\\u0000b"\n{GOOD}', "title: has the character U+0000"),
        (f'title = "a\\nb"\n{GOOD}', "title: has the character U+000A"),
        (f'title = "\\u001b[31mred"\n{GOOD}', "title: has the character U+001B"),
        (f'title = "\\u202egnp.exe"\n{GOOD}', "title: has the character U+202E"),
        (b"title = 'a\0b'\n" + GOOD.encode(), "is not TOML"),
        (b"title = '\xff'\n" + GOOD.encode(), "is not a text file in UTF-8"),
        (f"temperature = 1{'0' * 400}\n{GOOD}", "temperature: is a whole number of 1329 bits"),
        (f"temperature = 1{'0' * 5000}\n{GOOD}", "is not TOML"),
        (f"temperature = 1e{'9' * 300}\n{GOOD}", "temperature: must be a finite number"),
        (f"temperature = 2020-13-45\n{GOOD}", "is not TOML"),
        (f"temperature = 2020-12-24\n{GOOD}", "temperature: "),
        (f"{GOOD}\n[materials.'{'m' * 1000}']\nc_max = 1.0", "materials.mmm"),
        (f'{GOOD}\n[materials."a\\u001b[2J"]\nc_max = 1.0', "materials.a"),
        (f'"\\u001b[2J" = 1\n{GOOD}', "\\x1b[2J"),
        ("#" * (LARGEST_FILE + 1), "is too large for a case file"),
    ],
)
def test_case_files(here, capsys, content, words):
    error = refusal(capsys, content)
    assert words in error
    assert "\x1b" not in error


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null", "pipe", ".", "x" * 300, "a\0b", "link"])
def test_what_is_no_file_to_read_a_case_from(here, capsys, name):
    os.mkfifo("pipe")
    Path("link").symlink_to("link")
    for words in (["check", name], ["run", name, "-o", "out"]):
        status, _, error = command(capsys, *words)
        assert (status, len(error.splitlines())) == (2, 1)
    assert not Path("out").exists()


@pytest.mark.parametrize(
    "override",
    [
        "title=" + "x" * 1000,
        "x=" + "[" * 5000 + "]" * 5000,
        ".".join(["a"] * 5000) + "=1",
        "temperature=" + "1" * 400,
        "temperature=" + "1" * 5000,
        "#=1",
        "=1",
        "a\x1b[2J=1",
    ],
)
def test_overrides(here, capsys, override):
    assert "\x1b" not in refusal(capsys, GOOD, "--set", override)[: LONGEST_TEXT * 2]


def test_in_python_just_the_same():
    deep = 1
    for _ in range(5000):
        deep = [deep]
    for tables in ({"x": deep}, {"temperature": 10**5000}):
        with pytest.raises(InputError, match=r"nested too deeply|whole number of"):
            case_from_dict(tables)
        with pytest.raises(InputError, match=r"nested too deeply|whole number of"):
            scl_fem.Case(**tables)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=LONGEST_TEXT + 5))
def test_a_title_is_one_line_that_people_can_read(title):
    tables = {
        "title": title,
        "study": {"kind": "equilibrium"},
        "mesh": {"kind": "planar"},
        "phase": {"electrode": {"material": "LVO", "composition": 2}, "electrolyte": {"material": "LAGP"}},
    }
    if len(title) <= LONGEST_TEXT and title.isprintable():
        assert case_from_dict(tables).title == title
    else:
        with pytest.raises(InputError, match="title: has "):
            case_from_dict(tables)


@given(st.integers(1, 3 * DEEPEST))
def test_how_deep_a_case_may_be(depth):
    table = {}
    for _ in range(depth):
        table = {"a": table}
    with pytest.raises(InputError) as raised:
        case_from_dict(table)
    assert ("nested too deeply" in str(raised.value)) == (depth > DEEPEST)


@given(st.text())
def test_messages_are_one_line_without_control_characters(text):
    assert printable(text).isprintable()
    assert printable(printable(text)) == printable(text)
    if text.isprintable():
        assert printable(text) == text


# Sweeps ---------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.text(min_size=1, max_size=LONGEST_TEXT).filter(str.isprintable),
        min_size=1,
        max_size=3,
        unique=True,
    )
)
def test_names_of_points_are_names_everywhere(titles):
    case = scl_fem.Case(
        study={"kind": "equilibrium"},
        mesh={"kind": "planar"},
        phase={"electrode": {"material": "LVO", "composition": 2}, "electrolyte": {"material": "LAGP"}},
    )
    _, points = points_of(case, [Axis.of("title", titles)])
    names = [point.name for point in points]
    assert len(set(names)) == len(titles)
    for name in names:
        assert Path(name).name == name
        assert name.isascii()
        assert len(name) <= 255
        assert name[0].isdecimal()


def test_points_stay_in_the_folder_of_the_sweep(here):
    Path("case.toml").write_text(GOOD)
    titles = [
        "../../../out",
        "/tmp/out",
        "..",
        "a/../../b",
        "~/x",
        "x" * 300,
        "日本" * 100,
        "$HOME",
        "`touch x`",
    ]
    table = sweep(scl_fem.load_case("case.toml"), {"title": titles}, "swept")
    assert table.count("ok") == len(titles)
    assert {entry.name for entry in here.iterdir()} == {"case.toml", "swept"}
    assert {entry.name for entry in here.parent.parent.iterdir()} == {"in"}
    assert len(list(Path("swept/points").iterdir())) == len(titles)


def test_links_in_a_result_folder_lead_nowhere(here):
    Path("case.toml").write_text(GOOD)
    case = scl_fem.load_case("case.toml").with_overrides({"output.fields": True})
    scl_fem.run(case, "out")
    outside = here.parent / "outside"
    for path in list(Path("out").iterdir()):
        target = outside / path.name
        if path.is_dir():
            shutil.move(path, target)
        else:
            target.parent.mkdir(exist_ok=True)
            path.unlink()
            target.write_text("kept")
        path.symlink_to(target)
    with pytest.raises(InputError, match="which scl_fem did not write there"):
        scl_fem.run(case, "out", overwrite=True)
    for path in outside.iterdir():
        assert path.is_dir() or path.read_text() == "kept"
    assert list((outside / "fields").iterdir())


@pytest.mark.parametrize("which", ["points", "points/0_temperature=300"])
def test_a_point_of_a_sweep_is_no_link(here, which):
    Path("case.toml").write_text(GOOD)
    Path("swept/points").mkdir(parents=True)
    Path("elsewhere").mkdir()
    if which == "points":
        Path("swept/points").rmdir()
    Path("swept", which).symlink_to(here / "elsewhere")
    with pytest.raises(InputError, match="is a link"):
        sweep(scl_fem.load_case("case.toml"), {"temperature": [300.0, 310.0]}, "swept", overwrite=True)
    assert not list(Path("elsewhere").iterdir())


@pytest.mark.parametrize(
    "content",
    ["[]", "{", "[" * 100_000, '{"format": 1, "case": [1]}', '{"format": 1, "over": 3}', "null", "\xff"],
)
def test_a_definition_of_a_sweep_that_is_none(here, content):
    Path("case.toml").write_text(GOOD)
    Path("swept").mkdir()
    Path("swept/sweep.json").write_text(content, "latin-1")
    with pytest.raises(InputError, match=r"sweep\.json: "):
        sweep(scl_fem.load_case("case.toml"), {"temperature": [300.0]}, "swept")


@pytest.mark.parametrize(
    "content", ["{}", "[]", "[" * 100_000, "{", '{"kind": [], "message": "a\\u001b[2J"}']
)
def test_a_failure_that_nobody_can_read(here, content):
    Path("case.toml").write_text(GOOD)
    directory = Path("swept/points/0_temperature=300")
    case = scl_fem.load_case("case.toml")
    sweep(case, {"temperature": [300.0]}, "swept")
    (directory / "summary.json").unlink()
    (directory / "failure.json").write_text(content)
    table = sweep(case, {"temperature": [300.0]}, "swept")
    (message,) = table.failures.values()
    assert message.isprintable()
    assert sweep(case, {"temperature": [300.0]}, "swept", retry_failed=True).count("ok") == 1


# Meshes ---------------------------------------------------------------------------------------


@pytest.fixture
def mesh(here, capsys):
    """A mesh file that can be read."""
    Path("planar.toml").write_text(GOOD.replace("growth = 1.6", "growth = 1.6\ndimension = 2"))
    assert command(capsys, "mesh", "planar.toml", "-o", "good.msh")[0] == 0
    return here / "good.msh"


@pytest.mark.parametrize(
    "name",
    [
        "/dev/zero",
        "/dev/stdin",
        "/dev/null",
        "pipe.msh",
        "link.msh",
        ".",
        "/",
        "no.msh",
        "a\\u0000b.msh",
        "~nobody_at_all/x.msh",
        "x" * 300 + ".msh",
        "x/" * 3000,
        "",
    ],
)
def test_what_is_no_mesh(here, capsys, name):
    os.mkfifo("pipe.msh")
    Path("link.msh").symlink_to("/dev/zero")
    error = refusal(capsys, FROM_FILE.replace("PATH", f'"{name}"'))
    assert "case.toml: mesh.path: " in error
    assert not Path("out").exists()


def script(name, done):
    Path(name).write_text(f'SystemCall "touch {Path(done).absolute()}";\nMerge "{name}.more";\n')


@pytest.mark.parametrize(
    "ending", ["msh", "geo", "pos", "opt", "bdf", "unv", "inp", "mesh", "vtk", "stl", "step", "MSH"]
)
def test_a_mesh_file_is_not_a_script(here, capsys, ending):
    script(f"mesh.{ending}", "RAN")
    refusal(capsys, FROM_FILE.replace("PATH", f'"mesh.{ending}"'))
    assert not Path("RAN").exists()


def test_what_lies_beside_a_mesh_is_not_run(mesh, capsys):
    for name in ("good.msh.opt", ".gmshrc", ".gmsh-options", "good.opt"):
        script(name, "RAN")
    Path("case.toml").write_text(FROM_FILE.replace("PATH", '"good.msh"'))
    assert command(capsys, "run", "case.toml", "-o", "out")[0] == 0
    assert (
        command(capsys, "check", "planar.toml", "--set", "mesh.kind=rough", "--set", "mesh.dimension=2")[0]
        == 0
    )
    assert not Path("RAN").exists()


XDMF = """<Xdmf Version="3.0"><Domain><Grid>
<Geometry GeometryType="XY"><DataItem DataType="Float" Dimensions="3 2" Format="{kind}" Precision="8">
{name}</DataItem></Geometry>
<Topology TopologyType="Triangle" NumberOfElements="1"><DataItem DataType="Int" Dimensions="1 3" Format="XML">
0 1 2</DataItem></Topology></Grid></Domain></Xdmf>"""


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Binary", "/dev/zero"),
        ("Binary", "../../data.bin"),
        ("Binary", "pipe"),
        ("Binary", "linked.bin"),
        ("HDF", "/dev/zero:/points"),
        ("HDF", "../../data.h5:/points"),
        ("HDF", "pipe:/points"),
        ("HDF", "external.h5:/points"),
        ("HDF", "soft.h5:/points"),
        ("HDF", "raw.h5:/points"),
        ("HDF", "virtual.h5:/points"),
        ("HDF", "step.h5:/points"),
    ],
)
def test_data_of_a_mesh_come_from_its_folder(here, capsys, kind, name):
    outside = here.parent.parent
    points = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    points.tofile(outside / "data.bin")
    with h5py.File(outside / "data.h5", "w") as file:
        file["points"] = points
    os.mkfifo("pipe")
    Path("linked.bin").symlink_to(outside / "data.bin")
    with h5py.File("external.h5", "w") as file:
        file["points"] = h5py.ExternalLink(str(outside / "data.h5"), "/points")
    with h5py.File("soft.h5", "w") as file:
        file["points"] = h5py.SoftLink("/deep/points")
        file.create_group("deep")["points"] = h5py.ExternalLink("../../data.h5", "/points")
    with h5py.File("raw.h5", "w") as file:
        file.create_dataset("points", shape=(3, 2), dtype="f8", external=[(str(outside / "data.bin"), 0, 48)])
    with h5py.File("virtual.h5", "w") as file:
        layout = h5py.VirtualLayout(shape=(3, 2), dtype="f8")
        layout[:] = h5py.VirtualSource(str(outside / "data.h5"), "points", shape=(3, 2))
        file.create_virtual_dataset("points", layout)
    with h5py.File("step.h5", "w") as file:
        file["points"] = h5py.ExternalLink("external.h5", "/points")
    Path("mesh.xdmf").write_text(XDMF.format(kind=kind, name=name))
    error = refusal(capsys, FROM_FILE.replace("PATH", '"mesh.xdmf"'))
    assert "the mesh takes data from" in error or "is a device or a pipe" in error


def test_data_of_a_mesh_beside_it_are_read(here):
    with h5py.File("data.h5", "w") as file:
        file["points"] = np.zeros((3, 2))
        file["self"] = h5py.SoftLink("/points")
        file["loop"] = file["/"]
    Path("mesh.xdmf").write_text(XDMF.format(kind="HDF", name="data.h5:/points"))
    check_references(Path("mesh.xdmf"))
    check_references(Path("data.h5"))
    Path("a.inp").write_text("*HEADING\n*INCLUDE, INPUT=b.inp\n")
    Path("b.inp").write_text("*include,input = a.inp\n")
    check_references(Path("a.inp"))


@pytest.mark.parametrize("name", ["/dev/zero", "pipe.inp", "../out.inp", "/etc/passwd", "b.inp"])
def test_what_abaqus_includes_is_in_its_folder(here, capsys, name):
    os.mkfifo("pipe.inp")
    (here.parent / "out.inp").write_text("*NODE\n1, 0., 0., 0.\n")
    Path("b.inp").write_text("*INCLUDE, INPUT=/dev/zero\n")
    Path("mesh.inp").write_text(f"*Heading\n *Include, Input={name}\n")
    error = refusal(capsys, FROM_FILE.replace("PATH", '"mesh.inp"'))
    assert "the mesh takes data from" in error or "is a device or a pipe" in error


def test_entities_of_a_mesh_file_do_not_explode(here, capsys):
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(12))
    Path("mesh.xdmf").write_text(f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><x>&l12;</x>')
    shutil.copy("mesh.xdmf", "mesh.vtu")
    for name in ("mesh.xdmf", "mesh.vtu"):
        assert "mesh.path: " in refusal(capsys, FROM_FILE.replace("PATH", f'"{name}"'))
