"""The command line: what it prints where, its exit statuses, and that it fails in one message."""

import json
import os
import re
import signal
import subprocess
import sys
import tomllib
import types
from pathlib import Path

import pytest

import scl_fem
from scl_fem.cli import main
from scl_fem.errors import ConvergenceError, InputError, Interrupted

CASE = """
title = "a pair"
[study]
kind = "equilibrium"
[mesh]
kind = "planar"
dimension = 1
[phase.electrode]
material = "LVO"
composition = 0.2
[phase.electrolyte]
material = "LAGP"
[output]
figures = false
"""

# The tests run in folders of their own; the program may be run from its source tree.
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(scl_fem.__file__).parents[1])}

SIDE = {
    "occupancy_bulk": 0.1,
    "occupancy_interface": 0.42,
    "layer_charge_e_per_nm2": 0.2,
    "thickness_nm": {"1%": 2.0, "25%": 0.31},
    "layer_resistance_ohm_cm2": 0.002,
    "excess_resistance_ohm_cm2": -0.001,
}
SUMMARY = {
    "title": "a pair",
    "study": "equilibrium",
    "dimension": 1,
    "dofs": 607,
    "newton_iterations": 9,
    "wall_time_s": 0.3,
    "potential_step_V": 0.4,
    "interface_potential_V": 0.12,
    "electrode": SIDE,
    "electrolyte": SIDE,
    "layer_level": 0.25,
    "layer_thickness_nm": 0.62,
    "layer_resistance_ohm_cm2": 0.004,
    "excess_resistance_ohm_cm2": -0.002,
}


@pytest.fixture(autouse=True)
def signals_as_before():
    handler = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture
def case_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "pair.toml"
    path.write_text(CASE)
    return path


@pytest.fixture
def solver(monkeypatch):
    """A solver that takes notes: what it was called with, and what to raise."""
    calls = types.SimpleNamespace(raises=None, arguments=None)

    def run_case(case, directory, **options):
        calls.arguments = {"case": case, "directory": directory, **options}
        options["progress"].stage("equilibrium")
        options["progress"].newton(1, 0.5)
        options["progress"].note("a note")
        if calls.raises is not None:
            raise calls.raises
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "summary.json").write_text(json.dumps(SUMMARY))
        return types.SimpleNamespace(summary=SUMMARY, directory=directory)

    monkeypatch.setitem(sys.modules, "scl_fem.studies.run", types.SimpleNamespace(run_case=run_case))
    return calls


def status(*words):
    with pytest.raises(SystemExit) as caught:
        main([str(word) for word in words])
    return caught.value.code or 0


def test_without_a_command_it_says_what_there_is(capsys):
    assert status() == 0
    printed = capsys.readouterr().out
    for command in ("run", "check", "mesh", "plot", "materials", "info"):
        assert re.search(rf"^  {command} ", printed, re.MULTILINE)


def test_version(capsys):
    assert status("--version") == 0
    assert capsys.readouterr().out.startswith("scl-fem ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rum"], "No such command 'rum'"),
        (["run"], "Missing argument"),
        (["run", "x.toml", "--restrat"], "--restart"),
        (["mesh", "x.toml"], "-o"),
        (["check", "x.toml", "--set"], "--set"),
    ],
)
def test_wrong_words(capsys, words, message):
    assert status(*words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert message in printed.err
    assert "--help)" in printed.err


def test_check_prints_a_case_file(case_file, capsys):
    assert status("check", case_file) == 0
    printed = capsys.readouterr().out
    tables = tomllib.loads(printed)
    assert tables["mesh"]["interface_size"] == 0.0005
    assert tables["phase"]["electrode"]["occupancy"] == pytest.approx(0.1)
    assert "# potential step: 0.4 V" in printed
    case_file.write_text(printed)
    assert status("check", case_file) == 0
    assert capsys.readouterr().out == printed


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("materials.LVO.regular_solution=0.2", "phase.electrode: "),
        ("materials.NEW={c_max=10, voltage=2.5, occupancy=0.3}", "materials.NEW."),
    ],
)
def test_check_finds_what_a_run_would_not_accept(case_file, override, words):
    words_of_both = []
    material = ["--set", "phase.electrode={material='NEW'}"] if "NEW" in override else []
    for command in ("check", "run"):
        done = run_process(sys.executable, "-m", "scl_fem", command, case_file, *material, "--set", override)
        assert (done.returncode, done.stdout) == (2, "")
        words_of_both.append(done.stderr.splitlines()[-1])
    assert words_of_both[0] == words_of_both[1]
    assert f"error: {case_file}: {words}" in words_of_both[0]


@pytest.mark.parametrize(
    ("override", "key"),
    [("mesh.growth=0.5", "mesh.growth"), ("phase.electrode.occupancy=2", "phase.electrode.occupancy")],
)
@pytest.mark.parametrize("command", ["check", "run", "mesh"])
def test_a_wrong_case_is_one_message(case_file, capsys, solver, command, override, key):
    solver.raises = InputError("0.5 would refine away", key="mesh.growth")
    output = ["-o", "x.msh"] if command == "mesh" else []
    assert status(command, case_file, "--set", override, *output) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    errors = [line for line in printed.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert str(case_file) in errors[0]
    assert f"{key}: " in errors[0]
    assert "Traceback" not in printed.err
    assert os.listdir(case_file.parent) == [case_file.name]


def test_run_hands_the_case_over_and_prints_the_key_numbers(case_file, capsys, solver):
    assert status("run", case_file, "--set", "phase.electrode.voltage=3.2", "-o", "there") == 0
    assert solver.arguments["case"].phase.electrode.voltage == 3.2
    assert solver.arguments["case"].materials["LVO"].c_max == 16.856
    assert solver.arguments["directory"] == Path("there")
    assert (solver.arguments["overwrite"], solver.arguments["restart"]) == (False, False)
    printed = capsys.readouterr()
    assert re.search(r"layer resistance \(ohm cm\^2\) +0.002 +0.002 +0.004", printed.out)
    assert re.search(r"layer thickness at 25% \(nm\) +0.31 +0.31 +0.62", printed.out)
    assert printed.out.endswith("written to there: summary.json\n")
    assert printed.err.splitlines() == ["equilibrium", "  Newton   1  residual 5.00e-01", "a note"]


def test_run_writes_into_results_unless_told_otherwise(case_file, solver):
    assert status("run", case_file, "--overwrite", "--restart") == 0
    assert solver.arguments["directory"] == Path("results/pair")
    assert (solver.arguments["overwrite"], solver.arguments["restart"]) == (True, True)


def test_quiet_is_quiet(case_file, capsys, solver):
    assert status("run", case_file, "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_run_does_not_touch_a_result_unasked(case_file, capsys, solver):
    result = case_file.parent / "results" / "pair"
    result.mkdir(parents=True)
    (result / "summary.json").write_text(json.dumps(SUMMARY))
    assert status("run", case_file) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert solver.arguments is None
    assert status("run", case_file, "--overwrite") == 0


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ConvergenceError("it did not converge"), 3, "error: it did not converge"),
        (Interrupted("stopped; checkpoint kept"), 130, "error: stopped; checkpoint kept"),
        (KeyboardInterrupt(), 130, "error: interrupted"),
        (ZeroDivisionError("oops"), 1, "error: internal error on rank 0: ZeroDivisionError: oops; --debug"),
    ],
)
def test_exit_statuses(case_file, capsys, solver, error, code, message):
    solver.raises = error
    assert status("run", case_file) == code
    printed = capsys.readouterr().err
    assert message in printed
    assert "Traceback" not in printed


def test_debug_shows_the_traceback(case_file, capsys, solver, monkeypatch):
    monkeypatch.setattr("scl_fem.cli.outcome.show_tracebacks", False)
    solver.raises = ConvergenceError("it did not converge")
    assert status("run", case_file, "--debug") == 3
    printed = capsys.readouterr().err
    assert "Traceback" in printed
    assert "run_case" in printed


def test_mesh_writes_a_file(case_file, capsys):
    meshio = pytest.importorskip("meshio")
    assert status("mesh", case_file, "-o", "x.msh") == 0
    assert "607 points, 606 cells (interval)" in capsys.readouterr().out
    assert set(meshio.read("x.msh").field_data) >= {"electrode", "electrolyte", "interface"}


def test_materials(capsys):
    assert status("materials") == 0
    assert re.search(r"^LVO +16.856 +16.73 +2.46", capsys.readouterr().out, re.MULTILINE)
    assert status("materials", "LAGP") == 0
    printed = capsys.readouterr().out
    assert "c_max = 13.06 1/nm^3" in printed
    assert "diffusivity = 1e-09 cm^2/s" in printed
    assert "Cheng et al." in printed
    assert status("materials", "LAG") == 2
    assert "did you mean LAGP" in capsys.readouterr().err


def test_plot_wants_a_result(tmp_path, capsys):
    assert status("plot", tmp_path) == 2
    assert "holds no result" in capsys.readouterr().err


def test_info_says_what_a_bug_report_needs(capsys):
    assert status("info") == 0
    printed = capsys.readouterr().out
    for name in (
        *("scl_fem", "commit", "installed in", "dolfinx", "petsc", "mpi", "gmsh", "ranks", "OMP_NUM_THREADS"),
        *("solver packages", "system", "C library", "CPU", "cores", "memory", "mpirun", "form cache"),
    ):
        assert re.search(rf"^{name} +\S", printed, re.MULTILINE)


def run_process(*words, environment=ENVIRONMENT):
    return subprocess.run(
        list(map(str, words)), capture_output=True, text=True, timeout=240, check=False, env=environment
    )


def test_check_and_help_load_no_solver(case_file):
    code = (
        "import sys; from scl_fem.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: print(*(set(sys.modules) & {'dolfinx', 'petsc4py', 'mpi4py', 'pyvista', 'gmsh', "
        "'matplotlib', 'meshio', 'h5py', 'scipy', 'pint', 'numpy'}), file=sys.stderr)"
    )
    assert run_process(sys.executable, "-c", code, "--help").stderr.split() == []
    assert run_process(sys.executable, "-c", code, "check", case_file).stderr.split() == ["numpy"]


def test_a_reader_that_leaves_is_no_error(case_file):
    command = f"'{sys.executable}' -m scl_fem check '{case_file}' | head -1; echo ${{PIPESTATUS[0]}}"
    done = run_process("bash", "-c", command)
    assert done.stdout.splitlines()[-1] == "0"
    assert done.stderr == ""


@pytest.mark.parametrize(("given", "used"), [(None, "1"), ("2", "2")])
def test_threads_of_the_libraries_are_one_unless_told_otherwise(given, used):
    environment = {name: value for name, value in ENVIRONMENT.items() if name != "OMP_NUM_THREADS"}
    environment |= {"OMP_NUM_THREADS": given} if given else {}
    done = run_process(sys.executable, "-m", "scl_fem", "info", environment=environment)
    assert re.search(rf"^OMP_NUM_THREADS +{used}$", done.stdout, re.MULTILINE)


WAITING = """
import sys, time
from petsc4py import PETSc
from scl_fem.cli.outcome import exit_status, heed_termination
def command():
    PETSc.Vec().createSeq(1)
    heed_termination()
    print("ready", flush=True)
    time.sleep(600)
sys.exit(exit_status(command))
"""


def test_a_batch_system_may_end_a_run():
    process = subprocess.Popen(
        [sys.executable, "-c", f"import scl_fem._stack{WAITING}"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT,
    )  # fmt: skip
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=240)
    assert (process.returncode, errors) == (130, "error: interrupted\n")


def test_what_petsc_wraps_is_still_what_was_meant(case_file, capsys, solver):
    solver.raises = RuntimeError("error code 101")
    solver.raises.__cause__ = ConvergenceError("it did not converge")
    assert status("run", case_file) == 3
    assert "error: it did not converge" in capsys.readouterr().err
    solver.raises.__cause__ = KeyboardInterrupt()
    assert status("run", case_file) == 130


def test_a_real_run_and_the_same_again_from_what_it_wrote(case_file):
    command = [sys.executable, "-m", "scl_fem", "run"]
    first = run_process(*command, case_file, "-o", "first", "--quiet")
    assert (first.returncode, first.stdout, first.stderr) == (0, "", "")
    again = run_process(*command, "first/case.toml", "-o", "again")
    assert again.returncode == 0
    assert "potential step (V) " in again.stdout
    one, two = (json.loads(Path(name, "summary.json").read_text()) for name in ("first", "again"))
    measured = {"wall_time_s", "timings_s"}
    assert {key: one[key] for key in one.keys() - measured} == {
        key: two[key] for key in two.keys() - measured
    }
    assert one["layer_resistance_ohm_cm2"] == pytest.approx(0.0054, rel=0.02)
    assert Path("first/case.toml").read_text() == Path("again/case.toml").read_text()


def test_a_solve_that_fails_has_its_own_status(case_file):
    wrong = ["--set", "solver.max_iterations=1", "--set", "solver.tolerance=1e-15"]
    done = run_process(sys.executable, "-m", "scl_fem", "run", case_file, "-o", "failed", *wrong)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert not Path("failed/summary.json").exists()


@pytest.mark.parametrize("value", ["ksp_type", "pc_type"])
def test_a_value_that_petsc_refuses(case_file, value):
    done = run_process(
        sys.executable, "-m", "scl_fem", "run", case_file, "-o", "x", "--set", f"solver.petsc.{value}=foo"
    )
    assert done.returncode == 2
    error = done.stderr.splitlines()[-1]
    assert f'solver.petsc.{value}: cannot be "foo" (allowed: ' in error
    assert "/src/" not in done.stderr


def test_completion_in_a_shell_knows_what_is_loaded_late():
    assert {*scl_fem.__all__} <= {*dir(scl_fem)}
