"""The command line where its streams are closed, full or ASCII, and names are no text."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import scl_fem

ROOT = Path(scl_fem.__file__).parents[1]
CASE = """
title = "Größe Δφ"
[study]
kind = "equilibrium"
[mesh]
kind = "planar"
dimension = 1
interface_size = 0.02
growth = 1.3
[phase.electrode]
material = "LVO"
occupancy = 0.1
[phase.electrolyte]
material = "LAGP"
[output]
figures = false
fields = false
"""


@pytest.fixture
def case_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pair.toml").write_text(CASE)
    return tmp_path / "pair.toml"


def shell(text, **environment):
    program = f"{sys.executable} -m scl_fem"
    known = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    words = ["bash", "-o", "pipefail", "-c", text.replace("scl-fem", program)]
    return subprocess.run(words, env=known, capture_output=True, text=True, timeout=100, check=False)


@pytest.mark.parametrize("streams", [">&-", ">&- 2>&-", "<&- >&- 2>&-", "2>&-", "2>/dev/full", "2>&1 | true"])
def test_a_result_needs_no_listener(case_file, streams):
    done = shell(f"scl-fem run pair.toml -o out {streams}")
    assert done.returncode == 0, done.stderr
    assert Path("out/summary.json").is_file()
    assert not any(Path("out").glob("*[Ee]rror*"))


@pytest.mark.parametrize("command", ["run pair.toml -o out", "check pair.toml", "materials"])
def test_a_full_output_is_told(case_file, command):
    done = shell(f"scl-fem {command} >/dev/full")
    assert done.returncode == 1
    assert "error: cannot write to standard output: No space left on device" in done.stderr
    assert "internal error" not in done.stderr
    assert command[:3] != "run" or Path("out/summary.json").is_file()


def test_ascii_terminals(case_file):
    done = shell("scl-fem check pair.toml && scl-fem run pair.toml -o out", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(r"Gr\xf6\xdfe \u0394\u03c6") >= 2


@pytest.mark.parametrize(
    "words", [r"pair.toml -o $'out\xff'", r"$'\xff.toml'", r"pair.toml --set title=$'\xff'"]
)
def test_names_that_are_no_text(case_file, words):
    done = shell(f"scl-fem run {words}")
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "is not UTF-8" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert sorted(path.name for path in Path().iterdir()) == ["pair.toml"]


@pytest.mark.parametrize(
    "command",
    [
        "run pair.toml -o NAME",
        "run NAME",
        "check NAME",
        "mesh pair.toml -o NAME.msh",
        "plot NAME",
        "sweep pair.toml --over temperature=300,310 -o NAME",
        "fit arrhenius pair.toml -o NAME",
        "reproduce cheng2020 -o NAME",
    ],
)
def test_a_name_that_is_too_long(case_file, command):
    done = shell(f"scl-fem {command.replace('NAME', 300 * 'x')} --debug")
    assert done.returncode == 2, done.stderr[-600:]
    assert len([line for line in done.stderr.splitlines() if line.startswith("error: ")]) == 1


def test_a_mesh_where_nothing_can_be_written(case_file):
    command = "scl-fem mesh pair.toml --set mesh.interface_size=0.001 --set mesh.growth=1.01 -o $PWD/d/a.msh"
    full = f"mount -t tmpfs -o size=4k tmpfs $PWD/d && {command}"
    Path("d").mkdir()
    done = shell(f"unshare -m bash -c '{full}; echo rc=$?; ls -A $PWD/d'")
    if "unshare" in done.stderr:
        pytest.skip("no namespaces here")
    assert "error: cannot write" in done.stderr
    assert "the disk is full" in done.stderr
    assert done.stdout.split() == ["rc=1"]
    done = shell(f"unshare -m bash -c '{full.replace('size=4k', 'ro')}; echo rc=$?'")
    assert "the file system is read-only" in done.stderr
    assert done.stdout.split() == ["rc=1"]
