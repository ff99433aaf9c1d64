"""A disk that is full: one sentence, status 1, and what was there before is as it was."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import scl_fem

ROOT = Path(scl_fem.__file__).parents[1]
SHIPPED = ROOT / "cases" / "lvo_lagp_x0.2_1d.toml"
DATA = ROOT / "data" / "synthetic_arrhenius_Li1V2O5_LAGP.csv"
PROGRAM = f"{sys.executable} -m scl_fem"
TOY = """
import sys
from scl_fem.cli import main
from scl_fem.reproduce import PAPERS
from tests.reproduce.test_report import REPORT
PAPERS._entries["toy2020"] = lambda comm, progress: REPORT
main(sys.argv[1:])
"""
COMMANDS = {
    "run": "PROGRAM run CASE -o DIR/run --quiet",
    "sweep": "PROGRAM sweep CASE --over temperature=300,310 -o DIR/sweep --quiet",
    "fit": f"PROGRAM fit arrhenius {DATA} -o DIR/fit",
    "reproduce": "PYTHON toy.py reproduce toy2020 -o DIR/reproduce --quiet",
    "mesh": "PROGRAM mesh CASE -o DIR/mesh.msh",
    "plot": "PROGRAM plot DIR/run",
}
AGAIN = {"run", "fit", "reproduce"}
"""Need to be told to replace a result."""


def shell(text, directory, limit=240):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": "/dev/shm"}
    return subprocess.run(
        ["bash", "-c", text], cwd=directory, env=environment, capture_output=True, text=True,
        timeout=limit, check=False,
    )  # fmt: skip


def words(command, directory, again=""):
    text = COMMANDS[command].replace("PROGRAM", PROGRAM).replace("PYTHON", sys.executable)
    return f"{text.replace('CASE', 'case.toml').replace('DIR', directory)} {again}"


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """A folder with a result of every command."""
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no namespaces here")
    folder = tmp_path_factory.mktemp("disk")
    shutil.copy(SHIPPED, folder / "case.toml")
    (folder / "toy.py").write_text(TOY)
    (folder / "old").mkdir()
    for command in COMMANDS:
        done = shell(words(command, "old"), folder)
        assert done.returncode == 0, (command, done.stderr)
    (point,) = (folder / "old" / "sweep" / "points").glob("1_*")
    shutil.rmtree(point)  # a sweep that goes on; told to replace another one it begins by removing that
    return folder


@pytest.mark.parametrize(
    ("command", "free"), [*((command, 24) for command in COMMANDS), ("run", 0), ("sweep", 0), ("plot", 0)]
)
def test_an_older_result_is_as_it_was(before, command, free):
    """With so many KiB free."""
    again = "--overwrite" if command in AGAIN else ""
    done = shell(
        f"""unshare -m bash -c '
        mkdir -p full && mount -t tmpfs -o size=8m tmpfs full && cp -r old/. full
        head -c {free}k /dev/zero > full/spare; cat /dev/zero > full/filler 2>/dev/null; rm full/spare
        {words(command, "full", again)}; echo rc=$?
        rm full/filler; diff -r old full && echo same'""",
        before,
    )
    assert done.stdout.splitlines()[-2:] == ["rc=1", "same"], (done.stdout[-2000:], done.stderr[-2000:])
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert "the disk is full" in line or "No space left on device" in line
    assert "internal error" not in line
    assert "full/" in line


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"plot"}))
def test_nothing_is_left_of_a_new_one(before, command):
    done = shell(
        f"""unshare -m bash -c '
        mkdir -p full && mount -t tmpfs -o size=4k tmpfs full
        {words(command, "full")}; echo rc=$?; find full -name summary.json -o -name fit.json'""",
        before,
    )
    assert done.stdout.split() == ["rc=1"], done.stderr
    assert done.stderr.count("error: ") == 1
