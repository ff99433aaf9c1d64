"""Sweeps: points, failures, going on after whatever stopped one, workers, the command."""

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import scl_fem
from scl_fem.cli import main
from scl_fem.errors import ConvergenceError, InputError, Interrupted
from scl_fem.output.files import OutputError
from scl_fem.output.tables import read_summary, read_table
from scl_fem.sweeps import run as running
from scl_fem.sweeps import solving, sweep
from scl_fem.sweeps.folder import SweepFolder

CASE = """
[study]
kind = "equilibrium"
[mesh]
kind = "planar"
dimension = 1
interface_size = 0.02
growth = 1.3
[phase.electrode]
material = "LVO"
occupancy = "from-voltage"
voltage = 3.2
[phase.electrolyte]
material = "LAGP"
"""
VOLTAGE = "phase.electrode.voltage"
RESISTANCE = "layer_resistance_ohm_cm2"
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(scl_fem.__file__).parents[1])}


class News:
    """Keeps the lines about points; does something at the first of them."""

    def __init__(self, at_first=lambda: None):
        self.lines, self._at_first = [], at_first

    def stage(self, name):
        pass

    fraction = stage

    def note(self, text):
        self.lines.append(text)

    def step(self, text, milestone):
        self.lines.append(text)
        if len(self.lines) == 1:
            self._at_first()


@pytest.fixture
def case_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "pair.toml"
    path.write_text(CASE)
    return path


@pytest.fixture
def case(case_file):
    return scl_fem.load_case(case_file)


@pytest.fixture
def solved(monkeypatch):
    """Names of the points that are solved."""
    names = []

    def solve(case, directory):
        names.append(directory.name)
        return solving.solve_point(case, directory)

    monkeypatch.setattr(running, "solve_point", solve)
    return names


def interrupt():
    raise KeyboardInterrupt


def status(*words):
    handler = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit) as caught:
            main([str(word) for word in words])
    finally:
        signal.signal(signal.SIGTERM, handler)
    return caught.value.code or 0


def test_table_and_files(case):
    table = sweep(case, {VOLTAGE: [2.4, 3.4, 3.6]}, "out")
    assert table.columns["status"].tolist() == ["ok", "ok", "failed"]
    assert table.failures == {
        "2_voltage=3.6": f"{VOLTAGE}: open-circuit curve of LVO (V): 3.6 lies outside the table, 2.4 to 3.4"
    }
    read = read_table(Path("out/sweep.csv"))
    assert list(read)[:4] == [VOLTAGE, "status", "message", "point"]
    assert read[VOLTAGE].tolist() == [2.4, 3.4, 3.6]
    assert np.isnan(read[RESISTANCE]).tolist() == [False, False, True]
    for name in table.columns["point"][:2]:
        summary = read_summary(Path("out/points") / name / "summary.json")
        row = table.columns["point"] == name
        assert read[RESISTANCE][row] == summary[RESISTANCE]
        assert read["electrode.thickness_nm.25%"][row] == summary["electrode"]["thickness_nm"]["25%"]
    assert not list(Path("out/points").glob("*/fields*"))
    assert not list(Path("out/points").glob("*/*.png"))
    assert Path("out/sweep.png").read_bytes().startswith(b"\x89PNG")


def test_points_are_those_of_single_runs(case):
    table = sweep(case, {VOLTAGE: [2.5, 3.3]}, "out")
    single = scl_fem.run(case.with_overrides({VOLTAGE: 3.3}))
    assert table.columns[RESISTANCE][1] == single.summary[RESISTANCE]


def test_goes_on_where_it_was_interrupted(case, solved):
    with pytest.raises(Interrupted, match="1 of 3 points are done"):
        sweep(case, {VOLTAGE: [2.4, 3.0, 3.4]}, "out", progress=News(interrupt))
    assert read_table(Path("out/sweep.csv"))["status"].tolist() == ["ok", "pending", "pending"]
    table = sweep(case, {VOLTAGE: [2.4, 3.0, 3.4]}, "out")
    assert table.count("ok") == 3
    assert solved == ["0_voltage=2.4", "1_voltage=3", "2_voltage=3.4"]


def test_a_finished_sweep_draws_another_figure(case, solved):
    sweep(case, {VOLTAGE: [2.4, 3.4]}, "out")
    before = Path("out/sweep.png").read_bytes()
    sweep(case, {VOLTAGE: ["2.4 V", "3400 mV"]}, "out", quantity="electrode.occupancy_interface")
    assert len(solved) == 2
    assert Path("out/sweep.png").read_bytes() != before


def test_another_sweep_is_not_mixed_in(case):
    sweep(case, {VOLTAGE: [2.4, 3.4]}, "out")
    other = case.with_overrides({"temperature": 310})
    with pytest.raises(InputError, match=r"temperature was 298\.15, is 310"):
        sweep(other, {VOLTAGE: [2.4, 3.4]}, "out")
    with pytest.raises(InputError, match=r"voltage was \[2\.4, 3\.4\], is \[2\.4, 3\.0\]"):
        sweep(case, {VOLTAGE: [2.4, 3.0]}, "out")
    with pytest.raises(InputError, match=r"output\.fields was false, is true"):
        sweep(case, {VOLTAGE: [2.4, 3.4]}, "out", keep_fields=True)
    table = sweep(other, {VOLTAGE: [3.4]}, "out", overwrite=True)
    assert table.columns["temperature_K"].tolist() == [310.0]
    assert len(list(Path("out/points").iterdir())) == 1


def test_what_is_no_sweep_is_left_alone(case):
    Path("out/points").mkdir(parents=True)
    Path("out/points/mine.txt").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(InputError, match="something else than a sweep"):
            sweep(case, {VOLTAGE: [2.4]}, "out", overwrite=overwrite)
    assert Path("out/points/mine.txt").exists()


def test_one_sweep_at_a_time(case):
    with SweepFolder(Path("out")).locked(), pytest.raises(InputError, match=r"another run .* is at work in"):
        sweep(case, {VOLTAGE: [2.4]}, "out")


@pytest.mark.parametrize(
    ("over", "problem"),
    [
        ({"phase.electrode.volage": [2.4, 2.5]}, r"phase\.electrode\.volage: unknown key .*mean voltage"),
        ({VOLTAGE: ["high", "low"]}, "cannot read 'high'"),
        ({VOLTAGE: [3.5, 3.6]}, "3.5 lies outside the table"),
        ({}, "needs a key"),
    ],
)
def test_wrong_from_the_start(case, over, problem):
    with pytest.raises(InputError, match=problem):
        sweep(case, over, "out")
    assert not Path("out").exists()


def test_units_and_two_keys(case):
    over = {"mesh.electrode_thickness": ["5 nm", "0.02 um"], "temperature": ["25 degC", 350]}
    table = sweep(case, over, "out")
    assert table.columns["mesh.electrode_thickness"].tolist() == [5, 5, 20, 20]
    assert table.columns["temperature"].tolist() == [298.15, 350, 298.15, 350]
    assert table.columns["temperature_K"].tolist() == [298.15, 350, 298.15, 350]
    assert table.on_grid(RESISTANCE).shape == (2, 2)
    assert [axis.unit for axis in table.axes] == ["nm", "K"]
    assert Path("out/points/2_electrode_thickness=20_temperature=298.15").is_dir()


def test_words_as_values(case):
    table = sweep(case, {"study.kind": ["equilibrium", "conduction"]}, "out")
    assert table.columns["study.kind"].tolist() == ["equilibrium", "conduction"]
    assert np.isnan(table.columns["total_resistance_ohm_cm2"]).tolist() == [True, False]


@pytest.mark.parametrize("error", [ConvergenceError("stalled"), ValueError("a bug"), MemoryError("much")])
def test_failures_are_marked_and_tried_again_on_demand(case, monkeypatch, error):
    from scl_fem.studies import run

    run_case = run.run_case
    failing = True

    def run_or_fail(point, *arguments, **options):
        if failing and point.phase.electrode.voltage == 3.0:
            raise error
        return run_case(point, *arguments, **options)

    monkeypatch.setattr(run, "run_case", run_or_fail)
    table = sweep(case, {VOLTAGE: [2.4, 3.0, 3.4]}, "out")
    assert table.columns["status"].tolist() == ["ok", "failed", "ok"]
    (message,) = table.failures.values()
    assert str(error) in message
    assert message.startswith("internal error") == (not isinstance(error, ConvergenceError))
    known = json.loads(Path("out/points/1_voltage=3/failure.json").read_text())
    assert ("traceback" in known) == (not isinstance(error, ConvergenceError))
    assert scl_fem.load_case("out/points/1_voltage=3/case.toml").phase.electrode.voltage == 3.0
    failing = False
    assert sweep(case, {VOLTAGE: [2.4, 3.0, 3.4]}, "out").count("failed") == 1
    assert sweep(case, {VOLTAGE: [2.4, 3.0, 3.4]}, "out", retry_failed=True).count("ok") == 3


def test_a_disk_that_is_full_stops_the_sweep(case, monkeypatch):
    def full(*arguments, **options):
        raise InputError("cannot write") from OutputError("the disk is full")

    monkeypatch.setattr("scl_fem.studies.run.run_case", full)
    with pytest.raises(OutputError, match="the disk is full"):
        sweep(case, {VOLTAGE: [2.4, 3.0]}, "out")


def test_a_quantity_that_does_not_exist(case, solved):
    with pytest.raises(InputError, match=r"unknown quantity 'layer_resistance'.*did you mean") as caught:
        sweep(case, {VOLTAGE: [2.4, 3.0, 3.4]}, "out", quantity="layer_resistance")
    # not a page of names
    assert "columns of sweep.csv that follow remarks" in str(caught.value)
    assert len(str(caught.value)) < 300
    assert len(solved) == 1
    assert sweep(case, {VOLTAGE: [2.4, 3.0, 3.4]}, "out", quantity=RESISTANCE).count("ok") == 3


def test_no_figure_where_none_is_wanted_or_possible(case):
    sweep(case.with_overrides({"output.figures": False}), {VOLTAGE: [2.4]}, "plain")
    assert not Path("plain/sweep.png").exists()
    news = News()
    sweep(case, {VOLTAGE: [2.4], "temperature": [300], "solver.order": [1]}, "three", progress=news)
    assert "one or two keys" in news.lines[-1]


def test_interrupted_point_goes_on_from_its_checkpoint(case, monkeypatch):
    from scl_fem.studies import run

    run_case, restarts = run.run_case, []

    def noting(*arguments, restart, **options):
        restarts.append(restart)
        return run_case(*arguments, restart=restart, **options)

    monkeypatch.setattr(run, "run_case", noting)
    sweep(case, {VOLTAGE: [2.4, 3.4]}, "out")
    Path("out/points/1_voltage=3.4/summary.json").unlink()
    assert sweep(case, {VOLTAGE: [2.4, 3.4]}, "out").count("ok") == 2
    assert restarts == [False, False, True]


def test_two_workers_give_the_same(case):
    over = {VOLTAGE: [2.4, 2.8, 3.4, 3.6]}
    alone = sweep(case, over, "alone")
    news = News()
    together = sweep(case, over, "together", workers=2, progress=news)
    for name in (RESISTANCE, "status", "message", "point"):
        np.testing.assert_array_equal(alone.columns[name], together.columns[name])
    assert len(news.lines) == 4
    assert not multiprocessing.active_children()


def one_worker_dies(tmp_path, monkeypatch, moment, end):
    """See that one of the workers to come ends at a moment, by a statement."""
    # spawned workers import this module by its name, whatever their script
    dying = DYING.format(moment=moment, mark=str(tmp_path / "mark"), end=end)
    (tmp_path / "sitecustomize.py").write_text(dying)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ENVIRONMENT['PYTHONPATH']}")


def test_a_worker_that_dies_takes_one_point_with_it(case, tmp_path, monkeypatch):
    # killed from outside it may just have no point
    one_worker_dies(tmp_path, monkeypatch, "while it solves", "os.kill(os.getpid(), 9)")
    voltages = np.linspace(2.4, 3.4, 8)
    table = sweep(case, {VOLTAGE: voltages}, "out", workers=2)
    assert table.count("ok") == 7
    (message,) = table.failures.values()
    assert "died: Killed" in message


@pytest.mark.parametrize("moment", ["before it is ready", "between result and answer", "while it solves"])
def test_a_worker_that_dies_at_any_moment(case, tmp_path, monkeypatch, moment):
    one_worker_dies(tmp_path, monkeypatch, moment, "os._exit(7)")
    news = News()
    table = sweep(case, {VOLTAGE: np.linspace(2.4, 3.4, 5)}, "out", workers=2, progress=news)
    assert (tmp_path / "mark").exists()
    assert table.count("ok") == (4 if moment == "while it solves" else 5)
    assert sum("failed" in line for line in news.lines) == 5 - table.count("ok")


DYING = """
import os, sys
from pathlib import Path

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "scl_fem.sweeps.workers":
            sys.meta_path.remove(self)
            import scl_fem.sweeps.solving as solving
            solve = solving.solve_point
            def die():
                try:
                    Path({mark!r}).touch(exist_ok=False)
                except FileExistsError:
                    return
                {end}
            if {moment!r} == "before it is ready":
                die()
            def dying(case, directory):
                if {moment!r} == "while it solves":
                    die()
                answer = solve(case, directory)
                die()
                return answer
            solving.solve_point = dying
        return None

if "--multiprocessing-fork" in sys.orig_argv:
    sys.meta_path.insert(0, Finder())
"""


def test_interrupted_workers_end(case):
    with pytest.raises(Interrupted):
        sweep(case, {VOLTAGE: np.linspace(2.4, 3.4, 8)}, "out", workers=2, progress=News(interrupt))
    assert not multiprocessing.active_children()
    states = read_table(Path("out/sweep.csv"))["status"].tolist()
    assert set(states) == {"ok", "pending"}


def test_a_sweep_without_any_result_is_no_success(case_file, capsys):
    unsolved = ("--over", f"{VOLTAGE}=3.2:3.3:2", "--set", "solver.max_iterations=1")
    assert status("sweep", case_file, *unsolved) == 3
    assert "2 points, 2 failed" in capsys.readouterr().out


def test_command(case_file, capsys):
    words = ("sweep", case_file, "--over", f"{VOLTAGE}=3.2:3.6:3", "--set", "temperature=310")
    assert status(*words) == 0
    printed = capsys.readouterr()
    assert "[3/3]" in printed.err
    assert "3 points, 1 failed" in printed.out
    assert "3.6 lies outside the table" in printed.out
    assert "written to results/pair_sweep: points, sweep.csv, sweep.json, sweep.png" in printed.out
    assert read_table(Path("results/pair_sweep/sweep.csv"))["temperature_K"][0] == 310.0
    assert status(*words, "--quiet") == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--over", "phase.electrode.volage=1,2"], "volage=1,2: phase.electrode.volage: unknown key"),
        (["--over", "temperature=1:2"], "--over: temperature: cannot read the range '1:2'"),
        (["--over", "temperature=300,310", "--over", "temperature=320"], "is set by another --over as well"),
        (["--over", "temperature=300,310", "--set", "temperature=320"], "is set by --set as well"),
        (["--over", "temperature=300", "--set", "mesh.kind=flat"], "with --set mesh.kind=flat: mesh.kind:"),
        (["--over", "temperature=300", "-j", "0"], "Invalid value for '-j'"),
        ([], "Missing option '--over'"),
    ],
)  # fmt: skip
def test_wrong_command(case_file, capsys, words, message):
    assert status("sweep", case_file, *words) == 2
    printed = capsys.readouterr()
    assert printed.err.count("error: ") == 1
    assert message in printed.err
    assert not Path("results").exists()


def command(*words):
    return [sys.executable, "-m", "scl_fem", "sweep", *map(str, words)]


@pytest.mark.parametrize(
    ("kind", "workers"),
    [(signal.SIGKILL, 2), (signal.SIGINT, 2), pytest.param(signal.SIGINT, 1, marks=pytest.mark.slow)],
)
def test_goes_on_after_signals(case_file, kind, workers):
    words = command(case_file, "--over", f"{VOLTAGE}=2.4:3.4:11", "-o", "out", "-j", workers)
    running = subprocess.Popen(words, env=ENVIRONMENT, text=True, stderr=subprocess.PIPE)
    for _ in range(2):
        running.stderr.readline()
    assert running.stderr.readline().lstrip().startswith("[ 2/11]")
    running.send_signal(kind)
    rest = running.stderr.read()
    running.stderr.close()
    assert running.wait(timeout=60) == (130 if kind == signal.SIGINT else -kind)
    assert "Traceback" not in rest
    if kind == signal.SIGINT:
        assert "error: interrupted: " in rest
        assert "pending" in read_table(Path("out/sweep.csv"))["status"]
    times = {path: path.stat().st_mtime_ns for path in Path("out/points").glob("*/summary.json")}
    assert 2 <= len(times) < 11
    deadline = time.monotonic() + 30
    while True:  # the workers of a sweep that was killed are about to end
        done = subprocess.run(
            words, env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False
        )
        if done.returncode == 0 or time.monotonic() > deadline:
            break
    assert done.returncode == 0, done.stderr
    assert times.items() <= {path: path.stat().st_mtime_ns for path in times}.items()
    table = read_table(Path("out/sweep.csv"))
    assert set(table["status"]) == {"ok"}, set(table["message"])


MPIRUN = shutil.which("mpirun", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.skipif(MPIRUN is None, reason="no mpirun")
def test_under_mpirun_it_says_how(case_file):
    words = [MPIRUN, "-n", "2", *command(case_file, "--over", "temperature=300,310")]
    done = subprocess.run(words, env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert done.stderr.count("error: ") == 1
    assert "a sweep does not run under mpirun" in done.stderr
    assert not Path("results").exists()
