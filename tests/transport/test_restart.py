"""Runs that are broken off, and go on as if nothing had happened."""

import errno
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
from scl_fem.errors import ConvergenceError, InputError
from scl_fem.output import checkpoint as checkpoints
from scl_fem.output.files import OutputError
from scl_fem.output.tables import read_table
from scl_fem.progress import SilentReporter
from tests.transport.support import case_of, history, transient

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(scl_fem.__file__).parents[1])}
MPIRUN = shutil.which("mpirun", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
RUN = [sys.executable, "-m", "scl_fem", "run", "case.toml", "--quiet", "-o"]

SLOWLY = """
import sys, time
from scl_fem.cli import main
from scl_fem.studies.transient import TransientStudy
record = TransientStudy._record
def record_and_wait(self, accepted):
    record(self, accepted)
    time.sleep(0.2)
TransientStudy._record = record_and_wait
main(sys.argv[1:])
"""
RUN_SLOWLY = [sys.executable, "-c", SLOWLY, *RUN[3:]]
"""The same, ten seconds long: on a busy machine too it is not over before the signal comes."""

# some fifty steps, each with its checkpoint
TABLES = {
    "duration": 1e-6,
    "study": {"tolerance": 1e-2, "checkpoint_interval": 0.0, "output_times": [2e-12, 1e-9, 1e-8]},
    "output": {"figures": False},
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("case.toml").write_text(scl_fem.dump_case(scl_fem.resolve(transient(**TABLES))))
    return tmp_path


@pytest.fixture(scope="module")
def unbroken():
    return history_table(scl_fem.run(transient(**TABLES)).tables["history.csv"])


def history_table(columns):
    return np.column_stack([np.asarray(values) for values in columns.values()])


def broken(command, number, after=0.3):
    """Start a run, send it a signal a while after its first checkpoint; its exit status and errors."""
    process = subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    while not Path("r/checkpoint.npz").exists() and process.poll() is None:
        time.sleep(0.01)
    time.sleep(after)
    assert process.poll() is None, "the run was over before it could be broken off"
    process.send_signal(number)
    _, errors = process.communicate(timeout=240)
    return process.returncode, errors


def went_on(unbroken, *prefix):
    """Restart, and see that the history is that of the unbroken run."""
    done = subprocess.run(
        [*prefix, *RUN, "r", "--restart"],
        env=ENVIRONMENT,
        timeout=240,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(
        history_table(read_table(Path("r/history.csv"))), unbroken, rtol=1e-8, atol=1e-10
    )
    # the fields of times before the break too; the end is one of them
    assert Path("r/fields.pvd").read_text().count("<DataSet") == 2 * (
        len(TABLES["study"]["output_times"]) + 1
    )
    assert not [entry for entry in Path().iterdir() if ".scl-fem-" in entry.name]


def test_killed_at_any_moment(folder, unbroken):
    status, _ = broken([*RUN_SLOWLY, "r"], signal.SIGKILL)
    assert status == -signal.SIGKILL
    # nothing that looks like a result
    assert {entry.name for entry in Path("r").iterdir()} == {"case.toml", "checkpoint.npz"}
    went_on(unbroken)


@pytest.mark.skipif(MPIRUN is None, reason="no mpirun")
def test_killed_and_restarted_on_two_ranks(folder, unbroken):
    broken([*RUN_SLOWLY, "r"], signal.SIGKILL)
    went_on(unbroken, MPIRUN, "-n", "2")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop(folder, unbroken, number):
    status, errors = broken([*RUN_SLOWLY, "r"], number)
    assert status == 130
    assert errors.startswith("error: interrupted at t = ")
    assert "the state is kept in r/checkpoint.npz: --restart" in errors
    assert {entry.name for entry in Path("r").iterdir()} == {"case.toml", "checkpoint.npz", "log.txt"}
    if number == signal.SIGTERM:
        went_on(unbroken)


@pytest.mark.skipif(MPIRUN is None, reason="no mpirun")
def test_told_to_stop_under_mpirun(folder):
    status, errors = broken([MPIRUN, "-n", "2", *RUN_SLOWLY, "r"], signal.SIGTERM)
    assert status == 130
    assert errors.count("error: interrupted at t = ") == 1
    assert Path("r/checkpoint.npz").exists()


def test_a_full_disk_keeps_the_last_checkpoint(tmp_path, monkeypatch, unbroken):
    case, path = transient(**TABLES), tmp_path / "r"
    with monkeypatch.context() as patch:
        count, write = [8], checkpoints.write_atomically

        def full(path, content):
            def fill_up(file):
                file.write(b"half of it")
                raise OSError(errno.ENOSPC, "No space left on device")

            count[0] -= 1
            write(path, content if count[0] >= 0 else fill_up)

        patch.setattr(checkpoints, "write_atomically", full)
        with pytest.raises(OutputError, match="the disk is full"):
            scl_fem.run(case, path)
    assert {entry.name for entry in path.iterdir()} == {"case.toml", "checkpoint.npz"}
    again = scl_fem.run(case, path, restart=True)
    np.testing.assert_allclose(history_table(again.tables["history.csv"]), unbroken, rtol=1e-8, atol=1e-10)


def test_a_finished_run_can_be_made_longer(tmp_path):
    short = transient(**{**TABLES, "duration": 1e-8, "study": {"tolerance": 2e-3}})
    longer = transient(**{**TABLES, "duration": 1e-7, "study": {"tolerance": 2e-3}})
    steps = scl_fem.run(short, tmp_path / "r").summary["steps"]
    run = scl_fem.run(longer, tmp_path / "r", restart=True)
    assert run.summary["steps"] > steps
    assert run.summary["time_final_s"] == 1e-7
    assert 1e-8 in history(run, "time_s")


def test_what_is_no_checkpoint_of_a_transient(tmp_path):
    scl_fem.run(case_of(study={"kind": "equilibrium"}, output={"figures": False}), tmp_path / "r")
    with pytest.raises(InputError, match="not the checkpoint of a transient study"):
        scl_fem.run(transient(**TABLES), tmp_path / "r", restart=True)
    with pytest.raises(InputError, match="no checkpoint"):
        scl_fem.run(transient(**TABLES), tmp_path / "nowhere", restart=True)


def test_a_checkpoint_may_start_another_run(tmp_path):
    scl_fem.run(case_of(study={"kind": "equilibrium"}, output={"figures": False}), tmp_path / "r")
    initial = {"state": "checkpoint", "checkpoint": str(tmp_path / "r" / "checkpoint.npz")}
    run = scl_fem.run(transient(duration=1e-3, initial=initial))
    charge = history(run, "layer_charge_e_per_nm2")
    assert np.abs(charge / charge[0] - 1.0).max() < 1e-9


class Notes(SilentReporter):
    """Keeps what a run remarks."""

    def __init__(self):
        self.texts = []

    def note(self, text):
        self.texts.append(text)


@pytest.mark.parametrize("boundary", ["closed", "bulk"])
def test_a_net_charge_that_a_closed_cell_keeps_is_remarked(tmp_path, boundary):
    scl_fem.run(
        case_of(study={"kind": "equilibrium"}, boundary={"kind": boundary}, output={"figures": False}),
        tmp_path,
    )
    notes = Notes()
    initial = {"state": "checkpoint", "checkpoint": str(tmp_path / "checkpoint.npz")}
    scl_fem.run(transient(duration=1e-9, initial=initial), progress=notes)
    remarks = [text for text in notes.texts if "net charge" in text]
    assert len(remarks) == (boundary == "bulk")


def test_a_step_that_never_converges_keeps_the_state(tmp_path):
    wrong = transient(
        duration=1e-6, solver={"max_iterations": 1, "tolerance": 1e-15}, output={"figures": False}
    )
    with pytest.raises(ConvergenceError, match=r"too short to go on.*the state is kept in") as raised:
        scl_fem.run(wrong, tmp_path / "r")
    assert raised.value.exit_status == 3
    assert {entry.name for entry in (tmp_path / "r").iterdir()} == {"case.toml", "checkpoint.npz", "log.txt"}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"temperature": 310.0}, "temperature"),
        ({"interface.law": "exchange", "interface.exchange_current_density": 1.0}, "interface"),
        ({"phase.electrode.voltage": 3.3}, "phase"),
        ({"study.method": "euler"}, "study.method"),
    ],
)
def test_a_history_goes_on_with_the_same_physics(folder, change, named):
    case = scl_fem.load_case(folder / "case.toml").with_overrides(
        {"study.duration": 1e-9, "study.output_times": []}
    )
    scl_fem.run(case, folder / "r")
    longer = case.with_overrides({"study.duration": 2e-9})
    with pytest.raises(InputError, match=rf"a run with another {named}"):
        scl_fem.run(longer.with_overrides(change), folder / "r", restart=True)
    gone_on = scl_fem.run(longer, folder / "r", restart=True)
    assert gone_on.summary["time_final_s"] == 2e-9


def test_a_transient_starts_from_the_end_of_another(folder):
    case = scl_fem.load_case(folder / "case.toml").with_overrides(
        {"study.duration": 1e-9, "study.output_times": []}
    )
    first = scl_fem.run(case, folder / "first")
    start = {"initial": {"state": "checkpoint", "checkpoint": str(folder / "first" / "checkpoint.npz")}}
    second = scl_fem.run(case.with_overrides(start))
    whole = scl_fem.run(case.with_overrides({"study.duration": 2e-9}))
    charges = history(second, "layer_charge_e_per_nm2")
    assert charges[0] == pytest.approx(history(first, "layer_charge_e_per_nm2")[-1], rel=1e-9)
    assert charges[-1] == pytest.approx(history(whole, "layer_charge_e_per_nm2")[-1], rel=5e-2)
    start["initial"]["checkpoint"] = "nowhere.npz"
    with pytest.raises(InputError, match=r"initial\.checkpoint: there is no file nowhere\.npz"):
        scl_fem.run(case.with_overrides(start))
