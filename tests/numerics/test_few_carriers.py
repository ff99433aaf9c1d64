"""Closed phases thinner than their screening length: round-off of phi is not small against their charge."""

import pytest

import scl_fem
from tests.support.edge import FULL, GLASS, THIN, few_carriers, pair


def test_the_one_that_was_reported():
    found = scl_fem.run(few_carriers()).summary
    assert found["interface_potential_V"] == pytest.approx(0.499978, abs=5e-7)
    assert found["electrode"]["layer_charge_e_per_nm2"] == pytest.approx(2.5e-4, rel=1e-6)
    assert found["charge_error"] < 1e-9
    assert found["newton_iterations"] < 20
    assert found["residual"] <= 1e-11


@pytest.mark.parametrize("occupancy", [1e-4, 1e-6, 1e-9])
@pytest.mark.parametrize("thickness", [1.0, 10.0])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_thin_phase_gives_all_it_has(occupancy, thickness, mirrored):
    # Li leaves the side of the lower voltage.
    few, full = (occupancy, 3.0), (0.5, 3.5)
    sides, materials = ((few, full), (GLASS, FULL)) if mirrored else ((full, few), (FULL, GLASS))
    thin = "electrode" if mirrored else "electrolyte"
    case = pair(*sides, {**THIN, f"{thin}_thickness": thickness}, materials=materials)
    found = scl_fem.run(case).summary
    side = found[thin]
    assert side["layer_charge_e_per_nm2"] == pytest.approx(-25.0 * occupancy * thickness, rel=1e-6)
    assert found["charge_error"] < 1e-6


@pytest.mark.parametrize("linear", ["direct", "iterative"])
def test_in_two_dimensions(linear):
    found = scl_fem.run(few_carriers(1e-8, mesh={"dimension": 2}, solver={"linear": linear})).summary
    assert found["electrolyte"]["layer_charge_e_per_nm2"] == pytest.approx(-2.5e-6, rel=1e-6)


def test_ten_volts():
    found = scl_fem.run(few_carriers().with_overrides({"phase.electrode.voltage": 13.0})).summary
    assert found["electrode"]["layer_charge_e_per_nm2"] == pytest.approx(2.5e-4, rel=1e-6)
    assert found["interface_potential_V"] == pytest.approx(10.0, abs=1e-4)


def test_round_off_that_stays_is_remarked(monkeypatch):
    from scl_fem.solvers.poisson import PoissonProblem

    monkeypatch.setattr(PoissonProblem, "_where_terms_are_largest", lambda self: 0.25)
    result = scl_fem.run(few_carriers(1e-4, 1.0))
    assert result.summary["residual"] > 1e-11
    assert any("round-off leaves a residual" in remark for remark in result.remarks)
