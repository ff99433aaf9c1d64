"""The command line under mpirun: one voice, one exit status, no hangs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import scl_fem

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(scl_fem.__file__).parents[1])}
MPIRUN = shutil.which("mpirun", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
pytestmark = pytest.mark.skipif(MPIRUN is None, reason="no mpirun")


def mpirun(*words, limit=240):
    return subprocess.run(
        [MPIRUN, "-n", "2", sys.executable, *map(str, words)],
        capture_output=True, text=True, timeout=limit, check=False, env=ENVIRONMENT,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "nowhere.toml"], "error: nowhere.toml: there is no such file"),
        (["check", "nowhere.toml"], "error: nowhere.toml: there is no such file"),
        (["rum"], "error: No such command 'rum'"),
    ],
)
def test_an_error_is_said_once(words, message):
    done = mpirun("-m", "scl_fem", *words)
    assert done.returncode == 2
    assert done.stderr.count("error: ") == 1
    assert message in done.stderr
    assert done.stdout == ""


def test_output_comes_once():
    done = mpirun("-m", "scl_fem", "materials")
    assert done.returncode == 0
    assert done.stdout.count("LVO ") == 1


FAILING_RANK = """
import sys
from scl_fem.cli import ranks
from scl_fem.cli.outcome import exit_status
from scl_fem.errors import ConvergenceError
ranks._PATIENCE = 1.0
def command():
    comm = ranks.world()
    if comm.rank == {rank}:
        raise {error}
    comm.barrier()
sys.exit(exit_status(command))
"""


@pytest.mark.parametrize("rank", [0, 1])
@pytest.mark.parametrize(("error", "status"), [("ConvergenceError('stalled')", 3), ("ValueError('bug')", 1)])
def test_an_error_on_one_rank_ends_all(tmp_path, rank, error, status):
    script = tmp_path / "failing.py"
    script.write_text(FAILING_RANK.format(rank=rank, error=error))
    # waiting at the barrier for ever, it would not end within mpirun's limit
    done = mpirun(script)
    assert done.returncode == status
    if rank == 0 or status == 1:
        assert error.split("'")[1] in done.stderr
