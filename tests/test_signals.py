"""Ctrl-C and SIGTERM at every place where a run can stop: 130, the state kept, and gone on from."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import scl_fem
from scl_fem.output.tables import read_summary

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(scl_fem.__file__).parents[1])}
MPIRUN = shutil.which("mpirun", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
SCL_FEM = [sys.executable, "-m", "scl_fem"]

PAIR = """
[phase.electrode]
material = "LVO"
occupancy = 0.1
[phase.electrolyte]
material = "LAGP"
"""
PLANAR = """
[mesh]
kind = "planar"
dimension = 1
interface_size = 0.05
growth = 1.3
"""
CASES = {
    "equilibrium": 'kind = "equilibrium"' + PLANAR + PAIR,
    "conduction": 'kind = "conduction"' + PLANAR + PAIR,
    "impedance": 'kind = "impedance"\nfrequency_start = 1\nfrequency_stop = 1e3' + PLANAR + PAIR,
    "transient": 'kind = "transient"\nduration = 1e-11\ntolerance = 0.01' + PLANAR + PAIR,
    "exsy": 'kind = "exsy"\nduration = 0.01'
    + PLANAR
    + """
electrode_thickness = 10.0
[exsy]
diffusivity = 1e-12
surroundings = "finite"
""",
}

# A call that says that it was reached, waits a second (for the signal), and goes on.
CHILD = """
import os, sys, time
from pathlib import Path
from scl_fem.cli import main
import scl_fem.studies.run
{imports}
first = {owner}.{name}
calls = []
def wait(*arguments, **options):
    calls.append(0)
    if len(calls) >= {call}:
        Path(f"reached_{{os.environ.get('PMI_RANK', 0)}}").write_text(str(os.getpid()))
        time.sleep(1.0)
    {answer}
{owner}.{name} = wait
main(sys.argv[1:])
"""
GO_ON = "return first(*arguments, **options)"
EQUILIBRIUM = "from scl_fem.studies.equilibrium import EquilibriumStudy"
PLACES = {
    "between Newton steps": (
        "equilibrium", EQUILIBRIUM, "EquilibriumStudy", "_newton", 3, GO_ON,
        "interrupted after 2 Newton steps",
    ),
    "between frequencies": (
        "impedance", "from scl_fem.solvers.impedance import LinearResponse", "LinearResponse", "impedance", 3,
        GO_ON, r"interrupted before \S+ Hz",
    ),
    "in post-processing": (
        "conduction", EQUILIBRIUM, "EquilibriumStudy", "numbers", 1, GO_ON, "interrupted in post-processing",
    ),
    "while fields are written": (
        "transient", "from scl_fem.output.fields import FieldWriter", "FieldWriter", "__init__", 1, GO_ON,
        "interrupted in post-processing",
    ),
    "while every step is rejected": (
        "transient", "from scl_fem.solvers.transient import TransientSolver", "TransientSolver", "_error", 1,
        "return 2.0", "interrupted at t = 0 s",
    ),
    "while every step of exchange is rejected": (
        "exsy", "from scl_fem.solvers.fick import ExchangeSolver", "ExchangeSolver", "_size", 3,
        "return 1.001 * arguments[0].tolerance", r"interrupted at t = \S+ s",
    ),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_case(kind):
    Path("case.toml").write_text(f"[output]\nfigures = false\n[study]\n{CASES[kind]}")


def broken(place, send, *launcher):
    """Run until a place, send a signal there; exit status and errors."""
    kind, imports, owner, name, call, answer, _ = PLACES[place]
    write_case(kind)
    script = CHILD.format(imports=imports, owner=owner, name=name, call=call, answer=answer)
    words = [*launcher, sys.executable, "-c", script, "run", "case.toml", "-o", "r", "--quiet"]
    process = subprocess.Popen(words, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)
    ranks = [Path(f"reached_{rank}") for rank in range(2 if launcher else 1)]
    while not all(each.exists() and each.read_text() for each in ranks) and process.poll() is None:
        time.sleep(0.01)
    send(process, [int(each.read_text()) for each in ranks])
    _, errors = process.communicate(timeout=240)
    return process.returncode, errors


def to_all(number):
    return lambda process, ranks: process.send_signal(number)


def check_kept(status, errors, message):
    assert status == 130, errors
    (line,) = [line for line in errors.splitlines() if line.startswith("error: ")]
    assert "; the state is kept in r/checkpoint.npz: --restart starts from it" in line
    assert re.match(f"error: {message}", line), line
    assert {entry.name for entry in Path("r").iterdir()} == {"case.toml", "checkpoint.npz", "log.txt"}
    assert "stopped: interrupted" in Path("r/log.txt").read_text()
    assert sorted(entry.name for entry in Path().iterdir() if "scl-fem" in entry.name) == []


def check_goes_on(accuracy=1e-6):
    """Restarted from what the folder holds, the run ends with the numbers of one that was not broken off."""
    again = [*SCL_FEM, "run", "r/case.toml", "-o", "r", "--restart", "--quiet"]
    done = subprocess.run(again, env=ENVIRONMENT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    whole = scl_fem.run(scl_fem.load_case("case.toml")).summary
    found = read_summary(Path("r/summary.json"))
    names = {"layer_resistance_ohm_cm2", "total_resistance_ohm_cm2", "remaining_final"} & whole.keys()
    assert names
    for name in names:
        assert found[name] == pytest.approx(whole[name], rel=accuracy)


@pytest.mark.parametrize("place", PLACES)
def test_the_state_is_kept_and_gone_on_from(folder, place):
    number = signal.SIGINT if place == "between Newton steps" else signal.SIGTERM
    check_kept(*broken(place, to_all(number)), PLACES[place][-1])
    # steps that were rejected make those after them shorter
    check_goes_on(1e-3 if "rejected" in place else 1e-6)


@pytest.mark.skipif(MPIRUN is None, reason="no mpirun")
@pytest.mark.parametrize("whom", ["all", "one rank"])
def test_ranks_agree_on_it(folder, whom):
    send = to_all(signal.SIGTERM) if whom == "all" else lambda _, ranks: os.kill(ranks[1], signal.SIGTERM)
    status, errors = broken("between Newton steps", send, MPIRUN, "-n", "2")
    check_kept(status, errors, r"interrupted after \d Newton steps")
    check_goes_on()


@pytest.mark.parametrize("figures", [False, True])
def test_a_result_that_is_being_published_is_whole(folder, figures):
    write_case("equilibrium")
    script = CHILD.format(
        imports="from scl_fem.output.folder import ResultFolder",
        owner="ResultFolder", name="_publish", call=1, answer=GO_ON,
    )  # fmt: skip
    words = ["run", "case.toml", "-o", "r", "--quiet", "--set", f"output.figures={str(figures).lower()}"]
    process = subprocess.Popen(
        [sys.executable, "-c", script, *words], env=ENVIRONMENT, stderr=subprocess.PIPE, text=True
    )
    while not Path("reached_0").exists() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=240)
    assert process.returncode == 130
    assert ("`scl-fem plot r` draws them" in errors) == figures
    assert "the result is whole in r" in errors
    assert read_summary(Path("r/summary.json"))["converged"]
    assert not list(Path("r").glob("*.png"))


SCRIPT = """
import time
import scl_fem
import scl_fem.studies.run
print("ready", flush=True)
time.sleep(1.0)
for number in range(100_000):
    print(number)
time.sleep(600.0)
"""


def test_scripts_die_as_python_does_without_a_word_from_petsc(folder):
    Path("script.py").write_text(SCRIPT)
    command = f"'{sys.executable}' script.py | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], env=ENVIRONMENT, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 1
    assert "BrokenPipeError" in done.stderr
    assert "PETSC" not in done.stderr.upper()
    process = subprocess.Popen(
        [sys.executable, "script.py"],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=240)
    assert (process.returncode, errors) == (-signal.SIGTERM, "")
