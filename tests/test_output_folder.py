import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

from scl_fem.errors import ConvergenceError, InputError
from scl_fem.output import claim
from scl_fem.output.claim import Claim, FolderBusyError, claimed
from scl_fem.output.files import OutputError, write_atomically
from scl_fem.output.folder import ResultFolder, holds_result
from scl_fem.output.names import FIGURE_SOFTWARE

COMM = MPI.COMM_SELF


def run(path, files, **options):
    """A run that writes `files` (name to text)."""
    with ResultFolder(path, COMM, **options) as folder:
        for name, text in files.items():
            target = folder.stage / name
            target.parent.mkdir(exist_ok=True)
            target.write_text(text)


def tree(path):
    return {str(file.relative_to(path)): file.read_text() for file in path.rglob("*") if file.is_file()}


FIRST = {
    "summary.json": '{"version": "1"}',
    "fields/a.vtu": "1",
    "fields/b.vtu": "1",
    "fields.pvd": "1",
    "impedance.csv": "1",
}
SECOND = {"summary.json": '{"version": "2"}', "fields/a.vtu": "2", "fields.pvd": "2", "profile.csv": "2"}


def test_a_new_folder_appears_whole(tmp_path):
    path = tmp_path / "deep" / "result"
    with ResultFolder(path, COMM) as folder:
        (folder.stage / "summary.json").write_text("1")
        assert not path.exists()
        assert not holds_result(path)
    assert holds_result(path)
    assert [entry.name for entry in path.parent.iterdir()] == ["result"]
    assert tree(path) == {"summary.json": "1"}


def test_a_folder_is_as_readable_as_any(tmp_path):
    run(tmp_path / "r", FIRST)
    (tmp_path / "plain").mkdir()
    assert (tmp_path / "r").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_failed_run_leaves_nothing(tmp_path):
    def fail():
        with ResultFolder(tmp_path / "r", COMM) as folder:
            (folder.stage / "summary.json").write_text("1")
            raise ConvergenceError("no")

    with pytest.raises(ConvergenceError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_failed_run_leaves_what_is_to_be_kept(tmp_path):
    path = tmp_path / "r"
    run(path, FIRST)

    def fail():
        with ResultFolder(path, COMM, overwrite=True) as folder:
            folder.keep("checkpoint.npz", "log.txt")
            (folder.stage / "summary.json").write_text("2")
            (folder.stage / "checkpoint.npz").write_text("2")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert tree(path) == FIRST | {"checkpoint.npz": "2"}


def test_keeping_makes_the_folder(tmp_path):
    def fail():
        with ResultFolder(tmp_path / "r", COMM) as folder:
            folder.keep("checkpoint.npz")
            (folder.stage / "checkpoint.npz").write_text("1")
            raise ConvergenceError("no")

    with pytest.raises(ConvergenceError):
        fail()
    assert tree(tmp_path) == {"r/checkpoint.npz": "1"}


def test_a_result_is_not_overwritten_unasked(tmp_path):
    run(tmp_path / "r", FIRST)
    with pytest.raises(InputError, match="holds a result already"):
        run(tmp_path / "r", SECOND)
    assert tree(tmp_path / "r") == FIRST
    assert [entry.name for entry in tmp_path.iterdir()] == ["r"]


def test_overwriting_replaces_the_old_result_and_no_more(tmp_path):
    path = tmp_path / "r"
    run(path, FIRST)
    png = b"\x89PNG\r\n\x1a\n...tEXtSoftware\0"
    (path / "profiles.png").write_bytes(png + FIGURE_SOFTWARE.encode())
    (path / "screenshot.png").write_bytes(png + b"ParaView")
    (path / "notes.md").write_text("mine")
    (path / "mine").mkdir()
    run(path, SECOND, overwrite=True)
    assert {entry.name for entry in path.iterdir()} == {
        "summary.json",
        "fields",
        "fields.pvd",
        "profile.csv",
        "screenshot.png",
        "notes.md",
        "mine",
    }
    assert {name: (path / name).read_text() for name in SECOND} == SECOND
    assert not (path / "fields" / "b.vtu").exists()


def test_an_empty_directory_is_filled(tmp_path):
    path = tmp_path / "volume"
    path.mkdir()
    inode = path.stat().st_ino
    run(path, FIRST)
    assert tree(path) == FIRST
    assert path.stat().st_ino == inode


def test_a_failure_midway_leaves_the_old_result(tmp_path, monkeypatch):
    path = tmp_path / "r"
    run(path, FIRST)
    rename, left = Path.rename, [5]

    def failing(self, target):
        left[0] -= 1
        if left[0] == 0:
            raise OSError(errno.EDQUOT, "Disk quota exceeded")
        return rename(self, target)

    def overwrite():
        with ResultFolder(path, COMM, overwrite=True) as folder:
            for name, text in {"summary.json": "2", "profile.csv": "2", "fields.pvd": "2"}.items():
                (folder.stage / name).write_text(text)
            monkeypatch.setattr(Path, "rename", failing)

    with pytest.raises(OutputError, match="the disk quota is used up"):
        overwrite()
    assert left[0] < 0
    assert tree(path) == FIRST


def test_a_full_disk_while_writing_leaves_the_old_result(tmp_path):
    path = tmp_path / "r"
    run(path, FIRST)

    def overwrite(write, *arguments):
        with ResultFolder(path, COMM, overwrite=True) as folder:
            (folder.stage / "summary.json").write_text("2")
            folder.on_root(write, *arguments)

    def fill_up(file):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OutputError, match=r"cannot write .*profile\.csv: the disk is full"):
        overwrite(write_atomically, tmp_path / "profile.csv", fill_up)
    with pytest.raises(OutputError, match="the disk is full"):
        overwrite(Path("/dev/full").write_text, "2")
    assert tree(path) == FIRST


@pytest.mark.parametrize("name", ["file", "file/result"])
def test_a_file_in_the_way_is_an_input_error(tmp_path, name):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is a file"):
        run(tmp_path / name, FIRST)
    assert (tmp_path / "file").read_text() == "x"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_without_permission_is_an_input_error(tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(InputError, match="no permission"):
        run(tmp_path / "locked" / "r", FIRST)


DYING = """
import os, sys
from mpi4py import MPI
from pathlib import Path
from scl_fem.output.folder import ResultFolder
with ResultFolder(Path(sys.argv[1]), MPI.COMM_SELF, overwrite=True) as folder:
    (folder.stage / "summary.json").write_text("dead")
    os._exit(9)
"""


@pytest.mark.parametrize("present", [False, True])
def test_stages_of_dead_runs_are_removed_and_of_live_ones_kept(tmp_path, present):
    path = tmp_path / "r"
    if present:
        run(path, FIRST)
    died = subprocess.run([sys.executable, "-c", DYING, str(path)], timeout=240, check=False)
    assert died.returncode == 9
    place = path if present else tmp_path
    assert len(list(place.glob(".*scl-fem-*"))) == 1
    with ResultFolder(path, COMM, overwrite=True) as alive:
        assert len(list(place.glob(".*scl-fem-*"))) == 1
        (alive.stage / "summary.json").write_text("2")
        with pytest.raises(
            FolderBusyError, match=rf"another run .process {os.getpid()} on .* at work in {path}"
        ):
            run(path, SECOND, overwrite=True)
        assert alive.stage.is_dir()
    assert tree(path)["summary.json"] == "2"
    assert list(place.glob(".*scl-fem-*")) == []


@pytest.mark.parametrize("published", [False, True])
def test_a_folder_is_claimed_before_and_after_it_is_there(tmp_path, published):
    path = tmp_path / "r"
    (tmp_path / "link").symlink_to(path)
    with ResultFolder(path, COMM) as first:
        if published:
            (first.stage / "checkpoint.npz").write_text("1")
            first.publish_early("checkpoint.npz")
        for other in (path, tmp_path / "link", tmp_path / "r" / ".." / "r"):
            with pytest.raises(FolderBusyError):
                run(other, FIRST)
            with pytest.raises(FolderBusyError), claimed(other):
                pass
        (first.stage / "summary.json").write_text("1")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["link", "r"]


def test_others_wait_for_nobody_who_is_dead_and_locks_cannot_tell(tmp_path, monkeypatch):
    def no_locks(descriptor, operation):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(claim.fcntl, "flock", no_locks)
    path = tmp_path / "r"
    path.mkdir()
    with ResultFolder(path, COMM), pytest.raises(FolderBusyError):
        run(path, FIRST)
    left = Claim.on(path)
    owner = left.staging / "lock"
    dead = subprocess.run(["sh", "-c", "echo $$"], capture_output=True, text=True, check=True).stdout
    content = json.loads(owner.read_text())
    owner.write_text(json.dumps(content | {"process": int(dead), "host": "elsewhere"}))
    with pytest.raises(FolderBusyError, match=rf"or dead .then remove {left.staging}"):
        run(path, FIRST)
    owner.write_text(json.dumps(content | {"process": int(dead)}))
    run(path, FIRST)
    assert tree(path) == FIRST


def test_one_of_many_gets_the_folder(tmp_path):
    code = CLAIMING.format(path=str(tmp_path / "r"))
    crowd = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(6)
    ]
    answers = [each.communicate(timeout=60)[0].strip() for each in crowd]
    assert sorted(answers) == ["busy"] * 5 + ["mine"]


CLAIMING = """
import time
from pathlib import Path
from scl_fem.output.claim import Claim, FolderBusyError
try:
    Claim.on(Path({path!r}))
    print("mine", flush=True)
    time.sleep(2)
except FolderBusyError:
    print("busy")
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("profile.csv", "z_nm,phase\n0,a\n"),
        ("case.toml", "# written by scl_fem 1\n"),
        ("summary.json", '{"mine": 1}'),
        ("summary.json", "mine"),
        ("log.txt", "mine"),
        ("checkpoint.npz", "mine"),
        ("fields/mine.vtu", "mine"),
    ],
)
@pytest.mark.parametrize("overwrite", [False, True])
def test_foreign_files_are_neither_overwritten_nor_removed(tmp_path, name, text, overwrite):
    path = tmp_path / "r"
    (path / name).parent.mkdir(parents=True)
    (path / name).write_text(text)
    (path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"did not write|holds a result already"):
        run(path, FIRST, overwrite=overwrite)
    assert tree(path) == {name: text, "notes.txt": "mine"}


def test_foreign_files_that_nobody_foresaw_stay(tmp_path):
    path = tmp_path / "r"
    path.mkdir()
    (path / "sketch.png").write_text("mine")
    with pytest.raises(InputError, match=r"sketch\.png, which scl_fem did not write"):
        run(path, FIRST | {"sketch.png": "ours"})
    assert tree(path) == {"sketch.png": "mine"}


def test_foreign_files_among_the_fields_stay(tmp_path):
    path = tmp_path / "r"
    run(path, FIRST)
    (path / "fields" / "view.pvsm").write_text("mine")
    run(path, SECOND, overwrite=True)
    assert tree(path) == SECOND | {"fields/view.pvsm": "mine"}
    run(path, {"summary.json": '{"version": "3"}'}, overwrite=True)
    assert tree(path) == {"summary.json": '{"version": "3"}', "fields/view.pvsm": "mine"}


def test_what_an_interrupted_run_left_is_replaced(tmp_path):
    path = tmp_path / "r"
    path.mkdir()
    np.savez(path / "checkpoint.npz", header=np.array("{}"))
    (path / "log.txt").write_text("started 2026-01-01\n versions:\n scl_fem 1")
    (path / "case.toml").write_text("# written by scl_fem 1\n")
    run(path, FIRST | {"case.toml": "1"})
    assert tree(path) == FIRST | {"case.toml": "1"}


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link").symlink_to("r")
    run(tmp_path / "link", FIRST)
    assert (tmp_path / "link").is_symlink()
    assert tree(tmp_path / "r") == FIRST
