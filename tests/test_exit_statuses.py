"""README's list of exit statuses is what the program does."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import scl_fem
from scl_fem import errors
from scl_fem.output.claim import Claim
from scl_fem.output.files import OutputError

ROOT = Path(scl_fem.__file__).parents[1]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}
CASE = ROOT / "cases" / "lvo_lagp_x0.2_1d.toml"
PROGRAM = f"{sys.executable} -m scl_fem"
RUN = f"{PROGRAM} run {CASE} -o out --quiet --set output.figures=false"
RAISING = """
import sys
import scl_fem.studies.run
from scl_fem.cli import main
from scl_fem.output.files import OutputError
def run_case(*arguments, **options):
    raise {error}
scl_fem.studies.run.run_case = run_case
main(sys.argv[1:])
"""


def raising(error):
    return f"{sys.executable} raising.py run {CASE} -o out", RAISING.format(error=error)


TABLE = [
    (0, RUN, ""),
    (0, f"{PROGRAM} check {CASE}", ""),
    (0, f"{PROGRAM} --help", ""),
    (1, f"{PROGRAM} check {CASE} >/dev/full", "error: cannot write to standard output"),
    (1, raising("OutputError('cannot write out: full')"), "error: cannot write out: full"),
    (1, raising("ZeroDivisionError('oops')"), "error: internal error on rank 0: ZeroDivisionError: oops"),
    (2, f"{RUN} --set mesh.size=1", "error: .*mesh.size: unknown key"),
    (2, f"{PROGRAM} run nowhere.toml", "error: nowhere.toml: there is no such file"),
    (2, f"{PROGRAM} rum", "error: No such command"),
    (2, f"{RUN} -o claimed", "error: another run .* is at work in .*claimed"),
    (2, f"OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_RANK=0 {RUN}", "error: 2 processes were started"),
    (2, f"XDG_CACHE_HOME=$PWD/cache CC=nowhere {RUN}", "error: .*compiler"),
    (3, f"{RUN} --set solver.max_iterations=1", "error: .*the state is kept in out/checkpoint.npz"),
    (130, raising("KeyboardInterrupt"), "error: interrupted"),
    (137, f"{RUN} & kill -9 $!; wait $!", ""),
]  # fmt: skip


@pytest.mark.parametrize(("status", "command", "message"), TABLE)
def test_a_status(tmp_path, status, command, message):
    if isinstance(command, tuple):
        command, script = command
        (tmp_path / "raising.py").write_text(script)
    (tmp_path / "claimed").mkdir()
    claim = Claim.on(tmp_path / "claimed")
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True,
        timeout=240, check=False,
    )  # fmt: skip
    claim.release()
    assert done.returncode == status, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == bool(message), done.stderr
    assert re.match(message, lines[0] if lines else "")


def test_readme_lists_them():
    (paragraph,) = re.findall(
        r"^Exit status: (.*?)\n\n", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE
    )
    listed = {int(number) for number in re.findall(r"(?:^|; )(\d+) ", " ".join(paragraph.split()))}
    family = [errors.InputError, errors.ConvergenceError, errors.Interrupted, OutputError]
    assert listed == {0, *(each.exit_status for each in family)}
    assert "137" in paragraph
    assert {status for status, *_ in TABLE} == listed | {137}
