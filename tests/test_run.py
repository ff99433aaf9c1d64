"""What a run leaves behind when something goes wrong on its way."""

import json

import pytest

import scl_fem
import scl_fem.figures
from scl_fem.errors import InputError, Interrupted
from scl_fem.studies import run as run_module
from tests.support.cases import case_of

WHOLE = {"summary.json", "profile.csv", "case.toml", "checkpoint.npz", "log.txt"}


def names(directory):
    return {entry.name for entry in directory.iterdir()}


def failing(error):
    def plot_result(directory, note):
        assert json.loads((directory / "summary.json").read_text())["converged"]
        raise error

    return plot_result


@pytest.mark.parametrize("older", [False, True])
def test_an_interruption_while_figures_are_drawn_costs_the_figures_alone(tmp_path, monkeypatch, older):
    path = tmp_path / "result"
    case = case_of()
    if older:
        scl_fem.run(case, path)
        assert "profiles.png" in names(path)
    monkeypatch.setattr(scl_fem.figures, "plot_result", failing(KeyboardInterrupt()))
    with pytest.raises(Interrupted, match=r"while figures were drawn; the result is whole in .*scl-fem plot"):
        scl_fem.run(case, path, overwrite=older)
    assert names(path) >= WHOLE
    assert not list(path.glob("*.png"))
    assert "stopped: interrupted while figures were drawn" in (path / "log.txt").read_text()


@pytest.mark.parametrize("error", [ValueError("no such colour"), InputError("not a profile")])
def test_a_figure_that_fails_is_a_note(tmp_path, monkeypatch, error):
    monkeypatch.setattr(scl_fem.figures, "plot_result", failing(error))
    scl_fem.run(case_of(), tmp_path / "result")
    assert names(tmp_path / "result") >= WHOLE
    log = (tmp_path / "result" / "log.txt").read_text()
    assert "figures are missing (" in log
    assert str(error) in log


def test_figures_are_whole_files(tmp_path, monkeypatch):
    from matplotlib.figure import Figure

    def half(self, file, **options):
        file.write(b"\x89PNG")
        raise KeyboardInterrupt

    monkeypatch.setattr(Figure, "savefig", half)
    with pytest.raises(Interrupted):
        scl_fem.run(case_of(), tmp_path / "result")
    assert not [name for name in names(tmp_path / "result") if "png" in name]


def test_a_restart_looks_for_its_checkpoint_before_it_builds_a_mesh(tmp_path, monkeypatch):
    monkeypatch.setattr(run_module, "build_domain", lambda *arguments: pytest.fail("a mesh was built"))
    with pytest.raises(InputError, match=r"checkpoint\.npz: there is no checkpoint to restart from"):
        scl_fem.run(case_of(), tmp_path / "result", restart=True)
    assert list(tmp_path.iterdir()) == []
