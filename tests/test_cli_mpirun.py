"""The command line under mpirun: one voice, one exit status, no hangs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import scl_fem

ROOT = Path(scl_fem.__file__).parents[1]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}
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
def command():
    comm = ranks.world()
    if comm.rank == {rank}:
        raise {error}
    comm.barrier()
sys.exit(exit_status(command))
"""


@pytest.mark.parametrize("rank", [0, 1])
@pytest.mark.parametrize(("error", "status"), [("ConvergenceError('stalled')", 3), ("ValueError('oops')", 1)])
def test_an_error_on_one_rank_ends_all(tmp_path, rank, error, status):
    script = tmp_path / "failing.py"
    script.write_text(FAILING_RANK.format(rank=rank, error=error))
    # waiting at the barrier for ever, it would not end within mpirun's limit
    done = mpirun(script)
    assert done.returncode == status
    assert done.stderr.count(error.split("'")[1]) == 1
    assert f"error: that was on rank {rank}, not on every rank: all are stopped" in done.stderr


FAILING_SOLVE = """
import sys
import scl_fem.studies.equilibrium as module
from scl_fem._mpi import MPI
from scl_fem.cli import main
from scl_fem.errors import ConvergenceError
solve = module.solve_equilibrium
def failing(*arguments):
    if MPI.COMM_WORLD.rank in {ranks}:
        raise ConvergenceError("stalled")
    return solve(*arguments)
module.solve_equilibrium = failing
main(sys.argv[1:])
"""


@pytest.mark.parametrize("ranks", [[0], [1], [0, 1]])
def test_a_solve_that_fails_on_one_rank_ends_all(tmp_path, ranks):
    script, case = tmp_path / "failing.py", ROOT / "cases" / "lvo_lagp_x0.2_1d.toml"
    script.write_text(FAILING_SOLVE.format(ranks=ranks))
    # nothing that takes every rank may be tried then: not even to keep a state
    done = mpirun(script, "run", case, "-o", tmp_path / "r", "--quiet")
    assert done.returncode == 3
    assert done.stderr.count("error: stalled") == 1
    assert ("not on every rank" in done.stderr) == (len(ranks) == 1)
    assert (tmp_path / "r" / "log.txt").exists() == (len(ranks) == 2)


LAUNCHERS = [
    ({"OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "1"}, "OMPI_COMM_WORLD_SIZE"),
    ({"MV2_COMM_WORLD_SIZE": "3", "MV2_COMM_WORLD_RANK": "0"}, "MV2_COMM_WORLD_SIZE"),
    ({"SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "0"}, "SLURM_STEP_NUM_TASKS"),
    # the script of a batch job for four is one process; a launcher of its own within a step
    ({"SLURM_NTASKS": "4", "SLURM_PROCID": "0"}, None),
    ({"SLURM_STEP_NUM_TASKS": "1", "SLURM_NTASKS": "4", "SLURM_PROCID": "0"}, None),
    ({"OMPI_COMM_WORLD_SIZE": "1", "OMPI_COMM_WORLD_RANK": "0"}, None),
]


@pytest.mark.parametrize(("variables", "named"), LAUNCHERS)
def test_a_launcher_of_another_mpi(tmp_path, variables, named):
    case = ROOT / "cases" / "lvo_lagp_x0.2_1d.toml"
    words = ["run", case, "-o", tmp_path / "r", "--quiet", "--set", "output.figures=false"]
    done = subprocess.run(
        [sys.executable, "-m", "scl_fem", *map(str, words)],
        capture_output=True, text=True, timeout=240, check=False, env=ENVIRONMENT | variables,
    )  # fmt: skip
    size = variables[named] if named else ""
    message = f"error: {size} processes were started by a launcher of another MPI ({named})"
    assert done.returncode == (2 if named else 0), done.stderr
    # each of those processes would say the same: the first of them does
    heard = named is not None and "1" not in [variables[key] for key in variables if "RANK" in key]
    assert (message in done.stderr) == heard
    assert (tmp_path / "r" / "summary.json").exists() == (named is None)


def test_our_own_launcher_within_a_batch_job():
    for count in ("1", "2"):
        done = subprocess.run(
            [MPIRUN, "-n", count, sys.executable, "-m", "scl_fem", "info"],
            capture_output=True, text=True, timeout=240, check=False,
            env=ENVIRONMENT | {"SLURM_NTASKS": "4"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert re.search(rf"^ranks +{count}$", done.stdout, re.MULTILINE)
