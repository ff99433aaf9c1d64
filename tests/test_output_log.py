import re
import time

from scl_fem.output.log import RunLog, versions


class Recorder:
    def __init__(self):
        self.calls = []

    def stage(self, name):
        self.calls.append(("stage", name))

    def newton(self, iteration, residual):
        self.calls.append(("newton", iteration, residual))

    def fraction(self, done):
        self.calls.append(("fraction", done))

    def step(self, text, milestone=True):
        self.calls.append(("step", text, milestone))

    def note(self, text):
        self.calls.append(("note", text))


def test_log_keeps_the_news_and_passes_it_on(tmp_path):
    display = Recorder()
    log = RunLog(display)
    log.facts("versions", {"scl_fem": "1.2.3"})
    log.stage("mesh")
    log.stage("equilibrium")
    log.newton(3, 1.25e-7)
    log.fraction(0.25)
    log.step("t = 1 s", False)
    log.note("continued in the step")
    log.record("for the log alone")
    log.write(tmp_path / "log.txt")
    text = (tmp_path / "log.txt").read_text()
    assert display.calls == [
        ("stage", "mesh"),
        ("stage", "equilibrium"),
        ("newton", 3, 1.25e-7),
        ("fraction", 0.25),
        ("step", "t = 1 s", False),
        ("note", "continued in the step"),
    ]
    wanted = ("scl_fem  1.2.3", "== mesh", "Newton   3  residual 1.250e-07", "t = 1 s", "continued", "alone")
    positions = [text.index(part) for part in wanted]
    assert positions == sorted(positions)
    assert re.search(r"^  equilibrium +\d+\.\d{3}$", text, re.MULTILINE)


def test_stages_add_up():
    log = RunLog()
    for name in ("a", "b", "a"):
        log.stage(name)
        time.sleep(0.01)
    timings = log.timings_s
    assert list(timings) == ["a", "b"]
    assert timings["a"] >= 0.02
    assert timings["b"] >= 0.01
    assert sum(timings.values()) <= log.elapsed


def test_versions_are_one_line_each():
    found = versions()
    assert {"scl_fem", "python", "dolfinx", "petsc", "mpi", "numpy"} <= set(found)
    assert all(text and "\n" not in text for text in found.values())
