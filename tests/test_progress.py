"""What a run says of where it stands, and whether it is right."""

import io
import re

import numpy as np
import pytest
from mpi4py import MPI

import scl_fem
from scl_fem.case import load_case
from scl_fem.cli.progress import LineReporter, LiveReporter, terminal_reporter
from scl_fem.fits import fit_exsy
from scl_fem.mesh.distribute import build_domain
from scl_fem.progress import SilentReporter, TimeLeft, share_of_decades
from scl_fem.shipped import shipped_case
from scl_fem.solvers.newton import NewtonEstimate
from scl_fem.sweeps import sweep
from tests.support.cases import case_of

SHORT_SWEEP = {"temperature": [float(kelvin) for kelvin in range(290, 313)]}


class Clock:
    """Seconds that a test sets."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


class Heard(SilentReporter):
    """Keeps shares by stage, and which steps are milestones."""

    def __init__(self):
        self.shares, self.steps = {}, {}

    def stage(self, name):
        self._stage = name

    def fraction(self, done):
        self.shares.setdefault(self._stage, []).append(done)

    def step(self, text, milestone=True):
        self.steps.setdefault(self._stage, []).append((text, milestone))

    def milestones(self, stage):
        return [text for text, milestone in self.steps[stage] if milestone]


def test_a_steady_rate_is_found_whatever_was_done_before(clock):
    left = TimeLeft(clock)
    assert str(left) == ""
    left.tell(0.4)
    assert str(left) == "40 %"
    for _ in range(10):
        clock.now += 30.0
        left.tell(left.done + 0.02)
    assert left.seconds() == pytest.approx(600.0)
    assert str(left) == "60 %, 10 min left"
    clock.now += 60.0
    assert left.seconds() == pytest.approx(540.0)


def test_what_slows_down_is_believed(clock):
    left = TimeLeft(clock)
    left.tell(0.0)
    for _ in range(10):
        clock.now += 1.0
        left.tell(left.done + 0.05)
    for _ in range(20):
        clock.now += 10.0
        left.tell(left.done + 0.01)
    assert left.seconds() == pytest.approx(300.0, rel=0.01)


def test_nothing_is_said_of_no_time_and_at_the_end(clock):
    left = TimeLeft(clock)
    left.tell(0.0)
    left.tell(0.5)
    assert left.seconds() is None
    clock.now += 5.0
    left.tell(1.0)
    assert str(left) == "100 %"


def test_work_that_begins_anew_is_counted_anew(clock):
    left = TimeLeft(clock)
    left.tell(0.0)
    clock.now += 10.0
    left.tell(0.9)
    clock.now += 10.0
    left.tell(0.1)
    assert left.seconds() is None
    clock.now += 10.0
    left.tell(0.2)
    assert left.seconds() == pytest.approx(80.0)


def test_shares_of_decades():
    assert share_of_decades(0.0, 1e-9, 1e-3) == 0.0
    assert share_of_decades(1e-6, 1e-9, 1e-3) == pytest.approx(0.5)
    assert share_of_decades(1e-2, 1e-9, 1e-3) == 1.0
    assert share_of_decades(1.0, 1.0, 1.0) == 1.0


@pytest.mark.parametrize(
    "history",
    [
        # Li0.2V2O5 | LAGP in one dimension, from neutral phases
        [4e5, 1.85, 1.1, 0.777, 0.277, 9.2e-2, 2.6e-2, 6.5e-3, 1.3e-3, 1.7e-4, 6e-6, 9.3e-9, 3e-12],
        [1.0, 0.1, 1e-2, 1e-4, 1e-8, 1e-16],
        [1e-3, 1e-6, 1e-12],
    ],
)
def test_newton_steps_to_come_are_about_right(history):
    estimate = NewtonEstimate(1e-10)
    shares = [estimate(iteration, residual) for iteration, residual in enumerate(history)]
    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    assert shares == sorted(shares)
    steps = len(history) - 1
    assert max(abs(share - step / steps) for step, share in enumerate(shares)) < 0.2
    assert estimate(0, 1.0) == 0.0


def test_lines_where_there_is_no_terminal(capsys, monkeypatch):
    clock = Clock()
    monkeypatch.setattr("scl_fem.progress.TimeLeft.__init__.__defaults__", (clock,))
    reporter = LineReporter()
    reporter.stage("transient")
    reporter.fraction(0.0)
    for step in range(1, 21):
        clock.now += 60.0
        reporter.fraction(step / 40)
        reporter.step(f"t = {step} s", milestone=step % 10 == 0)
    reporter.stage("files")
    reporter.step("one")
    assert capsys.readouterr().err.splitlines() == [
        "transient",
        "  t = 10 s  (25 %, 30 min left)",
        "  t = 20 s  (50 %, 20 min left)",
        "files",
        "  one",
    ]


def test_a_line_that_changes_on_a_terminal(monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setattr(screen, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with terminal_reporter(silent=False) as reporter:
        assert isinstance(reporter, LiveReporter)
        reporter.stage("transient")
        reporter.fraction(0.25)
        reporter.step("t = 1 [s]", milestone=False)
        reporter._bars.refresh()
        reporter.note("a remark [bold]")
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue())
    assert re.search(r"transient .*25 % t = 1 \[s\]", text)
    assert "a remark [bold]" in text
    assert re.search(r"✓ transient  t = 1 \[s\]  \d+\.\d\d s", text)


def test_quiet_is_silent():
    with terminal_reporter(silent=True) as reporter:
        assert isinstance(reporter, SilentReporter)


def decades(texts):
    return [int(re.search(r"e([+-]\d+)", text)[1]) for text in texts]


def test_a_transient_counts_decades_of_time():
    heard = Heard()
    scl_fem.run(transient_case(), progress=heard)
    shares, steps = heard.shares["transient"], heard.steps["transient"]
    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    assert shares == sorted(shares)
    assert len(shares) == len(steps) + 1
    # each share is worth about as many steps: the middle of the steps is not far from half
    assert 0.25 < shares[len(shares) // 2] < 0.75
    milestones = heard.milestones("transient")
    assert milestones[0] == steps[0][0]
    assert milestones[-1] == steps[-1][0]
    assert len(milestones) < 0.4 * len(steps)
    found = decades(milestones)
    assert found == sorted(found)
    assert set(found) == {*decades(text for text, _ in steps)}


def transient_case():
    base = case_of(mesh={"interface_size": 0.05, "growth": 1.3})
    return base.with_overrides({"study": {"kind": "transient", "duration": 1e-9}})


def test_a_spectrum_counts_its_points():
    heard = Heard()
    base = case_of(mesh={"interface_size": 0.05, "growth": 1.3})
    impedance = {"kind": "impedance", "frequency_start": 1.0, "frequency_stop": 1e4, "points_per_decade": 3}
    scl_fem.run(base.with_overrides({"study": impedance}), progress=heard)
    assert heard.shares["impedance"] == pytest.approx([each / 13 for each in range(14)])
    assert heard.milestones("impedance") == ["1 Hz", "10 Hz", "100 Hz", "1e+03 Hz", "1e+04 Hz"]
    assert heard.shares["equilibrium"][-1] == 1.0


def test_a_sweep_counts_its_points_and_says_every_tenth(tmp_path):
    heard = Heard()
    base = case_of(mesh={"interface_size": 0.1, "growth": 1.5}).with_overrides({"output.figures": False})
    sweep(base, SHORT_SWEEP, tmp_path, progress=heard)
    ((stage, shares),) = heard.shares.items()
    assert stage == "23 points"
    assert shares == pytest.approx([each / 23 for each in range(24)])
    assert [text[:7] for text in heard.milestones(stage)] == ["[10/23]", "[20/23]", "[23/23]"]


def test_a_mesh_tells_its_stages_and_one_from_a_file_does_not():
    heard = Heard()
    scl_fem.run(case_of(mesh={"interface_size": 0.05, "growth": 1.3}), progress=heard)
    assert heard.shares["mesh"] == [0.0, 0.1, 1.0]
    told = []
    settings = load_case(shipped_case("lvo_lagp_x2_file_2d").path).mesh
    build_domain(settings, MPI.COMM_SELF, told.append)
    assert told == []


def test_a_fit_counts_its_temperatures():
    heard = Heard()
    heard.stage("fit")
    temperature = np.repeat(np.arange(280.0, 400.0, 10.0), 4)
    time = np.tile([0.01, 0.1, 0.3, 1.0], 12)
    exchanged = 1.0 - np.exp(-time * temperature / 300.0) + 1e-3 * np.cos(np.arange(48))
    fit_exsy(temperature, time, exchanged, progress=heard)
    assert heard.shares["fit"] == pytest.approx([each / 12 for each in range(13)])
    assert [text for text, _ in heard.steps["fit"]] == [f"{each} K" for each in range(280, 400, 10)]
    assert heard.milestones("fit") == ["370 K"]
