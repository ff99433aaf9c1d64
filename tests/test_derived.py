"""A number that fails costs itself: the state it was to be computed from is kept, and the rest written."""

import math
import subprocess
import sys
import warnings

import numpy as np
import pytest

import scl_fem
from scl_fem.errors import ConvergenceError
from scl_fem.output.tables import read_summary, read_table
from scl_fem.postprocess.derived import Derived, finite, total_of
from scl_fem.postprocess.layer import LayerSide
from scl_fem.progress import SilentReporter
from scl_fem.solvers.equilibrium import Equilibrium
from scl_fem.solvers.impedance import LinearResponse
from tests.support.cases import case_of
from tests.support.half_space import LAGP, LVO

NO_FIGURES = {"figures": False}


class Notes(SilentReporter):
    def __init__(self):
        self.texts = []

    def note(self, text):
        self.texts.append(text)


class Alone:
    """A communicator of one rank."""

    def allgather(self, value):
        return [value]


def failing(error):
    def fail(*_, **__):
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ConvergenceError("the solver gave up"), "the solver gave up"),
        (ZeroDivisionError("division"), "1/sigma is beyond"),
        (FloatingPointError("overflow"), "1/sigma is beyond"),
        (np.linalg.LinAlgError("Singular matrix"), "cannot be inverted"),
    ],
)
def test_what_may_fail_is_missing_with_its_reason(error, why):
    notes = Notes()
    derived = Derived(Alone(), notes)
    assert derived("some_resistance", failing(error), lambda: "; so there") is None
    assert why in derived.failures["some_resistance"]
    assert "; so there" in notes.texts[0]
    assert notes.texts[0].startswith("some_resistance is missing")
    assert derived("another", lambda: 3.0) == 3.0
    assert len(notes.texts) == 1


def test_a_mistake_of_ours_is_no_missing_number():
    with pytest.raises(TypeError):
        Derived(Alone(), Notes())("a", failing(TypeError("ours")))


def test_what_fails_on_another_rank_is_missing_here_too():
    class Two:
        def allgather(self, value):
            return [value, "it failed there"]

    assert Derived(Two(), Notes())("a", lambda: 1.0) is None


def test_what_is_not_finite_is_named_with_its_reason():
    notes = Notes()
    numbers = {"a": 1.0, "side": {"resistance": math.inf}, "range": [1.0, np.float64("nan")], "n": None}
    found = finite(numbers, notes)
    assert found == {"a": 1.0, "side": {"resistance": None}, "range": [1.0, None], "n": None}
    assert sorted(text.split(" is missing")[0] for text in notes.texts) == ["range", "side.resistance"]
    assert "1/sigma" in next(text for text in notes.texts if text.startswith("side"))
    assert total_of([1.0, 2.0]) == 3.0
    assert total_of([1.0, None]) is None


@pytest.mark.parametrize(
    ("owner", "name", "missing"),
    [
        (Equilibrium, "capacitance", "capacitance_uF_per_cm2"),
        (LayerSide, "resistance", "layer_resistance_ohm_cm2"),
        (LayerSide, "thickness", "layer_thickness_nm"),
    ],
)
def test_a_derived_number_that_fails_leaves_the_rest(tmp_path, monkeypatch, owner, name, missing):
    monkeypatch.setattr(owner, name, failing(ConvergenceError("it stopped")))
    result = scl_fem.run(case_of(output=NO_FIGURES), tmp_path / "r")
    summary = read_summary(tmp_path / "r" / "summary.json")
    assert summary[missing] is None
    assert result.summary[missing] is None
    assert summary["converged"]
    assert summary["electrode"]["layer_charge_e_per_nm2"] != 0.0
    assert any("it stopped" in remark for remark in summary["remarks"])
    assert {"checkpoint.npz", "profile.csv", "case.toml"} <= {
        path.name for path in (tmp_path / "r").iterdir()
    }


def test_a_profile_that_fails_leaves_the_rest(tmp_path, monkeypatch):
    monkeypatch.setattr("scl_fem.studies.equilibrium.profile_columns", failing(ConvergenceError("no line")))
    result = scl_fem.run(case_of(output=NO_FIGURES), tmp_path / "r")
    assert "profile.csv" not in result.tables
    assert not (tmp_path / "r" / "profile.csv").exists()
    assert any(remark.startswith("profile.csv is missing: no line") for remark in result.remarks)


IMPEDANCE = {"kind": "impedance", "frequency_start": 1e2, "frequency_stop": 1e10, "points_per_decade": 1}


def impedance_case():
    case = case_of(LVO, LAGP, mesh={"interface_size": 0.01, "growth": 1.2}, output=NO_FIGURES)
    return case.with_overrides({"study": IMPEDANCE, "boundary.kind": "bulk"})


@pytest.mark.parametrize("limit", [1e6, math.inf])
def test_impedance_at_some_frequencies_or_at_none(tmp_path, monkeypatch, limit):
    solve = LinearResponse.impedance

    def some(self, frequency):
        if frequency < limit:
            raise ConvergenceError("no factorisation")
        return solve(self, frequency)

    monkeypatch.setattr(LinearResponse, "impedance", some)
    if math.isinf(limit):
        with pytest.raises(ConvergenceError, match="missing at every frequency: no factorisation") as raised:
            scl_fem.run(impedance_case(), tmp_path / "r")
        assert raised.value.exit_status == 3
    else:
        scl_fem.run(impedance_case(), tmp_path / "r")
    table = read_table(tmp_path / "r" / "impedance.csv")
    assert np.array_equal(np.isnan(table["Z_re_ohm_cm2"]), table["frequency_Hz"] < limit)
    summary = read_summary(tmp_path / "r" / "summary.json")
    assert summary["total_resistance_ohm_cm2"] > 0.0
    assert any("missing at" in remark and "no factorisation" in remark for remark in summary["remarks"])


def test_a_layer_beyond_floating_point_numbers(tmp_path):
    """At 1 K the electrolyte's sigma underflows to nothing: no warning, no infinity, but a remark."""
    cold = case_of(temperature=1.0, output=NO_FIGURES)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = scl_fem.run(cold, tmp_path / "r")
    missing = [key for key, value in result.summary["electrolyte"].items() if value is None]
    assert "layer_resistance_ohm_cm2" in missing
    assert all(any(key in remark for remark in result.remarks) for key in missing)


def test_no_library_speaks_on_the_screen(tmp_path):
    case = tmp_path / "c.toml"
    case.write_text(
        'temperature = 1\n[study]\nkind = "equilibrium"\n[mesh]\nkind = "planar"\ndimension = 1\n'
        '[phase.electrode]\nmaterial = "LVO"\ncomposition = 0.2\n[phase.electrolyte]\nmaterial = "LAGP"\n'
        "[output]\nfigures = false\n"
    )
    command = [sys.executable, "-m", "scl_fem", "run", str(case), "-o", str(tmp_path / "r"), "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_a_warning_is_in_the_log_alone(tmp_path, monkeypatch, capsys):
    def warn(self):
        warnings.warn("overflow encountered", RuntimeWarning, stacklevel=1)
        return 1.0

    monkeypatch.setattr(Equilibrium, "capacitance", lambda self, charge=None: warn(self))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        scl_fem.run(case_of(output=NO_FIGURES), tmp_path / "r")
    assert "overflow encountered" in (tmp_path / "r" / "log.txt").read_text()
    assert capsys.readouterr().err == ""


def test_the_command_line_shows_no_warning_unless_asked_to(capsys, monkeypatch):
    from scl_fem.cli import outcome

    def spoken():
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            outcome.keep_libraries_quiet()
            warnings.warn("overflow encountered", RuntimeWarning, stacklevel=1)
        return capsys.readouterr().err

    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *rest: print(message, file=sys.stderr)
        assert spoken() == ""
        monkeypatch.setattr(outcome, "show_tracebacks", True)
        assert "overflow" in spoken()
