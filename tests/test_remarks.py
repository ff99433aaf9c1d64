"""What a run has to say of its own numbers is found wherever they are."""

import json

import pytest

import scl_fem
import scl_fem.figures
from scl_fem.cli.sweep import outcome_lines
from scl_fem.output.tables import read_table
from scl_fem.results.text import summary_lines
from scl_fem.studies.equilibrium import EquilibriumStudy
from scl_fem.sweeps import sweep
from tests.support.cases import case_of

REMARK = "the layer | is 3 % off: take a finer mesh.interface_size"
VOLTAGE = "phase.electrode.voltage"


@pytest.fixture
def remarked(monkeypatch):
    """An equilibrium that has something to say, and says it twice."""
    numbers = EquilibriumStudy.numbers

    def speaking(self):
        for _ in range(2):
            self.reporter.note(REMARK)
        return numbers(self)

    monkeypatch.setattr(EquilibriumStudy, "numbers", speaking)


class Listener:
    """A reporter that keeps the remarks."""

    def __init__(self):
        self.heard = []

    def stage(self, name):
        pass

    newton = step = fraction = lambda self, *news: None

    def note(self, text):
        self.heard.append(text)


def test_a_result_without_remarks_says_so():
    result = scl_fem.run(case_of())
    assert result.remarks == []
    assert result.summary["remarks"] == []
    assert not any("remark" in line for line in summary_lines(result.summary))


@pytest.mark.usefixtures("remarked")
def test_a_remark_is_in_summary_result_log_and_on_screen_once(tmp_path):
    listener = Listener()
    result = scl_fem.run(case_of(), tmp_path / "out", progress=listener)
    assert result.remarks == listener.heard == [REMARK]
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["remarks"] == [REMARK]
    assert (tmp_path / "out" / "log.txt").read_text().count(REMARK) == 1
    assert summary_lines(result.summary)[-1] == f"remark: {REMARK}"
    assert scl_fem.run(case_of()).remarks == [REMARK]


def test_figures_that_fail_are_remarked_in_the_published_summary(tmp_path, monkeypatch):
    def failing(directory, note):
        raise ValueError("no such colour")

    monkeypatch.setattr(scl_fem.figures, "plot_result", failing)
    result = scl_fem.run(case_of(), tmp_path / "out")
    (remark,) = json.loads((tmp_path / "out" / "summary.json").read_text())["remarks"]
    assert "no such colour" in remark
    assert result.remarks == [remark]


@pytest.mark.usefixtures("remarked")
def test_a_sweep_has_the_remarks_of_its_points(tmp_path):
    table = sweep(case_of(), {VOLTAGE: [2.5, 3.9]}, tmp_path / "out")
    names = table.columns["point"].tolist()
    assert table.remarks == {name: [REMARK] for name in names}
    assert read_table(tmp_path / "out" / "sweep.csv")["remarks"].tolist() == [REMARK, REMARK]
    assert table.quantities[0] == "dimension"
    assert f"  2 x {REMARK}" in outcome_lines(table)
