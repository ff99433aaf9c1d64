"""The cases that come with the program: listed, copied whole, never over a file of the user's."""

import os

import pytest

from scl_fem.case import load_case, resolve
from scl_fem.cli import main
from scl_fem.errors import InputError
from scl_fem.shipped import copy_case, shipped_case, shipped_cases

FROM_FILE = "lvo_lagp_x2_file_2d"
MESH = "irregular_particle_2d.msh"
MESHES = {FROM_FILE: MESH, "lco_lvo_lagp_two_particles_2d": "two_particles_2d.msh"}
"""Of the cases that have one from a file."""
CASES = sorted(shipped_cases())


def status(*words):
    with pytest.raises(SystemExit) as caught:
        main([str(word) for word in words])
    return caught.value.code or 0


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_case_is_listed_with_its_title(capsys):
    assert status("new") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(CASES) >= 20
    for name, line in zip(CASES, lines, strict=False):
        assert line.split()[0] == name
        assert line.endswith(shipped_case(name).title)
    assert os.listdir() == []


@pytest.mark.parametrize("name", CASES)
def test_a_copy_reads_as_the_original_does(name):
    case = shipped_case(name)
    target, *others = copy_case(case, case.path.with_name("copy.toml").relative_to(case.path.parent))
    mine, theirs = (resolve(load_case(path)).to_dict() for path in (target, case.path))
    if name in MESHES:
        assert [path.name for path in others] == [MESHES[name]]
        assert mine["mesh"].pop("path") == str(others[0].resolve())
        theirs["mesh"].pop("path")
    for phase, of_original in zip(
        mine.get("phase", {}).values(), theirs.get("phase", {}).values(), strict=True
    ):
        if "energy_profile" in phase:
            assert phase.pop("energy_profile") == str(others[0].resolve())
            of_original.pop("energy_profile")
    assert mine == theirs
    assert f"cases/{name}" not in target.read_text(encoding="utf-8")


def test_a_copy_with_a_mesh_is_whole_where_it_is(folder, capsys):
    assert status("new", FROM_FILE, "-o", "deep/down") == 0
    assert sorted(os.listdir("deep/down")) == [MESH, f"{FROM_FILE}.toml"]
    assert status("check", f"deep/down/{FROM_FILE}.toml") == 0
    printed = capsys.readouterr().out
    assert f"scl-fem run deep/down/{FROM_FILE}.toml" in printed
    assert str(folder / "deep" / "down" / MESH) in printed


def test_a_name_and_a_file_of_ones_own(capsys):
    assert status("new", "lvo_lagp_x1_1d.toml", "-o", "mine.toml") == 0
    assert os.listdir() == ["mine.toml"]
    assert status("new", "lvo_lagp_x1_1d", "-o", "mine.toml") == 0
    assert "there already" in capsys.readouterr().out


@pytest.mark.parametrize("theirs", [MESH, f"{FROM_FILE}.toml"])
def test_a_file_of_the_users_stays(folder, capsys, theirs):
    (folder / theirs).write_text("mine")
    assert status("new", FROM_FILE) == 2
    assert theirs in capsys.readouterr().err
    assert os.listdir() == [theirs]
    assert (folder / theirs).read_text() == "mine"


def test_neither_does_a_link_lead_it_astray(folder):
    (folder / f"{FROM_FILE}.toml").symlink_to(folder / "elsewhere")
    assert status("new", FROM_FILE) == 2
    assert os.listdir() == [f"{FROM_FILE}.toml"]


def test_an_unknown_name_has_a_suggestion(capsys):
    assert status("new", "lvo_lagp_x1_2d") == 2
    assert "did you mean lvo_lagp_x1_1d" in capsys.readouterr().err


def test_a_place_without_a_name(capsys):
    assert status("new", "-o", "here") == 2
    assert "-o: says where to write" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made(folder, capsys):
    (folder / "file").write_text("")
    assert status("new", "lvo_lagp_x1_1d", "-o", "file/sub") == 1
    assert "cannot write" in capsys.readouterr().err


def test_the_name_alone_counts():
    with pytest.raises(InputError, match="unknown case"):
        shipped_case("../cases/lvo_lagp_x1_1d")


def test_what_appears_while_it_looks_stays(folder, monkeypatch):
    """Somebody writes the file after it was found missing."""
    monkeypatch.setattr("scl_fem.shipped._is_there", lambda path, content: False)
    (folder / "mine.toml").write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        copy_case(shipped_case("lvo_lagp_x1_1d"), folder / "mine.toml")
    assert (folder / "mine.toml").read_text() == "mine"
